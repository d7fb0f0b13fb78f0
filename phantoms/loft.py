"""A trunk-like solid: star-shaped sections around a smooth axis, given as a table, with its own closed mesh."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mesh = tuple[Array, NDArray[np.intp]]


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
        row = np.clip((points[:, 2] - self.z_mm[0]) / (self.z_mm[1] - self.z_mm[0]), 0.0, len(self.z_mm) - 1.001)
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
        """Closed, outward mesh with edges of about `pitch_mm`; vertices (n, 3), mm, and faces (m, 3)."""
        rows = self._every(len(self.z_mm), pitch_mm / (self.z_mm[1] - self.z_mm[0]))
        step = float(np.median(self.radius_mm)) * 2 * np.pi / self.radius_mm.shape[1]
        columns = np.arange(0, self.radius_mm.shape[1], max(1, round(pitch_mm / step)))
        rings = self.rings()[np.ix_(rows, columns)]
        centres = np.stack([np.zeros(len(rows)), self.axis_y_mm[rows], self.z_mm[rows]], axis=1)
        inner = np.arange(1, max(2, round(float(self.radius_mm.max()) / (2 * pitch_mm))))[:, None, None] / max(
            2, round(float(self.radius_mm.max()) / (2 * pitch_mm))
        )
        bottom = centres[0] + inner * (rings[0] - centres[0])
        top = centres[-1] + inner[::-1] * (rings[-1] - centres[-1])
        stack = np.concatenate([bottom, rings, top])
        return _close(stack, centres[0], centres[-1])

    @staticmethod
    def _every(count: int, step: float) -> NDArray[np.intp]:
        return np.unique(np.round(np.linspace(0, count - 1, max(2, round((count - 1) / max(step, 1.0)) + 1))).astype(np.intp))


def _close(rings: Array, bottom: Array, top: Array) -> Mesh:
    """Quads between consecutive rings, shape (k, m, 3), and a fan at either end."""
    k, m, _ = rings.shape
    ring = np.arange(m)
    after = (ring + 1) % m
    row = np.arange(k - 1)[:, None] * m
    a, b, c, d = row + ring, row + after, row + m + ring, row + m + after
    sides = np.concatenate([np.stack([a, b, d], axis=2).reshape(-1, 3), np.stack([a, d, c], axis=2).reshape(-1, 3)])
    first = np.stack([np.full(m, k * m), after, ring], axis=1)
    last = np.stack([np.full(m, k * m + 1), (k - 1) * m + ring, (k - 1) * m + after], axis=1)
    faces = np.concatenate([sides, first, last])
    return np.concatenate([rings.reshape(-1, 3), bottom[None], top[None]]), faces
