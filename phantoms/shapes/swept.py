"""A superelliptic capsule swept along a bent axis: the one primitive of which a vertebra's arch and processes are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import clamp, smooth_max

Array = NDArray[np.float64]
Runs = list[tuple[slice, "Swept"]]

TOGETHER = 1 << 13  # points: up to this many a sheaf computes all its parts in one go
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
    return _no_less(distance, points.T, bounds.ravel().tolist())


def _no_less(distance: Array, columns: Array, box: Sequence[Array] | Sequence[float]) -> Array:
    """As `no_less_than_box`, of points, shape (3, n), and a box's six numbers, or six for each point."""
    squared = np.zeros(len(distance))
    for along, low, high in zip(columns, box[:3], box[3:], strict=True):
        outside = np.maximum(low - along, along - high)
        np.maximum(outside, 0.0, out=outside)
        squared += outside * outside
    return np.maximum(distance, np.sqrt(squared), out=distance, where=squared > 0.0)


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
        t = clamp(s, 0.0, 1.0)
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

    @cached_property
    def row(self) -> Array:
        """The constants of which `_values` computes, shape (20,)."""
        (w0, w1, wm), (h0, h1, hm) = self.width_mm, self.height_mm
        box = self.bounds.ravel().tolist()
        section = [w0, w1 - w0, wm, h0, h1 - h0, hm, *self.bend_mm, self.curl_mm, self.taper]
        return np.array([self.length_mm, self.cap_mm, *section, 2.0 / (self.power * self.cap_mm), *box])

    def local(self, columns: Array) -> Array:
        """World points, shape (3, n), in the part's own frame: along width, height and chord from the start, shape (3, n), mm."""
        return self.frame @ (columns - self.start[:, None])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order, true near the surface."""
        columns = np.ascontiguousarray(points.T)
        return _values(self.row, [(slice(None), self)], columns, self.local(columns))


@dataclass(frozen=True, eq=False)
class SweptBundle:
    """Swept parts asked together, each for its own points: on few points NumPy's calls cost more than the points do."""

    parts: tuple[Swept, ...]

    @cached_property
    def rows(self) -> Array:
        """Constants of the parts, shape (20, k)."""
        return np.stack([part.row for part in self.parts], axis=1)

    def __call__(self, columns: Array, counts: NDArray[np.intp]) -> Array:
        """Signed distances at points, shape (3, n), the first `counts[0]` of them from the first part and so on; shape (n,), mm."""
        ends = np.cumsum(counts).tolist()
        runs = [(slice(first, last), part) for first, last, part in zip([0, *ends], ends, self.parts, strict=False) if last > first]
        local = np.empty_like(columns)
        for run, part in runs:
            local[:, run] = part.local(columns[:, run])
        if columns.shape[1] <= TOGETHER:
            return _values(self.rows.repeat(counts, axis=1), runs, columns, local)
        return np.concatenate([_values(part.row, [(slice(None), part)], columns[:, run], local[:, run]) for run, part in runs])


def _values(rows: Array, runs: Runs, columns: Array, local: Array) -> Array:
    """Signed distance at points, shape (3, n), mm, of the part in whose run each is; `rows` as `Swept.row`, shape (20,) or (20, n)."""
    length, cap, w0, dw, wm, h0, dh, hm, bend_w, bend_h, curl, taper, end_slope, *box = rows
    across, up, s = local
    t = clamp(s / length, 0.0, 1.0)
    beyond = (s - t * length) / cap
    bow = 4.0 * t * (1.0 - t)
    w, h = w0 + t * dw + bow * wm, h0 + t * dh + bow * hm
    across_h = (up - bend_h * bow) / h
    aside = clamp(across_h, -1.5, 1.5)
    w *= 1.0 + taper * aside
    across_w = (across - bend_w * bow - curl * aside * aside) / w
    distance = _superelliptic(runs, across_w, across_h, beyond, w, h, cap, end_slope)
    for run, part in runs:
        if part.face[0]:
            side, level, begins = part.face
            cut = level + 0.5 * clamp((begins - t[run]) / FACE_RUN_IN, 0.0, 1.0)
            distance[run] = smooth_max(distance[run], (side * across_w[run] - cut) * w[run], FACE_EDGE_MM)
    return _no_less(distance, columns, box)


def _superelliptic(runs: Runs, qw: Array, qh: Array, qs: Array, w: Array, h: Array, cap: Array, end_slope: Array) -> Array:
    """First-order distance (f - 1) / |grad f| of f = (|qw|^p + |qh|^p + qs^2)^(1/p), written to stay finite on the axis."""
    total, slope, f = qs * qs, (qs * end_slope) ** 2, np.empty_like(qs)
    for run, part in runs:
        p, k = part.power, 2.0 * (part.power - 1.0)
        total[run] += absolute_power(qw[run], p) + absolute_power(qh[run], p)
        slope[run] += absolute_power(qw[run], k) / (w[run] * w[run]) + absolute_power(qh[run], k) / (h[run] * h[run])
        total[run] = np.maximum(total[run], 1e-9)
        f[run] = _root(total[run], p)
    gradient = np.sqrt(slope) * f / total
    return (f - 1.0) / np.maximum(gradient, 1.0 / (np.minimum(w, h) + cap))
