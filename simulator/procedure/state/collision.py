"""Where the C-arm can stand: clear of patient and table, and how far a movement gets before it would meet one of them.

The patient lies prone on a radiolucent table, on a pillow under the belly. Sizes are recalled, unverified, and meant to be tuned.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil, dist

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.housing import box_between, housings, meet, surface_points
from simulator.procedure.state.carm_state import ANGLES, Pose, as_point

TABLE_HALF_MM, TABLE_THICK_MM, TABLE_LONG_MM = 250.0, 30.0, 2000.0
UNDER_FRONT_MM = 50.0  # of the pillow, between the most ventral skin and the table's top
SPACING_MM = 40.0  # between the points of a housing at which the body is looked for
TURN_DEG, SHIFT_MM = 5.0, 40.0  # of a movement that are looked at together: far less than a housing is wide
HALVINGS = 8
LEAST_DEG, LEAST_MM = 0.2, 0.5  # what is left before an obstacle that counts as standing against it

Inside = Callable[[NDArray[np.float64]], NDArray[np.bool_]]
Meets = Callable[[Pose], str]


def find_collision(pose: Pose, inside: Inside, bounds: NDArray[np.float64]) -> str:
    """What would meet what in a pose, in words; empty where the C-arm stands clear.

    Parameters
    ----------
    pose : Pose
    inside : callable
        Points, shape (n, 3), world frame, mm -> whether they lie in the body, shape (n,).
    bounds : ndarray, shape (2, 3)
        Lowest and highest corner about the body, mm.
    """
    body, top_mm = box_between(*bounds), float(bounds[0][1]) - UNDER_FRONT_MM
    table = box_between((-TABLE_HALF_MM, top_mm - TABLE_THICK_MM, -TABLE_LONG_MM), (TABLE_HALF_MM, top_mm, TABLE_LONG_MM))
    for name, housing in housings(pose.carm(2)).items():
        if meet(housing, table):
            return f"the {name} would meet the table"
        if meet(housing, body) and inside(surface_points(housing, SPACING_MM)).any():
            return f"the {name} would meet the patient"
    return ""


def move_until_hit(start: Pose, end: Pose, hit: Meets) -> tuple[Pose, str]:
    """How far a movement gets, and what stops it: the end and nothing where all the way is clear.

    Parameters
    ----------
    start, end : Pose
        Where the C-arm stands, and where it is driven; it goes straight. One that does not stand clear goes wherever it is driven.
    hit : callable
        Pose -> what would meet what, empty where nothing does.

    Returns
    -------
    pose : Pose
        The last that is clear.
    met : str
        What would meet what, had it gone on.
    """
    if hit(start):
        return end, ""
    low, shares = 0.0, np.linspace(0.0, 1.0, _steps(start, end) + 1)[1:]
    for high in map(float, shares):
        met = hit(_between(start, end, high))
        if met:
            return _find_last_clear(start, end, (low, high), hit), met
        low = high
    return end, ""


def _find_last_clear(start: Pose, end: Pose, shares: tuple[float, float], hit: Meets) -> Pose:
    low, high = shares
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if hit(_between(start, end, middle)) else (middle, high)
    clear = _between(start, end, low)
    return start if max(_turn_deg(start, clear) / LEAST_DEG, _shift_mm(start, clear) / LEAST_MM) < 1 else clear


def _steps(start: Pose, end: Pose) -> int:
    return max(1, ceil(_turn_deg(start, end) / TURN_DEG), ceil(_shift_mm(start, end) / SHIFT_MM))


def _turn_deg(start: Pose, end: Pose) -> float:
    return max(abs(getattr(end, name) - getattr(start, name)) for name in ANGLES)


def _shift_mm(start: Pose, end: Pose) -> float:
    return dist(start.isocentre, end.isocentre)


def _between(start: Pose, end: Pose, share: float) -> Pose:
    if share == 1.0:
        return end
    angles = {name: getattr(start, name) + share * (getattr(end, name) - getattr(start, name)) for name in ANGLES}
    first, last = np.array(start.isocentre), np.array(end.isocentre)
    return replace(end, isocentre=as_point(first + share * (last - first)), **angles)
