"""Needles by name: their tips are at the textbook's targets and they come from where the textbook's come from."""

import numpy as np
import pytest

from phantoms.terms.levels import Level, Side
from simulator.cli.images.needles import read_needle_path
from simulator.geometry.approaches import NAMED
from simulator.geometry.carm import project_points
from simulator.geometry.clear_path import STANDARD_LENGTHS_MM, Course
from simulator.geometry.courses import HIATUS_DEG
from simulator.geometry.views import aim, square_view
from tests.simulator.synthetic import toy_landmarks, turn

LANDMARKS = toy_landmarks(turn("x", -8.0) @ turn("z", 4.0))
BACK_MM = 95.0  # the toy's skin is a plane at this y


def inside(points: np.ndarray) -> np.ndarray:
    return points[:, 1] < BACK_MM


def course(target: str, level: Level = Level.L4) -> Course:
    return read_needle_path(None, target, LANDMARKS, level, inside)


def outward(found: Course) -> np.ndarray:
    return (found.entry - found.tip) / found.depth_mm


@pytest.mark.parametrize("target", NAMED)
def test_every_needle_enters_at_the_skin_and_keeps_its_hub_outside(target: str) -> None:
    found = course(target)
    assert found.entry[1] == pytest.approx(BACK_MM, abs=0.5)  # found in steps of half a millimetre
    assert found.hub[1] > BACK_MM
    assert found.length_mm in STANDARD_LENGTHS_MM
    assert np.linalg.norm(found.hub - found.tip) == pytest.approx(found.length_mm)


@pytest.mark.parametrize(("target", "aside_mm"), [("interlaminar", 0.0), ("interlaminar-left", 2.0), ("interlaminar-right", -2.0)])
def test_interlaminar_needles_end_in_the_epidural_fat(target: str, aside_mm: float) -> None:
    left = LANDMARKS.vertebrae[Level.L4].axes[:, 0]
    assert course(target).tip == pytest.approx(LANDMARKS.interspaces[Level.L4].epidural_target + aside_mm * left)


@pytest.mark.parametrize("side", list(Side))
def test_a_paramedian_needle_comes_from_its_side(side: Side) -> None:
    left = LANDMARKS.vertebrae[Level.L4].axes[:, 0]
    assert side.sign * outward(course(f"interlaminar-{side}")) @ left > 0.05


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("approach", "view"), [("transforaminal", "oblique"), ("s1", "s1")])
def test_down_the_barrel_needles_are_a_dot_in_their_view(approach: str, view: str, side: Side) -> None:
    found = course(f"{approach}-{side}")
    beam = aim(f"{view}-{side}", LANDMARKS, Level.L4).beam
    assert np.rad2deg(np.arccos(np.clip(outward(found) @ beam, -1, 1))) < 2.0
    carm = square_view(f"{view}-{side}", LANDMARKS, Level.L4)
    pixels, _ = project_points(carm, np.array([found.tip, found.hub]))
    assert np.linalg.norm(pixels[0] - pixels[1]) * carm.pixel_mm < 2.0  # within the hub's shadow


def test_a_caudal_needle_lies_along_the_sacral_canal_and_climbs() -> None:
    found = course("caudal")
    canal = LANDMARKS.sacrum.canal[-1] - LANDMARKS.sacrum.canal[-3]
    angle_deg = np.rad2deg(np.arccos(outward(found) @ canal / np.linalg.norm(canal)))
    assert angle_deg == pytest.approx(HIATUS_DEG)
    assert found.tip[2] > found.entry[2]


def test_coordinates_are_taken_as_they_are() -> None:
    found = read_needle_path("10,90,-20", "0,40,-30", None, Level.L4, None)
    assert found.entry.tolist() == [10.0, 90.0, -20.0]
    assert found.tip.tolist() == [0.0, 40.0, -30.0]
