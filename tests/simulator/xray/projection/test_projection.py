"""Path lengths against closed forms, a ray caster and the laws of projection."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from phantoms.mesh.edge_subdivision import split_long_edges
from phantoms.terms.surface import Surface
from simulator.geometry import CArm
from simulator.geometry.carm import ray_directions, world_from_carm
from simulator.xray.projection.edges import build_edge_mesh
from simulator.xray.projection.projection import Projector, project
from tests.simulator.solids import box, cast, prism, sphere, surface, torus

REFERENCE = Path(__file__).parents[5] / "shared" / "reference" / "lumbar_mean_L2_L5.npz"
OUTSIDE_MM = 1e-6  # what a ray outside every surface may read (issue 2)
CAST_MM = 0.05  # against a ray caster, on 99.9 % of the pixels (issue 2)
FACET_RTOL = 1e-3  # 20,000 points on a sphere, 360 sides of a cylinder: sagitta 4e-4 and 4e-5 of the radius
AFFINE_MM = 0.07  # depth is taken as affine in a face up to 14 mm deep: 14^2 / (4 x 700)
SNAP_MM = 1e-5  # vertices are drawn to 2^-24 pixel and mm; a rim pixel's length changes by slope x that


def _oblique(**changes) -> CArm:
    return CArm.from_angles(oblique_deg=23, tilt_deg=-11, swivel_deg=4, **{"size": 128, **changes})


def _chord_mm(carm: CArm, radius_mm: float) -> np.ndarray:
    """Length of each ray inside a sphere about the origin."""
    miss_mm = np.linalg.norm(np.cross(-carm.source, ray_directions(carm)), axis=-1)
    return 2 * np.sqrt(np.clip(radius_mm**2 - miss_mm**2, 0, None))


@pytest.mark.parametrize("angles", [(0, 0), (40, 0), (90, 10), (-120, -35)])
def test_sphere_is_its_chords(angles):
    carm = CArm.from_angles(oblique_deg=angles[0], tilt_deg=angles[1], size=201)
    lengths, chords = project(sphere(50), carm), _chord_mm(carm, 50)
    sagitta_mm = 0.01  # facets of 1.4 mm on a radius of 50 mm
    inner = chords > 10  # nearer the rim the facets' outline decides
    assert (np.abs(lengths - chords)[inner] < 4 * sagitta_mm * 50 / chords[inner] + AFFINE_MM).all()
    assert lengths[100, 100] == pytest.approx(100, rel=FACET_RTOL)
    assert lengths.sum() == pytest.approx(chords.sum(), rel=FACET_RTOL)
    assert np.abs(lengths[chords == 0]).max() < OUTSIDE_MM


@pytest.mark.parametrize("oblique_deg", [0, 90, 180, -90])
@pytest.mark.parametrize("size", [100, 101])
def test_box_seen_square_on_is_its_depth_over_the_rays_cosine(oblique_deg, size):
    carm = CArm.from_angles(oblique_deg=oblique_deg, size=size)
    lengths = project(box((60, 60, 60)), carm)
    cosine = ray_directions(carm) @ carm.normal
    through = (lengths * cosine) > 60 - 1e-6
    assert through.sum() == (np.abs(project_front(carm, size)) < 30).all(axis=-1).sum()
    assert lengths[0, 0] == 0


def project_front(carm: CArm, size: int) -> np.ndarray:
    """Where each ray meets the plane 30 mm beyond the origin, which is where a box of 60 mm is widest in the image's cone."""
    offset_mm = (np.arange(size) - (size - 1) / 2) * carm.pixel_mm
    near = offset_mm * (700 + 30) / 1000
    return np.stack(np.meshgrid(near, near), axis=-1)


@pytest.mark.parametrize("tilt_deg", [0, 20, 45])
def test_slab_is_its_thickness_over_the_cosine(tilt_deg):
    carm = CArm.from_angles(tilt_deg=tilt_deg, size=65, field_mm=100)
    lengths = project(box((400, 10, 400)), carm)
    np.testing.assert_allclose(lengths, 10 / np.abs(ray_directions(carm)[..., 1]), rtol=FACET_RTOL)
    assert lengths[32, 32] == pytest.approx(10 / np.cos(np.deg2rad(tilt_deg)), rel=1e-5)


def test_tube_is_the_difference_of_two_cylinders():
    carm = CArm.from_angles(size=201, field_mm=80)
    outer, inner = prism(10, 60), prism(7, 60)
    wall = Projector([outer, inner], [[1.0], [-1.0]]).project(carm)[0]
    middle = 2 * (10 - 7)
    assert wall[100, 100] == pytest.approx(middle, rel=FACET_RTOL)
    directions = ray_directions(carm)[100]
    miss_mm = np.abs(np.cross(-carm.source, directions)[:, 2])  # the rays of the middle row cross the axis at right angles
    expected = 2 * (np.sqrt(np.clip(100 - miss_mm**2, 0, None)) - np.sqrt(np.clip(49 - miss_mm**2, 0, None)))
    clear = (np.abs(miss_mm - 10) > 0.3) & (np.abs(miss_mm - 7) > 0.3)
    np.testing.assert_allclose(wall[100, clear], expected[clear], rtol=FACET_RTOL * 4, atol=1e-4)


@pytest.mark.parametrize("solid", [torus(40, 15), box((30, 50, 80), (10, -5, 20)), sphere(45, (20, 0, -30), 3000)], ids=lambda s: s.name)
def test_lengths_agree_with_a_ray_caster(solid, rng):
    for _ in range(3):
        carm = CArm.from_angles(
            oblique_deg=rng.uniform(-180, 180), tilt_deg=rng.uniform(-45, 45), swivel_deg=rng.uniform(-30, 30), size=256
        )
        columns, rows = rng.integers(0, 256, (2, 1500))
        miss_mm = np.abs(project(solid, carm)[rows, columns] - cast(solid, carm, columns, rows))
        assert np.quantile(miss_mm, 0.999) < CAST_MM


@pytest.mark.slow
@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference spine lies beside the checkout, in ../shared")
def test_lengths_of_the_reference_spine_agree_with_a_ray_caster(rng):
    with np.load(REFERENCE) as spine:
        bones = surface(spine["vertices"], spine["faces"])
    for oblique_deg, size in ((0, 512), (90, 512), (25, 1024)):
        carm = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=10, size=size)
        lengths = project(bones, carm)
        rows, columns = (where[rng.integers(0, len(where), 1000)] for where in [np.nonzero(lengths > 0)] for where in where)
        miss_mm = np.abs(lengths[rows, columns] - cast(bones, carm, columns, rows))
        assert np.quantile(miss_mm, 0.999) < CAST_MM


def test_rays_outside_read_zero_in_any_pose(rng):
    solids = [torus(40, 15), box((30, 50, 80)), sphere(30, (0, 0, 90), 2000)]
    projector = Projector(solids, np.ones((3, 1)), full_detail=True)
    for _ in range(300):
        carm = _random_view(rng)
        assert _stray_mm(projector, solids, carm) < OUTSIDE_MM


def test_faces_seen_edge_on_leave_no_streak(rng):
    """Boxes turned to right angles have every side edge-on somewhere; jitter of rounding size is the worst case."""
    solid = box((60, 40, 80))
    for jitter_deg in (0, 1e-14, 1e-12, 1e-10, 1e-8, 1e-6, 1e-4):
        for oblique_deg, tilt_deg in ((0, 0), (90, 0), (0, 90), (45, 0), (0, 45)):
            wobble = rng.uniform(-1, 1, 2) * jitter_deg
            tilt_deg = min(90.0, tilt_deg + wobble[1])
            carm = CArm.from_angles(oblique_deg=oblique_deg + wobble[0], tilt_deg=tilt_deg, size=96, isocentre=(30, 0, 0))
            lengths = project(solid, carm)
            assert lengths.min() > -OUTSIDE_MM
            assert np.abs(lengths[-1]).max() < OUTSIDE_MM
            assert lengths.max() < np.linalg.norm((60, 40, 80))


def _random_view(rng: np.random.Generator) -> CArm:
    return CArm.from_angles(
        oblique_deg=rng.uniform(-180, 180),
        tilt_deg=rng.uniform(-90, 90),
        swivel_deg=rng.uniform(-45, 45),
        isocentre=rng.uniform(-60, 60, 3),
        field_mm=rng.uniform(150, 450),
        size=96,
    )


def _stray_mm(projector: Projector, solids: list[Surface], carm: CArm) -> float:
    """Largest reading of the rays that pass every solid's sphere of vertices by."""
    lengths, outside, directions = projector.project(carm)[0], True, ray_directions(carm)
    for solid in solids:
        centre = solid.vertices.mean(axis=0)
        radius_mm = np.linalg.norm(solid.vertices - centre, axis=1).max()
        outside = outside & (np.linalg.norm(np.cross(centre - carm.source, directions), axis=-1) > radius_mm)
    return max(np.abs(lengths[outside]).max(initial=0), -lengths.min())


def test_surfaces_add_up_with_their_weights():
    solids, carm = [torus(40, 15), box((30, 50, 80)), sphere(30, (0, 20, 60), 2000)], _oblique()
    weights = np.array([[1.0, 0.5], [-0.3, 2.0], [0.0, -1.0]])
    together = Projector(solids, weights, full_detail=True).project(carm)
    alone = [Projector([solid], [[1.0]], full_detail=True).project(carm)[0] for solid in solids]
    apart = np.einsum("sc,sij->cij", weights, alone)
    np.testing.assert_allclose(together, apart, atol=2e-5)  # float32 of 200 mm


def test_a_split_surface_is_the_sum_of_its_parts():
    carm = _oblique()
    whole = project(box((40, 30, 20)), carm)
    parts = project(box((20, 30, 20), (-10, 0, 0)), carm) + project(box((20, 30, 20), (10, 0, 0)), carm)
    np.testing.assert_allclose(whole, parts, atol=AFFINE_MM)


def test_moving_world_and_carm_together_changes_nothing():
    solid, carm = torus(40, 15), _oblique()
    turn, shift = world_from_carm(70, -30, 15), np.array([11.0, -7.0, 23.0])
    moved = surface(solid.vertices @ turn.T + shift, solid.faces)
    carm_moved = replace(
        carm,
        source=turn @ carm.source + shift,
        detector=turn @ carm.detector + shift,
        right=turn @ carm.right,
        down=turn @ carm.down,
    )
    difference_mm = np.abs(project(moved, carm_moved) - project(solid, carm))
    assert np.quantile(difference_mm, 0.999) < SNAP_MM


@pytest.mark.parametrize("sod_mm", [600, 700, 850])
def test_shadow_is_magnified_by_sid_over_sod(sod_mm):
    carm = CArm.from_angles(sod_mm=sod_mm, size=1000)
    shadow = project(sphere(20), carm)[500] > 0
    tangent = 20 / np.sqrt(sod_mm**2 - 20**2)  # a ball's outline is where rays touch it
    assert shadow.sum() * carm.pixel_mm == pytest.approx(2 * 1000 * tangent, abs=2 * carm.pixel_mm)


def test_a_finer_detector_sees_the_same_at_the_same_places():
    coarse, fine = _oblique(size=101), _oblique(size=303)
    np.testing.assert_allclose(project(torus(40, 15), fine)[1::3, 1::3], project(torus(40, 15), coarse), atol=SNAP_MM)


def test_a_mirrored_view_is_the_mirror_image():
    carm = _oblique()
    mirrored = replace(carm, right=-carm.right)
    np.testing.assert_allclose(project(torus(40, 15), mirrored)[:, ::-1], project(torus(40, 15), carm), atol=SNAP_MM)


def test_threads_do_not_change_a_bit():
    solids, weights = [torus(40, 15), box((30, 50, 80)), sphere(60)], [[1.0, 0.3], [0.2, 0.7], [-0.1, 0.9]]
    images = [Projector(solids, weights, threads=threads).project(_oblique(size=200)) for threads in (1, 2, 3)]
    assert np.array_equal(images[0], images[1])
    assert np.array_equal(images[0], images[2])


def test_what_lies_outside_the_field_leaves_no_mark():
    near, carm = sphere(10, number=500), _oblique(field_mm=60)
    alone = Projector([near], [[1.0]], full_detail=True).project(carm)[0]
    for far in ((150, 0, 0), (-150, 0, 0), (0, 0, 150), (0, 0, -150)):
        both = Projector([near, sphere(15, far, 500)], np.ones((2, 1)), full_detail=True).project(carm)[0]
        np.testing.assert_allclose(both, alone, atol=1e-5)


@pytest.mark.parametrize("solid", [torus(40, 15), box((120, 60, 160)), sphere(60, (20, 0, -30), 3000)], ids=lambda s: s.name)
def test_a_window_shows_what_the_whole_image_shows_there(solid, rng):
    """Edges above the window are never looked at: the row above it is found by itself."""
    for _ in range(12):
        whole_view = replace(_random_view(rng), shape=(160, 160))
        top, left = rng.integers(10, 110, 2)
        window = _window(whole_view, top, left, 45, 38)
        whole = project(solid, whole_view)[top : top + 45, left : left + 38]
        difference_mm = np.abs(project(solid, window) - whole)
        assert np.quantile(difference_mm, 0.998) < SNAP_MM
        assert difference_mm.max() < 0.1  # a rim pixel


def test_a_window_on_a_box_seen_square_on():
    """Faces edge-on above the window, and edges along its rows and columns."""
    solid = box((120, 60, 160))
    for oblique_deg, tilt_deg in ((0, 0), (90, 0), (0, 90), (45, 0), (0, 45)):
        whole_view = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=tilt_deg, size=161)
        whole = project(solid, whole_view)
        for top in range(5, 150, 9):
            part = project(solid, _window(whole_view, top, 20, 11, 120))
            np.testing.assert_allclose(part, whole[top : top + 11, 20:140], atol=SNAP_MM)


def _window(carm: CArm, top: int, left: int, rows: int, columns: int) -> CArm:
    """Some rows and columns of a view as a view."""
    return replace(carm, detector=carm.at_pixels(left + (columns - 1) / 2, top + (rows - 1) / 2), shape=(rows, columns))


def test_splitting_long_edges_keeps_the_surface():
    solid = box((60, 40, 80))
    vertices, faces = split_long_edges(solid.vertices, solid.faces, 7.0)
    corners = vertices[faces]
    assert np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1).max() <= 7.0
    assert np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6 == pytest.approx(60 * 40 * 80)
    build_edge_mesh(vertices, faces)  # closed


def test_an_open_mesh_is_refused_with_its_place():
    solid = box((30, 30, 30))
    with pytest.raises(ValueError, match=r"solid: the mesh must be closed and wound alike, got \d+ open edges, the first at"):
        project(surface(solid.vertices, solid.faces[1:]), _oblique())
    flipped = solid.faces.copy()
    flipped[0] = flipped[0, ::-1]
    with pytest.raises(ValueError, match="closed and wound alike"):
        project(surface(solid.vertices, flipped), _oblique())


def test_a_surface_behind_the_source_is_refused():
    with pytest.raises(ValueError, match="every surface must lie in front of the source"):
        project(box((30, 2000, 30)), _oblique())


@pytest.mark.parametrize(
    ("weights", "message"),
    [([1.0], r"weights must have shape \(1, channels\)"), ([[np.nan]], "weights must be finite"), (np.ones((2, 1)), "one row per surface")],
)
def test_weights_must_fit(weights, message):
    with pytest.raises(ValueError, match=message):
        Projector([box((1, 1, 1))], weights)
    with pytest.raises(ValueError, match="needs surfaces, got none"):
        Projector([], np.ones((0, 1)))
