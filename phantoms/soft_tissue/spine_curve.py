"""The curve along which the spinal canal runs, and coordinates along and across it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.shapes.implicit import clamp

Array = NDArray[np.float64]

STEP_MM = 0.5
TOGETHER = 1 << 12
"""Points whose coordinates are worked out at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SpineCurve:
    """A curve in space with a frame that follows the vertebrae.

    Coordinates are u (to the patient's left), v (dorsal) and t (along the curve, caudad), mm. `positions` and `axes` are tabulated every
    `STEP_MM` of t from 0; axes hold left, dorsal and caudal unit vectors as rows.

    Attributes
    ----------
    positions : ndarray, shape (k, 3)
        Points of the curve, world frame, mm; their z falls all the way.
    axes : ndarray, shape (k, 3, 3)
        Unit vectors left, dorsal, caudal at each point.
    """

    positions: Array
    axes: Array

    @property
    def length_mm(self) -> float:
        """Length of the curve, mm."""
        return (len(self.positions) - 1) * STEP_MM

    @cached_property
    def _flat(self) -> Array:
        return np.concatenate([self.positions, self.axes.reshape(-1, 9)], axis=1)

    @cached_property
    def _index_of_z(self) -> tuple[float, Array]:
        """Lowest z and the curve's t at every `STEP_MM` of z above it."""
        low = float(self.positions[-1, 2])
        z = low + STEP_MM * np.arange(int((self.positions[0, 2] - low) / STEP_MM) + 1)
        return low, np.interp(z, self.positions[::-1, 2], np.arange(len(self.positions))[::-1] * STEP_MM)

    def _lookup(self, t: Array, table: Array) -> Array:
        place = clamp(t / STEP_MM, 0.0, len(self.positions) - 1.001)
        index = place.astype(np.intp)
        low = table.take(index, axis=0)
        high = table.take(index + 1, axis=0)
        high -= low
        high *= (place - index)[:, None]
        high += low
        return high

    @cached_property
    def _steering(self) -> Array:
        """Positions and caudal axes alone: what the search for t looks up."""
        return np.ascontiguousarray(self._flat[:, [0, 1, 2, 9, 10, 11]])

    def coordinates(self, points: Array) -> Array:
        """World points, shape (n, 3), to (u, v, t), shape (n, 3), mm; beyond the ends the curve goes straight on."""
        if len(points) <= TOGETHER:
            return self._coordinates(points)
        local = np.empty((3, len(points)))
        for first in range(0, len(points), TOGETHER):  # as many as stay in the processor's own memory
            some = slice(first, first + TOGETHER)
            local[:, some] = self._coordinates(points[some]).T
        return local.T

    def _coordinates(self, points: Array) -> Array:
        low, table = self._index_of_z
        place = np.clip(((points[:, 2] - low) / STEP_MM).astype(np.intp), 0, len(table) - 1)
        t = table.take(place)
        x, y, z = points.T
        for _ in range(2):
            row = self._lookup(t, self._steering).T
            along = (x - row[0]) * row[3] + (y - row[1]) * row[4] + (z - row[2]) * row[5]
            t = clamp(t + along, 0.0, self.length_mm)
        row = self._lookup(t, self._flat).T
        dx, dy, dz = x - row[0], y - row[1], z - row[2]
        local = np.empty((3, len(points)))
        for axis in range(3):
            local[axis] = dx * row[3 + 3 * axis] + dy * row[4 + 3 * axis] + dz * row[5 + 3 * axis]
        local[2] += t
        return local.T

    def world(self, local: Array) -> Array:
        """Coordinates (u, v, t), shape (n, 3), mm, to world points, shape (n, 3), mm."""
        local = np.atleast_2d(np.asarray(local, dtype=float))
        t = clamp(local[:, 2], 0.0, self.length_mm)
        frame = self._lookup(t, self._flat)
        offset = np.stack([local[:, 0], local[:, 1], local[:, 2] - t], axis=1)
        return frame[:, :3] + np.einsum("ik,ikj->ij", offset, frame[:, 3:].reshape(-1, 3, 3))

    def axis(self, t: float, index: int) -> Array:
        """Unit vector left (0), dorsal (1) or caudal (2) at t, shape (3,)."""
        return self._lookup(np.array([t]), self._flat)[0, 3 + 3 * index : 6 + 3 * index]


def spine_curve(knots: Array, dorsal: Array) -> SpineCurve:
    """Curve through points with given dorsal directions.

    Parameters
    ----------
    knots : ndarray, shape (k, 3)
        Points from cranial to caudal, mm.
    dorsal : ndarray, shape (k, 3)
        About where dorsal is at each (made perpendicular to the curve).

    Raises
    ------
    ValueError
        Where the knots do not run from cranial to caudal.
    """
    if not (np.diff(knots[:, 2]) < 0).all():
        raise ValueError(f"a spine's knots must run from cranial to caudal, got z = {np.round(knots[:, 2], 1).tolist()}")
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    fine = np.linspace(0.0, chord[-1], 8 * int(chord[-1]))
    path = CubicSpline(chord, knots)(fine)
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.interp(np.arange(int(travelled[-1] / STEP_MM) + 1) * STEP_MM, travelled, fine)
    spline = CubicSpline(chord, knots)
    return SpineCurve(positions=spline(at), axes=_frames(spline(at, 1), CubicSpline(chord, dorsal)(at)))


def _frames(tangent: Array, dorsal: Array) -> Array:
    caudal = tangent / np.linalg.norm(tangent, axis=1, keepdims=True)
    across = dorsal - np.einsum("ij,ij->i", dorsal, caudal)[:, None] * caudal
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    left = np.cross(caudal, across)
    return np.stack([left, across, caudal], axis=1)
