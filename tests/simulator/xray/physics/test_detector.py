"""Sharpness measured on an edge through the whole chain, absorption, and the bands' convolutions."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image.pulse import expose
from simulator.xray.image.scene import Scene
from simulator.xray.numerics import row_bands
from simulator.xray.physics import tables
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel, absorption, blur_taps, mtf
from simulator.xray.physics.technique import Technique
from tests.simulator.water import slab, view

MTF_AT_1_PER_MM = (0.55, 0.70)  # on a 1024 matrix of 300 mm
SLANT = 0.05  # the edge's slope against the columns: it samples the spread finer than a pixel


def edge_response(carm: CArm) -> NDArray[np.float64]:
    """MTF at 0, 0.25, 0.5 ... 1.25 per mm by a slanted edge of half a per cent of contrast, through exposure at high dose."""
    rows, columns = np.indices(carm.shape)
    centre = (carm.shape[1] - 1) / 2
    offset = (columns - centre) - SLANT * (rows - centre)  # pixels, along the row
    lines = slab(carm) * (1 + np.where(offset > 0, np.float32(1e-3), 0))
    pulse = expose(Scene(anatomy=lines), carm, Technique(grid=True), Collimator(), Panel())
    flat = expose(Scene(anatomy=slab(carm)), carm, Technique(grid=True), Collimator(), Panel())
    relative = pulse.mean.astype(np.float64) / flat.mean
    middle = slice(carm.shape[0] // 4, 3 * carm.shape[0] // 4)
    bins = np.round(offset[middle] * 4).astype(int)  # quarter pixels
    within = np.abs(bins) <= 80
    profile = np.bincount(bins[within] + 80, relative[middle][within]) / np.bincount(bins[within] + 80)
    spread = np.diff(profile)
    positions_mm = (np.arange(len(spread)) - len(spread) / 2) * carm.pixel_mm / 4
    frequency = np.arange(0, 1.5, 0.25)
    transform = np.abs(np.exp(-2j * np.pi * np.outer(frequency, positions_mm)) @ spread)
    return np.asarray(transform / transform[0] / np.sinc(frequency * carm.pixel_mm / 4) ** 2)  # bins and differences


def test_edge_through_the_chain_is_as_sharp_as_a_flat_panel() -> None:
    response = edge_response(view(1024))
    assert MTF_AT_1_PER_MM[0] <= response[4] <= MTF_AT_1_PER_MM[1]
    assert all(before > after for before, after in pairwise(response))


@pytest.mark.parametrize("pixel_mm", [0.146, 0.2246, 0.293, 0.586])
def test_taps_reproduce_the_mtf(pixel_mm: float) -> None:
    taps = np.array(blur_taps(Panel(), pixel_mm, 0.129))
    frequency = np.linspace(0.1, min(1.2, 0.5 / pixel_mm), 20)
    waves = np.cos(2 * np.pi * np.outer(frequency * pixel_mm, np.arange(len(taps))))
    response = waves @ (taps * np.where(np.arange(len(taps)) == 0, 1, 2))
    assert taps[0] + 2 * taps[1:].sum() == pytest.approx(1)
    np.testing.assert_allclose(response, mtf(Panel(), frequency, pixel_mm, 0.129), atol=0.1)  # worst at Nyquist


def test_a_larger_focal_spot_blurs_more() -> None:
    assert blur_taps(Panel(), 0.293, 0.26)[0] < blur_taps(Panel(), 0.293, 0.13)[0]


@pytest.mark.parametrize(("screen_mm", "efficiency"), [(0.4, 0.78), (0.5, 0.84), (0.6, 0.88)])
def test_absorption_at_rqa5(screen_mm: float, efficiency: float) -> None:
    from simulator.xray.physics.materials import linear_attenuation_per_mm
    from simulator.xray.physics.spectra import photons

    beam = photons(70.0, 0.0) * np.exp(-linear_attenuation_per_mm("aluminium") * 20.5)  # 3.0 + 20.5 = 2.5 + 21 mm
    absorbed = np.average(absorption(Panel(screen_mm=screen_mm, packing=0.75)), weights=beam)
    assert absorbed == pytest.approx(efficiency, abs=0.02)
    assert len(absorption(Panel())) == len(tables.energy_kev())


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("taps", [(0.6, 0.2), (0.4, 0.2, 0.08, 0.02)])
def test_band_convolutions_agree_with_scipy(taps: tuple[float, ...], step: int, rng: np.random.Generator) -> None:
    from scipy.ndimage import correlate1d

    halo = step * (len(taps) - 1)
    kernel = np.zeros(2 * halo + 1)
    for reach, tap in enumerate(taps):
        kernel[halo - reach * step] = kernel[halo + reach * step] = tap
    image = rng.normal(size=(20, 33)).astype(np.float32)
    out, spare = np.empty_like(image), np.empty_like(image)
    row_bands.blur_columns(image, taps, out, spare, step)
    np.testing.assert_allclose(out, correlate1d(image.astype(float), kernel, axis=1, mode="nearest"), atol=1e-5)
    tall = rng.normal(size=(20 + 2 * halo, 33)).astype(np.float32)
    row_bands.blur_rows(tall, taps, out, spare, step)
    np.testing.assert_allclose(out, correlate1d(tall.astype(float), kernel, axis=0)[halo : halo + 20], atol=1e-5)


def test_impossible_panels_are_refused() -> None:
    with pytest.raises(ValueError, match="Panel needs"):
        Panel(swank=1.5)
