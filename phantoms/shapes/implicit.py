"""Implicit shapes: callables that return a signed distance (negative inside), each with the box outside which it need not be asked.

A shape is any object with ``bounds`` (ndarray, shape (2, 3), lower and upper corner of a box that holds the inside, mm) and
``__call__(points (n, 3)) -> (n,)`` mm. Values need be true distances only near the surface; the sign must be right everywhere.
Combinators skip the parts whose box a point is far from, where they report a positive lower bound instead.

Points are (n, 3) everywhere, but NumPy is slow along rows of three: combinators hand them on column by column (Fortran order), and
shapes compute on `points.T`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Shape(Protocol):
    """What every implicit shape offers."""

    @property
    def bounds(self) -> Array:
        """Lower and upper corner of a box around the inside, shape (2, 3), mm."""
        ...

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; negative inside."""
        ...


TOGETHER = 1 << 14
"""Up to this many distances, points times segments, a tube asks all its segments at once; beyond, memory costs more than calls."""


def take_points(points: Array, index: NDArray[np.intp]) -> Array:
    """Points at an index, shape (n, 3), (k,) -> (k, 3), mm, in the order in memory in which they came."""
    return points.T.take(index, axis=1).T if points.flags.f_contiguous else points.take(index, axis=0)


def clamp(values: Array, low: float, high: float) -> Array:
    """Values, shape (n,), mm or dimensionless, held between two limits; `np.clip` does the same and takes longer on few."""
    return np.minimum(np.maximum(values, low), high)


def box_distance(points: Array, bounds: Array) -> Array:
    """Distance from points, shape (n, 3), to a box, shape (2, 3), zero inside it; shape (n,), mm."""
    squared = np.zeros(len(points))
    for axis in range(3):
        along = points[:, axis]
        outside = np.maximum(bounds[0, axis] - along, along - bounds[1, axis])
        np.maximum(outside, 0.0, out=outside)
        outside *= outside
        squared += outside
    return np.sqrt(squared, out=squared)


def evaluate_near(shape: Shape, points: Array, reach_mm: float) -> Array:
    """Signed distance where points lie within `reach_mm` of the shape's box, the distance to the box (at least that) beyond; (n,), mm."""
    distance = box_distance(points, shape.bounds)
    near = np.flatnonzero(distance <= reach_mm)
    if len(near) == len(points):
        return shape(points)
    if len(near):
        distance[near] = shape(take_points(points, near))
    return distance


def smooth_min(a: Array, b: Array, blend_mm: float) -> Array:
    """Quadratic smooth minimum of two distance arrays of one shape, mm; fillets of about `blend_mm`, a plain minimum at 0."""
    if blend_mm <= 0:
        return np.minimum(a, b)
    h = np.maximum(blend_mm - np.abs(a - b), 0.0) / blend_mm
    return np.minimum(a, b) - h * h * (blend_mm / 4)


def smooth_max(a: Array, b: Array, blend_mm: float) -> Array:
    """Quadratic smooth maximum of two distance arrays of one shape, mm; rounds edges by about `blend_mm`."""
    return -smooth_min(-a, -b, blend_mm)


@dataclass(frozen=True)
class Union:
    """Shapes joined one after the other; `blends_mm[i]` is the fillet with which shape i + 1 joins what came before."""

    shapes: tuple[Shape, ...]
    blends_mm: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.blends_mm and len(self.blends_mm) != len(self.shapes) - 1:
            raise ValueError(f"Union of {len(self.shapes)} shapes needs {len(self.shapes) - 1} blends_mm, got {len(self.blends_mm)}")

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        boxes = np.array([shape.bounds for shape in self.shapes])
        margin = max(self.blends_mm, default=0.0) / 4
        return np.array([boxes[:, 0].min(axis=0) - margin, boxes[:, 1].max(axis=0) + margin])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        blends = self.blends_mm or (0.0,) * (len(self.shapes) - 1)
        reach = max(blends, default=0.0) + 3.0
        result = evaluate_near(self.shapes[0], points, reach)
        for shape, blend in zip(self.shapes[1:], blends, strict=True):
            result = smooth_min(result, evaluate_near(shape, points, reach), blend)
        return result


@dataclass(frozen=True)
class Intersection:
    """Points inside both shapes; `blend_mm` rounds the edge."""

    a: Shape
    b: Shape
    blend_mm: float = 0.0

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return np.array([np.maximum(self.a.bounds[0], self.b.bounds[0]), np.minimum(self.a.bounds[1], self.b.bounds[1])])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return smooth_max(self.a(points), self.b(points), self.blend_mm)


@dataclass(frozen=True)
class Carved:
    """A shape less others, which keep their place and a gap around them."""

    shape: Shape
    cutters: tuple[Shape, ...]
    gap_mm: float = 0.0
    blend_mm: float = 0.0

    @property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return self.shape.bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        result = self.shape(points)
        for cutter in self.cutters:
            near = np.flatnonzero(box_distance(points, cutter.bounds) <= self.gap_mm + self.blend_mm + 3.0)
            if len(near):
                result[near] = smooth_max(result[near], self.gap_mm - cutter(take_points(points, near)), self.blend_mm)
        return result


@dataclass(frozen=True)
class Offset:
    """A shape grown by `grow_mm` (shrunk where negative)."""

    shape: Shape
    grow_mm: float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return self.shape.bounds + np.array([[-1.0], [1.0]]) * max(self.grow_mm, 0.0)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return self.shape(points) - self.grow_mm


@dataclass(frozen=True, eq=False)
class Placed:
    """A shape given in a local frame, put in the world by a rigid matrix world_from_local, shape (4, 4)."""

    shape: Shape
    world_from_local: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        low, high = self.shape.bounds
        corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T
        corners = corners @ self.world_from_local[:3, :3].T + self.world_from_local[:3, 3]
        return np.array([corners.min(axis=0), corners.max(axis=0)])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        local = self.world_from_local[:3, :3].T @ (points.T - self.world_from_local[:3, 3:])
        return self.shape(local.T)


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """Ellipsoid with semi-axes along x, y, z, mm; first-order distance."""

    centre: Array
    radii_mm: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return np.array([np.asarray(self.centre) - self.radii_mm, np.asarray(self.centre) + self.radii_mm])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        k0, k1 = np.zeros((2, len(points)))
        for along, middle, radius in zip(points.T, self.centre, self.radii_mm, strict=True):
            share = (along - middle) / radius
            k0 += share * share
            share /= radius
            k1 += share * share
        k0, k1 = np.sqrt(k0), np.sqrt(k1)
        return np.where(k1 > 0, k0 * (k0 - 1.0) / np.maximum(k1, 1e-12), -float(np.min(self.radii_mm)))


@dataclass(frozen=True, eq=False)
class Tube:
    """Round tube along a polyline, shape (k, 3), with a radius at each point, shape (k,) or a number, mm; round ends."""

    path: Array
    radius_mm: Array | float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        radius = np.broadcast_to(self.radius_mm, len(self.path))[:, None]
        return np.array([(self.path - radius).min(axis=0), (self.path + radius).max(axis=0)])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        columns = np.ascontiguousarray(points.T)
        if len(points) * (len(self.path) - 1) <= TOGETHER:
            return self._distances(columns[..., None], slice(None)).min(axis=1)
        result = np.full(len(points), np.inf)
        for index in range(len(self.path) - 1):
            np.minimum(result, self._distances(columns, index), out=result)
        return result

    @cached_property
    def _segments(self) -> tuple[Array, Array, Array, Array, Array]:
        """Starts (3, k) and vectors (3, k) of the segments, their squared lengths, first radii and how much these grow, each (k,)."""
        radius = np.broadcast_to(np.asarray(self.radius_mm, dtype=float), len(self.path))
        along = np.diff(self.path, axis=0).T
        return self.path[:-1].T, along, np.maximum((along * along).sum(axis=0), 1e-12), radius[:-1], np.diff(radius)

    def _distances(self, columns: Array, which: int | slice) -> Array:
        """Signed distance of points, (3, n) or (3, n, 1), from one segment, (n,), or from all, (n, k), mm."""
        (ax, ay, az), (u, v, w), squared, radius, growth = (item[..., which] for item in self._segments)
        x, y, z = columns
        dx, dy, dz = x - ax, y - ay, z - az
        t = np.minimum(np.maximum((u * dx + v * dy + w * dz) / squared, 0.0), 1.0)
        dx -= u * t
        dy -= v * t
        dz -= w * t
        return np.sqrt(dx * dx + dy * dy + dz * dz) - (radius + t * growth)
