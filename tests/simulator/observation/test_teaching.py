"""The teaching step that is due goes on with what is done, and never back."""

from dataclasses import replace

from scenarios.names.enums import ReviewItem
from simulator.observation.teaching import DONE, find_due
from simulator.procedure.state.case import Case
from tests.simulator.procedure.toy import begin_toy, case_with, do, place_in_epidural, read_scenario


def test_the_step_after_the_last_that_was_taken_is_due() -> None:
    steps = [item.step for item in read_scenario().teaching]
    state = begin_toy()
    first = find_due(state)
    assert first is not None
    assert first.step == steps[0]
    read = do(state, *({"review": {"item": str(item)}} for item in ReviewItem))
    placed = place_in_epidural(read)
    found = [find_due(item) for item in (state, read, placed)]
    places = [steps.index(item.step) for item in found if item is not None]
    assert places == sorted(places)
    taken = max(number for number, name in enumerate(steps) if name in DONE and DONE[name](placed))
    assert places[-1] == min(taken + 1, len(steps) - 1)


def test_a_case_without_teaching_has_no_step() -> None:
    bare: Case = case_with(read_scenario().model_copy(update={"teaching": ()}))
    assert find_due(replace(begin_toy(), case=bare)) is None
