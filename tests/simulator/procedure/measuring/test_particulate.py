"""Particulate steroid is asked about where the safeguards ask: through a foramen, not between lumbar laminae nor through the hiatus."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from scenarios.criteria import catalogue
from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES, Approach
from scenarios.names.enums import Decision
from simulator.contrast.agents import properties
from simulator.procedure.actions.actions import Decide
from simulator.procedure.measuring import contrast_runs, injections
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import Injection, ProcedureState
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario, do

TIP = (3.0, 30.0, -60.0)
STEROIDS = (Agent.DEXAMETHASONE, Agent.METHYLPREDNISOLONE, Agent.TRIAMCINOLONE, Agent.BETAMETHASONE)
INTERSPACES = ("T12-L1", "L3-L4", "L4-L5", "L5-S1")


@pytest.fixture(autouse=True)
def no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Level and side are judged elsewhere, for the patient of slabs has no foramina; every image shows the tip."""
    monkeypatch.setattr(injections, "PLACES", (lambda *_: "",) * 2)
    monkeypatch.setattr(contrast_runs, "shows_tip", lambda _: True)


def push(start_s: float, agent: Agent, volume_ml: float, vessel: str = "") -> Injection:
    return Injection(
        start_s=start_s, end_s=start_s + 5, delivered_ml=((agent, volume_ml),), rate_ml_s=0.3, tip=TIP, tissue=1, vessel=vessel
    )


@cache
def begin_task(approach: Approach, level: str) -> ProcedureState:
    """A task of the patient of slabs, one image taken."""
    rule = RULES[approach]
    level = "L5-S1" if rule.only_level else level
    case = case_with(change_scenario(task={"approach": str(approach), "level": level, "side": "left" if rule.sided else "midline"}))
    return do(begin_toy(1, case), "shoot")


def play(approach: Approach, level: str, *, reason: str, given: tuple[Injection, ...]) -> ProcedureState:
    state = begin_task(approach, level)
    state = step(state, Decide(decision=Decision.PROCEED, particulate_reason=reason))
    shot = replace(state.shots[0], time_s=200.0)
    return replace(state, injections=given, shots=(shot,), time_s=600.0)


def read(state: ProcedureState) -> tuple[bool, bool]:
    found = injections.measure_injections(AttemptStates(states=(state,)))
    return bool(found["particulate-arterial-risk"].value), bool(found["particulate-without-reason"].value)


def test_the_safeguards_as_a_rule(rng: np.random.Generator) -> None:
    for _ in range(count(150, 3000)):
        approach = list(Approach)[int(rng.integers(len(Approach)))]
        level, agent = str(rng.choice(INTERSPACES)), STEROIDS[int(rng.integers(len(STEROIDS)))]
        reason, shown, artery = str(rng.choice(["", "  ", "the other did not help"])), bool(rng.integers(2)), bool(rng.integers(4) == 0)
        before = push(190.0, Agent.IOHEXOL_240, 1.0 if shown else 0.1, "arterial" if artery else "")
        state = play(approach, level, reason=reason, given=(before, push(300.0, agent, 1.0)))
        foramen = approach not in (Approach.INTERLAMINAR, Approach.CAUDAL)
        cord = level.startswith("T") and not RULES[approach].only_level
        particles = agent is not Agent.DEXAMETHASONE
        critical = particles and (artery or (foramen and (cord or not shown)))
        assert read(state) == (critical, particles and foramen and not reason.strip()), (approach, level, agent, reason, shown, artery)


@pytest.mark.parametrize("approach", [Approach.INTERLAMINAR, Approach.CAUDAL])
@pytest.mark.parametrize("agent", [agent for agent in STEROIDS if properties(agent).particulate])
def test_nothing_is_lost_between_lumbar_laminae_and_through_the_hiatus(approach: Approach, agent: Agent) -> None:
    given = (push(190.0, Agent.IOHEXOL_240, 1.0), push(300.0, agent, 2.0))
    assert read(play(approach, "L4-L5", reason="", given=given)) == (False, False)


def test_a_reason_that_comes_after_the_drug_is_none() -> None:
    given = (push(190.0, Agent.IOHEXOL_240, 1.0), push(300.0, Agent.METHYLPREDNISOLONE, 1.0))
    state = play(Approach.SUBPEDICULAR, "L4-L5", reason="", given=given)
    late = step(state, Decide(decision=Decision.PROCEED, particulate_reason="it lasts longer"))
    assert read(late) == (False, True)


def test_the_one_is_critical_and_the_other_a_major_loss() -> None:
    assert catalogue()["particulate"]["critical"]
    reason = catalogue()["particulate-reason"]
    assert "critical" not in reason
    assert reason["weight"] >= 4
