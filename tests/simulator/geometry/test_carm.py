"""The C-arm's conventions, by right-hand tests; its laws; its refusals."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.geometry import CArm, Grid, PolylineTube
from simulator.geometry.carm import depths_mm, dicom_angles, project_points, ray_directions, same_view
from simulator.geometry.clearance import check_clear

ATOL_MM = 1e-9  # float64 algebra at 1 m

LEFT, POSTERIOR, SUPERIOR = np.eye(3)
BOX_FACES = np.array(
    [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 4], [1, 5, 4], [2, 6, 3], [3, 6, 7], [0, 4, 2], [2, 4, 6], [1, 3, 5], [3, 7, 5]]
)


def _box(half_mm: float) -> np.ndarray:
    corners = np.indices((2, 2, 2)).reshape(3, -1)[::-1].T
    return (2.0 * corners - 1) * half_mm


def _towards(carm: CArm) -> np.ndarray:
    return (carm.detector - carm.source) / np.linalg.norm(carm.detector - carm.source)


def test_neutral_has_the_detector_over_the_back_and_the_patients_left_on_the_left():
    carm = CArm.from_angles()
    np.testing.assert_allclose(_towards(carm), POSTERIOR, atol=ATOL_MM)
    np.testing.assert_allclose(carm.right, -LEFT, atol=ATOL_MM)
    np.testing.assert_allclose(carm.down, -SUPERIOR, atol=ATOL_MM)


@pytest.mark.parametrize(
    ("angles", "detector_goes"),
    [
        ({"oblique_deg": 10}, LEFT),
        ({"tilt_deg": 10}, SUPERIOR),
        ({"oblique_deg": 90, "swivel_deg": 10}, SUPERIOR),
    ],
)
def test_positive_angles_turn_the_detector_as_named(angles, detector_goes):
    assert _towards(CArm.from_angles(**angles)) @ detector_goes == pytest.approx(np.sin(np.deg2rad(10)))


def test_left_lateral_shows_posterior_at_image_right_and_tilt_only_rolls_it():
    lateral, rolled = CArm.from_angles(oblique_deg=90), CArm.from_angles(oblique_deg=90, tilt_deg=15)
    np.testing.assert_allclose(lateral.right, POSTERIOR, atol=ATOL_MM)
    np.testing.assert_allclose(_towards(rolled), _towards(lateral), atol=ATOL_MM)
    assert rolled.right @ lateral.right == pytest.approx(np.cos(np.deg2rad(15)))


@pytest.mark.parametrize(
    ("angles", "primary_deg", "secondary_deg"),
    [
        ({}, 180, 0),
        ({"oblique_deg": 90}, 90, 0),
        ({"oblique_deg": -90}, -90, 0),
        ({"oblique_deg": 30}, 150, 0),
        ({"tilt_deg": 20}, 180, 20),
    ],
)
def test_dicom_angles(angles, primary_deg, secondary_deg):
    assert dicom_angles(CArm.from_angles(**angles)) == pytest.approx((primary_deg, secondary_deg))


def test_isocentre_is_drawn_in_the_middle_and_magnified_by_sid_over_sod():
    carm = CArm.from_angles(oblique_deg=33, tilt_deg=-12, swivel_deg=7, isocentre=(4, 5, 6), size=(300, 400))
    pixels, depth_mm = project_points(carm, (4, 5, 6))
    np.testing.assert_allclose(pixels, [[199.5, 149.5]], atol=ATOL_MM)
    np.testing.assert_allclose(depth_mm, 700)
    np.testing.assert_allclose(carm.magnification((4, 5, 6)), 1000 / 700)
    assert carm.pixel_mm == pytest.approx(0.75)


def test_points_lie_on_the_ray_of_the_pixel_where_they_are_drawn():
    rng = np.random.default_rng(1)
    carm = CArm.from_angles(oblique_deg=-40, tilt_deg=25, swivel_deg=-8)
    points = rng.uniform(-80, 80, (200, 3))
    pixels, _ = project_points(carm, points)
    rays = carm.at_pixels(pixels[:, 0], pixels[:, 1]) - carm.source
    miss_mm = np.linalg.norm(np.cross(points - carm.source, rays), axis=1) / np.linalg.norm(rays, axis=1)
    assert miss_mm.max() < ATOL_MM


def test_ray_directions_are_unit_vectors_through_the_pixels():
    carm = CArm.from_angles(oblique_deg=20, size=(5, 7))
    rays = ray_directions(carm)
    pixels, _ = project_points(carm, carm.source + 500 * rays[3, 2])
    np.testing.assert_allclose(np.linalg.norm(rays, axis=-1), 1)
    np.testing.assert_allclose(pixels, [[2, 3]], atol=1e-8)


def test_fewer_pixels_show_the_same_field():
    carm = CArm.from_angles(size=(512, 256))
    half = carm.with_size((256, 128))
    np.testing.assert_allclose(half.at_pixels(-0.5, -0.5), carm.at_pixels(-0.5, -0.5), atol=ATOL_MM)
    with pytest.raises(ValueError, match=r"size must keep the proportions of \(512, 256\), got \(256, 256\)"):
        carm.with_size(256)


def test_same_view():
    carm = CArm.from_angles(oblique_deg=20)
    assert same_view(carm, CArm.from_angles(oblique_deg=20))
    assert not same_view(carm, CArm.from_angles(oblique_deg=21))
    assert not same_view(carm, replace(carm, shape=(256, 256)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"oblique_deg": 190}, "oblique_deg must be from -180 to 180, got 190"),
        ({"tilt_deg": float("nan")}, "tilt_deg must be from -90 to 90, got nan"),
        ({"swivel_deg": -91}, "swivel_deg must be from -90 to 90, got -91"),
        ({"sod_mm": 1000}, "sod_mm must be below sid_mm"),
        ({"sid_mm": -1}, "sid_mm must be a finite number above 0, got -1"),
        ({"field_mm": 0}, "field_mm must be a finite number above 0, got 0"),
        ({"size": 0}, "size must be at least 1 pixel each way, got 0 x 0"),
        ({"size": (1, 2, 3)}, "size must be one number or"),
        ({"isocentre": (0, np.inf, 0)}, "isocentre must be finite"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        CArm.from_angles(**arguments)


def test_fractions_of_pixels_are_refused():
    with pytest.raises(TypeError, match="size must be whole pixels, got 51.5"):
        CArm.from_angles(size=51.5)


def test_axes_must_be_unit_vectors_at_right_angles():
    carm = CArm.from_angles()
    with pytest.raises(ValueError, match="right must be a unit vector"):
        replace(carm, right=2 * carm.right)
    with pytest.raises(ValueError, match="at a right angle"):
        replace(carm, right=carm.down)
    with pytest.raises(ValueError, match="off the detector's plane"):
        replace(carm, source=carm.detector)


def test_points_behind_the_source_have_no_image():
    with pytest.raises(ValueError, match="in front of the source, got one at depth -100.0 mm"):
        project_points(CArm.from_angles(), (0, -800, 0))


def test_a_view_through_the_body_is_refused():
    faces = BOX_FACES
    check_clear(CArm.from_angles(oblique_deg=25), _box(150.0), faces)
    with pytest.raises(ValueError, match=r"the source at \(0, -100, 0\) mm lies inside the body"):
        check_clear(CArm.from_angles(sod_mm=100, sid_mm=800), _box(150.0), faces)
    with pytest.raises(ValueError, match="the body reaches 100 mm behind the detector"):
        check_clear(CArm.from_angles(sod_mm=950), _box(150.0), faces)


def test_depth_is_across_the_detector_not_along_the_ray():
    np.testing.assert_allclose(depths_mm(CArm.from_angles(), [(50, -200, 30)]), [500])


def test_grid_places_its_cells_and_refuses_skewed_axes():
    turned = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=float)
    grid = Grid(origin=(1, 2, 3), spacing=(1, 2, 3), axes=turned, values=np.zeros((2, 2, 2)))
    np.testing.assert_allclose(grid.centres([(1, 1, 1)]), [[4, 3, 5]])
    assert grid.cell_ml == pytest.approx(0.006)
    with pytest.raises(ValueError, match="at right angles"):
        replace(grid, axes=np.ones((3, 3)))
    with pytest.raises(ValueError, match="spacing must be above 0"):
        replace(grid, spacing=(1, 0, 1))


def test_tube_knows_its_length_and_refuses_repeated_points():
    tube = PolylineTube(axis=[(0, 0, 0), (0, 3, 4), (0, 3, 5)], radius_mm=0.36)
    assert tube.length_mm == pytest.approx(6)
    with pytest.raises(ValueError, match="must not repeat a point"):
        PolylineTube(axis=[(0, 0, 0), (0, 0, 0)], radius_mm=1)
    with pytest.raises(ValueError, match="at least 2 points, got 1"):
        PolylineTube(axis=(0, 0, 0), radius_mm=1)
