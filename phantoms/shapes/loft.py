"""A trunk-like solid: star-shaped sections around a smooth axis, given as a table, with its own closed mesh."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import clamp

Array = NDArray[np.float64]
Faces = NDArray[np.intp]
Mesh = tuple[Array, Faces]

HALVED = 16
"""Columns come in this many, so that nested lofts have theirs at the same angles."""
HALVINGS = 2  # of the columns, at most, towards the middle of a cap
HALVE_AT = 0.75  # of their spacing at the rim
ROW_SHARE = 0.87  # height of an even triangle


@dataclass(frozen=True, kw_only=True, eq=False)
class Loft:
    """Sections r(theta) around (0, axis_y), stacked along z and cut flat at both ends.

    Attributes
    ----------
    z_mm : ndarray, shape (k,)
        Heights of the sections, evenly spaced, rising.
    axis_y_mm : ndarray, shape (k,)
        Place of the axis at each height.
    radius_mm : ndarray, shape (k, m)
        Distance of the surface from the axis at evenly spaced angles from the patient's left (+x) over dorsal (+y).
    """

    z_mm: Array
    axis_y_mm: Array
    radius_mm: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        rings = self.rings().reshape(-1, 3)
        return np.array([rings.min(axis=0), rings.max(axis=0)])

    @property
    def angles(self) -> Array:
        """Angles of the table's columns, shape (m,), radians."""
        columns = self.radius_mm.shape[1]
        return np.arange(columns) * (2 * np.pi / columns)

    def rings(self) -> Array:
        """Points of the table, shape (k, m, 3), mm."""
        x = self.radius_mm * np.cos(self.angles)
        y = self.radius_mm * np.sin(self.angles) + self.axis_y_mm[:, None]
        return np.stack([x, y, np.broadcast_to(self.z_mm[:, None], x.shape)], axis=2)

    @cached_property
    def _table(self) -> Array:
        """Radius, and the factor that turns radial into normal distance, with the first column repeated; shape (k, m + 1, 2)."""
        r = self.radius_mm
        step = 2 * np.pi / r.shape[1]
        by_angle = (np.roll(r, -1, axis=1) - np.roll(r, 1, axis=1)) / (2 * step * r)
        by_height = np.gradient(r, self.z_mm, axis=0) + np.gradient(self.axis_y_mm, self.z_mm)[:, None] * np.sin(self.angles)
        both = np.stack([r, 1.0 / np.sqrt(1.0 + by_angle**2 + by_height**2)], axis=2)
        return np.concatenate([both, both[:, :1]], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order."""
        row = clamp((points[:, 2] - self.z_mm[0]) / (self.z_mm[1] - self.z_mm[0]), 0.0, len(self.z_mm) - 1.001)
        i = row.astype(np.intp)
        f = row - i
        y = points[:, 1] - (self.axis_y_mm[i] + f * (self.axis_y_mm[i + 1] - self.axis_y_mm[i]))
        column = np.mod(np.arctan2(y, points[:, 0]), 2 * np.pi) * (self.radius_mm.shape[1] / (2 * np.pi))
        radius, factor = self._interpolate(i, f, np.minimum(column, self.radius_mm.shape[1] - 1e-6)).T
        side = (np.hypot(points[:, 0], y) - radius) * factor
        ends = np.maximum(self.z_mm[0] - points[:, 2], points[:, 2] - self.z_mm[-1])
        return np.maximum(side, ends)

    def _interpolate(self, i: NDArray[np.intp], f: Array, column: Array) -> Array:
        j = column.astype(np.intp)
        g = (column - j)[:, None]
        width = self._table.shape[1]
        flat = self._table.reshape(-1, 2)
        low = flat.take(i * width + j, axis=0) * (1 - g) + flat.take(i * width + j + 1, axis=0) * g
        high = flat.take((i + 1) * width + j, axis=0) * (1 - g) + flat.take((i + 1) * width + j + 1, axis=0) * g
        return low + f[:, None] * (high - low)

    def inset(self, depth_mm: Array | float) -> "Loft":
        """The same solid, thinner by a depth along the normal, shape (k, m) or a number, and a little shorter."""
        radius = self.radius_mm - depth_mm / self._table[:, :-1, 1]
        trim = 1.0
        z = np.linspace(self.z_mm[0] + trim, self.z_mm[-1] - trim, len(self.z_mm))
        return Loft(z_mm=z, axis_y_mm=self.axis_y_mm, radius_mm=radius)

    def mesh(self, pitch_mm: float) -> Mesh:
        """Closed, outward mesh of even triangles with edges of about `pitch_mm`; vertices (n, 3), mm, and faces (m, 3)."""
        columns = self._columns(pitch_mm)
        count = max(2, round((self.z_mm[-1] - self.z_mm[0]) / (ROW_SHARE * pitch_mm)))
        count += count % 2  # so that the first row and the last have their columns in the same places
        row = np.linspace(0.0, len(self.z_mm) - 1.0, count + 1)
        turn = (np.arange(count + 1) % 2) / 2
        rings = self._sample(row, (np.arange(columns) + turn[:, None]) / columns)
        sides = np.concatenate([_between(index, columns) for index in range(count)])
        bottom, low = _cap(rings[0], self._centre(0), pitch_mm, rings.shape[0] * columns)
        top, high = _cap(rings[-1], self._centre(-1), pitch_mm, rings.shape[0] * columns + len(bottom))
        high = np.where(high < columns, high + count * columns, high)
        return np.concatenate([rings.reshape(-1, 3), bottom, top]), np.concatenate([sides, low[:, ::-1], high])

    def _columns(self, pitch_mm: float) -> int:
        """Number of columns, a multiple of `HALVED`, that splits the longest way round into edges of about `pitch_mm`."""
        rings = self.rings()
        around = np.linalg.norm(np.roll(rings, -1, axis=1) - rings, axis=2).sum(axis=1).max()
        return HALVED * max(1, round(float(around) / (HALVED * pitch_mm)))

    def _centre(self, row: int) -> Array:
        return np.array([0.0, self.axis_y_mm[row], self.z_mm[row]])

    def _sample(self, row: Array, turn: Array) -> Array:
        """Points on the surface at rows, shape (k,), and turns round the axis, shape (k, m); shape (k, m, 3), mm."""
        i = np.minimum(row.astype(np.intp), len(self.z_mm) - 2)
        f = row - i
        column = np.mod(turn, 1.0) * self.radius_mm.shape[1]
        radius = self._interpolate(np.repeat(i, turn.shape[1]), np.repeat(f, turn.shape[1]), column.ravel())[:, 0].reshape(turn.shape)
        y = radius * np.sin(2 * np.pi * turn) + np.interp(row, np.arange(len(self.z_mm)), self.axis_y_mm)[:, None]
        z = np.broadcast_to(np.interp(row, np.arange(len(self.z_mm)), self.z_mm)[:, None], turn.shape)
        return np.stack([radius * np.cos(2 * np.pi * turn), y, z], axis=2)


def _between(row: int, columns: int) -> Faces:
    """Triangles between one ring and the next, which is turned by half a column against it, shape (2 m, 3)."""
    ring = np.arange(columns)
    after = (ring + 1) % columns
    # Odd rings lie half a column ahead.
    ahead = row % 2 == 1
    low, high = row * columns, (row + 1) * columns
    if ahead:
        up = np.stack([low + ring, low + after, high + after], axis=1)
        down = np.stack([low + ring, high + after, high + ring], axis=1)
    else:
        up = np.stack([low + ring, low + after, high + ring], axis=1)
        down = np.stack([low + after, high + after, high + ring], axis=1)
    return np.concatenate([up, down])


def _cap(rim: Array, centre: Array, pitch_mm: float, first: int) -> Mesh:
    """Points within a rim, shape (m, 3), and triangles that fill it, anticlockwise as the rim runs.

    Rim points are numbered from 0, the others from `first`; towards the centre every other column ends, where they crowd.
    """
    steps = max(2, round(float(np.linalg.norm(rim - centre, axis=1).max()) / (1.2 * pitch_mm)))
    outer, points, faces, count = np.arange(len(rim)), [], [], first
    for share in np.arange(steps - 1, 0, -1) / steps:
        halve = share * len(rim) / len(outer) < HALVE_AT and len(outer) > len(rim) >> HALVINGS
        places = rim[np.arange(0, len(rim), len(rim) // len(outer) * (2 if halve else 1))]
        inner = np.arange(count, count + len(places))
        faces.append(_halve_ring(outer, inner) if halve else _strip(outer, inner))
        points.append(centre + share * (places - centre))
        outer, count = inner, count + len(inner)
    faces.append(np.stack([outer, np.roll(outer, -1), np.full(len(outer), count)], axis=1))
    return np.concatenate([*points, centre[None]]), np.concatenate(faces)


def _strip(outer: Faces, inner: Faces) -> Faces:
    """Triangles between a ring and one with as many points inside it."""
    onward, within = np.roll(outer, -1), np.roll(inner, -1)
    return np.concatenate([np.stack([outer, onward, inner], axis=1), np.stack([onward, within, inner], axis=1)])


def _halve_ring(outer: Faces, inner: Faces) -> Faces:
    """Triangles between a ring and one with half as many points inside it."""
    even, odd, last, within = outer[::2], outer[1::2], np.roll(outer[::2], -1), np.roll(inner, -1)
    return np.concatenate([np.stack(three, axis=1) for three in ((even, odd, inner), (odd, last, within), (odd, within, inner))])
