r"""Scatter: how much there is, from a fit to a Monte Carlo table, and where it falls, as a broad blur of the primary.

The ratio of scatter to primary on the axis behind water was computed by our own Monte Carlo (water slab 40 cm wide, Klein-Nishina and
coherent scatter, 3 Al + 0.1 Cu, source to image 98 cm, CsI energy-weighted; model error about 10 %, grid +-30 %) and fitted by

    no grid  8.66e-4 T^1.184 A^0.685 exp(-0.056 (gap - 10)),       grid 10:1  7.16e-4 T^1.25 A^0.383,

T in cm of water, A the field on the detector in cm2 (100-900), gap from the patient's exit to the detector in cm (2-30); rms 7 %, worst
17 % without and 21 % with grid. Voltage changes it by less than 10 % (70-100 kV). The blur's width, a quarter of the thickness, is
recalled, unverified.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.xray.numerics.interpolation import make_linear_weights
from simulator.xray.physics.materials import basis_coefficients

CELLS = 32  # scatter is worked out on a coarse grid: its blur is several cells wide
GAP_CM = (2.0, 30.0)
BLURS_MM = (12.5, 25.0, 45.0, 70.0, 100.0)  # standard deviations between which a source's blur is shared out


def scatter_to_primary(thickness_cm: NDArray[np.float64], area_cm2: float, gap_cm: float, grid: bool) -> NDArray[np.float64]:
    """Ratio of scattered to primary signal behind the grid where there is one, same shape as the thickness, dimensionless.

    Parameters
    ----------
    thickness_cm : ndarray, any shape
        Water-equivalent thickness, cm.
    area_cm2 : float
        Field on the detector, cm2.
    gap_cm : float
        From the patient's exit to the detector, cm; held within 2 and 30.
    grid : bool
        10:1 grid in place.
    """
    thick = np.maximum(thickness_cm, 0.0)
    if grid:
        return 7.16e-4 * thick**1.25 * area_cm2**0.383
    return 8.66e-4 * thick**1.184 * area_cm2**0.685 * float(np.exp(-0.056 * (np.clip(gap_cm, *GAP_CM) - 10)))


def water_cm(compton: NDArray[np.floating]) -> NDArray[np.float64]:
    """Water-equivalent thickness by the Compton channel, same shape, cm."""
    return np.asarray(compton, dtype=np.float64) / (basis_coefficients("water")[1] * 10)


def spread(
    source: NDArray[np.float64], thickness_cm: NDArray[np.float64], field: NDArray[np.float64], side_mm: tuple[float, float]
) -> NDArray[np.float64]:
    """Blur coarse scatter, each source by a quarter of its own thickness; a uniform one reads itself in the middle of the field.

    Parameters
    ----------
    source : ndarray, shape (cells, cells)
        Primary times ratio, quanta.
    thickness_cm : ndarray, shape (cells, cells)
        Water-equivalent thickness, cm.
    field : ndarray, shape (cells, cells)
        Share of the beam that the collimator lets through, dimensionless.
    side_mm : (float, float)
        Height and width of the detector, mm.

    Returns
    -------
    scattered : ndarray, shape (cells, cells)
        Unit of the source.
    """
    wanted_mm = np.clip(thickness_cm * 10 / 4, BLURS_MM[0], BLURS_MM[-1])
    total = np.zeros_like(source)
    for number, blur_mm in enumerate(BLURS_MM):
        share = np.interp(wanted_mm, BLURS_MM, np.arange(len(BLURS_MM)) == number)
        if share.any():
            rows, columns = (gaussian(count, count, length, blur_mm) for count, length in zip(field.shape, side_mm, strict=True))
            lit = (rows @ field @ columns.T)[field > 0.5]
            total += rows @ (source * share) @ columns.T / (lit.max() if lit.size else 1.0)
    return total


def fill_rows(by_column: NDArray[np.float32], rows: tuple[int, int], count: int, out: NDArray[np.float32]) -> None:
    """Interpolate some rows of an image from coarse cells that have been interpolated along the other axis.

    Parameters
    ----------
    by_column : ndarray, shape (cells, columns)
        Any unit.
    rows : (int, int)
        First and last row (excluded).
    count : int
        Rows of the whole image.
    out : ndarray, shape (last - first, columns)
        Result, in the same unit.
    """
    weights = make_linear_weights(count, len(by_column))[slice(*rows)]
    low, high = _cells_near(rows, count, len(by_column))
    np.matmul(weights[:, low:high], by_column[low:high], out=out)


@cache
def _cells_near(rows: tuple[int, int], count: int, cells: int) -> tuple[int, int]:
    """First and last (excluded) of the coarse cells from which rows are interpolated: two or three out of 32."""
    used = np.flatnonzero(make_linear_weights(count, cells)[slice(*rows)].any(axis=0))
    return int(used[0]), int(used[-1]) + 1


@cache
def gaussian(fine: int, coarse: int, length_mm: float, sigma_mm: float) -> NDArray[np.float64]:
    """Gaussian blur from coarse cells to fine ones along one axis, shape (fine, coarse); an endless field keeps its value."""
    to = (np.arange(fine) + 0.5) * (length_mm / fine)
    source = (np.arange(coarse) + 0.5) * (length_mm / coarse)
    kernel = np.exp(-0.5 * ((to[:, None] - source) / sigma_mm) ** 2) * (length_mm / coarse / sigma_mm / np.sqrt(2 * np.pi))
    kernel.setflags(write=False)
    return np.asarray(kernel)
