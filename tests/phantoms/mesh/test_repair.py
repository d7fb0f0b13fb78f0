"""Meshes of scans: every small defect is mended and reported, a large one refused with its place, a sound mesh left alone."""

import numpy as np
import pytest

from phantoms.mesh.meshing import mesh
from phantoms.mesh.repair import RepairReport, repair
from phantoms.mesh.topology import Mesh, components, euler_number, is_closed, volume_mm3
from phantoms.shapes.implicit import Carved, Ellipsoid, Union

CUBE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], dtype=float)
# fmt: off
SIDES = np.array([[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
                  [2, 3, 7], [2, 7, 6], [1, 2, 6], [1, 6, 5], [0, 4, 7], [0, 7, 3]])
# fmt: on


@pytest.fixture(scope="module")
def ball() -> Mesh:
    return mesh(Ellipsoid(np.array([40.0, -10.0, 5.0]), np.full(3, 10.0)), 1.0, target_faces=1500)


def cube(size: float = 10.0, at: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Mesh:
    return CUBE * size + at, SIDES.copy()


def join(*meshes: Mesh) -> Mesh:
    offsets = np.cumsum([0, *(len(vertices) for vertices, _ in meshes[:-1])])
    faces = [part[1] + offset for part, offset in zip(meshes, offsets, strict=True)]
    return np.concatenate([part[0] for part in meshes]), np.concatenate(faces)


def soup(vertices: np.ndarray, faces: np.ndarray) -> Mesh:
    """Every face with corners of its own, as an STL file gives it."""
    return vertices[faces].reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3)


def mend(vertices: np.ndarray, faces: np.ndarray) -> tuple[Mesh, RepairReport]:
    new_vertices, new_faces, report = repair(vertices, faces, name="scan.stl")
    assert is_closed(new_vertices, new_faces)
    assert volume_mm3(new_vertices, new_faces) > 0
    return (new_vertices, new_faces), report


def test_sound_mesh_is_left_alone_and_reports_nothing(ball):
    (vertices, faces), report = mend(*ball)
    assert list(report) == []
    assert len(faces) == len(ball[1])
    assert volume_mm3(vertices, faces) == pytest.approx(volume_mm3(*ball), rel=1e-12)


def test_soup_is_welded(ball):
    (vertices, faces), report = mend(*soup(*ball))
    assert len(vertices) == len(ball[0])
    assert report.welded == 3 * len(faces) - len(vertices)
    assert list(report) == [f"welded {report.welded} vertices given twice"]


def test_single_precision_rounding_at_rims_is_welded(ball):
    vertices, faces = soup(*ball)
    rng = np.random.default_rng(3)
    (_, mended_faces), report = mend(vertices + rng.uniform(-1e-6, 1e-6, vertices.shape), faces)
    assert len(mended_faces) == len(faces)
    assert not report.holes


def test_faces_without_area_and_given_twice_are_dropped(ball):
    vertices, faces = ball
    extra = np.concatenate([faces, faces[10:13], faces[20:21, [0, 0, 1]], faces[30:31, ::-1]])
    (_, mended_faces), report = mend(vertices, extra)
    assert (report.duplicated, report.degenerate) == (4, 1)
    assert len(mended_faces) == len(faces)


def test_unused_vertices_vanish_silently(ball):
    (vertices, _), report = mend(np.concatenate([ball[0], [[np.nan, 0, 0]]]), ball[1])
    assert len(vertices) == len(ball[0])
    assert list(report) == []


def test_inconsistent_winding_is_mended_by_turning_the_fewer(ball):
    vertices, faces = ball[0], ball[1].copy()
    turned = np.random.default_rng(1).choice(len(faces), 100, replace=False)
    faces[turned] = faces[turned][:, ::-1]
    (new_vertices, new_faces), report = mend(vertices, faces)
    assert report.turned == 100
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(*ball), rel=1e-12)


def test_inside_out_mesh_is_turned(ball):
    _, report = mend(ball[0], ball[1][:, ::-1])
    assert report.inverted
    assert list(report) == ["turned the surface, which was inside out"]


@pytest.mark.parametrize("n_missing", [1, 2, 5])
def test_small_holes_are_filled_and_placed(ball, n_missing):
    vertices, faces = ball
    centroids = vertices[faces].mean(axis=1)
    target = centroids[100]
    missing = np.argsort(np.linalg.norm(centroids - target, axis=1))[:n_missing]
    (new_vertices, new_faces), report = mend(vertices, np.delete(faces, missing, axis=0))
    assert sum(np.linalg.norm(middle - target) < 3.0 for middle, _ in report.holes) >= 1
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(*ball), rel=2e-3)
    assert "filled a hole with a rim of" in list(report)[-1]
    assert euler_number(new_faces) == 2


def test_holes_that_meet_in_a_corner_are_filled_as_one(ball):
    vertices, faces = ball
    corner = faces[50, 0]
    around = np.flatnonzero((faces == corner).any(axis=1))
    second = next(face for face in around if len(np.intersect1d(faces[face], faces[around[0]])) == 1)
    (new_vertices, new_faces), report = mend(vertices, np.delete(faces, [around[0], second], axis=0))
    assert len(report.holes) == 1
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(*ball), rel=2e-3)


def test_large_hole_is_refused_with_its_place(ball):
    vertices, faces = ball
    cut = vertices[faces].mean(axis=1)[:, 2] > 5.0
    with pytest.raises(
        ValueError, match=r"scan\.stl: is open: a hole with a rim of 6\d mm at \((39|40)\.\d, -\d+\.\d, [45]\.\d\) mm"
    ) as caught:
        repair(vertices, faces[~cut], name="scan.stl")
    assert "\n" not in str(caught.value)


def test_limit_of_holes_is_the_callers(ball):
    vertices, faces = ball
    with pytest.raises(ValueError, match="more than the 1 mm that are filled"):
        repair(vertices, faces[1:], name="scan.stl", hole_mm=1.0)
    cut = vertices[faces].mean(axis=1)[:, 2] > 5.0
    assert is_closed(*repair(vertices, faces[~cut], name="scan.stl", hole_mm=100.0)[:2])


def test_cubes_that_share_an_edge_come_apart():
    (vertices, faces), report = mend(*join(cube(), cube(at=(10.0, 10.0, 0.0))))
    assert components(faces, len(vertices))[0] == 2
    assert report.split == 1
    np.testing.assert_allclose(report.split_at[0], [10, 10, 5])
    assert volume_mm3(vertices, faces) == pytest.approx(2000.0, rel=1e-12)


def test_cubes_that_share_an_edge_come_apart_whatever_their_winding():
    vertices, faces = join(cube(), cube(at=(10.0, 10.0, 0.0)))
    faces[::3] = faces[::3, ::-1]
    (new_vertices, new_faces), _ = mend(vertices, faces)
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(2000.0, rel=1e-12)


def test_cubes_that_share_a_corner_come_apart():
    (vertices, faces), report = mend(*join(cube(), cube(at=(10.0, 10.0, 10.0))))
    assert components(faces, len(vertices))[0] == 2
    assert report.split == 0


def test_fin_is_dropped():
    vertices, faces = cube()
    (_, mended_faces), report = mend(np.concatenate([vertices, [[5.0, 5.0, 14.0]]]), np.concatenate([faces, [[4, 6, 8]]]))
    assert report.fins == 1
    assert len(mended_faces) == 12


def test_fin_of_several_faces_is_dropped_whole():
    vertices, faces = cube()
    extra = np.concatenate([vertices, [[5.0, 5.0, 14.0], [5.0, 6.0, 17.0]]])
    (_, mended_faces), report = mend(extra, np.concatenate([faces, [[4, 6, 8], [6, 9, 8]]]))
    assert report.fins == 2
    assert len(mended_faces) == 12


def test_inner_wall_is_dropped():
    upper, lower = cube(), cube(at=(0.0, 0.0, -10.0))
    vertices, faces = join((upper[0], upper[1]), (lower[0], np.delete(lower[1], [2, 3], axis=0)))
    (new_vertices, new_faces), report = mend(vertices, faces)
    assert report.fins == 2
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(2000.0, rel=1e-12)
    assert euler_number(new_faces) == 2


def test_cavity_stays_a_cavity_whatever_its_winding():
    vertices, faces = mesh(Carved(Ellipsoid(np.zeros(3), np.full(3, 12.0)), (Ellipsoid(np.zeros(3), np.full(3, 6.0)),)), 1.0)
    labels = components(faces, len(vertices))[1]
    wrong = np.where((labels == 1)[:, None], faces[:, ::-1], faces)
    (new_vertices, new_faces), report = mend(vertices, wrong)
    assert report.inverted
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(vertices, faces), rel=1e-9)


def test_ball_in_a_cavity_is_solid_again():
    shape = Union(
        (
            Carved(Ellipsoid(np.zeros(3), np.full(3, 12.0)), (Ellipsoid(np.zeros(3), np.full(3, 8.0)),)),
            Ellipsoid(np.zeros(3), np.full(3, 4.0)),
        )
    )
    vertices, faces = mesh(shape, 1.0)
    (new_vertices, new_faces), report = mend(vertices, faces)
    assert not report.inverted
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(vertices, faces), rel=1e-12)


def test_specks_are_dropped(ball):
    (_, faces), report = mend(*join(ball, cube(0.2, (60.0, 0.0, 0.0))))
    assert report.specks == 1
    assert len(faces) == len(ball[1])


def test_moebius_band_is_refused():
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rim = [[(20 + s * np.cos(t / 2)) * np.cos(t), (20 + s * np.cos(t / 2)) * np.sin(t), s * np.sin(t / 2)] for t in turns for s in (-4, 4)]
    faces = []
    for i in range(24):
        a, b = 2 * i, 2 * i + 1
        c, d = (2 * i + 2, 2 * i + 3) if i < 23 else (1, 0)
        faces += [[a, c, b], [b, c, d]]
    with pytest.raises(ValueError, match=r"scan\.stl: has a one-sided sheet \(a Moebius band\) near \("):
        repair(np.array(rim), np.array(faces), name="scan.stl")


def test_flat_sheet_is_refused():
    with pytest.raises(ValueError, match=r"scan\.stl: (is open|encloses)"):
        repair(CUBE[:4] * 5, np.array([[0, 2, 1], [0, 3, 2]]), name="scan.stl")


@pytest.mark.parametrize(
    ("vertices", "faces", "message"),
    [
        (CUBE, SIDES[:0], "the mesh is empty"),
        (CUBE, SIDES + 1, r"triangles must number the 8 vertices, got 1\.\.8"),
        (CUBE, SIDES.astype(float), "triangles must be whole vertex numbers"),
        (CUBE[:, :2], SIDES, r"expected vertices \(n, 3\) and triangles \(m, 3\), got \(8, 2\)"),
        (CUBE, SIDES.reshape(-1, 4), r"got \(8, 3\) and \(9, 4\)"),
        (np.where(CUBE > 0.5, np.inf, CUBE), SIDES, "vertices must be finite, vertex"),
        (CUBE * 1e-3, SIDES, r"encloses 1e-09 mm3 only; is it a closed surface, and in mm\?"),
    ],
)
def test_what_is_no_mesh_is_refused_by_name(vertices, faces, message):
    with pytest.raises(ValueError, match=rf"scan\.stl: .*{message}"):
        repair(vertices, faces, name="scan.stl")


def test_many_defects_at_once(ball):
    rng = np.random.default_rng(5)
    vertices, faces = ball
    faces = np.delete(faces, rng.choice(len(faces), 12, replace=False), axis=0)
    turned = rng.random(len(faces)) < 0.2
    faces[turned] = faces[turned][:, ::-1]
    faces = rng.permutation(np.concatenate([faces, faces[:20]]))
    (new_vertices, new_faces), report = mend(*soup(vertices, faces))
    assert report.duplicated == 20
    assert len(report.holes) == 12
    assert volume_mm3(new_vertices, new_faces) == pytest.approx(volume_mm3(*ball), rel=2e-3)


def test_input_arrays_are_not_written(ball):
    vertices, faces = ball[0].copy(), ball[1][1:].copy()
    vertices.setflags(write=False)
    faces.setflags(write=False)
    repair(vertices, faces, name="scan.stl")


def test_two_hundred_thousand_faces_work():
    vertices, faces = mesh(Ellipsoid(np.zeros(3), np.array([60.0, 50.0, 40.0])), 0.66, max_error_mm=0.0)
    assert len(faces) > 200_000
    broken = np.delete(faces, [5, 50_000, 150_000], axis=0)
    broken[::7] = broken[::7, ::-1]
    (_, new_faces), report = mend(*soup(vertices, broken))
    assert len(report.holes) == 3
    assert len(new_faces) == len(faces)
