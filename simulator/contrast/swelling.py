"""Where swollen tissue lies: what a cell holds beyond its own room has pushed the cells around it aside."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_ROUNDS = 60
MARGIN_CELLS = 6  # around the fullest cells, as far as they push
TOLERANCE = 0.02  # of undiluted, that a cell may be above it in the end


def push_aside(low: NDArray[np.intp], block: Array, undiluted_mg_ml: float) -> tuple[NDArray[np.intp], Array]:
    """The iodine of a block of cells with none above what the syringe held; its sum is unchanged.

    Parameters
    ----------
    low : ndarray, shape (3,)
        Index of the block's first cell.
    block : ndarray, shape (i, j, k)
        Iodine per volume, mg/mL.
    undiluted_mg_ml : float
        That of the strongest agent.

    Returns
    -------
    low, block
        Larger by a margin where something had to give way.
    """
    most = undiluted_mg_ml * (1 + TOLERANCE)
    if block.max() <= most:
        return low, block
    wide = np.pad(block, MARGIN_CELLS)
    full = np.argwhere(wide > most)
    part = wide[tuple(slice(a, b) for a, b in zip(full.min(axis=0) - MARGIN_CELLS, full.max(axis=0) + MARGIN_CELLS + 1, strict=True))]
    for _ in range(MOST_ROUNDS):
        excess = np.maximum(part - undiluted_mg_ml, 0.0)
        if excess.max() <= TOLERANCE * undiluted_mg_ml:
            break
        _pass_on(part, excess)
    return low - MARGIN_CELLS, wide


def pack(mass_mg: Array, places: Array, most_mg: float) -> Array:
    """What stiff cells hold, none above its room: the excess lies in the nearest of them that have some, and none leaves them.

    Parameters
    ----------
    mass_mg : ndarray, shape (n,)
        In each cell.
    places : ndarray, shape (n, 3)
        The cells' centres, mm.
    most_mg : float
        That a cell holds.

    Returns
    -------
    ndarray, shape (n,)
        Of the same sum, where the cells together have room for it.
    """
    excess = np.maximum(mass_mg - most_mg, 0.0)
    total = float(excess.sum())
    if total <= 0:
        return mass_mg
    kept = mass_mg - excess
    order = np.argsort(np.linalg.norm(places - excess @ places / total, axis=1), kind="stable")
    room = most_mg - kept[order]
    kept[order] += np.clip(total - (np.cumsum(room) - room), 0.0, room)
    return kept


def _pass_on(part: Array, excess: Array) -> None:
    """Give each cell's excess to its six neighbours, at the sides of the block to itself; in place."""
    part -= excess
    for axis in range(3):
        behind, ahead = [slice(None)] * 3, [slice(None)] * 3
        behind[axis], ahead[axis] = slice(None, -1), slice(1, None)
        first, last = [slice(None)] * 3, [slice(None)] * 3
        first[axis], last[axis] = slice(0, 1), slice(-1, None)
        part[tuple(ahead)] += excess[tuple(behind)] / 6
        part[tuple(behind)] += excess[tuple(ahead)] / 6
        part[tuple(first)] += excess[tuple(first)] / 6
        part[tuple(last)] += excess[tuple(last)] / 6
