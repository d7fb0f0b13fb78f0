"""The days after: what is likely is drawn, what wears off has worn off, and stenosis is told as the trial found it."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.names.agents import Agent
from simulator.procedure.rules.followup import finish, flush_chance
from simulator.procedure.state.case import Case
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.physiology import Body, EffectKind, add_effect
from simulator.procedure.state.state import Injection, ProcedureState
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario, do, read_scenario

DEVIATIONS = 4.0  # of a count of chance events that are borne


def give(state: ProcedureState, *volumes_ml: tuple[Agent, float], relief: float = 0.0) -> ProcedureState:
    """A state with one injection that eased the pain by a share."""
    push = Injection(start_s=1.0, end_s=9.0, delivered_ml=volumes_ml, rate_ml_s=0.3, tip=(0.0, 0.0, 0.0), tissue=1)
    return replace(state, injections=(push,), body=add_effect(Body(), EffectKind.RELIEF, 9.0, relief, push_s=1.0))


def follow_up(state: ProcedureState) -> dict[str, str]:
    """What is found afterwards, by what it is about."""
    return {str(item.get("about")): item.text for item in finish(state).events if item.kind is EventKind.FOLLOW_UP}


def make_case(kind: str) -> Case:
    imaging = read_scenario().record.imaging.model_dump(mode="json")
    lesions = [{"kind": kind, "level": "L4-L5", "size_mm": 5}]
    record = read_scenario().record.model_dump(mode="json", exclude_unset=True) | {"imaging": imaging | {"lesions": lesions}}
    return case_with(change_scenario(record=record))


def test_a_flush_is_a_chance_that_grows_with_the_dose() -> None:
    doses = np.linspace(0.0, 60.0, 601)
    chances = [flush_chance(float(dose)) for dose in doses]
    assert chances == sorted(chances)
    assert chances[0] == 0.0
    assert max(chances) < 1.0
    assert (flush_chance(4.0), flush_chance(16.0)) == (0.05, 0.28)


@pytest.mark.parametrize("volume_ml", [0.4, 1.0, 1.6])
def test_flushes_come_as_often_as_said_and_by_the_seed_alone(volume_ml: float) -> None:
    seeds = count(400, 4000)
    states = [give(begin_toy(seed), (Agent.DEXAMETHASONE, volume_ml)) for seed in range(seeds)]
    flushed = ["steroid flush" in follow_up(state) for state in states]
    chance = flush_chance(10.0 * volume_ml)
    assert abs(sum(flushed) - seeds * chance) < DEVIATIONS * np.sqrt(seeds * chance * (1 - chance))
    later = [replace(state, time_s=500.0, shots=()) for state in states]
    assert ["steroid flush" in follow_up(state) for state in later] == flushed


def test_without_steroid_nobody_flushes() -> None:
    assert not any("steroid flush" in follow_up(give(begin_toy(seed), (Agent.LIDOCAINE, 5.0))) for seed in range(50))


@pytest.mark.parametrize(("kind", "alone"), [("disc-protrusion", False), ("central-stenosis", True)])
def test_lidocaine_alone_lasts_in_stenosis_as_long_as_with_steroid_and_elsewhere_for_hours(
    kind: str, alone: bool, rng: np.random.Generator
) -> None:
    """The trial's finding (Friedly 2014) as a law: in stenosis the second day is the same with and without steroid."""
    start = begin_toy(1, make_case(kind))
    pain = start.case.scenario.record.pain
    for _ in range(count(40, 400)):
        relief = float(rng.uniform(0.0, 1.0))
        with_steroid = follow_up(give(start, (Agent.LIDOCAINE, 3.0), (Agent.DEXAMETHASONE, 1.0), relief=relief))["pain"]
        lidocaine = follow_up(give(start, (Agent.LIDOCAINE, 3.0), relief=relief))["pain"]
        expected = round(pain.score + (pain.after - pain.score) * relief)
        assert f"the pain is {expected}/10" in with_steroid
        assert f"the pain is {expected if alone else pain.score}/10" in lidocaine
        assert ("Friedly 2014" in with_steroid) is (alone and expected < pain.score)


def test_pain_falls_by_as_much_as_relief_reached_the_root() -> None:
    scores = [follow_up(give(begin_toy(), (Agent.DEXAMETHASONE, 1.0), relief=share))["pain"] for share in (0.0, 0.01, 0.5, 1.0)]
    assert [text.split("pain is ")[1] for text in scores] == ["7/10.", "7/10.", "5/10.", "3/10."]


def test_one_who_was_tested_is_not_told_of_a_test_the_week_after() -> None:
    subject = {"name": "Ms X", "weight_kg": 66, "anatomy": {"sex": "female", "age_years": 31}, "truth": {"pregnant": True}}
    case = case_with(change_scenario(subject=subject))
    told = do(begin_toy(1, case), {"order-test": {"test": "pregnancy"}}, "shoot")
    untold = do(begin_toy(1, case), "shoot")
    assert follow_up(told)["pregnancy"].startswith("She was pregnant")
    assert "test the week after" in follow_up(untold)["pregnancy"]
