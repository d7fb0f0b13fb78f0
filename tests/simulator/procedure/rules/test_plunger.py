"""Pushes through needles into a patient: rates, what is felt by hand and patient, bone and its veins, doses."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.population.defaults import default_parameters
from phantoms.soft_tissue.spine_curve import spine_curve
from phantoms.terms.parameters import Sex
from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from scenarios.names.enums import Attachment
from scenarios.names.needles import Bevel
from scenarios.names.strengths import STRENGTHS, doses
from simulator.contrast.domain import build_domain
from simulator.contrast.epidurogram import by_compartment
from simulator.contrast.flow import solve_flow
from simulator.contrast.media import medium_of, tissue_table
from simulator.contrast.plunger_pressure import COMFORT_N, MOST_N, PLUNGER_MM
from simulator.contrast.spread import empty, iodine
from simulator.needle import NeedleKit
from simulator.observation import observe
from simulator.procedure.actions.actions import Attach
from simulator.procedure.measuring import measure
from simulator.procedure.rules.plunger import Push, find_taking, move_plunger
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import age
from simulator.procedure.state.state import Injection, ProcedureState
from simulator.procedure.state.syringe import ROUNDING_ML, Tray, attach, total_ml
from simulator.reporting.build import build_report
from tests.laws import FULL, count
from tests.simulator.contrast.conftest import EVEN, TIPS, canal_tissue
from tests.simulator.procedure import toy
from tests.simulator.procedure.toy import ToyPatient, begin_toy, case_with, change_scenario, do, read_scenario

NEEDLES = [
    {"bevel": "tuohy", "gauge": 18, "length_mm": 89.0},
    {"bevel": "quincke", "gauge": 22, "length_mm": 89.0},
    {"bevel": "quincke", "gauge": 25, "length_mm": 89.0},
    {"bevel": "quincke", "gauge": 27, "length_mm": 120.0},
]
FIRST = {"inject": {"volume_ml": 0.01, "rate_ml_s": 0.05}}  # after which cells and flow of a place are known to all that follows
DEPTHS_MM = (53.5, 66.0, *((20.0, 45.0) if FULL else ()))  # epidural fat, sac; muscle and flavum, whose cells are many
NUMBERS = range(len(NEEDLES)) if FULL else (0, 2)  # of the needles
PIECES_RTOL = 0.01  # of rate and time: a thumb at its most is worked out anew every 0.05 mL
FILLED_RTOL = 0.03  # of volume and time where a closed space is filled to the last stroke of 0.05 mL
DOSE_ATOL = 1e-9
CORTEX_MM = 0.6


@pytest.fixture(scope="module")
def thin_case() -> Case:
    """The toy with thin needles and weak dexamethasone on the tray."""
    tools = read_scenario().equipment.model_dump(mode="json", exclude_unset=True)
    agents = [str(agent) for agent in Agent]
    return case_with(
        change_scenario(equipment={**tools, "needles": NEEDLES, "agents": agents, "strengths": {"dexamethasone": {"mg_ml": 4.0}}})
    )


def marrow(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The slabs with marrow under a thin cortex."""
    labels = toy.tissue(points)
    steps = CORTEX_MM * np.concatenate([np.eye(3), -np.eye(3)])
    bone = labels == Tissue.CORTICAL_BONE
    deep = np.all([toy.tissue(points + step) == Tissue.CORTICAL_BONE for step in steps], axis=0)
    labels[bone & deep] = Tissue.TRABECULAR_BONE
    return labels


@dataclass(frozen=True, kw_only=True, eq=False)
class MarrowPatient(ToyPatient):
    """The toy with marrow in its bone."""

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        return marrow(points)

    def near(self, corners: NDArray[np.float64], cell_mm: float = 2.0) -> SimpleNamespace:  # noqa: ARG002
        return SimpleNamespace(tissue=marrow)


@pytest.fixture(scope="module")
def on_bone(thin_case: Case) -> ProcedureState:
    """A needle pressed on the bone beside the window, a syringe on it."""
    case = Case(scenario=thin_case.scenario, patient=MarrowPatient(params=default_parameters(Sex.FEMALE)))  # type: ignore[arg-type]
    return do(placed(case, NEEDLES[0], 45.0, entry=[16.0, 90.0, -100.0]), syringe(("iohexol 240", 5.0)))


def placed(case: Case, needle: dict[str, Any], depth_mm: float, *, entry: list[float] | None = None) -> ProcedureState:
    return do(
        begin_toy(case=case),
        {"move-table": {"cranial_mm": toy.WINDOW_Z, "dorsal_mm": 40.0}},
        {"place-needle": {**needle, "entry": entry or [2.0, 90.0, toy.WINDOW_Z]}},
        {"aim-needle": {"oblique_deg": 0.0, "tilt_deg": 0.0}},
        {"advance": {"distance_mm": depth_mm}},
        {"stylet": {"inserted": False}},
    )


def syringe(*contents: tuple[str, float], **more: Any) -> dict[str, Any]:
    return {"attach": {"what": "syringe", "contents_ml": [list(part) for part in contents], **more}}


def complaints(state: ProcedureState) -> list[str]:
    return [event.text for event in state.events if event.get("about") == "pressure"]


def taking(state: ProcedureState) -> Tissue:
    assert state.fluid.flow is not None
    return find_taking(state.fluid.flow, Tissue(state.injections[-1].tissue))


def draw_push(rng: np.random.Generator) -> tuple[dict[str, Any], dict[str, Any]]:
    """A syringe and a push at random."""
    agent = str(rng.choice(["iohexol 180", "iohexol 240", "iohexol 300", "saline", "methylprednisolone", "dexamethasone"]))
    size_ml = float(rng.choice(list(PLUNGER_MM)))
    volume_ml = float(rng.uniform(0.2, 0.8))
    rate_ml_s = float(np.exp(rng.uniform(np.log(0.05), np.log(4.0))))
    return syringe((agent, size_ml), size_ml=size_ml), {"inject": {"volume_ml": volume_ml, "rate_ml_s": rate_ml_s}}


@pytest.fixture(scope="module")
def ready(thin_case: Case) -> Callable[[int, float], ProcedureState]:
    """A needle of the tray at a depth, mm, each placed once."""
    known: dict[tuple[int, float], ProcedureState] = {}

    def make(number: int, depth_mm: float) -> ProcedureState:
        if (number, depth_mm) not in known:
            state = do(placed(thin_case, NEEDLES[number], depth_mm), syringe(("saline", 1.0)), FIRST)
            known[number, depth_mm] = do(state, {"attach": {"what": "nothing"}})
        return known[number, depth_mm]

    return make


def test_a_patient_speaks_of_pressure_at_the_tip_and_never_of_the_needles(
    ready: Callable[[int, float], ProcedureState], rng: np.random.Generator
) -> None:
    silent_effort = 0
    for _ in range(count(10, 1000)):
        start = ready(int(rng.choice(NUMBERS)), float(rng.choice(DEPTHS_MM)))
        state = do(start, *draw_push(rng))
        if state.injections[-1:] == start.injections[-1:]:
            continue
        given = state.injections[-1]
        felt_kpa = tissue_table().felt_kpa[taking(state)]
        assert bool(complaints(state)) == (given.tip_kpa >= felt_kpa)
        assert given.effort_n <= MOST_N * (1 + 1e-9)
        assert given.rate_ml_s <= given.wanted_ml_s * (1 + 1e-9)
        silent_effort += given.effort_n > COMFORT_N and not complaints(state)
    assert silent_effort > 0  # the needle's resistance alone was hard work for the hand, and nobody said a word


def test_a_push_in_pieces_of_a_tenth_of_a_second_is_the_push(
    ready: Callable[[int, float], ProcedureState], rng: np.random.Generator
) -> None:
    limited = 0
    for number in range(count(6, 200)):
        start = ready(NUMBERS[number % len(NUMBERS)], DEPTHS_MM[number // len(NUMBERS) % len(DEPTHS_MM)])
        filled, said = draw_push(rng)
        said["inject"]["rate_ml_s"] = max(said["inject"]["rate_ml_s"], 0.3)
        start = do(start, filled)
        volume_ml, rate_ml_s = said["inject"].values()
        found = []
        for seconds in (0.1, 1.0):
            parts = max(1, round(volume_ml / (rate_ml_s * seconds)))
            piece = {"volume_ml": volume_ml / parts, "rate_ml_s": rate_ml_s}
            state = do(start, {"inject": piece}, *[{"inject": {**piece, "continued": True}}] * (parts - 1))
            found.append(state)
        fine, coarse = found
        assert len(fine.injections) == len(coarse.injections)
        assert complaints(fine) == complaints(coarse)
        if len(coarse.injections) == len(start.injections):
            continue
        one, other = fine.injections[-1], coarse.injections[-1]
        assert one.rate_ml_s == pytest.approx(other.rate_ml_s, rel=PIECES_RTOL)
        assert total_ml(one.delivered_ml) == pytest.approx(total_ml(other.delivered_ml))
        assert one.tip_kpa == pytest.approx(other.tip_kpa, rel=PIECES_RTOL)
        assert one.effort_n == pytest.approx(other.effort_n, rel=PIECES_RTOL)
        limited += one.rate_ml_s < 0.99 * rate_ml_s
    assert limited > 0


@pytest.mark.parametrize("pieces", [2, 10, 37])
def test_a_disc_that_fills_slows_the_plunger_alike_however_the_push_is_cut(pieces: int) -> None:
    """A closed space presses back more and more; the thumb then gives only what it yields."""
    z = np.linspace(120.0, -120.0, 9)
    curve = spine_curve(np.column_stack([np.zeros((9, 2)), z]), np.tile([0.0, 1.0, 0.0], (9, 1)))
    flow = solve_flow(build_domain(canal_tissue, TIPS["disc"], curve, individual=EVEN), TIPS["disc"])
    kit = NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=89.0)
    tray = attach(Tray(stylet=False), Attach(what=Attachment.SYRINGE, contents_ml=((Agent.IOHEXOL_240, 10.0),), size_ml=20.0), tuple(Agent))

    def run(parts: int) -> tuple[float, float, float]:
        left, spread, seconds, tip_kpa = tray, empty(flow.domain), 0.0, 0.0
        for _ in range(parts):
            push = Push(
                held=SimpleNamespace(kit=kit),  # type: ignore[arg-type]
                flow=flow,
                spread=spread,
                tissue=Tissue.NUCLEUS,
                volume_ml=min(8.0 / parts, left.left_ml),
                rate_ml_s=0.5,
            )
            left, strokes = move_plunger(left, push, live=False)
            if not strokes:
                break
            spread = strokes[-1].spread
            seconds += sum(stroke.duration_s for stroke in strokes)
            tip_kpa = max(tip_kpa, *(load.tip_kpa for stroke in strokes for load in (stroke.load, stroke.end)))
        return 10.0 - left.left_ml, seconds, tip_kpa

    (whole_ml, whole_s, whole_kpa), (ml, seconds, kpa) = run(1), run(pieces)
    assert whole_s > 2 * whole_ml / 0.5
    assert ml == pytest.approx(whole_ml, rel=FILLED_RTOL)
    assert seconds == pytest.approx(whole_s, rel=FILLED_RTOL)
    assert kpa == pytest.approx(whole_kpa, rel=PIECES_RTOL)


def test_a_smaller_syringe_pushes_faster_through_a_thin_needle(ready: Callable[[int, float], ProcedureState]) -> None:
    rates = []
    for size_ml in PLUNGER_MM:
        state = do(ready(2, 53.5), syringe(("iohexol 300", 2.0), size_ml=size_ml), {"inject": {"volume_ml": 1.0, "rate_ml_s": 4.0}})
        assert state.feel.effort_n == pytest.approx(MOST_N)
        rates.append(state.injections[-1].rate_ml_s)
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 4 * rates[-1]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (syringe(("saline", 2.0), size_ml=7.0), "there are syringes of 3, 5, 10, 20 mL, got 7"),
        (syringe(("saline", 4.0), size_ml=3.0), "4 mL do not go into a syringe of 3 mL; take a larger one"),
        ({"attach": {"what": "lor-air", "size_ml": 3.0}}, "has 10 mL, got 3"),
    ],
)
def test_a_size_that_cannot_be_is_named(ready: Callable[[int, float], ProcedureState], said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(ready(0, 53.5), said)


def test_bone_hurts_resists_stains_and_drains(on_bone: ProcedureState) -> None:
    state = do(on_bone, {"pedal": {"down": True}}, {"inject": {"volume_ml": 2.0, "rate_ml_s": 1.5}})
    (given,) = state.injections
    assert given.medium == "bone"
    assert given.tip_kpa > 100
    assert given.rate_ml_s < 1.0
    (words,) = complaints(state)
    assert "bone" in words
    told = next(event for event in state.events if event.get("what") == "tip-pressure")
    assert told.hidden
    assert told.get("tip_kpa") == pytest.approx(given.tip_kpa)
    assert told.get("volume_ml") == pytest.approx(total_ml(given.delivered_ml))
    assert told.get("rate_ml_s") == pytest.approx(given.rate_ml_s)
    where = by_compartment(state.fluid.spread)
    assert where[Compartment.BONE][Agent.IOHEXOL_240] > 0.3
    assert where[Compartment.VENOUS][Agent.IOHEXOL_240] > 0.01
    spread = state.fluid.spread
    assert spread is not None
    whole = sum(spread.in_tissue.values()) + sum(spread.leaked.values()) + sum(spread.washed_out.values())
    assert whole == pytest.approx(total_ml(given.delivered_ml), abs=1e-9)
    assert sum(spread.leaked.values()) + sum(spread.washed_out.values()) > 0.2


@pytest.mark.parametrize(("volume_ml", "least"), [(0.02, 10), (4.0, 200)])
def test_the_stain_of_bone_stays_within_its_cortex(on_bone: ProcedureState, volume_ml: float, least: int) -> None:
    state = do(on_bone, {"inject": {"volume_ml": volume_ml, "rate_ml_s": 0.3}}, {"wait": {"duration_s": 60.0}})
    spread = age(state.fluid, state.time_s).spread  # the veins have emptied
    assert spread is not None
    stained = iodine(spread)
    at = stained.origin + np.argwhere(stained.values > 1.0) * stained.spacing
    near = np.linalg.norm(at - state.injections[0].tip, axis=1)
    corners = at[:, None] + 0.5 * np.array([[a, b, c] for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)])
    bony = np.array([np.isin(marrow(one), [Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE]).any() for one in corners])
    assert len(at) > least
    assert bony.all()
    assert near.max() < 30.0


def test_the_debrief_says_what_high_pressure_meant(on_bone: ProcedureState) -> None:
    states = [begin_toy(case=on_bone.case)]
    for item in on_bone.done:
        states.append(do(states[-1], item.action))
    states += [do(states[-1], {"inject": {"volume_ml": 1.0, "rate_ml_s": 2.0}})]
    report = build_report(states)
    question, meant = report.debrief[0]
    assert meant.startswith("High pressure, little flow: the opening was in bone.")
    assert "kPa at the tip" in question
    assert report.given[0].effort_share > 0.3
    facts = dict(report.facts)
    assert "N, " in facts["Greatest effort on the plunger"]
    assert "kPa" in facts["Greatest pressure at the tip"]


def test_a_root_opens_only_by_force_and_shouts(ready: Callable[[int, float], ProcedureState]) -> None:
    assert tissue_table().opening_kpa[Tissue.NERVE_ROOT] == pytest.approx(210.0, abs=30.0)  # DESIGN.md section 6: 180 to 240
    state = do(ready(0, 53.5), syringe(("saline", 3.0)), {"inject": {"volume_ml": 0.2}})
    assert state.fluid.flow is not None
    assert not complaints(state)
    assert medium_of(Tissue.NERVE_ROOT) is state.fluid.flow.domain.medium
    assert find_taking(state.fluid.flow, Tissue.NERVE_ROOT) is Tissue.NERVE_ROOT


def test_what_was_drawn_up_is_given_or_kept(ready: Callable[[int, float], ProcedureState], rng: np.random.Generator) -> None:
    """mg given + mg in the syringe + mg in the tubing = mg drawn up, over random syringes and pushes."""
    drugs = [str(agent) for agent in STRENGTHS]
    for _ in range(count(12, 500)):
        start = ready(0, 53.5)
        mixed = [(str(agent), float(rng.uniform(0.5, 4.0))) for agent in rng.choice([*drugs, "saline"], size=3, replace=False)]
        drawn = tuple((Agent(agent), volume) for agent, volume in mixed)
        tubing, primed = bool(rng.random() < 0.7), bool(rng.random() < 0.7)
        state = do(start, syringe(*mixed, tubing=tubing, primed=primed))
        for _ in range(int(rng.integers(0, 4))):
            if state.tray.left_ml > 0.1:
                volume_ml = float(rng.uniform(0.05, state.tray.left_ml)) if rng.random() < 0.7 else state.tray.left_ml
                state = do(state, {"inject": {"volume_ml": volume_ml, "rate_ml_s": 2.0}})
        strengths = state.case.scenario.equipment.set_strengths
        given = total_doses(state.injections[len(start.injections) :])
        kept = [dict(doses(part, strengths)) for part in (state.tray.syringe_ml, state.tray.in_tubing)]
        for agent, dose in doses(drawn, strengths):
            left = sum(part.get(agent, 0.0) for part in kept)
            assert given.get(agent, 0.0) + left == pytest.approx(dose, abs=DOSE_ATOL), agent
        assert dict(doses(drawn, strengths)).get(Agent.DEXAMETHASONE, 0.0) == pytest.approx(
            4.0 * dict(drawn).get(Agent.DEXAMETHASONE, 0.0)  # the case's strength, not the usual 10 mg/mL
        )
        if state.tray.left_ml <= ROUNDING_ML and tubing and (primed or total_ml(state.tray.in_tubing) > 0):
            assert any("in the tubing" in event.text for event in state.events) == any(a is not Agent.AIR for a, _ in state.tray.in_tubing)


def total_doses(given: tuple[Injection, ...]) -> dict[Agent, float]:
    found: dict[Agent, float] = {}
    for item in given:
        for agent, dose in item.doses:
            found[agent] = found.get(agent, 0.0) + dose
    return found


def test_the_tubing_is_told_when_it_is_primed_and_when_it_keeps_drug(ready: Callable[[int, float], ProcedureState]) -> None:
    primed = do(ready(0, 53.5), syringe(("dexamethasone", 2.0), tubing=True))
    assert (
        primed.events[-1].text
        == "drawn up in a 3 mL syringe: 2 mL dexamethasone (8 mg); 0.7 mL of it, 2.8 mg dexamethasone, fill the tubing"
    )
    hub = observe(primed).hub
    assert (hub.size_ml, hub.holds, hub.tubing_holds) == (3.0, "1.3 mL dexamethasone (5.2 mg)", "0.7 mL dexamethasone (2.8 mg)")
    emptied = do(primed, {"inject": {"volume_ml": 1.3}})
    assert emptied.events[-1].text == "the syringe is empty; 0.7 mL of it, 2.8 mg dexamethasone, stay in the tubing"
    assert dict(emptied.injections[-1].doses) == {Agent.DEXAMETHASONE: pytest.approx(5.2)}
    early = do(primed, {"inject": {"volume_ml": 0.3}}, {"attach": {"what": "nothing"}})
    assert (
        early.events[-1].text
        == "not given: 1 mL of it, 4 mg dexamethasone, in the syringe and 0.7 mL of it, 2.8 mg dexamethasone, in the tubing"
    )
    removed = do(primed, "remove-needle")
    assert any(event.get("what") == "left" for event in removed.events)


def test_the_steroid_dose_is_what_left_the_needle_at_the_cases_strength(thin_case: Case) -> None:
    states = [begin_toy(case=thin_case)]
    for item in placed(thin_case, NEEDLES[0], 53.5).done:
        states.append(do(states[-1], item.action))
    for said in (syringe(("dexamethasone", 2.0), tubing=True), {"inject": {"volume_ml": 1.3}}):
        states.append(do(states[-1], said))
    found = measure(states)["steroid-mg"]
    assert found.value == pytest.approx(1.3 * 4.0)
    assert found.note.startswith("dexamethasone 5.2 mg")
    facts = dict(build_report(states).facts)
    assert facts["Injected through the needle"] == "1.3 mL dexamethasone (5.2 mg)"
    assert facts["Stayed in the tubing"] == "0.7 mL dexamethasone (2.8 mg)"


def test_messages_name_strengths(ready: Callable[[int, float], ProcedureState]) -> None:
    state = do(ready(0, 53.5), syringe(("dexamethasone", 2.0)))
    with pytest.raises(ValueError, match=r"the syringe holds 2\.00 mL, got 5 \(2 mL dexamethasone \(8 mg\)\)"):
        do(state, {"inject": {"volume_ml": 5.0}})
    few = case_with(read_scenario())
    lacking = next(agent for agent in Agent if agent not in few.scenario.equipment.agents)
    with pytest.raises(ValueError, match=r"is not on the tray; there are .*10 mg/mL"):
        do(placed(few, NEEDLES[0], 53.5), syringe((str(lacking), 2.0)))
