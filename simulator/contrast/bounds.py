"""How far from a tip the tissue is looked at: along the canal for what fills it, in a box for the rest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.spinecurve import STEP_MM, SpineCurve
from simulator.contrast.lattice import SPACING_MM
from simulator.contrast.media import Medium


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Reach from the tip, mm.

    Attributes
    ----------
    along_canal : bool
        Whether the reach counts along the canal's curve and from its middle, or along the world's axes and from the tip.
    half_length_mm, half_width_mm : float
        Along the canal (or z) and to each side (or x).
    ventral_mm, dorsal_mm : float
        From the canal's middle (or from the tip along y).
    most_cells : int
        Of the domain, at most 100,000.
    """

    along_canal: bool
    half_length_mm: float
    half_width_mm: float
    ventral_mm: float
    dorsal_mm: float
    most_cells: int = 100_000

    def __post_init__(self) -> None:
        if min(self.half_length_mm, self.half_width_mm, self.ventral_mm, self.dorsal_mm) <= 0 or self.most_cells < 1:
            raise ValueError(f"bounds must be above 0, got {self}")


HIATUS_MM = 14.0  # of the sacral canal and its hiatus beyond the curve's end, at most

BOUNDS: Mapping[Medium, Bounds] = {
    Medium.EPIDURAL: Bounds(along_canal=True, half_length_mm=90.0, half_width_mm=30.0, ventral_mm=20.0, dorsal_mm=16.0),
    Medium.INTRATHECAL: Bounds(along_canal=True, half_length_mm=110.0, half_width_mm=13.0, ventral_mm=11.0, dorsal_mm=13.0),
    Medium.SUBDURAL: Bounds(along_canal=True, half_length_mm=130.0, half_width_mm=13.0, ventral_mm=11.0, dorsal_mm=13.0),
    Medium.VENOUS: Bounds(along_canal=True, half_length_mm=3.0, half_width_mm=16.0, ventral_mm=13.0, dorsal_mm=10.0),
    Medium.ARTERIAL: Bounds(along_canal=True, half_length_mm=3.0, half_width_mm=16.0, ventral_mm=13.0, dorsal_mm=10.0),
    Medium.DISC: Bounds(along_canal=False, half_length_mm=26.0, half_width_mm=40.0, ventral_mm=46.0, dorsal_mm=46.0),
    Medium.SOFT: Bounds(along_canal=False, half_length_mm=40.0, half_width_mm=19.0, ventral_mm=15.0, dorsal_mm=15.0),
    Medium.BONE: Bounds(along_canal=False, half_length_mm=12.0, half_width_mm=12.0, ventral_mm=12.0, dorsal_mm=12.0),
    Medium.NEURAL: Bounds(along_canal=False, half_length_mm=10.0, half_width_mm=8.0, ventral_mm=8.0, dorsal_mm=8.0),
}
"""Reach by medium: an epidural injection of 10 mL stays within 90 mm of the tip in most patients."""


def limits(curve: SpineCurve, tip: NDArray[np.float64], bounds: Bounds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """First cell of the box and the cells in bounds, shape (i, j, k), for the cell in which a tip, shape (3,), mm, lies."""
    middle = (np.floor(tip / SPACING_MM) + 0.5) * SPACING_MM
    return _tube(curve, middle, bounds) if bounds.along_canal else _box(middle, bounds)


def _box(middle: NDArray[np.float64], bounds: Bounds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    below = np.array([bounds.half_width_mm, bounds.ventral_mm, bounds.half_length_mm])
    above = np.array([bounds.half_width_mm, bounds.dorsal_mm, bounds.half_length_mm])
    low, high = (np.floor((middle + shift) / SPACING_MM).astype(np.intp) for shift in (-below, above))
    return low, np.ones(high - low + 1, dtype=bool)


def _tube(curve: SpineCurve, middle: NDArray[np.float64], bounds: Bounds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    t = float(curve.coordinates(middle[None])[0, 2])
    # The canal closes a little beyond the curve's lower end: looking on there leaves no way out where there is none.
    ends = np.clip([t - bounds.half_length_mm, t + bounds.half_length_mm], 0.0, curve.length_mm + HIATUS_MM)
    stretch = curve.positions[int(ends[0] / STEP_MM) : int(ends[1] / STEP_MM) + 1]
    reach = np.array([bounds.half_width_mm, max(bounds.ventral_mm, bounds.dorsal_mm), max(bounds.dorsal_mm, HIATUS_MM)])
    low = np.floor((stretch.min(axis=0) - reach) / SPACING_MM).astype(np.intp)
    limit = np.zeros(np.ceil((stretch.max(axis=0) + reach) / SPACING_MM).astype(np.intp) - low, dtype=bool)
    index = _beside(stretch, low, limit.shape, reach)
    u, v, along = curve.coordinates((low + index + 0.5) * SPACING_MM).T
    inside = (np.abs(u) <= bounds.half_width_mm) & (v >= -bounds.ventral_mm) & (v <= bounds.dorsal_mm)
    inside &= (along >= ends[0]) & (along <= ends[1])
    limit[tuple(index[inside].T)] = True
    return low, limit


def _beside(stretch: NDArray[np.float64], low: NDArray[np.intp], shape: tuple[int, ...], reach: NDArray[np.float64]) -> NDArray[np.intp]:
    """Cells of a box that are about as near the curve, slice by slice, as a slanted section allows; shape (n, 3)."""
    z = (low[2] + np.arange(shape[2]) + 0.5) * SPACING_MM
    x, y = (np.interp(z, stretch[::-1, 2], stretch[::-1, axis]) for axis in (0, 1))  # level beyond the ends
    near_x = np.abs((low[0] + np.arange(shape[0]) + 0.5)[:, None] * SPACING_MM - x) <= reach[0] + 4.0
    near_y = np.abs((low[1] + np.arange(shape[1]) + 0.5)[:, None] * SPACING_MM - y) <= 1.7 * reach[1] + 4.0
    return np.argwhere(near_x[:, None, :] & near_y[None, :, :])
