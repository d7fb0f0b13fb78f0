"""Needles and rods against closed forms, end-on and from the side."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.geometry import CArm, PolylineTube
from simulator.xray.overlays.needle_shadow import GAUGES_MM, Needle, gauge_needle, needle_mm, rod_mm
from simulator.xray.projection.projection import project
from tests.simulator.solids import prism

SAMPLING_RTOL = 0.02  # at least 7 rays across a rod


def _volume_mm3(image: np.ndarray, carm: CArm, depth_mm: float) -> float:
    """Steel in the image, for a small thing at one depth."""
    return float(image.sum()) * (carm.pixel_mm * depth_mm / carm.source_to_image_mm) ** 2


@pytest.mark.parametrize("size", [256, 512, 1024])
@pytest.mark.parametrize("turn_deg", [0, 17, 45, 90])
def test_area_average_keeps_the_steel(size, turn_deg):
    carm, turn = CArm.from_angles(size=size), np.deg2rad(turn_deg)
    end = 40 * np.array([np.cos(turn), 0, np.sin(turn)])
    image = rod_mm(PolylineTube(axis=[-end, end], radius_mm=0.36), carm)
    assert _volume_mm3(image, carm, 700) == pytest.approx(np.pi * 0.36**2 * 80, rel=SAMPLING_RTOL)


def test_thick_rod_is_the_mesh_of_a_cylinder():
    carm = CArm.from_angles(oblique_deg=35, tilt_deg=20, size=256, field_mm=80)
    rod = rod_mm(PolylineTube(axis=[(0, 0, -15), (0, 0, 15)], radius_mm=6), carm)
    mesh = project(prism(6, 15), carm)
    assert rod.sum() == pytest.approx(mesh.sum(), rel=1e-3)
    assert np.abs(rod - mesh).mean() < 0.01
    assert rod.max() == pytest.approx(mesh.max(), rel=1e-3)


def test_joints_of_a_bent_rod_neither_gap_nor_overlap():
    carm = CArm.from_angles(size=1024, field_mm=60)
    turn = np.linspace(0, np.pi / 2, 12)
    arc = 15 * np.column_stack((np.cos(turn), np.zeros(12), np.sin(turn)))
    image = rod_mm(PolylineTube(axis=arc, radius_mm=0.5), carm)
    length_mm = np.linalg.norm(np.diff(arc, axis=0), axis=1).sum()
    assert _volume_mm3(image, carm, 700) == pytest.approx(np.pi * 0.25 * length_mm, rel=SAMPLING_RTOL)
    assert image.max() < 1.05


@pytest.mark.parametrize("gauge", sorted(GAUGES_MM))
def test_stylet_fills_the_bore(gauge):
    carm = CArm.from_angles(size=512)
    hollow = gauge_needle(gauge, [(0, 0, 60), (0, 0, -30)], stylet=False, hub=False)
    empty, full = needle_mm(hollow, carm), needle_mm(replace(hollow, stylet=True), carm)
    outer_mm, inner_mm = GAUGES_MM[gauge]
    middle = slice(200, 250)
    wall = np.pi / 4 * (outer_mm**2 - inner_mm**2)
    across = empty[middle].sum(axis=1) * carm.pixel_mm * 0.7
    np.testing.assert_allclose(across, wall, rtol=SAMPLING_RTOL)
    assert (full >= empty).all()
    assert full[middle].sum() > 1.1 * empty[middle].sum()


@pytest.mark.parametrize("off_deg", [0.0, 0.7, 2.0])
def test_coaxial_needle_is_a_dot_inside_its_hub(off_deg):
    """Down the barrel (issue 2): the shaft's steel stays within the hub's outline, and both are small."""
    carm = CArm.from_angles(size=512)
    off = np.deg2rad(off_deg)
    away = np.array([np.sin(off), np.cos(off), 0])
    needle = gauge_needle(22, [100 * away, 10 * away])
    shaft, whole = needle_mm(replace(needle, hub=False), carm), needle_mm(needle, carm)
    hub = (whole - shaft) > 0.05
    rows, columns = np.nonzero(hub)
    steel_rows, steel_columns = np.nonzero(shaft > 1.0)
    assert steel_rows.min() > rows.min()
    assert steel_rows.max() < rows.max()
    assert steel_columns.min() > columns.min()
    assert steel_columns.max() < columns.max()
    assert shaft.max() > 10  # looked at along its length
    assert np.ptp(rows) * carm.pixel_mm < 20


def test_bevel_opens_to_the_notch():
    carm = CArm.from_angles(size=1024, field_mm=40)
    needle = gauge_needle(18, [(0, 0, 40), (0, 0, 0)], notch=(1, 0, 0), hub=False)
    image = needle_mm(needle, carm)
    near_tip = image[505:512]  # just above the tip, which is drawn at row 511.5
    columns = (near_tip.sum(axis=0) * np.arange(1024)).sum() / near_tip.sum()
    assert columns > 512 + 5  # the point is on the wall away from the notch: the patient's left is at the image's left
    assert (image[515:] == 0).all()


def test_notch_shows_on_the_flange():
    carm = CArm.from_angles(size=512, field_mm=100)
    needle = gauge_needle(22, [(0, 10, 0), (0, -60, 0)], notch=(0, 0, 1))
    image = needle_mm(needle, carm) > 0.005
    middle = 255.5
    rows = np.nonzero(image.any(axis=1))[0]
    assert middle - rows.min() < rows.max() - middle - 8  # cut away above, where cranial is


def test_outside_the_field_nothing_is_drawn():
    carm = CArm.from_angles(size=128)
    assert not needle_mm(gauge_needle(22, [(300, 0, 0), (300, 0, 50)]), carm).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gauge_needle(3, [(0, 0, 0), (0, 0, 1)]), "gauge must be one of 16, 17"),
        (lambda: gauge_needle(22, [(0, 0, 0), (0, 0, 9)], notch=(0, 0, 1)), "notch must point across the shaft"),
        (
            lambda: Needle(shaft=PolylineTube(axis=[(0, 0, 0), (0, 0, 9)], radius_mm=0.3), bore_radius_mm=0.3, notch=(1, 0, 0)),
            "from 0 to below 0.3",
        ),
        (lambda: needle_mm(gauge_needle(22, [(0, -900, 0), (0, 0, 0)]), CArm.from_angles(size=8)), "in front of the source"),
    ],
)
def test_bad_needles_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
