"""The tissue field as a procedure asks it: again and again along one needle, so by prepared cubes."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from phantoms.patient import Patient

Floats = NDArray[np.float64]
Labels = NDArray[np.uint8]
TissueField = Callable[[Floats], Labels]

CUBE_MM, CELL_MM = 20.0, 1.0  # a cube is prepared in less than a tenth of a second; a needle meets a handful
CUBES_KEPT = 64
SEARCH_MM = 8.0  # between the places at which the skin is first looked for
FINE_MM = 0.05
SLOPE_MM = 2.0  # over which the skin's slope is told: its folds do not turn a needle
MOST_TURNS = 20  # of the way to the nearest skin


def field_of(patient: Patient) -> TissueField:
    """The patient's tissue field, prepared cube by cube where it is asked.

    Parameters
    ----------
    patient : Patient
        Who is on the table.

    Returns
    -------
    callable
        Points, shape (n, 3), world frame, mm -> values of `Tissue`, shape (n,), uint8, the same as `Patient.tissue` gives.
    """

    @lru_cache(maxsize=CUBES_KEPT)
    def cube(i: int, j: int, k: int) -> TissueField:
        corner = np.array([i, j, k]) * CUBE_MM
        return patient.near(np.stack((corner, corner + CUBE_MM)), CELL_MM).tissue

    def tissue(points: Floats) -> Labels:
        places = np.asarray(points, dtype=float)
        cells = np.floor(places / CUBE_MM).astype(int)
        first = tuple(cells[0]) if len(cells) else (0, 0, 0)
        if (cells == first).all():
            return cube(*map(int, first))(places)
        labels = np.zeros(len(places), dtype=np.uint8)
        for cell in np.unique(cells, axis=0):
            inside = (cells == cell).all(axis=1)
            labels[inside] = cube(*map(int, cell))(places[inside])
        return labels

    return tissue


def find_skin(inside: Callable[[Floats], NDArray[np.bool_]], start: Floats, direction: Floats, reach_mm: float) -> Floats | None:
    """Where a ray from outside first enters the body.

    Parameters
    ----------
    inside : callable
        Points, shape (n, 3), mm -> whether they lie in the body, shape (n,).
    start : ndarray, shape (3,)
        World frame, mm.
    direction : ndarray, shape (3,)
        Unit vector.
    reach_mm : float
        How far to look.

    Returns
    -------
    ndarray, shape (3,), or None
        To 0.05 mm; None where the ray misses the body. The start itself where it lies inside already.
    """
    low_mm, high_mm = 0.0, reach_mm
    step_mm = SEARCH_MM
    while step_mm > FINE_MM / 2:
        along = np.arange(low_mm, high_mm + step_mm, step_mm)
        within = inside(start + along[:, None] * direction)
        if not within.any():
            return None
        first = int(np.argmax(within))
        low_mm, high_mm = along[max(first - 1, 0)], along[first]
        step_mm /= 16
    return start + high_mm * direction


def find_inward(shape: Callable[[Floats], Floats], point: Floats) -> Floats:
    """Unit vector square to the skin near a point, into the body, shape (3,).

    Parameters
    ----------
    shape : callable
        Points, shape (n, 3), mm -> signed distance to the skin, shape (n,), mm, negative in the body.
    point : ndarray, shape (3,)
        World frame, mm.
    """
    around = np.concatenate((np.eye(3), -np.eye(3))) * SLOPE_MM
    there = shape(np.asarray(point, dtype=float) + around)
    slope = there[3:] - there[:3]
    length = float(np.linalg.norm(slope))
    return slope / length if length > 0 else np.array([0.0, -1.0, 0.0])  # at the middle of the body: from the back


def find_nearest_skin(shape: Callable[[Floats], Floats], point: Floats, reach_mm: float) -> Floats | None:
    """The skin nearest to a point, whichever way that lies.

    Parameters
    ----------
    shape : callable
        As for `find_inward`.
    point : ndarray, shape (3,)
        World frame, mm.
    reach_mm : float
        How far away the skin may lie.

    Returns
    -------
    ndarray, shape (3,), or None
        To 0.05 mm; None where there is none so near.
    """
    place = np.asarray(point, dtype=float)
    for _ in range(MOST_TURNS):
        off_mm = float(shape(place[None])[0])
        if abs(off_mm) < FINE_MM:
            break
        place = place + off_mm * find_inward(shape, place)
    on_skin = abs(float(shape(place[None])[0])) < FINE_MM
    return place if on_skin and float(np.linalg.norm(place - point)) <= reach_mm else None
