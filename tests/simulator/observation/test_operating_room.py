"""The operating room as it is seen: everything outside of the patient, nothing of what lies under the skin."""

from dataclasses import fields

import numpy as np
import pytest

from simulator.needle import NeedleState
from simulator.observation import see_operating_room
from simulator.observation.truth.needle import shaft_axis
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural

NEAR_MM = 0.5


def test_the_room_shows_what_stands_out_of_the_skin_and_not_the_tip() -> None:
    state = place_in_epidural(begin_toy())
    seen, held = see_operating_room(state), state.needle
    assert held is not None
    assert seen.needle is not None
    assert np.array_equal(seen.needle.entry, held.entry)
    assert seen.needle.hub + seen.needle.outside_mm * -seen.needle.outward == pytest.approx(held.entry, abs=NEAR_MM)
    points = [value for item in fields(seen.needle) if isinstance(value := getattr(seen.needle, item.name), np.ndarray)]
    assert not [point for point in points if np.linalg.norm(point - held.tip) < NEAR_MM]
    assert not [item.name for item in fields(seen) if isinstance(getattr(seen, item.name), NeedleState)]


def test_the_shaft_under_the_skin_is_told_by_the_truth_alone() -> None:
    assert shaft_axis(begin_toy()) is None
    state = place_in_epidural(begin_toy())
    axis = shaft_axis(state)
    assert axis is not None
    assert state.needle is not None
    assert axis[-1] == pytest.approx(state.needle.tip)


def test_the_room_follows_what_is_done() -> None:
    state = do(begin_toy(), {"move-carm": {"oblique_deg": 25.0}}, {"position": {"posture": "prone-pillow"}})
    before, after = see_operating_room(state), see_operating_room(do(place_in_epidural(state), *SYRINGE, {"pedal": {"down": True}}))
    assert (before.pose.oblique_deg, before.pillow, before.beam_on, before.needle, before.held_ml) == (25.0, True, False, None, 0.0)
    assert (after.beam_on, after.held_ml) == (True, pytest.approx(3.0))
