"""Implicit fields on a regular grid, evaluated in full only near their zero level.

A field's value bounds how near its zero may be, so a coarse grid tells where the fine one must be asked: each pass halves the
spacing and asks only inside cells that a zero can reach. Elsewhere the coarse values are interpolated, which keeps their sign.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]
Fields = Callable[[NDArray[np.float64]], NDArray[np.float64]]

STEEPEST = 1.05
"""Largest |gradient| that is searched for: implicit values run from 0.4 to 1.1 mm per mm, rarely steeper; flatter only costs time.

Where steeper, only what lies wholly between the nodes of a grid can be missed: a change of sign is followed however steep."""

NEAR, HELD = 2.3, 3.7
"""In spacings: a node farther than the first from every zero, as interpolated from values held within the second, bounds no cell that
a zero crosses (sqrt(3)) and has its sign right. Held, since shapes skip what is far from them, and values jump there."""

HALVINGS = 2
CHUNK = 1 << 16
MAX_NODES = 80_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class NarrowBand:
    """Fields on a grid.

    Attributes
    ----------
    values : tuple of ndarray, shape (nx, ny, nz)
        One float32 array per field, mm; positive on the grid's border, never quite zero.
    origin : ndarray, shape (3,)
        Place of node (0, 0, 0), mm.
    pitch_mm : float
        Spacing of the nodes.
    """

    values: tuple[Grid, ...]
    origin: NDArray[np.float64]
    pitch_mm: float


def evaluate(fields: Fields, bounds: NDArray[np.float64], pitch_mm: float) -> NarrowBand:
    """Values of `fields` on a grid of `pitch_mm` around `bounds`, exact near their zeros.

    Parameters
    ----------
    fields : callable
        Points, shape (n, 3), mm -> values, shape (k, n), mm; negative inside.
    bounds : ndarray, shape (2, 3)
        A box around the inside of every field, mm.
    pitch_mm : float
        Spacing of the nodes, mm.

    Raises
    ------
    ValueError
        Where the pitch is not positive, the box is empty or not finite, or the grid would not fit in memory.
    """
    counts, origin = _coarse_cells(np.asarray(bounds, dtype=float), pitch_mm)
    step = 2**HALVINGS
    known = np.ones(counts + 1, dtype=bool)
    values = _ask(fields, np.flatnonzero(known), known.shape, origin, pitch_mm * step)
    grids = [row.reshape(known.shape) for row in values]
    active = np.ones(counts, dtype=bool)
    while step > 1:
        active &= _find_reachable(grids, pitch_mm * step)
        step //= 2
        grids, active = _halve(fields, grids, active, origin, pitch_mm * step)
    for grid in grids:
        _seal(grid, 0.01 * pitch_mm)
    return NarrowBand(values=tuple(grids), origin=origin, pitch_mm=pitch_mm)


def _coarse_cells(bounds: NDArray[np.float64], pitch_mm: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    if not pitch_mm > 0:
        raise ValueError(f"pitch_mm must be > 0, got {pitch_mm}")
    if bounds.shape != (2, 3) or not np.isfinite(bounds).all() or (bounds[1] <= bounds[0]).any():
        raise ValueError(f"a shape's bounds must be a finite lower and upper corner, got {bounds.tolist()}")
    coarse_mm = pitch_mm * 2**HALVINGS
    counts = np.ceil((bounds[1] - bounds[0]) / coarse_mm).astype(np.intp) + 1
    nodes = float(np.prod(counts * 2.0**HALVINGS + 1))
    if nodes > MAX_NODES:
        raise ValueError(
            f"a box of {np.round(bounds[1] - bounds[0], 1).tolist()} mm at pitch_mm {pitch_mm} has {nodes:.2g} nodes; use a larger pitch_mm"
        )
    # An odd fraction keeps the nodes off the round numbers at which flat faces like to lie.
    origin = bounds.mean(axis=0) - counts * (coarse_mm / 2) + 0.0137 * pitch_mm
    return counts, origin


def _ask(fields: Fields, nodes: NDArray[np.intp], shape: tuple[int, ...], origin: NDArray[np.float64], pitch_mm: float) -> Grid:
    """Values at flat node indices, shape (k, n), in chunks that stay small in memory."""
    rows = []
    for start in range(0, len(nodes), CHUNK):
        index = np.stack(np.unravel_index(nodes[start : start + CHUNK], shape), axis=1)
        rows.append(np.atleast_2d(fields(origin + index * pitch_mm)).astype(np.float32))
    return np.concatenate(rows, axis=1)


def _find_reachable(grids: list[Grid], cell_mm: float) -> NDArray[np.bool_]:
    """Cells in which some field may be zero: every point of a cell is within half its diagonal of a corner."""
    limit = STEEPEST * cell_mm * np.sqrt(3) / 2
    reachable = np.zeros(tuple(n - 1 for n in grids[0].shape), dtype=bool)
    for grid in grids:
        reachable |= _any_corner(np.abs(grid) <= limit)
        inside = grid < 0
        reachable |= _any_corner(inside) & _any_corner(~inside)
    return reachable


def _any_corner(nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    cells = nodes
    for axis in range(3):
        cells = np.moveaxis(cells, axis, 0)
        cells = np.moveaxis(cells[:-1] | cells[1:], 0, axis)
    return cells


def _halve(
    fields: Fields, grids: list[Grid], active: NDArray[np.bool_], origin: NDArray[np.float64], pitch_mm: float
) -> tuple[list[Grid], NDArray[np.bool_]]:
    """Grids at half the spacing, exact at the nodes of active cells, and those cells' eight children each."""
    finer = [_interpolate(grid) for grid in grids]
    children = active.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)
    wanted = corners_of(children) & _find_bounding(grids, pitch_mm)
    wanted[::2, ::2, ::2] = False  # exact already
    nodes = np.flatnonzero(wanted)
    if len(nodes):
        for grid, values in zip(finer, _ask(fields, nodes, wanted.shape, origin, pitch_mm), strict=True):
            grid.ravel()[nodes] = values
    return finer, children


def corners_of(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes that are a corner of a marked cell, shape (nx, ny, nz) -> (nx + 1, ny + 1, nz + 1), no unit."""
    return _any_corner(np.pad(cells, 1))


def all_corners(nodes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells all of whose corners are marked, shape (nx + 1, ny + 1, nz + 1) -> (nx, ny, nz), no unit."""
    return ~_any_corner(~nodes)


def _find_bounding(grids: list[Grid], pitch_mm: float) -> NDArray[np.bool_]:
    """Nodes at half the spacing, `pitch_mm`, that may bound a cell which a zero crosses."""
    bounding: NDArray[np.bool_] = np.zeros(tuple(2 * n - 1 for n in grids[0].shape), dtype=bool)
    for grid in grids:
        held = np.minimum(np.abs(grid), np.float32(HELD * pitch_mm))
        bounding |= np.abs(_interpolate(np.copysign(held, grid))) < NEAR * pitch_mm
    return bounding


def _interpolate(grid: Grid) -> Grid:
    for axis in range(3):
        grid = np.moveaxis(grid, axis, 0)
        finer = np.empty((2 * len(grid) - 1, *grid.shape[1:]), dtype=np.float32)
        finer[::2] = grid
        np.add(grid[:-1], grid[1:], out=finer[1::2])
        finer[1::2] *= 0.5
        grid = np.moveaxis(finer, 0, axis)
    return np.ascontiguousarray(grid)


def _seal(grid: Grid, least_mm: float) -> None:
    """Keep values off zero (a zero at a node makes degenerate faces) and the border outside (so that the surface closes)."""
    small = np.abs(grid) < least_mm
    grid[small] = np.copysign(np.float32(least_mm), grid[small])
    for axis in range(3):
        face = np.moveaxis(grid, axis, 0)
        for side in (0, -1):
            np.maximum(face[side], np.float32(least_mm), out=face[side])
