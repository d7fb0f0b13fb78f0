"""A random attempt passes only if an examiner who reads its facts would pass it.

The examiner's rule stands here, in a few lines of its own, and reads the states alone: charts, injections, where the fluid lies, where the
tip was. Needles stop anywhere on their course and around it, on four patients and by three approaches; steps of the preparation are left
out at random, contrast medium is given live, blind, off the picture or not at all, and what is believed is drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pytest

from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from scenarios.errors import ScenarioError
from scenarios.loader import read
from scenarios.names.agents import Agent
from scenarios.names.enums import Antiseptic, Compartment, Decision, Protection
from scenarios.safe_yaml import parse
from scenarios.schema.scenario import Scenario
from simulator.contrast.media import COMPARTMENTS
from simulator.needle.tissue_mechanics import NERVE
from simulator.operators.run import run
from simulator.operators.script import parse_script
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring import score_attempt
from simulator.procedure.rules.stepping import begin
from simulator.procedure.state.case import Case
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import Injection, ProcedureState
from simulator.xray.physics.technique import Technique
from tests.laws import count

ATTEMPTS = count(6, 200)
CASES = ("lumbar-interlaminar-l4-l5", "transforaminal-l5-s1", "caudal")
PATIENTS = (
    {"sex": "female", "age_years": 58, "bmi": 27},
    {"sex": "male", "age_years": 44, "bmi": 24},
    {"sex": "female", "age_years": 72, "bmi": 31, "seed": 5},
    {"sex": "male", "age_years": 66, "bmi": 29, "seed": 9},
)
NEEDLES = {
    CASES[0]: "{bevel: tuohy, gauge: 18, length_mm: 89, offset_mm: %s}",
    CASES[1]: "{bevel: quincke, gauge: 22, length_mm: 127, offset_mm: %s}",
    CASES[2]: "{bevel: quincke, gauge: 22, length_mm: 89, offset_mm: %s}",
}
DEPTH = {CASES[0]: "clo-left", CASES[1]: "lateral-left", CASES[2]: "sacrum-lateral"}
EPIDURAL = {Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL, Compartment.FORAMINAL}
SAC = {Compartment.INTRATHECAL, Compartment.SUBDURAL}
NOT_JUDGED = {"blind-dura"}  # whether a view was one of depth is a matter of its own
LEVELS_MM = (-98.0, -70.0, -35.0, 35.0, 70.0, 98.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class UnlitCase(Case):
    """A case whose brightness control leaves the technique as it is set, so that no surface is built for its images."""

    @cached_property
    def technique(self) -> Callable[..., Technique]:
        return lambda _pose, technique, _leaves, _kvp: technique


@cache
def make_case(name: str, patient: int) -> Case:
    from phantoms.patient import build

    whole = read(name).model_dump(mode="json", exclude_unset=True)
    whole["subject"] = {**whole["subject"], "anatomy": PATIENTS[patient]}
    scenario = Scenario.model_validate(whole)
    return UnlitCase(scenario=scenario, patient=build(scenario.subject.parameters))


def draw_script(rng: np.random.Generator, name: str) -> str:
    """Text of a random attempt's script: half of them do all by the book but for what they leave out at random."""
    careful = rng.random() < 0.6
    chance = 0.98 if careful else 0.93

    def often(line: str) -> str:
        return f"  - {line}\n" if rng.random() < chance else ""

    worn = [item for item in ("mask", "sterile-gloves") if rng.random() < chance]
    text = "  - routine: {name: record}\n  - routine: {name: examination}\n" if careful else ""
    text += often("decide: {decision: proceed}") + "  - position: {posture: prone-pillow}\n  - monitor\n"
    text += often("consent: {risks: [infection, bleeding, nerve-injury, dural-puncture]}") + often("time-out-as-asked")
    text += f"  - protect: {{items: [{', '.join(['apron', 'thyroid-collar', *worn])}]}}\n"
    text += often("prepare: {antiseptic: chlorhexidine-alcohol}")
    text += f"  - needle: {NEEDLES[name] % draw_offset(rng, careful)}\n"
    text += "  - local-anaesthetic: {agent: lidocaine, volume_ml: 2, depth_mm: 15}\n" if rng.random() < 0.8 else ""
    text += draw_way(name, draw_depth(rng, careful)) + draw_runs(rng, name, careful)
    text += f"  - commit-belief: {{compartment: {rng.choice(list(Compartment))}, vascular: {str(rng.random() < 0.5).lower()}}}\n"
    if rng.random() < 0.9:
        text += (
            "  - attach: {what: nothing}\n  - attach: {what: syringe, contents_ml: {dexamethasone: 1.5, saline: 1.0}}\n  - aspirate\n"
            "  - inject: {volume_ml: 1.7, rate_ml_s: 0.3}\n"
        )
    text += "  - routine: {name: recovery}\n  - routine: {name: advice}\n" if careful else often("remove-needle")
    return text + often("finish")


def draw_way(name: str, short_mm: float) -> str:
    """To where the needle stops, `short_mm` before the target, with a view of depth on the way."""
    before_mm = max(short_mm, 11.0 if name == CASES[0] else 1.0)
    return (
        f"  - steer: {{short_mm: {before_mm:.1f}, step_mm: 8}}\n  - see: {{view: {DEPTH[name]}, centre: tip}}\n  - shoot\n"
        f"  - steer: {{short_mm: {short_mm:.1f}, step_mm: 4}}\n  - stylet: {{inserted: false}}\n"
    )


def draw_offset(rng: np.random.Generator, careful: bool) -> list[float]:
    kind = rng.random()
    if kind < (0.85 if careful else 0.5):
        return [0.0, 0.0, 0.0]
    if kind < (0.93 if careful else 0.75):
        return [round(float(rng.uniform(-14, 14)), 1), 0.0, round(float(rng.uniform(-8, 8)), 1)]
    return [0.0, 0.0, float(rng.choice(LEVELS_MM))]


def draw_depth(rng: np.random.Generator, careful: bool) -> float:
    """How far short of the target the needle stops, mm; negative beyond."""
    kind = rng.random()
    if kind < (0.8 if careful else 0.5):
        return -0.5
    return float(rng.uniform(2, 40)) if rng.random() < 0.5 else float(rng.uniform(-14, -1))


def draw_runs(rng: np.random.Generator, name: str, careful: bool) -> str:
    """Runs of contrast medium: live, blind, off the picture, or none; and whether the tip moves afterwards."""
    view = "sacrum-ap" if name == "caudal" else "ap"
    text = ""
    for _ in range(rng.choice([1, 1, 1, 2] if careful else [0, 1, 1, 2])):
        kind = "live" if careful and rng.random() < 0.9 else rng.choice(["live", "shot", "blind", "off"])
        text += f"  - see: {{view: {view}, centre: tip}}\n  - collimate: {{left_mm: 60, right_mm: 60, top_mm: 60, bottom_mm: 60}}\n"
        text += "  - move-table: {cranial_mm: 150}\n" if kind == "off" else ""
        text += "  - attach: {what: nothing}\n  - attach: {what: syringe, contents_ml: {iohexol 240: 1}}\n  - aspirate\n"
        text += "  - pedal: {down: true}\n" if kind == "live" else ""
        text += "  - inject: {volume_ml: 0.6, rate_ml_s: 0.3}\n"
        text += "  - pedal: {down: false}\n" if kind == "live" else "  - shoot\n" if kind in ("shot", "off") else ""
        text += f"  - withdraw: {{distance_mm: {rng.choice([1.0, 1.5, 4.0])}}}\n" if rng.random() < 0.2 else ""
    return text


def play(name: str, patient: int, text: str, seed: int) -> list[ProcedureState]:
    """States of a script, as far as it could be played."""
    case = make_case(name, patient)
    script = parse_script(parse(f"operator: anyone\nabout: Anything.\nsteps:\n{text}", "random.yaml"))
    states = [begin(case, seed)]
    with suppress(ScenarioError):  # bone, or nothing that takes fluid: the attempt is broken off
        states += (state for _, state in run(case, script, seed))
    return states


def examine(states: Sequence[ProcedureState]) -> set[str]:
    """What an examiner who reads the facts fails an attempt by: the rule, written anew."""
    last, scenario = states[-1], states[-1].case.scenario
    drugs = [item for item in last.injections if hold(item, Agent.DEXAMETHASONE) > 0]
    proceeds = last.chart.decision is Decision.PROCEED
    found = set() if proceeds else {"decision"}
    if last.over is None or not proceeds or last.needle is not None or not (drugs or is_withheld(states)):
        found.add("completed")
    return found | set(examine_preparation(states, scenario)) | set(examine_drugs(states, drugs))


def examine_preparation(states: Sequence[ProcedureState], scenario: Scenario) -> Iterator[str]:
    pairs = zip(states[:-1], states[1:], strict=True)
    chart = next((a.chart for a, b in pairs if is_pierced(b)), None)
    if chart is None:
        return
    if not (chart.consent and chart.risks):
        yield "consent-given"
    if chart.time_out != (scenario.subject.name, scenario.task.interspace, str(scenario.task.side)):
        yield "time-out"
    clean = chart.antiseptic is Antiseptic.CHLORHEXIDINE_ALCOHOL and chart.draped
    if not clean or not {Protection.MASK, Protection.STERILE_GLOVES} <= set(chart.protection):
        yield "sterility"


def is_pierced(state: ProcedureState) -> bool:
    return isinstance(state.done[-1].action, do.LocalAnaesthetic) or (state.needle is not None and state.needle.depth_mm > 0)


def examine_drugs(states: Sequence[ProcedureState], drugs: Sequence[Injection]) -> Iterator[str]:
    judged = drugs or [item for item in states[-1].injections if hold(item, Agent.IOHEXOL_240) > 0.2][-1:]
    if any(is_astray(states[-1], np.array(item.tip)) for item in judged):
        yield "level-and-side"
    for item in [item for item in states[-1].injections if hold(item, Agent.IOHEXOL_240) > 0.2] + list(drugs):
        if item.tissue in NERVE or was_shocked(states, item):
            yield "nerve-unrecognised"
    for drug in drugs:
        places = locate(states, drug, Agent.DEXAMETHASONE)
        if sum(places.get(place, 0.0) for place in EPIDURAL) < 0.5:
            yield "drug-epidural"
        if sum(places.get(place, 0.0) for place in SAC) * hold(drug, Agent.DEXAMETHASONE) > 0.05:
            yield "drug-intrathecal"
        if drug.vessel:
            yield "drug-vascular"
        known = [run for run in list_runs(states, drug) if was_seen(states[-1], run, drug)]
        if not known:
            yield "contrast-first"
        elif known[-1].vessel or not is_epidural_alone(locate(states, known[-1], Agent.IOHEXOL_240)):
            yield "run-heeded"


def is_epidural_alone(places: dict[Compartment, float]) -> bool:
    return sum(places.get(place, 0.0) for place in EPIDURAL) > 0.1 and sum(places.get(place, 0.0) for place in SAC) < 0.05


def list_runs(states: Sequence[ProcedureState], drug: Injection) -> list[Injection]:
    """Contrast medium at the drug's tip, from which the needle had not gone by more than 2 mm since."""
    found = []
    for run_ in states[-1].injections:
        if hold(run_, Agent.IOHEXOL_240) < 0.2 or run_.end_s > drug.start_s:
            continue
        since = [state.needle for state in states if run_.end_s <= state.time_s <= drug.start_s]
        tips = [np.array(run_.tip), *(np.full(3, np.inf) if needle is None else needle.tip for needle in since)]
        if max(np.linalg.norm(tip - drug.tip) for tip in tips) <= 2.0:
            found.append(run_)
    return found


def was_seen(last: ProcedureState, run_: Injection, drug: Injection) -> bool:
    """Whether a picture was taken with the tip near its middle."""
    shots = [shot for shot in last.shots if run_.start_s <= shot.end_s and shot.time_s <= drug.start_s and shot.tip is not None]
    return any(abs(np.subtract(shot.tip, shot.pose.isocentre)[2]) < 50 for shot in shots)


def locate(states: Sequence[ProcedureState], given: Injection, agent: Agent) -> dict[Compartment, float]:
    """Share of an agent of a push in each compartment, from all the fluid before it and after it."""
    number = next(n for n, state in enumerate(states) if state.injections and state.injections[-1].start_s == given.start_s)
    before, after = sum_fluid(states[number - 1], agent, given), sum_fluid(states[number], agent, given)
    return {place: (after[place] - before.get(place, 0.0)) / hold(given, agent) for place in after}


def sum_fluid(state: ProcedureState, agent: Agent, given: Injection) -> dict[Compartment, float]:
    found: dict[Compartment, float] = {}
    for spread in state.fluid.spreads:
        if agent not in spread.agents:
            continue
        column = spread.agents.index(agent)
        for place in COMPARTMENTS:
            inside = spread.domain.compartment == COMPARTMENTS.index(place)
            found[place] = found.get(place, 0.0) + float(spread.ml[inside, column].sum())
        if spread.domain.medium == "epidural" and not given.vessel:  # through the foramina, along the roots
            found[Compartment.FORAMINAL] += float(spread.leaked_ml[column])
    return found


def is_astray(state: ProcedureState, tip: np.ndarray) -> bool:
    """Farther from the named place than is tolerated, or on the other side."""
    marks, task, order = state.case.patient.landmarks, state.case.scenario.task, list(Level)
    if state.case.scenario.id == "caudal":
        return False
    lumbar = [level for level in marks.interspaces if level.value.startswith("L")]
    if task.side.lateral is not None and not state.case.scenario.id.startswith("transforaminal"):
        level = min(lumbar, key=lambda one: float(np.linalg.norm(marks.interspaces[one].epidural_target - tip)))
        aside = float((tip - marks.interspaces[level].epidural_target) @ marks.vertebrae[level].axes[:, 0])
        return abs(order.index(level) - order.index(task.level)) > 2 or aside * task.side.lateral.sign < -3.0
    places: list[tuple[float, Level, Any]] = [
        (float(np.linalg.norm(point - tip)), level, side) for level in lumbar for side, point in marks.interspaces[level].foramen.items()
    ]
    _, level, side = min(places, key=lambda one: one[0])
    return abs(order.index(level) - order.index(task.root)) > 1 or side is not task.side.lateral


def was_shocked(states: Sequence[ProcedureState], given: Injection) -> bool:
    moves = [item.start_s for item in states[-1].done if isinstance(item.action, do.Advance | do.Withdraw) and item.end_s <= given.start_s]
    told = [item.time_s for item in states[-1].events if item.kind is EventKind.VOICE and item.get("about") == "nerve"]
    return any(moves[-1] <= time_s <= given.start_s for time_s in told)


def is_withheld(states: Sequence[ProcedureState]) -> bool:
    """Whether there was a reason to stop: illness, cerebrospinal fluid, or a run that showed an artery, the sac, or again a vein."""
    last = states[-1]
    if not any(map(is_pierced, states[1:])):
        return False
    if any(item.kind is EventKind.COMPLICATION or item.get("fluid") == "cerebrospinal fluid" for item in last.events):
        return True
    end = type("End", (), {"start_s": last.time_s})()
    runs = [item for item in last.injections if hold(item, Agent.IOHEXOL_240) > 0.2 and was_seen(last, item, end)]
    if not runs:
        return False
    in_sac = sum(locate(states, runs[-1], Agent.IOHEXOL_240).get(place, 0.0) for place in SAC) > 0.05 and not runs[-1].vessel
    veins = [item for item in runs if item.vessel == "venous"]
    return in_sac or runs[-1].vessel == "arterial" or (runs[-1].vessel == "venous" and len(veins) > 1)


def hold(given: Injection, agent: Agent) -> float:
    return sum(volume for one, volume in given.delivered_ml if one is agent)


@pytest.mark.parametrize("number", range(ATTEMPTS))
def test_a_random_attempt_passes_only_if_an_examiner_would_pass_it(number: int) -> None:
    rng = np.random.default_rng([7, number])
    name, patient = CASES[number % len(CASES)], number % len(PATIENTS)
    text = draw_script(rng, name)
    states = play(name, patient, text, number)
    found = score_attempt(states)
    critical = {result.criterion.name for result in found.critical}
    faults = examine(states)
    assert critical - NOT_JUDGED == faults, text
    enough = all(found.axes.get(axis, 1.0) >= least for axis, least in found.minima.items())
    assert found.passed == (not critical and enough and found.uncapped >= found.pass_mark)
    assert not (found.passed and faults)


def test_the_needles_end_where_they_may_not_and_where_they_may() -> None:
    """The draw is worth its name: over the scripts of all numbers every kind of run, depth and lapse comes."""
    texts = [draw_script(np.random.default_rng([7, number]), CASES[number % 3]) for number in range(200)]
    for line in (
        "pedal: {down: true}",
        "move-table",
        "withdraw",
        "short_mm: -0.5",
        "offset_mm: [0.0, 0.0, 0.0]",
        "dexamethasone",
        "routine",
    ):
        assert 20 < sum(line in text for text in texts) < 200, line
    assert Tissue.NERVE_ROOT in NERVE
