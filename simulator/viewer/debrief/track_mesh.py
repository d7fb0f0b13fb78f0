"""The way of a needle's tip as a mesh of the room: the trainee's a whole line, the expert's broken, so colour is not all that differs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.viewer.room import vtkjs_export
from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import Colour, join
from simulator.viewer.room.meshes.solids import rod

Floats = NDArray[np.float64]

SIDES = 6
LEAST_MM = 1e-6  # a shorter piece has no direction


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackLook:
    """How a way is drawn: half thickness, mm, colour, and length of dash and gap, mm; no gap makes an unbroken line."""

    radius_mm: float
    colour: Colour
    dash_mm: float = 0.0
    gap_mm: float = 0.0


OWN = "track"
EXPERT = "expert-track"
LOOKS = {
    OWN: TrackLook(radius_mm=0.9, colour=materials.TRACK),
    EXPERT: TrackLook(radius_mm=0.9, colour=materials.EXPERT_TRACK, dash_mm=4.0, gap_mm=3.0),
}


def make_track(name: str, ways: Sequence[ArrayLike]) -> dict[str, Any] | None:
    """Ways of one attempt's needles as a mesh of the room in plain form; None where there is none.

    Parameters
    ----------
    name : str
        `OWN` or `EXPERT`.
    ways : sequence of array_like, shape (n, 3)
        World frame, mm.
    """
    look = LOOKS[name]
    pieces = [piece for way in ways for piece in split_dashes(way, look.dash_mm, look.gap_mm)]
    rods = [
        rod(start, end, look.radius_mm, look.colour, sides=SIDES)
        for piece in pieces
        for start, end in pairwise(piece)
        if np.linalg.norm(end - start) > LEAST_MM
    ]
    return vtkjs_export.to_vtkjs(join(*rods)) if rods else None


def split_dashes(way: ArrayLike, dash_mm: float, gap_mm: float) -> Iterator[Floats]:
    """Dashes of a way, each of shape (m, 3), measured along it whatever the distances of its points; the whole way without a gap.

    Parameters
    ----------
    way : array_like, shape (n, 3)
        mm.
    dash_mm, gap_mm : float
        Lengths along the way.
    """
    points = np.asarray(way, dtype=float).reshape(-1, 3)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]) if len(points) else np.zeros(1)
    if len(points) < 2 or gap_mm <= 0:
        yield points
        return
    for begin in np.arange(0.0, along[-1], dash_mm + gap_mm):
        stops = np.array([begin, *along[(along > begin) & (along < begin + dash_mm)], min(begin + dash_mm, along[-1])])
        yield np.stack([np.interp(stops, along, points[:, axis]) for axis in range(3)], axis=1)
