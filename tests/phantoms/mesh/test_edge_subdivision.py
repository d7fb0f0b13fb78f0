"""Splitting long edges: the surface stays where it is, closed."""

import numpy as np
import pytest

from phantoms.mesh.edge_subdivision import split_long_edges
from phantoms.mesh.meshing import mesh
from phantoms.mesh.topology import euler_number, is_closed, volume_mm3
from phantoms.shapes.implicit import Ellipsoid


@pytest.mark.parametrize("limit_mm", [40.0, 7.0, 2.5])
def test_closed_and_as_large_with_no_long_edge(limit_mm):
    solid = mesh(Ellipsoid(np.zeros(3), np.array([10.0, 20.0, 30.0])), 2.0, target_faces=60)
    vertices, faces = split_long_edges(*solid, limit_mm)
    assert is_closed(vertices, faces)
    assert euler_number(faces) == 2
    assert volume_mm3(vertices, faces) == pytest.approx(volume_mm3(*solid))
    corners = vertices[faces]
    assert np.linalg.norm(corners - corners[:, [1, 2, 0]], axis=2).max() <= limit_mm


def test_what_is_short_stays_as_it_is():
    solid = mesh(Ellipsoid(np.zeros(3), np.array([10.0, 20.0, 30.0])), 2.0, target_faces=60)
    vertices, faces = split_long_edges(*solid, 100.0)
    assert vertices is solid[0]
    assert faces is solid[1]


def test_a_limit_of_zero_is_refused():
    with pytest.raises(ValueError, match="limit_mm"):
        split_long_edges(np.eye(3), np.array([[0, 1, 2]]), 0.0)
