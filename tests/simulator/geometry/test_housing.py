"""Housings of a C-arm as boxes: where they stand, and whether boxes meet."""

import numpy as np
import pytest

from simulator.geometry.carm import CArm
from simulator.geometry.housing import CLEARANCE_MM, DETECTOR_MM, TUBE_MM, OrientedBox, box_between, housings, meet, surface_points

EDGE_MM = 1e-9


def make_turned_cube(degrees: float, centre: tuple[float, float, float], half_mm: float = 1.0) -> OrientedBox:
    """A cube turned about z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return OrientedBox(centre=np.array(centre), axes=np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]), half_mm=np.full(3, half_mm))


def test_cubes_on_their_corner_reach_farther() -> None:
    cube = box_between((-1, -1, -1), (1, 1, 1))
    assert not meet(cube, make_turned_cube(0.0, (2.1, 0, 0)))
    assert meet(cube, make_turned_cube(45.0, (2.1, 0, 0)))
    assert not meet(cube, make_turned_cube(45.0, (1 + np.sqrt(2) + 1e-6, 0, 0)))


def test_edges_that_cross_part_boxes_whose_faces_do_not() -> None:
    first = make_turned_cube(45.0, (0.0, 0.0, 0.0))
    x, y, z = make_turned_cube(45.0, (0.0, 0.0, 0.0)).axes
    second = OrientedBox(centre=np.array([2 * np.sqrt(2) + 0.01, 0.0, 0.0]), axes=np.stack((z, x, y)), half_mm=np.ones(3))
    assert not meet(first, second)


def test_meeting_is_mutual_and_agrees_with_points(rng: np.random.Generator) -> None:
    for _ in range(60):
        axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        first = OrientedBox(centre=rng.uniform(-3, 3, 3), axes=axes, half_mm=rng.uniform(0.5, 2.5, 3))
        second = box_between((-1, -2, -1.5), (1, 2, 1.5))
        assert meet(first, second) == meet(second, first)
        shares = rng.uniform(-1, 1, (4000, 3))
        inside = (np.abs(first.centre + (shares * first.half_mm) @ first.axes) <= second.half_mm).all(axis=1)
        assert meet(first, second) or not inside.any()


def test_surface_points_lie_on_the_surface() -> None:
    box = make_turned_cube(30.0, (5.0, 6.0, 7.0), half_mm=10.0)
    local = np.abs((surface_points(box, 4.0) - box.centre) @ box.axes.T)
    assert local.max(axis=1) == pytest.approx(np.full(len(local), 10.0))
    assert np.isclose(local, 10.0).all(axis=1).sum() == 8


def test_housings_stand_behind_the_image_plane_and_about_the_source() -> None:
    carm = CArm.from_angles(oblique_deg=90.0)
    found = housings(carm)
    low, high = (surface_points(found["detector"], 500.0)[:, 0].min(), surface_points(found["detector"], 500.0)[:, 0].max())
    assert low == pytest.approx(300.0 - CLEARANCE_MM, abs=EDGE_MM)
    assert high == pytest.approx(300.0 + DETECTOR_MM[2] + CLEARANCE_MM, abs=EDGE_MM)
    assert surface_points(found["tube"], 500.0)[:, 0].max() == pytest.approx(-700.0 + TUBE_MM / 2 + CLEARANCE_MM, abs=EDGE_MM)


def test_points_need_a_spacing() -> None:
    with pytest.raises(ValueError, match="spacing_mm"):
        surface_points(box_between((0, 0, 0), (1, 1, 1)), 0.0)
