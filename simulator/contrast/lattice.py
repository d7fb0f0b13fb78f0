"""Samples of the label field on a lattice: at the centre and the corners of each cell, asked only where they tell something.

Two samples per cell, half a cell apart along every axis, so that a sheet of fat half a millimetre thick is never missed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPACING_MM = 1.0
UNKNOWN = 255  # a place that nobody asked about
COARSE = 2  # of so many corners along each axis one is asked first
CENTRE_WEIGHT = 0.5  # of a cell's centre in its averages; the eight corners share the rest

TissueField = Callable[[NDArray[np.float64]], NDArray[np.uint8]]
"""World points, shape (n, 3), mm, to labels, shape (n,): `Patient.tissue`, or a faster query of one region."""
Bits = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Lattice:
    """Labels around a place.

    Attributes
    ----------
    low : ndarray, shape (3,)
        Index of the first cell in the world's lattice: cell i spans i to i + 1 times `SPACING_MM` along each axis.
    limit : ndarray of bool, shape (i, j, k)
        Cells within bounds; beyond them nothing is known.
    centre : ndarray of uint8, shape (i, j, k)
        Labels at the cells' centres.
    corner : ndarray of uint8, shape (i + 1, j + 1, k + 1)
        Labels at their corners.
    """

    low: NDArray[np.intp]
    limit: Bits
    centre: NDArray[np.uint8]
    corner: NDArray[np.uint8]


def lay_middles(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Centres of cells given by their indices in the world's lattice, shape (n, 3), world frame, mm."""
    return np.asarray((cells + 0.5) * SPACING_MM, dtype=np.float64)


def sample_labels(tissue: TissueField, low: NDArray[np.intp], limit: Bits, wanted: Bits, *, sparse: bool) -> Lattice:
    """Ask the label field.

    Parameters
    ----------
    tissue : callable
        Points to labels.
    low, limit : ndarray
        As in `Lattice`.
    wanted : ndarray of bool, shape (256,)
        Labels of interest: corners are asked only near these.
    sparse : bool
        Whether what is wanted fills little of the bounds, so that one point in `COARSE` along each axis is asked first.
    """
    ask = limit & _near_wanted(tissue, low, limit, wanted) if sparse else limit
    samples = _Samples(limit.shape)
    while samples.ask(tissue, low, ask, wanted):
        ask = limit & ~samples.known & samples.near(wanted)
    return Lattice(low=low, limit=limit, centre=samples.centre, corner=samples.corner)


class _Samples:
    """Labels asked so far; they grow along what is wanted until it ends, however thin it is."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.known = np.zeros(shape, dtype=bool)
        self.centre = np.full(shape, UNKNOWN, dtype=np.uint8)
        self.corner = np.full(np.array(shape) + 1, UNKNOWN, dtype=np.uint8)
        self.asked = np.zeros(self.corner.shape, dtype=bool)

    def ask(self, tissue: TissueField, low: NDArray[np.intp], cells: Bits, wanted: Bits) -> bool:
        """Ask at cells' centres, then at corners of what is wanted but deep inside it; whether there was anything to ask."""
        self.centre[cells] = _query_labels(tissue, low, cells, 0.5)
        self.known |= cells
        least, most = _around(self.centre)
        alike = (least == most) & ~self.asked
        self.corner[alike] = least[alike]
        corners = _to_corners(self._mark_holding(wanted)) & ~((least == most) & wanted[least]) & ~self.asked & (least != UNKNOWN)
        self.corner[corners] = _query_labels(tissue, low, corners, 0.0)
        self.asked |= corners
        return bool(cells.any() or corners.any())

    def near(self, wanted: Bits) -> Bits:
        """Cells with a wanted label at their centre or a corner, and those around them."""
        return _dilate(self._mark_holding(wanted))

    def _mark_holding(self, wanted: Bits) -> Bits:
        corner = _is(wanted, self.corner)
        for axis in range(3):
            corner = _below(corner, axis) | _above(corner, axis)
        return np.asarray(corner | _is(wanted, self.centre))


def _query_labels(tissue: TissueField, low: NDArray[np.intp], places: Bits, offset: float) -> NDArray[np.uint8]:
    """Labels at marked places of a lattice in the order of the mask, shape (n,)."""
    where = np.argwhere(places)
    if len(where) == 0:
        return np.zeros(0, dtype=np.uint8)
    return tissue(np.asarray((low + where + offset) * SPACING_MM, dtype=np.float64))


def _near_wanted(tissue: TissueField, low: NDArray[np.intp], limit: Bits, wanted: Bits) -> Bits:
    """Cells around those that touch a coarse point with a wanted label."""
    places = np.zeros(np.array(limit.shape) + 1, dtype=bool)
    places[::COARSE, ::COARSE, ::COARSE] = _to_corners(limit)[::COARSE, ::COARSE, ::COARSE]
    hit = np.zeros(places.shape, dtype=bool)
    hit[places] = wanted[_query_labels(tissue, low, places, 0.0)]
    for axis in range(3):
        hit = _below(hit, axis) | _above(hit, axis)
    return _dilate(hit)


def _around(centre: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """At each corner the least and the greatest known label of the cells around it."""
    least = np.pad(centre, 1, constant_values=UNKNOWN)
    most = np.where(least != UNKNOWN, least, 0)
    for axis in range(3):
        least = np.minimum(_below(least, axis), _above(least, axis))
        most = np.maximum(_below(most, axis), _above(most, axis))
    return least, most


def _to_corners(cells: Bits) -> Bits:
    """Corners of marked cells."""
    corners = np.pad(cells, 1)
    for axis in range(3):
        corners = _below(corners, axis) | _above(corners, axis)
    return corners


def _dilate(cells: Bits) -> Bits:
    """Marked cells and all that touch them."""
    wide = np.pad(cells, 1)
    for axis in range(3):
        within = _below(_below(wide, axis), axis)
        within |= _above(_above(wide, axis), axis)
        within |= _above(_below(wide, axis), axis)
        wide = within
    return wide


def _below(values: NDArray, axis: int) -> NDArray:
    """All but the last along an axis."""
    return values[(slice(None),) * axis + (slice(None, -1),)]


def _above(values: NDArray, axis: int) -> NDArray:
    """All but the first along an axis."""
    return values[(slice(None),) * axis + (slice(1, None),)]


def _is(wanted: Bits, labels: NDArray[np.uint8]) -> Bits:
    return np.asarray(wanted[labels] & (labels != UNKNOWN))
