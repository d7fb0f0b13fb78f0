"""Lead letters: where they stand, how thick they are, and that they turn with the image."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.terms.levels import Side
from simulator.geometry import CArm
from simulator.geometry.carm import project_points
from simulator.xray.overlays.markers import LATERAL_COSINE, LEAD_MM, Marker, MarkerPlace, marker_mm, place_marker, side_marker
from tests.laws import count


def test_left_letter_stands_at_the_patients_left():
    carm = CArm.from_angles(size=200)
    assert place_marker(carm) == MarkerPlace(side=Side.LEFT, at_left=True)
    for side, half in ((Side.LEFT, slice(0, 100)), (Side.RIGHT, slice(100, 200))):
        image = marker_mm(side_marker(MarkerPlace(side=side, at_left=side is Side.LEFT), carm), carm)
        assert image[:, half].sum() == pytest.approx(image.sum())
        assert image[:60].sum() == pytest.approx(image.sum())


@pytest.mark.parametrize(
    ("oblique_deg", "letter", "at_left"),
    [
        (0, "L", True),
        (60, "L", True),
        (-60, "L", True),
        (88, "L", True),
        (92, "L", True),
        (-88, "R", False),
        (-92, "R", False),
        (180, "L", False),
    ],
)
def test_views_of_the_day_carry_the_letter_that_a_radiographer_expects(oblique_deg: float, letter: str, at_left: bool):
    carm = CArm.from_angles(oblique_deg=oblique_deg, size=64)
    place = place_marker(carm)
    assert (side_marker(place, carm).letter, place.at_left, place.at_top) == (letter, at_left, True)


@pytest.mark.laws
def test_the_letter_tells_the_truth_at_any_angle(rng: np.random.Generator):
    """In a lateral it names the side nearer to the detector, else it lies on that side of the image on which its side of the patient is."""
    laterals = 0
    for _ in range(count(400, 20_000)):
        oblique, tilt, swivel = rng.uniform((-180, -90, -90), (180, 90, 90))
        carm = CArm.from_angles(oblique_deg=oblique, tilt_deg=tilt, swivel_deg=swivel, size=64)
        found = side_marker(place_marker(carm), carm)
        outward = np.array([1.0 if found.letter == "L" else -1.0, 0.0, 0.0])
        across = to_image(carm, outward)
        if np.linalg.norm(across) < np.sqrt(1 - LATERAL_COSINE**2):
            laterals += 1
            assert np.dot(carm.detector - carm.source, outward) > 0
            assert carm.right[1] * corner_of(carm, found)[0] < 0  # at the ventral edge
        else:
            assert across @ corner_of(carm, found) > 0
    assert laterals > 10


def to_image(carm: CArm, direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """A direction of the patient as it lies in the image, columns and rows."""
    return np.array([carm.right @ direction, carm.down @ direction])


def corner_of(carm: CArm, marker: Marker) -> NDArray[np.float64]:
    """Where a letter is seen, from the image's middle, halves of its side."""
    pixels, _ = project_points(carm, marker.centre[None])
    return (pixels[0] + 0.5) / np.array(carm.shape[::-1]) * 2 - 1


def test_the_letter_turns_with_the_detector():
    straight, turned = (CArm.from_angles(size=128, **angles) for angles in ({}, {"oblique_deg": 40, "tilt_deg": -20, "swivel_deg": 5}))
    images = [marker_mm(side_marker(MarkerPlace(side=Side.LEFT, at_left=True), carm), carm) for carm in (straight, turned)]
    np.testing.assert_allclose(*images, atol=1e-3)


def test_l_has_its_foot_to_the_right_and_is_as_thick_as_the_lead():
    carm = CArm.from_angles(size=512)
    image = marker_mm(Marker(letter="L", centre=(0, 299, 0), right=carm.right, up=-carm.down, height_mm=60), carm)
    rows, columns = np.nonzero(image > 0.5)
    bottom = image[rows.max() - 3] > 0.5
    top = image[rows.min() + 3] > 0.5
    assert bottom.sum() > 2.5 * top.sum()
    assert np.flatnonzero(top).max() < columns.mean()
    assert image.max() == pytest.approx(LEAD_MM, rel=0.01)
    assert 60 / carm.pixel_mm == pytest.approx(np.ptp(rows) + 1, abs=2)


def test_r_has_a_hole_and_two_feet():
    carm = CArm.from_angles(size=512)
    image = marker_mm(Marker(letter="R", centre=(0, 299, 0), right=carm.right, up=-carm.down, height_mm=120), carm) > 0.5
    rows, columns = np.nonzero(image)
    foot = image[rows.max() - 4].astype(int)
    assert (np.diff(foot) == 1).sum() == 2
    bowl = image[rows.min() + int(0.28 * np.ptp(rows))].astype(int)
    assert (np.diff(bowl) == 1).sum() == 2
    assert np.ptp(columns) < np.ptp(rows)


def test_letter_flips_with_a_mirrored_image_and_from_behind():
    carm = CArm.from_angles(size=256)
    marker = Marker(letter="R", centre=(10, 250, 20), right=carm.right, up=-carm.down, height_mm=40)
    mirrored = replace(carm, right=-carm.right)
    np.testing.assert_allclose(marker_mm(marker, mirrored)[:, ::-1], marker_mm(marker, carm), atol=1e-6)


def test_bad_markers_are_refused():
    with pytest.raises(ValueError, match="letter must be 'L' or 'R', got 'Q'"):
        Marker(letter="Q", centre=(0, 0, 0), right=(1, 0, 0), up=(0, 0, 1))
    with pytest.raises(ValueError, match="height_mm must be a finite number above 0"):
        Marker(letter="L", centre=(0, 0, 0), right=(1, 0, 0), up=(0, 0, 1), height_mm=0)
