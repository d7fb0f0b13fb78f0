"""A view squared to the patient is a good one for its task; turning away never makes it better for long, and other views are worse."""

from collections.abc import Callable

import numpy as np
import pytest

from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from simulator.geometry.carm import CArm
from simulator.geometry.view_quality import foramen_quality, lamina_quality, lateral_quality, named_quality, window_quality
from simulator.geometry.views import square_view

GOOD = 0.8
POOR = 0.35


@pytest.fixture(scope="module")
def marks() -> Landmarks:
    return build(default_parameters()).landmarks


LUMBAR = (Level.L2, Level.L3, Level.L4, Level.L5)


@pytest.mark.parametrize("level", LUMBAR)
def test_squared_views_are_good_for_their_tasks(marks: Landmarks, level: Level) -> None:
    for side in Side:
        assert lamina_quality(square_view(f"clo-{side}", marks, level), marks, level, side) > GOOD
        assert foramen_quality(square_view(f"oblique-{side}", marks, level), marks, level, side) > GOOD
        assert lateral_quality(square_view(f"lateral-{side}", marks, level), marks, level) > GOOD


def widest(marks: Landmarks, level: Level) -> tuple[float, float]:
    tilts = np.linspace(-25, 25, 51)
    quality = [window_quality(CArm.from_angles(tilt_deg=tilt), marks, level) for tilt in tilts]
    return float(tilts[int(np.argmax(quality))]), max(quality)


@pytest.mark.parametrize("level", LUMBAR)
def test_some_tilt_opens_the_window_and_others_less(marks: Landmarks, level: Level) -> None:
    tilt, best = widest(marks, level)
    assert best > 0.95
    assert window_quality(CArm.from_angles(tilt_deg=tilt + (40 if tilt < 0 else -40)), marks, level) < GOOD
    assert window_quality(CArm.from_angles(tilt_deg=tilt, oblique_deg=30), marks, level) == 0.0


@pytest.mark.parametrize(
    ("name", "judge"),
    [
        ("clo-left", lambda carm, marks: lamina_quality(carm, marks, Level.L4, Side.LEFT)),
        ("oblique-left", lambda carm, marks: foramen_quality(carm, marks, Level.L4, Side.LEFT)),
        ("lateral-left", lambda carm, marks: lateral_quality(carm, marks, Level.L4)),
        ("s1-left", lambda carm, marks: named_quality(carm, "s1-left", marks, Level.L5)),
    ],
)
def test_other_views_do_not_serve(marks: Landmarks, name: str, judge: Callable[[CArm, Landmarks], float]) -> None:
    true = judge(square_view(name, marks, Level.L4), marks)
    for other in {"lateral-left", "clo-right", "oblique-right"} - {name}:
        assert judge(square_view(other, marks, Level.L4), marks) <= POOR < GOOD <= true


def test_a_lateral_is_one_from_either_side(marks: Landmarks) -> None:
    left, right = (square_view(f"lateral-{side}", marks, Level.L4) for side in Side)
    assert lateral_quality(left, marks, Level.L4) == pytest.approx(lateral_quality(right, marks, Level.L4), abs=0.05)


def test_quality_falls_as_the_beam_turns_away(marks: Landmarks) -> None:
    values = [lamina_quality(CArm.from_angles(oblique_deg=-48 - turn, tilt_deg=9), marks, Level.L4, Side.LEFT) for turn in (0, 12, 16, 30)]
    assert values[0] > values[1] > values[2] > values[3] == 0.0
