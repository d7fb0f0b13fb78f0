"""A superelliptic capsule swept along a bent axis: the one primitive of which a vertebra's arch and processes are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes import box_distance, smooth_max

Array = NDArray[np.float64]

FACE_EDGE_MM = 0.5  # rounding of an articular face's edge
FACE_RUN_IN = 0.2  # share of the chord over which a face sinks in


def absolute_power(q: Array, p: float) -> Array:
    """|q|^p, any shape, dimensionless; whole powers by products, which are many times faster than `**`."""
    if p == 2.0:
        return q * q
    if p == 3.0:
        return np.abs(q) * q * q
    if p == 4.0:
        squared = q * q
        return squared * squared
    return np.abs(q) ** p


def no_less_than_box(distance: Array, points: Array, bounds: Array) -> Array:
    """Raise a distance, shape (n,), mm, to the box's where that is more: first order runs low far off, where unions skip by the box."""
    beyond = box_distance(points, bounds)
    return np.where(beyond > 0.0, np.maximum(distance, beyond), distance)


def _root(total: Array, p: float) -> Array:
    """The p-th root of a positive array."""
    if p == 2.0:
        return np.sqrt(total)
    root: Array = np.cbrt(total) if p == 3.0 else total ** (1.0 / p)
    return root


@dataclass(frozen=True, kw_only=True, eq=False)
class Swept:
    """Capsule with a superelliptic section, swept from one end to the other.

    Attributes
    ----------
    start, end : ndarray, shape (3,)
        Ends of the chord, mm; the rounded caps reach `cap_mm` beyond them.
    reference : ndarray, shape (3,)
        Direction of the section's height axis at roll 0 (made perpendicular to the chord), unit vector.
    width_mm, height_mm : tuple of three floats
        Half-extents of the section at the start, the end, and how much more in the middle, mm.
    bend_mm : tuple of two floats
        Sagitta of the axis along the width and height axes, mm.
    roll : float
        Turn of the section about the chord, radians.
    curl_mm : float
        How far the section's height ends bow along the width axis, mm.
    cap_mm : float
        Length of the rounded ends, mm.
    power : float
        Exponent of the section: 2 an ellipse, 4 a rounded box. The caps are round.
    taper : float
        How much wider the section is at its height end, and narrower at the other: width times 1 + taper * height / half-height.
    face : tuple of three floats
        A flat articular face cut off one side: the side (1 or -1 along the width axis, 0 for none), where it lies (fraction of the
        half-width) and from which t on.
    """

    start: Array
    end: Array
    reference: Array
    width_mm: tuple[float, float, float]
    height_mm: tuple[float, float, float]
    bend_mm: tuple[float, float] = (0.0, 0.0)
    roll: float = 0.0
    curl_mm: float = 0.0
    cap_mm: float = 3.0
    power: float = 2.0
    taper: float = 0.0
    face: tuple[float, float, float] = (0.0, 1.0, 0.0)

    @cached_property
    def frame(self) -> Array:
        """Unit width, height and chord axes as rows, shape (3, 3)."""
        chord = self.end - self.start
        chord = chord / np.linalg.norm(chord)
        height = self.reference - (self.reference @ chord) * chord
        height = height / np.linalg.norm(height)
        width = np.cross(height, chord)
        c, s = np.cos(self.roll), np.sin(self.roll)
        return np.array([c * width + s * height, c * height - s * width, chord])

    @cached_property
    def length_mm(self) -> float:
        """Length of the chord, mm."""
        return float(np.linalg.norm(self.end - self.start))

    def axis(self, t: Array) -> Array:
        """Points on the bent axis at t in [0, 1], shape (k,) -> (k, 3), mm."""
        bow = 4.0 * t * (1.0 - t)
        sideways = np.outer(bow * self.bend_mm[0], self.frame[0]) + np.outer(bow * self.bend_mm[1], self.frame[1])
        return self.start + np.outer(t, self.end - self.start) + sideways

    def radii(self, t: Array) -> tuple[Array, Array]:
        """Half-width and half-height of the section at t in [0, 1], each shape (k,), mm."""
        bow = 4.0 * t * (1.0 - t)
        (w0, w1, wm), (h0, h1, hm) = self.width_mm, self.height_mm
        return w0 + t * (w1 - w0) + bow * wm, h0 + t * (h1 - h0) + bow * hm

    def surface_points(self) -> Array:
        """Points about on the part's own surface and its caps, shape (k, 3), mm: seeds of a search for its tips."""
        s = np.repeat(np.linspace(-0.98, 1.98, 25), 32)
        angle = np.tile(np.linspace(0.0, 2 * np.pi, 32, endpoint=False), 25)
        t = np.clip(s, 0.0, 1.0)
        shrink = np.sqrt(1.0 - (s - t) ** 2) ** (2.0 / self.power)
        w, h = self.radii(t)
        round_off = (np.abs(np.cos(angle)) ** self.power + np.abs(np.sin(angle)) ** self.power) ** (-1.0 / self.power)
        across_h = shrink * round_off * np.sin(angle)
        width = w * (1.0 + self.taper * across_h) * shrink * round_off * np.cos(angle) + self.curl_mm * across_h**2
        offsets = np.stack([width, h * across_h, (s - t) * self.cap_mm], axis=1)
        return self.axis(t) + offsets @ self.frame

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        t = np.linspace(0.0, 1.0, 9)
        w, h = self.radii(t)
        reach = np.outer(w * (1.0 + abs(self.taper)) + abs(self.curl_mm), abs(self.frame[0])) + np.outer(h, abs(self.frame[1]))
        reach[[0, -1]] += self.cap_mm * abs(self.frame[2])
        centre = self.axis(t)
        return np.array([(centre - reach).min(axis=0), (centre + reach).max(axis=0)])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order, true near the surface."""
        local = (points - self.start) @ self.frame.T
        s = local[:, 2]
        t = np.clip(s / self.length_mm, 0.0, 1.0)
        beyond = (s - t * self.length_mm) / self.cap_mm
        w, h = self.radii(t)
        bow = 4.0 * t * (1.0 - t)
        across_h = (local[:, 1] - self.bend_mm[1] * bow) / h
        aside = np.clip(across_h, -1.5, 1.5)
        w = w * (1.0 + self.taper * aside)
        across_w = (local[:, 0] - self.bend_mm[0] * bow - self.curl_mm * aside * aside) / w
        distance = self._distance(across_w, across_h, beyond, w, h)
        if self.face[0]:
            side, level, begins = self.face
            cut = level + 0.5 * np.clip((begins - t) / FACE_RUN_IN, 0.0, 1.0)
            distance = smooth_max(distance, (side * across_w - cut) * w, FACE_EDGE_MM)
        return no_less_than_box(distance, points, self.bounds)

    def _distance(self, qw: Array, qh: Array, qs: Array, w: Array, h: Array) -> Array:
        """First-order distance (f - 1) / |grad f| of f = (|qw|^p + |qh|^p + qs^2)^(1/p), written to stay finite on the axis."""
        p = self.power
        total = absolute_power(qw, p) + absolute_power(qh, p) + qs * qs
        k = 2.0 * (p - 1.0)
        slope = absolute_power(qw, k) / (w * w) + absolute_power(qh, k) / (h * h) + qs * qs * (2.0 / (p * self.cap_mm)) ** 2
        total = np.maximum(total, 1e-9)
        f = _root(total, p)
        gradient = np.sqrt(slope) * f / total
        return (f - 1.0) / np.maximum(gradient, 1.0 / (np.minimum(w, h) + self.cap_mm))
