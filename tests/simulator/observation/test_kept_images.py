"""Which images are kept: the rule on attempts without a page, and albums that are cut and joined."""

import numpy as np
import pytest

from simulator.observation import Monitor, watch, watch_all
from simulator.observation.album import MOST, Album, Kept, Picture, concatenate, truncate
from simulator.observation.monitors import join, show, take
from simulator.observation.pulses import INJECTING_S, due_pulses
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural

LIVE = (
    {"pedal": {"down": True}},
    {"inject": {"volume_ml": 1.5, "rate_ml_s": 0.3}},
    {"wait": {"duration_s": 2.0}},
    {"pedal": {"down": False}},
)


@pytest.fixture(scope="module")
def states() -> list[ProcedureState]:
    """A shot, and an injection under live imaging in one action, with some waiting after it."""
    found = [do(place_in_epidural(begin_toy()), *SYRINGE)]
    for said in ("shoot", *LIVE):
        found.append(step(found[-1], parse_action(said)))
    return found


def test_an_injection_in_one_action_is_kept_about_once_a_second_with_the_view_before_it(states: list[ProcedureState]) -> None:
    album = watch_all(states, Monitor(size=32)).album
    shot, before, *injected, last = album.kept
    assert [shot.stays, before.stays, before.injecting, last.injecting] == [True, True, False, False]
    times = np.array([item.picture.time_s for item in injected])
    assert all(item.injecting for item in injected)
    assert np.all(np.diff(times) >= INJECTING_S)
    assert np.all(np.diff(times) < 2 * INJECTING_S)
    pushed = next(item for item in states[-1].shots if item.injecting)
    assert (times[0], times[-1]) == (pushed.time_s, pushed.end_s)
    assert last.picture.pulse == states[-1].room.pulse - 1


def test_pulses_come_once_and_in_order(states: list[ProcedureState]) -> None:
    for state in states[1:]:
        numbers = [item.pulse for item in due_pulses(state)]
        assert numbers == sorted(set(numbers))
        assert set(numbers) <= set(range(state.fresh, state.room.pulse))
        assert not numbers or numbers[-1] == state.room.pulse - 1


def test_what_is_drawn_late_is_what_is_drawn_at_once_but_for_what_only_closed_its_action(states: list[ProcedureState]) -> None:
    at_once, late = Monitor(size=32), Monitor(size=32)
    for state in states:
        at_once, late = watch(at_once, state), take(late, state)
    shown = show(late)
    assert shown.delivered < at_once.delivered
    staying = {item.picture.pulse for item in at_once.album.kept if item.stays and (item.injecting or item.run == 0)}
    assert staying <= {item.picture.pulse for item in shown.album.kept}
    assert shown.album.pictures[-1].pulse == at_once.album.pictures[-1].pulse


def test_an_attempt_gone_on_with_is_not_developed_from_its_beginning(states: list[ProcedureState]) -> None:
    joined = join(Monitor(size=32), states[2])
    assert joined.album.since == states[2].room.pulse
    assert watch(joined, states[2]).frame is None  # an undo to where it was gone on from gives no pulse
    assert watch(joined, states[3]).frames[0].index == states[3].fresh


def kept(pulse: int, run: int, *, stays: bool = False) -> Kept:
    pixels = np.zeros((2, 2), dtype=np.uint8)
    return Kept(picture=Picture(caption="", time_s=float(pulse), pulse=pulse, pixels=pixels), run=run, stays=stays)


def pulses(album: Album) -> list[int]:
    return [item.picture.pulse for item in album.kept]


def test_what_was_taken_back_is_forgotten_and_what_was_missed_stays_missed() -> None:
    album = Album(kept=(kept(7, 1), kept(9, 2)), since=5)
    assert pulses(truncate(album, 8)) == [7]
    assert truncate(album, 8).since == 5
    assert pulses(truncate(album, 3)) == []
    assert truncate(album, 3).since == 3


def test_two_halves_are_one_album_without_doubles() -> None:
    before = Album(kept=(kept(0, 0, stays=True), kept(4, 1), kept(6, 2)))
    after = Album(kept=(kept(6, 2), kept(8, 3, stays=True)), since=5)
    assert pulses(concatenate(before, after)) == [0, 4, 6, 8]
    straddling = Album(kept=(kept(5, 1), kept(8, 3)), since=5)
    assert pulses(concatenate(before, straddling)) == [0, 5, 8]


def test_one_album_of_two_is_no_larger_than_any() -> None:
    before = Album(kept=tuple(kept(number, number, stays=number % 2 == 0) for number in range(MOST)))
    after = Album(kept=tuple(kept(MOST + number, MOST + number, stays=True) for number in range(10)), since=MOST)
    found = pulses(concatenate(before, after))
    assert len(found) == MOST
    assert found[-10:] == list(range(MOST, MOST + 10))
    assert found[:2] == [0, 2]
