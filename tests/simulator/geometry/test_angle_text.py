"""Angles have a side wherever they are told: the word agrees with the geometry of detector and needle, and no sign is left."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import needle as steel
from simulator.geometry.angle_text import describe_angles, describe_oblique, describe_tilt, read_notch, read_scale
from simulator.geometry.carm import CArm
from simulator.needle.needle_spec import NeedleKit
from simulator.procedure.actions import actions as do
from simulator.reporting.action_text import describe_action
from tests.laws import count

ANGLES = st.tuples(st.floats(-100, 100), st.floats(-40, 40), st.floats(-12, 12))
BARE = re.compile(r"-\d|[A-Za-z] -?[1-9]\d*(?![\d\u00b0 ])")


@settings(max_examples=count(100, 5000), deadline=None)
@given(ANGLES)
def test_the_words_say_where_the_detector_is(angles: tuple[float, float, float]) -> None:
    oblique_deg, tilt_deg, swivel_deg = angles
    side, lean = describe_oblique(oblique_deg), describe_tilt(tilt_deg)
    towards = CArm.from_angles(oblique_deg=oblique_deg, size=8)
    left = (towards.detector - towards.source)[0]
    assert side.startswith("left") == (round(abs(oblique_deg)) > 0 and left > 0)
    assert side.startswith("right") == (round(abs(oblique_deg)) > 0 and left < 0)
    leaning = CArm.from_angles(tilt_deg=tilt_deg, size=8)
    cranial = (leaning.detector - leaning.source)[2]
    assert lean.startswith("cranial") == (round(abs(tilt_deg)) > 0 and cranial > 0)
    assert not BARE.search(describe_angles(*angles))
    assert describe_angles(oblique_deg, tilt_deg, swivel_deg).startswith(f"{side}, {lean}")


@settings(max_examples=count(50, 2000), deadline=None)
@given(ANGLES)
def test_every_action_with_an_angle_tells_its_side(angles: tuple[float, float, float]) -> None:
    oblique_deg, tilt_deg, swivel_deg = angles
    for action in (
        do.MoveCArm(oblique_deg=oblique_deg, tilt_deg=tilt_deg, swivel_deg=swivel_deg),
        do.AimNeedle(oblique_deg=oblique_deg, tilt_deg=tilt_deg),
        do.Roll(angle_deg=oblique_deg),
    ):
        assert not BARE.search(describe_action(action).replace("C-arm", ""))


@pytest.mark.parametrize("notch_deg", [0, 15, 90, 179, 180, 181, 270, 345])
def test_the_notch_is_told_where_a_turned_needle_has_it(notch_deg: int) -> None:
    kit = NeedleKit(bevel="tuohy", gauge=18, length_mm=89.0)
    held = steel.place(kit, np.zeros(3), np.array([0.0, -1.0, 0.0]))
    notch = steel.roll(held, np.deg2rad(notch_deg)).notch
    said = read_notch(notch_deg)
    assert ("left" in said) == (notch[0] > 1e-6)
    assert ("right" in said) == (notch[0] < -1e-6)
    assert ("cranial" in said) == (notch_deg == 0)
    assert read_scale(-0.4, "left", "right") == "0\u00b0"
