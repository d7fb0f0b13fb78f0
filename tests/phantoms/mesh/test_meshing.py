"""Meshes of implicit shapes: closed, oriented, near the shape, with nothing thin missed."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.mesh import decimation, topology
from phantoms.mesh.meshing import components, euler_number, is_closed, mesh, mesh_levels, volume_mm3
from phantoms.shapes import narrow_band
from phantoms.shapes.implicit import Carved, Ellipsoid, Placed, Tube, Union

SPHERE_MM3 = 4 / 3 * np.pi * 10**3


def ball(radius_mm: float, centre: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Ellipsoid:
    return Ellipsoid(np.array(centre), np.full(3, radius_mm))


@dataclass(frozen=True)
class BoxShape:
    """Exact distance to a box with half-sizes `half`."""

    half: tuple[float, float, float]

    @property
    def bounds(self) -> NDArray[np.float64]:
        return np.array([np.negative(self.half), self.half], dtype=float)

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        q = np.abs(points) - self.half
        return np.linalg.norm(np.maximum(q, 0.0), axis=1) + np.minimum(q.max(axis=1), 0.0)


@dataclass(frozen=True)
class Scaled:
    """A shape whose values are `factor` times the distance, as implicit vertebrae's are."""

    shape: Ellipsoid | BoxShape
    factor: float

    @property
    def bounds(self) -> NDArray[np.float64]:
        return self.shape.bounds

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.factor * self.shape(points)


def ring() -> Union:
    angle = np.linspace(0, 2 * np.pi, 25)
    return Union((Tube(np.stack([15 * np.cos(angle), 15 * np.sin(angle), 0 * angle], axis=1), 3.0),))


def test_sphere_is_closed_outward_and_of_its_volume():
    vertices, faces = mesh(ball(10.0), 0.7)
    assert is_closed(vertices, faces)
    # 0.7 mm marching flattens a 10 mm sphere by p^2 / (8 r) = 6 um, decimation by <= 0.1 mm: 3 % at the very most.
    assert volume_mm3(vertices, faces) == pytest.approx(SPHERE_MM3, rel=0.01)
    assert np.abs(np.linalg.norm(vertices, axis=1) - 10.0).max() < 0.1


SOLIDS = {"ball": (ball(8.0), 2), "torus": (ring(), 0), "shell": (Carved(ball(10.0), (ball(5.0),)), 4)}


@pytest.mark.parametrize(("shape", "euler"), SOLIDS.values(), ids=SOLIDS.keys())
def test_topology_survives_decimation(shape, euler):
    vertices, faces = mesh(shape, 0.8, max_error_mm=0.15)
    assert is_closed(vertices, faces)
    assert euler_number(faces) == euler


def test_carved_cavity_counts_as_negative_volume():
    vertices, faces = mesh(Carved(ball(10.0), (ball(5.0),)), 0.6)
    assert volume_mm3(vertices, faces) == pytest.approx(SPHERE_MM3 * (1 - 0.125), rel=0.01)


@pytest.mark.parametrize("factor", [0.4, 1.0, 1.1])
@pytest.mark.parametrize("offset", [0.0, 0.9, 1.7, 2.6])
def test_thin_plate_is_not_missed(factor, offset):
    # A 1 mm plate lies wholly inside a layer of the 4 mm coarse cells; only its values betray it.
    plate = Placed(Scaled(BoxShape((20.0, 15.0, 0.5)), factor), _shift(0.0, 0.0, offset))
    vertices, faces = mesh(plate, 1.0 / 1.5, max_error_mm=0.0)
    assert is_closed(vertices, faces)
    # Marching rounds a third of a pitch off the 140 mm of rim.
    assert volume_mm3(vertices, faces) == pytest.approx(40 * 30 * 1.0, rel=0.04)


def test_band_equals_the_full_evaluation():
    shape = Union((ball(6.0), ball(4.0, (9.0, 0.0, 0.0)), BoxShape((12.0, 1.0, 1.0))), (2.0, 1.0))
    near = narrow_band.evaluate(lambda points: shape(points)[None], shape.bounds, 0.5)
    grid = near.values[0]
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    full = shape(near.origin + index * near.pitch_mm).reshape(grid.shape)
    close = np.abs(full) < np.sqrt(3) * near.pitch_mm  # what bounds a cell that the zero crosses
    np.testing.assert_allclose(grid[close], full[close], atol=0.0051)  # 1 % of the pitch keeps values off zero
    assert ((grid < 0) == (full < 0))[np.abs(full) > 0.0051].all()


def test_band_asks_far_fewer_points_than_the_grid_has():
    asked = []

    def fields(points: NDArray[np.float64]) -> NDArray[np.float64]:
        asked.append(len(points))
        return ball(30.0)(points)[None]

    near = narrow_band.evaluate(fields, ball(30.0).bounds, 0.7)
    assert sum(asked) < 0.35 * near.values[0].size


@pytest.mark.parametrize("max_error_mm", [0.05, 0.1, 0.3])
def test_decimation_keeps_its_promise(max_error_mm):
    shape = Union((Ellipsoid(np.zeros(3), np.array([25.0, 17.0, 14.0])), Tube(np.array([[0, 14, 0], [0, 50, -10.0]]), 3.0)), (4.0,))
    fine, coarse = mesh(shape, 0.7, max_error_mm=0.0), mesh(shape, 0.7, max_error_mm=max_error_mm)
    assert len(coarse[1]) < len(fine[1]) / 3
    # Measured with the true shape at 30k points of the decimated surface; marching adds up to 0.06 mm where the fillet is sharp.
    stray = np.abs(shape(decimation.surface_samples(*coarse)))
    assert np.quantile(stray, 0.999) < max_error_mm + 0.06


def test_target_faces_is_met():
    faces = mesh(ball(20.0), 0.8, target_faces=2000)[1]
    assert len(faces) == pytest.approx(2000, abs=10)


def test_target_below_a_tetrahedron_is_refused():
    with pytest.raises(ValueError, match="target_faces must be at least 4"):
        mesh(ball(20.0), 2.0, target_faces=2)


def test_specks_are_dropped_and_pieces_kept():
    shape = Union((ball(8.0), ball(0.9, (12.0, 0.0, 0.0)), ball(3.0, (20.0, 0.0, 0.0))))
    kept = mesh(shape, 0.4, least_volume_mm3=5.0)
    assert components(kept[1], len(kept[0]))[0] == 2
    assert components(mesh(shape, 0.4, least_volume_mm3=0.1)[1], 10**6)[0] == 3


def test_surface_cut_by_its_bounds_is_still_closed():
    @dataclass(frozen=True)
    class Liar:
        bounds = np.array([[-5.0, -5.0, -5.0], [5.0, 5.0, 5.0]])

        def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
            return ball(30.0)(points)

    assert is_closed(*mesh(Liar(), 1.0))


def test_levels_are_nested_and_a_cortex_apart():
    outer, inner = mesh_levels(ball(10.0), lambda points: np.full(len(points), 1.5), 0.6)
    assert is_closed(*outer)
    assert is_closed(*inner)
    assert np.abs(np.linalg.norm(outer[0], axis=1) - 10.0).max() < 0.1
    assert np.abs(np.linalg.norm(inner[0], axis=1) - 8.5).max() < 0.1


def test_levels_where_nothing_is_deep_enough_have_no_inner_faces():
    outer, inner = mesh_levels(ball(3.0), lambda points: np.full(len(points), 4.0), 0.6)
    assert len(outer[1]) > 0
    assert inner[1].shape == (0, 3)


def test_levels_agree_with_single_meshes():
    outer, inner = mesh_levels(ball(10.0), lambda points: 0.5 + 0.1 * np.abs(points[:, 2]), 0.8, max_error_mm=0.0)
    alone = mesh(ball(10.0), 0.8, max_error_mm=0.0)
    assert np.array_equal(outer[1], alone[1])
    assert volume_mm3(*inner) < volume_mm3(*outer)


def test_same_shape_gives_same_bits():
    first, second = mesh(ring(), 0.8), mesh(ring(), 0.8)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_empty_shape_is_refused():
    with pytest.raises(ValueError, match="no surface of at least"):
        mesh(Carved(ball(3.0), (ball(5.0),)), 0.3)


@pytest.mark.parametrize(("pitch", "message"), [(0.0, "pitch_mm must be > 0, got 0.0"), (0.01, "use a larger pitch_mm")])
def test_impossible_grids_are_refused(pitch, message):
    with pytest.raises(ValueError, match=message):
        mesh(ball(30.0), pitch)


def test_bounds_must_be_finite():
    with pytest.raises(ValueError, match="finite lower and upper corner"):
        narrow_band.evaluate(lambda points: points[:, :1].T, np.array([[0, 0, 0], [np.inf, 1, 1]]), 1.0)


TETRAHEDRON = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])


def test_topology_of_a_tetrahedron():
    assert is_closed(CORNERS, TETRAHEDRON)
    assert volume_mm3(CORNERS, TETRAHEDRON) == pytest.approx(1 / 6, rel=1e-12)
    assert euler_number(TETRAHEDRON) == 2
    assert not is_closed(CORNERS, TETRAHEDRON[:3])
    assert not is_closed(CORNERS, np.concatenate([TETRAHEDRON[:3], TETRAHEDRON[3:, ::-1]]))
    assert not is_closed(CORNERS, np.concatenate([TETRAHEDRON, TETRAHEDRON]))
    assert not is_closed(CORNERS, TETRAHEDRON[:0])


def test_pieces_have_their_own_volumes():
    vertices = np.concatenate([CORNERS, 2 * CORNERS + 5])
    faces = np.concatenate([TETRAHEDRON, TETRAHEDRON + 4])
    assert components(faces, 8)[0] == 2
    np.testing.assert_allclose(topology.component_volumes_mm3(vertices, faces), [1 / 6, 8 / 6], rtol=1e-12)


def test_volume_ignores_where_the_mesh_is():
    for shift in itertools.product((0.0, 1e4), repeat=3):
        assert volume_mm3(CORNERS + shift, TETRAHEDRON) == pytest.approx(1 / 6, rel=1e-9)


def _shift(x: float, y: float, z: float) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix
