"""How far from a tip the tissue is looked at: along the canal for what fills it, in a box for the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import STEP_MM, SpineCurve
from simulator.contrast.lattice import SPACING_MM
from simulator.contrast.media import FluidSpace

MOST_CELLS = 250_000  # the epidural space of the whole lumbar and sacral canal has 200,000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """Reach from the tip, mm.

    Attributes
    ----------
    along_canal : bool
        Whether the reach counts along the canal's curve and from its middle, or along the world's axes and from the tip. Along the
        canal, whole slabs are looked at (`label_cache`), so that the reach is at least the half length.
    half_length_mm, half_width_mm : float
        Along the canal (or z) and to each side (or x).
    ventral_mm, dorsal_mm : float
        From the canal's middle (or from the tip along y).
    most_cells : int
        Of the domain, at most `MOST_CELLS`.
    """

    along_canal: bool
    half_length_mm: float
    half_width_mm: float
    ventral_mm: float
    dorsal_mm: float
    most_cells: int = MOST_CELLS

    def __post_init__(self) -> None:
        if min(self.half_length_mm, self.half_width_mm, self.ventral_mm, self.dorsal_mm) <= 0 or self.most_cells < 1:
            raise ValueError(f"bounds must be above 0, got {self}")


REACH_MM = 3.0  # from a tip to the nearest cell that takes fluid
HIATUS_MM = 14.0  # of the sacral canal and its hiatus beyond the curve's end, at most
BEYOND_MM = 35.0  # of what lies in a canal already, which the next injection may fill
FARTHEST_MM = 215.0
WIDER_MM = 10.0  # bounds are widened in steps, so that tips near each other share their labels
AROUND_TIP_MM = 3.0  # that bounds reach beyond a tip to the sides, at least
GROWS = 1.5  # times by which a box grows whose sides fluid has reached
LARGEST_BOX_MM = 60.0
NEAR_MM = 12.0  # along the curve, from which a slanted section may reach into a plane

BOUNDS: Mapping[FluidSpace, Bounds] = {
    FluidSpace.EPIDURAL: Bounds(along_canal=True, half_length_mm=50.0, half_width_mm=30.0, ventral_mm=20.0, dorsal_mm=16.0),
    FluidSpace.INTRATHECAL: Bounds(along_canal=True, half_length_mm=100.0, half_width_mm=13.0, ventral_mm=11.0, dorsal_mm=13.0),
    FluidSpace.SUBDURAL: Bounds(along_canal=True, half_length_mm=130.0, half_width_mm=13.0, ventral_mm=11.0, dorsal_mm=13.0),
    FluidSpace.VENOUS: Bounds(along_canal=True, half_length_mm=3.0, half_width_mm=16.0, ventral_mm=13.0, dorsal_mm=10.0),
    FluidSpace.ARTERIAL: Bounds(along_canal=True, half_length_mm=3.0, half_width_mm=16.0, ventral_mm=13.0, dorsal_mm=10.0),
    FluidSpace.DISC: Bounds(along_canal=False, half_length_mm=26.0, half_width_mm=40.0, ventral_mm=46.0, dorsal_mm=46.0),
    FluidSpace.SOFT: Bounds(along_canal=False, half_length_mm=40.0, half_width_mm=19.0, ventral_mm=15.0, dorsal_mm=15.0),
    FluidSpace.BONE: Bounds(along_canal=False, half_length_mm=20.0, half_width_mm=20.0, ventral_mm=20.0, dorsal_mm=20.0),
    FluidSpace.NEURAL: Bounds(along_canal=False, half_length_mm=10.0, half_width_mm=8.0, ventral_mm=8.0, dorsal_mm=8.0),
}
"""Reach by medium: an epidural injection of 3 mL stays within 50 mm of the tip in most patients, and `edge_share` tells of more."""


def extend_bounds(bounds: Bounds, curve: SpineCurve, tip: NDArray[np.float64], held: Sequence[NDArray[np.float64]]) -> Bounds:
    """Bounds along the canal wide enough for a tip, that hold what lies there already and reach `BEYOND_MM` farther along.

    Parameters
    ----------
    bounds : Bounds
        The least reach.
    curve : SpineCurve
        The canal's.
    tip : ndarray, shape (3,)
        World frame, mm.
    held : sequence of ndarray, each of shape (k, 3)
        Places (u, v, t) of what is there, mm.
    """
    place = curve.coordinates(tip[None])
    u, v, t = np.concatenate([place + AROUND_TIP_MM, place - AROUND_TIP_MM, *held]).T
    reach_mm = max((float(np.abs(item[:, 2] - place[0, 2]).max()) + BEYOND_MM for item in held if len(item)), default=0.0)
    return replace(
        bounds,
        half_length_mm=min(max(bounds.half_length_mm, reach_mm), FARTHEST_MM),
        half_width_mm=_widen(bounds.half_width_mm, float(np.abs(u).max())),
        ventral_mm=_widen(bounds.ventral_mm, float(-v.min())),
        dorsal_mm=_widen(bounds.dorsal_mm, float(v.max())),
    )


def extend_box(bounds: Bounds, tip: NDArray[np.float64], held: NDArray[np.float64], *, grow: bool = False) -> Bounds:
    """Bounds of a box that hold what lies near its tip already.

    Parameters
    ----------
    bounds : Bounds
        The least reach.
    tip : ndarray, shape (3,)
        World frame, mm.
    held : ndarray, shape (k, 3)
        Where something is, world frame, mm; what is farther away than a box may reach stays out.
    grow : bool
        Whether fluid has reached the sides of those bounds.
    """
    least = (GROWS if grow else 1.0) * np.array([bounds.half_width_mm, bounds.ventral_mm, bounds.dorsal_mm, bounds.half_length_mm])
    away = held - tip
    away = away[(np.abs(away) < LARGEST_BOX_MM - REACH_MM).all(axis=1)]
    if len(away):
        (x_low, y_low, z_low), (x_high, y_high, z_high) = away.min(axis=0) - REACH_MM, away.max(axis=0) + REACH_MM
        least = np.maximum(least, [max(-x_low, x_high), -y_low, y_high, max(-z_low, z_high)])
    width, ventral, dorsal, length = np.minimum(least, LARGEST_BOX_MM).tolist()
    return replace(bounds, half_width_mm=width, ventral_mm=ventral, dorsal_mm=dorsal, half_length_mm=length)


def can_grow(bounds: Bounds) -> bool:
    """Whether larger bounds can be made."""
    return bounds.half_length_mm < (FARTHEST_MM if bounds.along_canal else LARGEST_BOX_MM)


def box_around(half_mm: float) -> Bounds:
    """A cube around a tip, mm each way: where bounds along the canal have nothing near it."""
    return Bounds(along_canal=False, half_length_mm=half_mm, half_width_mm=half_mm, ventral_mm=half_mm, dorsal_mm=half_mm)


def _widen(least_mm: float, wanted_mm: float) -> float:
    return least_mm + WIDER_MM * max(float(np.ceil((wanted_mm - least_mm) / WIDER_MM)), 0.0)


def box_limits(tip: NDArray[np.float64], bounds: Bounds) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """First cell of the box and the cells in bounds, shape (i, j, k), for the cell in which a tip, shape (3,), mm, lies."""
    middle = (np.floor(tip / SPACING_MM) + 0.5) * SPACING_MM
    below = np.array([bounds.half_width_mm, bounds.ventral_mm, bounds.half_length_mm])
    above = np.array([bounds.half_width_mm, bounds.dorsal_mm, bounds.half_length_mm])
    low, high = (np.floor((middle + shift) / SPACING_MM).astype(np.intp) for shift in (-below, above))
    return low, np.ones(high - low + 1, dtype=bool)


def heights(curve: SpineCurve, tip: NDArray[np.float64], bounds: Bounds) -> tuple[float, float]:
    """Lowest and highest z to look at for a tip, shape (3,), in or near the canal, mm; near an end of it, farther the other way."""
    length, half = curve.length_mm, min(bounds.half_length_mm, curve.length_mm / 2)
    middle = float(np.clip(curve.coordinates(tip[None])[0, 2], half, length - half))
    bottom, top = (float(curve.positions[round(end / STEP_MM), 2]) for end in (middle + half, middle - half))
    # The canal closes a little beyond the curve's lower end: looking on there leaves no way out where there is none.
    return (bottom - HIATUS_MM if middle + half >= length else bottom), top


def tube_limits(curve: SpineCurve, bounds: Bounds, planes: tuple[int, int]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """First cell of the box and the cells in bounds, shape (i, j, k), around the canal from one plane of cells up to another.

    Parameters
    ----------
    curve : SpineCurve
    bounds : Bounds
        Whose widths count.
    planes : tuple of int
        Index of the first plane along z in the world's lattice, and of the one after the last.
    """
    z = np.array(planes) * SPACING_MM
    near = (curve.positions[:, 2] >= z[0] - NEAR_MM) & (curve.positions[:, 2] <= z[1] + NEAR_MM)
    stretch = curve.positions[near] if near.any() else curve.positions[[0, -1]]
    side, deep = bounds.half_width_mm, max(bounds.ventral_mm, bounds.dorsal_mm) + NEAR_MM
    low = np.floor((stretch.min(axis=0) - [side, deep, 0.0]) / SPACING_MM).astype(np.intp)
    high = np.ceil((stretch.max(axis=0) + [side, deep, 0.0]) / SPACING_MM).astype(np.intp)
    low[2], high[2] = planes
    low -= low % 2  # the coarse points lie alike in every box
    limit = np.zeros(high - low, dtype=bool)
    index = np.argwhere(~limit)
    u, v, t = curve.coordinates((low + index + 0.5) * SPACING_MM).T
    inside = (np.abs(u) <= bounds.half_width_mm) & (v >= -bounds.ventral_mm) & (v <= bounds.dorsal_mm)
    inside &= (t >= 0.0) & (t <= curve.length_mm + HIATUS_MM)
    limit[tuple(index[inside].T)] = True
    return low, limit
