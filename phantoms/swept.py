"""A superelliptic capsule swept along a bent axis: the one primitive of which a vertebra's arch and processes are made."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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
        Exponent of the section and caps: 2 an ellipse, 4 a rounded box.
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

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        t = np.linspace(0.0, 1.0, 9)
        w, h = self.radii(t)
        reach = np.outer(w + abs(self.curl_mm), abs(self.frame[0])) + np.outer(h, abs(self.frame[1]))
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
        across_w = (local[:, 0] - self.bend_mm[0] * bow - self.curl_mm * np.minimum(across_h * across_h, 2.0)) / w
        return self._distance(across_w, across_h, beyond, w, h)

    def _distance(self, qw: Array, qh: Array, qs: Array, w: Array, h: Array) -> Array:
        """First-order distance (f - 1) / |grad f| of f = (sum |q|^p)^(1/p), written to stay finite on the axis."""
        p = self.power
        total = absolute_power(qw, p) + absolute_power(qh, p) + absolute_power(qs, p)
        k = 2.0 * (p - 1.0)
        slope = absolute_power(qw, k) / (w * w) + absolute_power(qh, k) / (h * h) + absolute_power(qs, k) / self.cap_mm**2
        total = np.maximum(total, 1e-9)
        f = _root(total, p)
        gradient = np.sqrt(slope) * f / total
        return (f - 1.0) / np.maximum(gradient, 1.0 / (np.minimum(w, h) + self.cap_mm))
