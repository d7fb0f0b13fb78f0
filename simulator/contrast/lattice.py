"""Samples of the label field on a lattice: at the centre and the corners of each cell, asked only where they tell something.

Two samples per cell, half a cell apart along every axis, so that a sheet of fat half a millimetre thick is never missed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, maximum_filter, minimum_filter

SPACING_MM = 1.0
UNKNOWN = 255  # a place that nobody asked about
ALL_AROUND = np.ones((3, 3, 3), dtype=bool)
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


def middles(cells: NDArray[np.intp]) -> NDArray[np.float64]:
    """Centres of cells given by their indices in the world's lattice, shape (n, 3), world frame, mm."""
    return np.asarray((cells + 0.5) * SPACING_MM, dtype=np.float64)


def sampled(tissue: TissueField, low: NDArray[np.intp], limit: Bits, wanted: Bits, *, sparse: bool) -> Lattice:
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
        Whether what is wanted fills little of the bounds, so that every other point along each axis is asked first.
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
        """Ask at cells' centres, then at corners near what is wanted but deep inside it; whether there was anything to ask."""
        self.centre[cells] = _asked(tissue, low, cells, 0.5)
        self.known |= cells
        least, most = _around(self.centre)
        inside = (least == most) & wanted[least]
        self.corner[~self.asked] = np.where(least == most, least, UNKNOWN)[~self.asked]
        corners = _to_corners(self.near(wanted)) & ~inside & ~self.asked & (least != UNKNOWN)
        self.corner[corners] = _asked(tissue, low, corners, 0.0)
        self.asked |= corners
        return bool(cells.any() or corners.any())

    def near(self, wanted: Bits) -> Bits:
        """Cells within two of one with a wanted label at its centre or a corner."""
        corner = maximum_filter(_is(wanted, self.corner), size=2, origin=-1)[:-1, :-1, :-1]
        return np.asarray(binary_dilation(_is(wanted, self.centre) | corner, ALL_AROUND, iterations=2))


def _asked(tissue: TissueField, low: NDArray[np.intp], places: Bits, offset: float) -> NDArray[np.uint8]:
    """Labels at marked places of a lattice in the order of the mask, shape (n,)."""
    where = np.argwhere(places)
    if len(where) == 0:
        return np.zeros(0, dtype=np.uint8)
    return tissue(np.asarray((low + where + offset) * SPACING_MM, dtype=np.float64))


def _near_wanted(tissue: TissueField, low: NDArray[np.intp], limit: Bits, wanted: Bits) -> Bits:
    """Cells within two of a coarse point with a wanted label."""
    places = np.zeros(np.array(limit.shape) + 1, dtype=bool)
    places[:-1:2, :-1:2, :-1:2] = binary_dilation(limit)[::2, ::2, ::2]
    hit = np.zeros(places.shape, dtype=bool)
    hit[places] = wanted[_asked(tissue, low, places, 0.0)]
    fine = binary_dilation(hit[::2, ::2, ::2], ALL_AROUND).repeat(2, 0).repeat(2, 1).repeat(2, 2)
    return fine[: limit.shape[0], : limit.shape[1], : limit.shape[2]]


def _around(centre: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """At each corner the least and the greatest known label of the cells around it."""
    padded = np.pad(centre, 1, constant_values=UNKNOWN)
    least = minimum_filter(padded, size=2)[1:, 1:, 1:]
    return least, maximum_filter(np.where(padded != UNKNOWN, padded, 0), size=2)[1:, 1:, 1:]


def _to_corners(cells: Bits) -> Bits:
    """Corners of marked cells."""
    return np.asarray(maximum_filter(np.pad(cells, 1), size=2)[1:, 1:, 1:])


def _is(wanted: Bits, labels: NDArray[np.uint8]) -> Bits:
    return np.asarray(wanted[labels] & (labels != UNKNOWN))
