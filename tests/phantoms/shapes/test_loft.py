"""Lofts: a cylinder told as a table has its radius, its volume and a closed mesh."""

import numpy as np
import pytest

from phantoms.mesh.topology import euler_number, is_closed, volume_mm3
from phantoms.shapes.loft import Loft


@pytest.fixture
def cylinder():
    return Loft(z_mm=np.linspace(-50, 50, 21), axis_y_mm=np.full(21, 7.0), radius_mm=np.full((21, 120), 30.0))


def test_distance_of_a_cylinder(cylinder, rng):
    points = rng.uniform([-40, -40, -45], [40, 40, 45], (200, 3))
    side = np.hypot(points[:, 0], points[:, 1] - 7) - 30
    ends = np.abs(points[:, 2]) - 50
    np.testing.assert_allclose(cylinder(points), np.maximum(side, ends), atol=1e-9)


def test_mesh_is_a_closed_outward_cylinder(cylinder):
    vertices, faces = cylinder.mesh(5.0)
    assert is_closed(vertices, faces)
    assert euler_number(faces) == 2
    # A prism of chords of 4.7 mm in a circle of 30 mm is 0.4 % smaller.
    assert volume_mm3(vertices, faces) == pytest.approx(np.pi * 900 * 100, rel=0.01)


def test_mesh_lies_on_the_surface(cylinder):
    vertices, _ = cylinder.mesh(5.0)
    side = np.abs(vertices[:, 2]) < 49.9
    np.testing.assert_allclose(cylinder(vertices[side]), 0.0, atol=1e-9)


def test_inset_lies_its_depth_inside(cylinder):
    inner = cylinder.inset(2.0)
    np.testing.assert_allclose(inner.radius_mm, 28.0)
    assert (cylinder(inner.rings().reshape(-1, 3)) < -0.9).all()
