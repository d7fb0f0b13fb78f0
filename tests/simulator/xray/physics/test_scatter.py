"""Scatter against the Monte Carlo table, and the laws of its blur."""

import numpy as np
import pytest

from simulator.xray.physics import scatter

FIELDS_CM = (10.0, 15.0, 20.0, 30.0)
# Water thickness cm -> (without, with grid) for each field; own Monte Carlo, gap 10 cm.
MONTE_CARLO = {
    10.0: ((0.34, 0.08), (0.59, 0.11), (0.83, 0.13), (1.20, 0.15)),
    15.0: ((0.51, 0.13), (0.90, 0.17), (1.31, 0.21), (2.0, 0.26)),
    20.0: ((0.68, 0.17), (1.24, 0.24), (1.80, 0.30), (3.0, 0.40)),
    25.0: ((0.86, 0.23), (1.6, 0.32), (2.4, 0.40), (4.0, 0.53)),
    30.0: ((1.0, 0.27), (2.0, 0.41), (3.2, 0.54), (5.3, 0.7)),
    35.0: ((1.2, 0.33), (2.5, 0.48), (3.7, 0.62), (6.6, 0.9)),
}
GAPS_CM = {2.0: 3.1, 5.0: 2.6, 10.0: 1.8, 20.0: 1.0, 30.0: 0.65}  # 20 cm of water, field 20 cm, no grid
WORST = {False: 0.17, True: 0.21}  # stated errors of the fit
RMS = 0.075


@pytest.mark.parametrize("grid", [False, True])
def test_ratio_holds_the_table_within_the_stated_errors(grid: bool) -> None:
    errors = [
        float(scatter.scatter_to_primary(np.array(thickness), side**2, 10.0, grid)) / row[number][grid] - 1
        for thickness, row in MONTE_CARLO.items()
        for number, side in enumerate(FIELDS_CM)
    ]
    assert np.abs(errors).max() < WORST[grid]
    assert np.sqrt(np.square(errors).mean()) < RMS


@pytest.mark.parametrize("gap_cm", GAPS_CM)
def test_ratio_falls_with_the_air_gap(gap_cm: float) -> None:
    ratio = float(scatter.scatter_to_primary(np.array(20.0), 400.0, gap_cm, False))
    assert ratio == pytest.approx(GAPS_CM[gap_cm], rel=WORST[False])


def test_collimating_lowers_scatter() -> None:
    wide, narrow = (scatter.scatter_to_primary(np.array([20.0]), area, 15.0, True) for area in (900.0, 100.0))
    assert narrow[0] < 0.5 * wide[0]


@pytest.mark.parametrize("thickness_cm", [6.0, 20.0, 33.0])
@pytest.mark.parametrize("side", [8, 16, 32])
def test_uniform_scatter_reads_itself_in_the_middle_of_the_field(thickness_cm: float, side: int) -> None:
    field = np.zeros((32, 32))
    field[16 - side // 2 : 16 + side // 2, 16 - side // 2 : 16 + side // 2] = 1
    out = scatter.spread(3.0 * field, np.full((32, 32), thickness_cm), field, (300.0, 300.0))
    assert out.max() == pytest.approx(3.0, rel=1e-9)
    assert out[0, 0] < out[16, 16]


def test_thin_parts_do_not_flood_thick_ones() -> None:
    source, thickness = np.zeros((32, 32)), np.full((32, 32), 25.0)
    source[:, :3], thickness[:, :3] = 1.0, 4.0
    out = scatter.spread(source, thickness, np.ones((32, 32)), (300.0, 300.0))
    assert out[16, 16] < 1e-6


def test_water_reads_its_own_thickness() -> None:
    compton = np.array([scatter.basis_coefficients("water")[1] * 200])
    assert scatter.water_cm(compton)[0] == pytest.approx(20.0)
