"""The step as a whole: paperwork, questions, the end, and the laws that hold whatever is done."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from scenarios.names.enums import Decision
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import ACTIONS, Wait
from simulator.procedure.attempt.digest import digest
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.errors import ProcedureOver
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.actions.test_action_codec import SAMPLES
from tests.simulator.procedure.rules.test_injecting import injected_ml, spread_ml
from tests.simulator.procedure.toy import PLACED, begin_toy, case_with, change_scenario, do, place_in_epidural, toy_case


def test_equal_seeds_and_actions_give_equal_bits_and_other_seeds_do_not() -> None:
    first, again, other = (digest(place_in_epidural(begin_toy(seed=seed))) for seed in (1, 1, 2))
    assert first == again != other


def test_the_record_is_read_and_the_parties_answer() -> None:
    state = do(begin_toy(), {"review": {"item": "medication"}}, {"contact": {"party": "prescriber"}})
    assert "amlodipine" in state.events[0].text
    assert state.events[1].text.startswith("prescriber: ")
    assert state.chart.reviewed == ("medication",)


def test_time_passes_by_actions_and_only_by_them() -> None:
    state = do(begin_toy(), {"wait": {"duration_s": 7.5}}, {"answer": {"question": "epidurogram", "choice": "muscle"}})
    assert state.time_s == pytest.approx(7.5)
    assert do(state, {"review": {"item": "history"}}).time_s == pytest.approx(67.5)


def test_a_later_answer_replaces_an_earlier_one() -> None:
    state = do(begin_toy(), *[{"answer": {"question": "epidurogram", "choice": choice}} for choice in ("muscle", "epidural")])
    assert state.answers == (("epidurogram", "epidural", 1.0),)


def test_the_end_is_the_end() -> None:
    state = do(begin_toy(), {"decide": {"decision": "postpone"}}, {"advise": {"item": "red-flags"}}, "finish")
    assert state.over is Decision.POSTPONE
    with pytest.raises(ProcedureOver, match="wait: the attempt is over"):
        step(state, Wait(duration_s=1.0))


@pytest.mark.parametrize("said", ["shoot", {"pedal": {"down": True}}, PLACED[1]])
def test_a_patient_who_was_put_off_is_left_alone_until_the_decision_changes(said: object) -> None:
    state = do(begin_toy(), {"decide": {"decision": "postpone"}})
    with pytest.raises(ValueError, match="the decision was to postpone; decide to proceed first"):
        do(state, said)
    assert do(state, {"decide": {"decision": "proceed"}}, said).time_s > state.time_s


def test_follow_up_finds_what_was_brought_about() -> None:
    subject = toy_case().scenario.subject.model_dump(mode="json", exclude_unset=True)
    case = case_with(change_scenario(subject={**subject, "truth": {"glucose_rises": True, "bleeding_tendency": True, "pregnant": True}}))
    found: set[str] = set()
    for seed in range(12):
        state = do(begin_toy(seed=seed, case=case), "shoot", *PLACED, {"advance": {"distance_mm": 66}}, "remove-needle", "finish")
        found |= {str(event.get("about")) for event in state.events if event.kind is EventKind.FOLLOW_UP}
    assert found == {"post-dural puncture headache", "epidural haematoma", "infection", "pregnancy"}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"wait": {"duration_s": 0}}, "wait.duration_s: expected more than 0"),
        ({"wait": {"duration_s": 1e9}}, "at most 3600 s"),
        ({"stop-drug": {"drug": "wine"}}, "the medication list has amlodipine, naproxen, got 'wine'"),
        ({"answer": {"question": "why", "choice": "so"}}, "this case asks epidurogram, next-day, got 'why'"),
        ({"answer": {"question": "epidurogram", "choice": "so"}}, "answer.choice: expected one of"),
        ({"answer": {"question": "epidurogram", "choice": "muscle", "confidence": 2}}, "expected 0 to 1, got 2"),
        ("commit-belief", "say at least one of"),
        ({"commit-belief": {"level": "L4-L5", "confidence": -1}}, "expected 0 to 1"),
    ],
)
def test_what_cannot_be_is_named(said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(begin_toy(), said)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "one", 2**63])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number"):
        begin(toy_case(), seed)


ODD = (0.0, -1.0, 1e-9, 0.5, 3.0, 30.0, 1e6, float("nan"), float("inf"))


CHOICES: dict[str, tuple[Any, ...]] = {
    "down": (False, False, True),
    "inserted": (False, True),
    "until_loss": (False, True),
    "tubing": (False, True),
    "primed": (False, True),
    "what": ("lor-saline", "lor-air", "syringe", "nothing"),
    "contents_ml": ([["iohexol 240", 2.0]], [["iohexol 240", 2.0]], []),
    "entry": ([2.0, 90.0, -60.0], [-3.5, 90.0, -62.0], [0.0, 0.0, 0.0]),
    "at": (None, [2.0, 90.0, -60.0], [0.0, 0.0, 0.0]),
    "length_mm": (89.0,),
    "volume_ml": (0.05, 0.05, 0.05, 2.0, -1.0),
}


def number(rng: np.random.Generator) -> float:
    return float(rng.choice(ODD)) if rng.random() < 0.3 else float(rng.uniform(-2.0, 12.0))


def value(rng: np.random.Generator, word: str, name: str) -> Any:
    """A field at random."""
    if name in CHOICES and not (name == "down" and word != "pedal"):
        return CHOICES[name][rng.integers(len(CHOICES[name]))]
    known = SAMPLES.get(name, number(rng)) if name != "down" else 0.5
    return known.get(word, "x") if isinstance(known, dict) else known


def draw_action(rng: np.random.Generator) -> object:
    """An action at random: mostly sensible, at times not; now and then no action at all."""
    word = str(rng.choice(list(ACTIONS)))
    if word == "finish" and rng.random() < 0.9:
        word = "advance"
    said = {item.name: value(rng, word, item.name) for item in fields(ACTIONS[word]) if rng.random() < 0.97}
    return {word: said} if rng.random() < 0.99 else {word: {**said, "x": 1}}


def check_laws(before: ProcedureState, after: ProcedureState) -> None:
    assert after.time_s >= before.time_s
    assert after.room.pulse >= before.room.pulse
    for name in ("reference_kerma_mgy", "dap_gy_cm2", "fluoro_s", "exposures", "staff_ugy"):
        assert getattr(after.room.dose, name) >= getattr(before.room.dose, name)
    assert after.events[: len(before.events)] == before.events
    assert len(after.done) == len(before.done) + 1
    assert after.tray.left_ml >= -1e-9
    assert after.room.pulse == sum(shot.frames for shot in after.shots)
    if after.needle is not None:
        assert 0 <= after.needle.depth_mm <= after.needle.kit.length_mm
        assert np.isfinite(after.needle.tip).all()
    if len(after.injections) > len(before.injections):
        expected = injected_ml(after)
        found = spread_ml(after)
        assert sum(found.values()) == pytest.approx(sum(expected.values()), abs=1e-5)


def fuzz(actions: int, seed: int) -> int:
    """How many of so many random actions could be done; a new attempt begins at each end, and from time to time."""
    rng = np.random.default_rng(seed)
    state, done = begin_toy(), 0
    for count in range(actions):
        if state.over is not None or count % 120 == 0:
            state = place_in_epidural(begin_toy(seed=count)) if rng.random() < 0.5 else begin_toy(seed=count)
        try:
            after = step(state, parse_action(draw_action(rng)))
        except (ValueError, ProcedureOver) as error:
            assert str(error)  # noqa: PT017 - whatever is refused says why
            continue
        check_laws(state, after)
        state, done = after, done + 1
    return done


def test_random_actions_break_no_law() -> None:
    assert fuzz(2000, seed=1) > 400


@pytest.mark.slow
def test_a_hundred_thousand_random_actions_break_no_law() -> None:
    assert fuzz(100_000, seed=2) > 20_000
