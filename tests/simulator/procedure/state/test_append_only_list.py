"""A list that is shared by all that saw it shorter, and digests that remember what they know."""

import pytest

from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.state.append_only_list import AppendOnlyList
from tests.simulator.procedure.toy import PLACED, SYRINGE, begin_toy, do


def test_a_trail_reads_as_its_items() -> None:
    trail: AppendOnlyList[int] = AppendOnlyList()
    for number in range(10):
        trail = trail.add(number)
    assert list(trail) == list(range(10))
    assert (len(trail), trail[-1], trail[2], trail[1:4], list(reversed(trail))[:2]) == (10, 9, 2, [1, 2, 3], [9, 8])
    with pytest.raises(IndexError):
        trail[10]


def test_trails_that_part_leave_each_other_alone() -> None:
    stem = AppendOnlyList[str]().add("a").add("b")
    left, right = stem.add("c"), stem.add("d").add("e")
    assert (list(stem), list(left), list(right)) == (["a", "b"], ["a", "b", "c"], ["a", "b", "d", "e"])
    assert list(right.take_first(2).add("f")) == ["a", "b", "f"]
    assert list(right) == ["a", "b", "d", "e"]


def test_a_trail_that_goes_straight_on_shares_its_items() -> None:
    stem = AppendOnlyList[int]().add(1)
    assert stem.add(2).items is stem.items


def test_what_is_known_of_a_digest_changes_nothing_but_its_cost() -> None:
    known, state = Known(), begin_toy()
    said = (*PLACED, {"pedal": {"down": True}}, *({"wait": {"duration_s": 0.2}},) * 4, {"advance": {"distance_mm": 53.5}})
    more = ({"pedal": {"down": False}}, {"stylet": {"inserted": False}}, *SYRINGE, {"inject": {"volume_ml": 0.3}}, "shoot")
    seen = set()
    for item in (*said, *more):
        before, state = state, do(state, item)
        assert digest(state, known) == digest(state)
        seen.add(digest(state))
        assert digest(before, known) == digest(before)  # and back, as after an undo
    assert len(seen) == len((*said, *more))


def test_the_text_of_a_trail_shows_what_belongs_to_it_and_nothing_done_later() -> None:
    first = AppendOnlyList[str]()
    second = first.add("shoot")
    before = repr(first), repr(second)
    second.add("advance").add("withdraw")
    assert (repr(first), repr(second)) == before == ("<AppendOnlyList of 0>", "<AppendOnlyList of 1, the last 'shoot'>")


def test_the_text_of_a_trail_is_short_whatever_it_holds() -> None:
    trail = AppendOnlyList[object]()
    for _ in range(3):
        trail = trail.add("x" * 10_000)
    assert repr(trail).startswith("<AppendOnlyList of 3, the last 'xxx")
    assert len(repr(trail)) < 130


def test_the_text_of_a_state_does_not_change_when_the_attempt_goes_on() -> None:
    state = do(begin_toy(), "shoot")
    before = repr(state), repr(state.done)
    do(state, {"move-carm": {"oblique_deg": 20.0}}, "shoot")
    assert (repr(state), repr(state.done)) == before
    assert repr(state.done) == "<AppendOnlyList of 1, the last <Done {'shoot': {}}, 0.0 to 1.0 s>>"
