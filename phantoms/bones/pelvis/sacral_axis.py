"""The sacrum's curved axis, and the straightened frame in which the sacrum is written.

A sacrum is a plate bent about transverse axes. It is written as if it were straight, in the frame (x left, n posterior to the axis,
z = minus the arc length along the axis), which equals the sacral local frame cephalad of the S1 endplate, and is bent afterwards.
The axis is a chain of circular arcs, one for each segment, so that both directions of the map are closed formulae.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from phantoms.shapes.implicit import Array, Shape

STRAIGHT_RADIUS_MM = 1e6


@dataclass(frozen=True, kw_only=True, eq=False)
class SacralAxis:
    """Chain of arcs in the mid-sagittal plane, concave ventrally, that starts at the S1 endplate straight down.

    Attributes
    ----------
    lengths_mm : ndarray, shape (k,)
        Arc length of each segment, cephalad first, mm.
    turns : ndarray, shape (k,)
        Angle by which each segment turns ventrally, >= 0, radians.
    """

    lengths_mm: Array
    turns: Array

    @cached_property
    def joints_mm(self) -> Array:
        """Arc length at which each segment starts, and the end of the last; shape (k + 1,), mm."""
        return np.concatenate([[0.0], np.cumsum(self.lengths_mm)])

    @cached_property
    def angles(self) -> Array:
        """Direction of the axis at the joints, from straight down towards ventral, shape (k + 1,), radians."""
        return np.concatenate([[0.0], np.cumsum(self.turns)])

    @cached_property
    def radii_mm(self) -> Array:
        """Radius of each segment, shape (k,), mm; a straight segment counts as a very large circle."""
        return np.minimum(self.lengths_mm / np.maximum(self.turns, 1e-12), STRAIGHT_RADIUS_MM)

    @cached_property
    def nodes(self) -> Array:
        """Points (y, z) of the axis at the joints, shape (k + 1, 2), mm."""
        nodes = [np.zeros(2)]
        for radius, start, length in zip(self.radii_mm, self.angles[:-1], self.lengths_mm, strict=True):
            centre = nodes[-1] - radius * _dorsal(start)
            nodes.append(centre + radius * _dorsal(start + length / radius))
        return np.array(nodes)

    def straighten(self, points: Array) -> Array:
        """Bent to straightened coordinates, shape (n, 3) -> (n, 3), mm; beyond either end the axis runs on straight."""
        segment = self._segment(points)
        result = np.array(points, dtype=float)
        for k in range(len(self.lengths_mm)):
            rows = np.flatnonzero(segment == k)
            if len(rows):
                result[rows, 1:] = self._unroll(points[rows, 1:], k)
        below = np.flatnonzero(segment == len(self.lengths_mm))
        offset = points[below, 1:] - self.nodes[-1]
        result[below, 1] = offset @ _dorsal(self.angles[-1])
        result[below, 2] = -self.joints_mm[-1] - offset @ _caudal(self.angles[-1])
        return result

    def bend(self, points: Array) -> Array:
        """Straightened to bent coordinates, shape (n, 3) -> (n, 3), mm."""
        points = np.atleast_2d(np.asarray(points, dtype=float))
        arc = -points[:, 2]
        k = np.clip(np.searchsorted(self.joints_mm, arc, side="right") - 1, 0, len(self.lengths_mm) - 1)
        along = np.clip(arc - self.joints_mm[k], 0.0, self.lengths_mm[k])
        angle = self.angles[k] + along / self.radii_mm[k]
        centre = self.nodes[k] - self.radii_mm[k, None] * _dorsal(self.angles[k])
        beyond = arc - self.joints_mm[k] - along
        plane = centre + (self.radii_mm[k] + points[:, 1])[:, None] * _dorsal(angle) + beyond[:, None] * _caudal(angle)
        return np.column_stack([points[:, 0], plane])

    def direction(self, arc_mm: float) -> Array:
        """Unit tangent towards cephalad at an arc length, shape (3,)."""
        angle = float(np.interp(arc_mm, self.joints_mm, self.angles))
        return np.array([0.0, *-_caudal(angle)])

    def posterior(self, arc_mm: float) -> Array:
        """Unit normal towards posterior at an arc length, shape (3,)."""
        angle = float(np.interp(arc_mm, self.joints_mm, self.angles))
        return np.array([0.0, *_dorsal(angle)])

    def _segment(self, points: Array) -> Array:
        segment = np.full(len(points), -1)
        for node, angle in zip(self.nodes, self.angles, strict=True):
            segment += (points[:, 1:] - node) @ _caudal(angle) > 0
        return segment

    def _unroll(self, plane: Array, k: int) -> Array:
        radius, start = self.radii_mm[k], self.angles[k]
        offset = plane - (self.nodes[k] - radius * _dorsal(start))
        dorsal, caudal = offset @ _dorsal(start), offset @ _caudal(start)
        distance = np.sqrt(dorsal * dorsal + caudal * caudal)
        return np.column_stack([distance - radius, -self.joints_mm[k] - radius * np.arctan2(caudal, dorsal)])


@dataclass(frozen=True, eq=False)
class Bent:
    """A shape given in the straightened frame, bent along an axis."""

    shape: Shape
    axis: SacralAxis

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        low, high = self.shape.bounds
        lattice = np.meshgrid(*(np.linspace(a, b, n) for a, b, n in zip(low, high, (2, 9, 41), strict=True)))
        bent = self.axis.bend(np.array(lattice).reshape(3, -1).T)
        return np.array([bent.min(axis=0) - 1.0, bent.max(axis=0) + 1.0])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; exact on the axis, stretched by depth / radius off it."""
        return self.shape(self.axis.straighten(points))


def _dorsal(angle: Array | float) -> Array:
    return np.stack([np.cos(angle), -np.sin(angle)], axis=-1)


def _caudal(angle: Array | float) -> Array:
    return np.stack([-np.sin(angle), -np.cos(angle)], axis=-1)
