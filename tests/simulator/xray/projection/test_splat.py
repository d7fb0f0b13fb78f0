"""Contrast medium and texture: closed forms, nothing lost, no lattice in the picture."""

import numpy as np
import pytest

from simulator.geometry import CArm, Grid
from simulator.geometry.carm import project_points, ray_directions
from simulator.xray.overlays.iodine import draw_iodine, iodine_mg_cm2, view_cells
from simulator.xray.projection.splat import splat_blobs

SPLINE_RTOL = 0.08  # two B-splines of a Gaussian's width in place of it: 7.5 % higher in the middle
LATTICE_RTOL = 0.02  # ripple that is left of the cells
WIDTH_RTOL = 0.35  # blobs within a factor 1.25 of width are drawn together: 25 % of height; and the splines' 8 % either way


def _slab(shape, value=10.0, spacing=(1.0, 1.0, 1.0)) -> Grid:
    origin = -(np.array(shape) - 1) / 2 * spacing
    return Grid(origin=origin, spacing=spacing, axes=np.eye(3), values=np.full(shape, value))


@pytest.mark.parametrize("size", [256, 512, 1024])
@pytest.mark.parametrize("oblique_deg", [0, 30])
def test_slab_of_medium_reads_concentration_times_thickness(size, oblique_deg):
    carm = CArm.from_angles(size=size, oblique_deg=oblique_deg)
    image = iodine_mg_cm2(_slab((80, 20, 80)), carm)
    middle = slice(int(0.46 * size), int(0.54 * size))
    expected = 10 * 2.0 / np.abs(ray_directions(carm)[middle, middle, 1])  # 10 mg/mL x 20 mm
    np.testing.assert_allclose(image[middle, middle], expected, rtol=LATTICE_RTOL)


def test_medium_is_neither_lost_nor_made():
    carm = CArm.from_angles(size=512)
    field = _slab((5, 5, 5), 300.0, (0.8, 1.0, 1.2))
    image = iodine_mg_cm2(field, carm)
    area_cm2 = (carm.pixel_mm * 0.7) ** 2 / 100
    assert image.sum() * area_cm2 == pytest.approx(300 * field.cell_ml * 125, rel=1e-3)


def test_turned_grid_lands_where_it_lies():
    carm = CArm.from_angles(size=512)
    axes = np.array([[0, 0, 1.0], [1, 0, 0], [0, 1, 0]])
    field = Grid(origin=(30, 0, 40), spacing=(1, 1, 1), axes=axes, values=np.ones((1, 1, 1)))
    row, column = np.unravel_index(iodine_mg_cm2(field, carm).argmax(), carm.shape)
    per_mm = 1 / (0.7 * carm.pixel_mm)
    assert (row, column) == pytest.approx((255.5 - 40 * per_mm, 255.5 - 30 * per_mm), abs=1)


def test_no_medium_no_mark_also_outside_the_field():
    carm = CArm.from_angles(size=64)
    assert not iodine_mg_cm2(_slab((3, 3, 3), 0.0), carm).any()
    far = Grid(origin=(500, 0, 0), spacing=(1, 1, 1), axes=np.eye(3), values=np.ones((2, 2, 2)))
    assert not iodine_mg_cm2(far, carm).any()


def test_medium_that_spreads_is_drawn_from_kept_cells(rng):
    carm = CArm.from_angles(size=300, oblique_deg=20)
    field = Grid(origin=(-5, 0, -8), spacing=(0.8, 1.0, 0.9), axes=np.eye(3), values=rng.uniform(1, 300, (12, 9, 20)))
    kept = view_cells(field, carm)
    np.testing.assert_array_equal(draw_iodine(kept, field.values), iodine_mg_cm2(field, carm))
    spread = np.where(rng.random(field.values.shape) < 0.3, 2 * field.values, 0.0)
    anew = iodine_mg_cm2(Grid(origin=field.origin, spacing=field.spacing, axes=field.axes, values=spread), carm)
    np.testing.assert_allclose(draw_iodine(kept, spread), anew, atol=LATTICE_RTOL * anew.max())
    assert not draw_iodine(kept, 0 * spread).any()


def test_only_the_cells_asked_for_are_drawn():
    carm, field = CArm.from_angles(size=128), _slab((4, 4, 4))
    half = view_cells(field, carm, np.arange(32))
    assert draw_iodine(half, field.values).sum() == pytest.approx(iodine_mg_cm2(field, carm).sum() / 2, rel=0.02)  # magnified otherwise
    far = Grid(origin=(500, 0, 0), spacing=(1, 1, 1), axes=np.eye(3), values=np.ones((2, 2, 2)))
    assert not draw_iodine(view_cells(far, carm), far.values).any()


@pytest.mark.parametrize("sigma_mm", [0.6, 1.1, 2.5])
def test_blob_is_a_gaussian(sigma_mm):
    carm = CArm.from_angles(size=1025)
    image = splat_blobs(np.array([[0.0, 0.0, 0.0]]), np.array([sigma_mm]), np.array([[0.5]]), carm)[0]
    offset_mm = (np.arange(1025) - 512) * carm.pixel_mm * 0.7
    expected = 0.5 * np.sqrt(2 * np.pi) * sigma_mm * np.exp(-(offset_mm**2) / (2 * sigma_mm**2))
    np.testing.assert_allclose(image[512], expected, atol=SPLINE_RTOL * expected.max())
    assert image.sum() * (carm.pixel_mm * 0.7) ** 2 == pytest.approx(0.5 * np.sqrt(2 * np.pi) ** 3 * sigma_mm**3, rel=2e-3)


def test_blobs_of_many_widths_add_up(rng):
    carm = CArm.from_angles(size=400)
    centres, sigma_mm = rng.uniform(-60, 60, (60, 3)), rng.uniform(0.5, 2.5, 60)
    amplitude = rng.choice((-1.0, 1.0), size=(60, 1))
    together = splat_blobs(centres, sigma_mm, amplitude, carm)
    apart = sum(splat_blobs(centres[[i]], sigma_mm[[i]], amplitude[[i]], carm) for i in range(60))
    assert np.abs(together - apart).max() < WIDTH_RTOL * 2.5 * np.sqrt(2 * np.pi)
    assert together.sum() == pytest.approx(apart.sum(), abs=0.01 * float(np.abs(apart).sum()))


def test_texture_is_the_sum_of_its_gaussians(rng):
    """Thousands of blobs of about one width, as bone has them: what the splines leave averages out."""
    carm = CArm.from_angles(size=256, field_mm=100)
    centres, sigma_mm, amplitude = rng.uniform(-40, 40, (3000, 3)), rng.uniform(0.8, 0.95, 3000), rng.normal(size=3000)
    image = splat_blobs(centres, sigma_mm, amplitude[:, None], carm)[0]
    pixels, depth_mm = project_points(carm, centres)
    sigma = sigma_mm * carm.source_to_image_mm / carm.pixel_mm / depth_mm
    down, across = (np.exp(-0.5 * ((np.arange(256) - place[:, None]) / sigma[:, None]) ** 2) for place in pixels.T[::-1])
    direct = (amplitude * np.sqrt(2 * np.pi) * sigma_mm * down.T) @ across
    assert (image - direct).std() < 0.1 * direct.std()


def test_each_channel_gets_its_share(rng):
    carm = CArm.from_angles(size=256)
    centres, sigma_mm, amplitude = rng.uniform(-40, 40, (30, 3)), rng.uniform(0.8, 2.0, 30), rng.choice((-1.0, 1.0), size=30)
    shares = np.where(np.arange(30)[:, None] < 20, [0.1, 0.2], [0.0, 1.0])  # two tissues
    together = splat_blobs(centres, sigma_mm, amplitude[:, None] * shares, carm)
    for channel in (0, 1):
        alone = splat_blobs(centres, sigma_mm, (amplitude * shares[:, channel])[:, None], carm)[0]
        np.testing.assert_allclose(together[channel], alone, atol=WIDTH_RTOL * 2.0 * np.sqrt(2 * np.pi))
    many = splat_blobs(centres, sigma_mm, rng.normal(size=(30, 2)), carm)  # every blob another mixture
    assert many.any(axis=(1, 2)).all()
