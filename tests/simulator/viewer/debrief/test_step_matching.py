"""Which of the expert's steps stands beside a moment of the trainee's: always one, never of a later kind, and never going back."""

from collections.abc import Sequence

import numpy as np
import pytest

from scenarios.loader import list_cases, read
from simulator.observation.teaching import DONE
from simulator.observation.truth.attempt_steps import ORDER, AttemptStep, StepKind, find_match, find_steps, keep_order, match_steps
from simulator.observation.truth.state_archive import archive_states
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.rules.stepping import step
from simulator.viewer.debrief.step_views import TEACHES, find_why
from tests.laws import count
from tests.simulator.procedure.toy import PLACED, begin_toy

CONTRAST = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 4.0}}}
DRUG = {"attach": {"what": "syringe", "contents_ml": {"dexamethasone": 1.0}}}


def draw_steps(random: np.random.Generator) -> tuple[AttemptStep, ...]:
    """Steps of an attempt at random: some left out, some done too late, some at the same time."""
    times = random.integers(0, 40, len(ORDER)) * 10.0
    kinds = [kind for kind in ORDER[1:] if random.random() < 0.7]
    found = [AttemptStep(kind=kind, start_s=float(time_s)) for kind, time_s in zip(kinds, times, strict=False)]
    return keep_order([AttemptStep(kind=StepKind.RECORD, start_s=0.0), *found])


@pytest.mark.parametrize("seed", range(count(200, 5000)))
def test_every_moment_has_the_experts_step_of_its_kind_or_the_nearest_before(seed: int) -> None:
    random = np.random.default_rng(seed)
    own, expert = draw_steps(random), draw_steps(random)
    matches = match_steps(own, expert)
    before = -1
    for time_s in np.linspace(-5.0, 450.0, 92):
        match = find_match(matches, time_s)
        assert match.own.start_s <= max(time_s, 0.0)
        assert match.expert >= before
        before, wanted = match.expert, ORDER.index(match.own.kind)
        possible = [ORDER.index(item.kind) for item in expert if ORDER.index(item.kind) <= wanted]
        assert ORDER.index(expert[match.expert].kind) == max(possible)


def steps_of(*said: object) -> tuple[AttemptStep, ...]:
    states = [begin_toy()]
    for item in said:
        states.append(step(states[-1], parse_action(item)))
    return find_steps(archive_states(states))


def kinds(found: Sequence[AttemptStep]) -> list[str]:
    return [str(item.kind) for item in found]


def test_the_steps_of_an_attempt_are_found_where_they_begin() -> None:
    lateral, wait = {"move-carm": {"oblique_deg": 60.0}}, {"wait": {"duration_s": 5.0}}
    found = steps_of(
        {"position": {"posture": "prone-pillow"}},
        wait,
        "shoot",
        *PLACED,
        {"advance": {"distance_mm": 50.0}},
        lateral,
        "shoot",
        {"stylet": {"inserted": False}},
        {"attach": {"what": "lor-saline"}},
        {"attach": {"what": "nothing"}},
        CONTRAST,
        {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.5}},
        {"attach": {"what": "nothing"}},
        DRUG,
        {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.5}},
        {"ask": {"question": "legs"}},
        "finish",
    )
    assert kinds(found) == [str(kind) for kind in ORDER]
    assert all(one.start_s <= other.start_s for one, other in zip(found[:-1], found[1:], strict=True))


def test_an_idle_attempt_has_the_record_alone() -> None:
    assert kinds(steps_of("finish")) == ["record"]


def test_steps_without_a_record_are_refused() -> None:
    with pytest.raises(ValueError, match="expected steps from record on"):
        match_steps([], [AttemptStep(kind=StepKind.RECORD, start_s=0.0)])


@pytest.mark.parametrize("name", list_cases())
def test_every_case_says_why_of_every_step(name: str) -> None:
    scenario = read(name)
    taught = {item.step for item in scenario.teaching}
    assert set(TEACHES) == set(ORDER)
    assert all(find_why(kind, scenario) for kind in ORDER)
    assert all(any(word in TEACHES[kind] for kind in ORDER) for word in taught & set(DONE)), "a step that is taught is shown"
