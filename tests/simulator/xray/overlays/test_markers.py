"""Lead letters: where they stand, how thick they are, and that they turn with the image."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.terms.levels import Side
from simulator.geometry import CArm
from simulator.xray.overlays.markers import LEAD_MM, Marker, is_at_left, marker_mm, side_marker


def test_left_letter_stands_at_the_patients_left():
    carm = CArm.from_angles(size=200)
    for side, half in ((Side.LEFT, slice(0, 100)), (Side.RIGHT, slice(100, 200))):
        image = marker_mm(side_marker(side, carm, at_left=is_at_left(side, carm)), carm)
        assert image[:, half].sum() == pytest.approx(image.sum())
        assert image[:60].sum() == pytest.approx(image.sum())


def test_the_letter_turns_with_the_detector():
    straight, turned = (CArm.from_angles(size=128, **angles) for angles in ({}, {"oblique_deg": 40, "tilt_deg": -20, "swivel_deg": 5}))
    images = [marker_mm(side_marker(Side.LEFT, carm, at_left=True), carm) for carm in (straight, turned)]
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
