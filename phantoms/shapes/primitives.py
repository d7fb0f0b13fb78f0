"""Primitives of the pelvic ring and the ribs: folded and mirrored shapes, rounded boxes, flattened tubes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from phantoms.shapes.implicit import Array, Shape


@dataclass(frozen=True, eq=False)
class Folded:
    """A shape given for x >= 0 and repeated on the other side, so that it is symmetric to the last bit."""

    shape: Shape

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        bounds = np.array(self.shape.bounds)
        bounds[0, 0] = -bounds[1, 0]
        return bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        folded = points.copy(order="K")
        np.abs(folded[:, 0], out=folded[:, 0])
        return self.shape(folded)


@dataclass(frozen=True, eq=False)
class Mirrored:
    """A shape seen in the mid-sagittal mirror."""

    shape: Shape

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        bounds = np.array(self.shape.bounds)
        bounds[:, 0] = -bounds[::-1, 0]
        return bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return self.shape(points * [-1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class RoundedBox:
    """Box with rounded edges; `axes` columns are its own unit axes, shape (3, 3), `half_mm` its half extents along them, shape (3,)."""

    centre: Array
    axes: Array
    half_mm: Array
    round_mm: float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        reach = np.abs(self.axes) @ self.half_mm
        return np.array([self.centre - reach, self.centre + reach])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; exact."""
        excess = np.abs((points - self.centre) @ self.axes) - (self.half_mm - self.round_mm)
        outside = np.maximum(excess, 0.0)
        return np.sqrt(np.einsum("ij,ij->i", outside, outside)) + np.minimum(excess.max(axis=1), 0.0) - self.round_mm


@dataclass(frozen=True, eq=False)
class FlatTube:
    """Elliptic tube along a polyline, shape (k, 3), with round ends.

    `thin` gives the direction of the thin semi-axis at each point, shape (k, 3); `thin_mm` and `broad_mm` the two semi-axes, shape (k,).
    """

    path: Array
    thin: Array
    thin_mm: Array
    broad_mm: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        reach = np.maximum(self.thin_mm, self.broad_mm)[:, None]
        return np.array([(self.path - reach).min(axis=0), (self.path + reach).max(axis=0)])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order."""
        result = np.full(len(points), np.inf)
        for k in range(len(self.path) - 1):
            np.minimum(result, self._segment(points, k), out=result)
        return result

    def _segment(self, points: Array, k: int) -> Array:
        length = float(np.linalg.norm(self.path[k + 1] - self.path[k]))
        axis = (self.path[k + 1] - self.path[k]) / length
        offset = points - self.path[k]
        along = offset @ axis
        t = np.clip(along / length, 0.0, 1.0)
        side = offset @ _across(self.thin[k] + self.thin[k + 1], axis)
        broad_squared = np.maximum(np.einsum("ij,ij->i", offset, offset) - side * side - along * along, 0.0)
        a = self.thin_mm[k] + t * (self.thin_mm[k + 1] - self.thin_mm[k])
        b = self.broad_mm[k] + t * (self.broad_mm[k + 1] - self.broad_mm[k])
        cap = np.minimum(a, b)
        return _ellipsoid_distance(along - t * length, cap, side, a, broad_squared, b)


def _ellipsoid_distance(u: Array, a: Array, v: Array, b: Array, w_squared: Array, c: Array) -> Array:
    """First-order signed distance to an ellipsoid with semi-axes a, b, c along u, v, w; shapes (n,), mm."""
    p, q, r = (u / a) ** 2, (v / b) ** 2, w_squared / (c * c)
    k0 = np.sqrt(p + q + r)
    k1 = np.sqrt(p / (a * a) + q / (b * b) + r / (c * c))
    return np.where(k1 > 0, k0 * (k0 - 1.0) / np.maximum(k1, 1e-12), -np.minimum(b, c))


def ellipse_distance(u: Array, v: Array, a: Array, b: Array) -> Array:
    """First-order signed distance to an ellipse with semi-axes a, b along u, v; shapes (n,), mm."""
    k0 = np.hypot(u / a, v / b)
    k1 = np.hypot(u / (a * a), v / (b * b))
    return np.where(k1 > 0, k0 * (k0 - 1.0) / np.maximum(k1, 1e-12), -np.minimum(a, b))


def _across(direction: Array, axis: Array) -> Array:
    """Part of a direction across an axis, made a unit vector; shape (3,)."""
    across = direction - axis * (direction @ axis) / (axis @ axis)
    return across / np.linalg.norm(across)
