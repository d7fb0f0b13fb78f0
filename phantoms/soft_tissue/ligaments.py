"""Ligaments of the dorsal spine: flavum with its midline gaps, interspinous with its fat, supraspinous, sacrococcygeal membrane."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape, clamp, evaluate_near, smooth_max
from phantoms.soft_tissue.canal import CanalProfile, curve_bounds, lookup, over_roof
from phantoms.soft_tissue.spine_curve import SpineCurve

Array = NDArray[np.float64]

GAP_WIDTH_MM = 1.5
MEMBRANE_MM = 1.8  # sacrococcygeal membrane, 1.8 +- 0.8 (FACTS 1.7 [74, 75])
FAT_GAP_MM = (3.5, 1.1)  # length and width of the fat in the interspinous ligament at the flavum (FACTS 1.6 [51])


@dataclass(frozen=True, kw_only=True, eq=False)
class Flavum:
    """Ligamentum flavum of one interspace: a V-shaped plate on the canal's roof, before laminae and facets are taken out of it.

    `t_range_mm` runs from its attachment on the front of the upper lamina to the upper edge of the lower one; `gap_mm` is the stretch
    of t where the two halves do not meet in the midline, or None.
    """

    profile: CanalProfile
    t_range_mm: tuple[float, float]
    half_width_mm: float
    gap_mm: tuple[float, float] | None = None

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return curve_bounds(self.profile.curve, self.t_range_mm, self.half_width_mm + 6.0)

    @cached_property
    def _table(self) -> Array:
        return np.stack([self.profile.roof, self.profile.slope, np.maximum(self.profile.flavum, 0.3)], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        u, v, t = self.profile.curve.coordinates(points).T
        roof, slope, thickness = lookup(self._table, t)
        height = over_roof(u, v, roof, slope)
        plate = np.abs(height - thickness / 2) - thickness / 2
        ends = np.maximum(np.maximum(self.t_range_mm[0] - t, t - self.t_range_mm[1]), np.abs(u) - self.half_width_mm)
        result = smooth_max(plate, ends, 1.0)
        return result if self.gap_mm is None else np.maximum(result, self._cleft(u, t))

    def _cleft(self, u: Array, t: Array) -> Array:
        low, high = self.gap_mm or (0.0, 0.0)
        return np.minimum(GAP_WIDTH_MM / 2 - np.abs(u), np.minimum(t - low, high - t))


@dataclass(frozen=True, kw_only=True, eq=False)
class Interspinous:
    """Interspinous ligament: a midline plate between two spinous processes, from the flavum to their tips.

    `upper` and `lower` are lines (v, t) -> (v, t), shape (2, 2): along the lower border of the spinous process above, along the upper
    border of the one below; `tuck_mm` how far the plate reaches into the bone, which is taken out of it.
    """

    profile: CanalProfile
    upper: Array
    lower: Array
    tuck_mm: float = 3.0

    @cached_property
    def _t_range(self) -> tuple[float, float]:
        t = np.concatenate([self.upper[:, 1], self.lower[:, 1]])
        return float(t.min() - self.tuck_mm), float(t.max() + self.tuck_mm)

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        reach = float(max(self.upper[:, 0].max(), self.lower[:, 0].max())) + 3.0
        box = curve_bounds(self.profile.curve, self._t_range, reach)
        # A thin midline plate: its box need not be as wide as it is deep.
        middle = box[:, 0].mean()
        half = 6.0 + max(0.0, (box[1, 0] - box[0, 0]) / 2 - reach)
        box[:, 0] = middle - half, middle + half
        return box

    @cached_property
    def _table(self) -> Array:
        return np.stack([self.profile.roof, self.profile.flavum], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        u, v, t = self.profile.curve.coordinates(points).T
        roof, flavum = lookup(self._table, t)
        tips = max(self.upper[1, 0], self.lower[1, 0])
        start = roof + 0.6 * flavum
        along = clamp((v - start) / np.maximum(tips - start, 5.0), 0.0, 1.0)
        # Half-widths 3.6 in front, 2.3 in the middle, 4.6 behind: widths 7.3, 4.5, 9.2 mm (FACTS 1.6 [51]).
        half = np.interp(along, [0.0, 0.5, 1.0], [3.6, 2.3, 4.2])
        above, below = self._edge(self.upper, v) - t, t - self._edge(self.lower, v)
        inside = np.maximum(np.maximum(above, below) - self.tuck_mm, np.maximum(start - v, v - self._tip(t)))
        return smooth_max(np.abs(u) - half, inside, 1.0)

    @staticmethod
    def _edge(line: Array, v: Array) -> Array:
        (v0, t0), (v1, t1) = line
        return t0 + (t1 - t0) * clamp((v - v0) / (v1 - v0), 0.0, 1.0)

    def _tip(self, t: Array) -> Array:
        (v0, t0), (v1, t1) = self.upper[1], self.lower[1]
        return v0 + (v1 - v0) * clamp((t - t0) / max(t1 - t0, 1.0), 0.0, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Membrane:
    """Sacrococcygeal membrane: what closes the sacral canal's lumen where no bone does, from the hiatus' apex to its end.

    `lumen` is the canal with its hiatus; the membrane lies on it from t = `apex_mm` on, up to `half_width_mm` from the midline.
    """

    curve: SpineCurve
    lumen: Shape
    apex_mm: float
    half_width_mm: float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return curve_bounds(self.curve, (self.apex_mm, self.curve.length_mm), self.half_width_mm + 8.0)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        u, _, t = self.curve.coordinates(points).T
        out = evaluate_near(self.lumen, points, 4.0)
        return np.maximum(np.maximum(out - MEMBRANE_MM, -out), np.maximum(self.apex_mm - t, np.abs(u) - self.half_width_mm))
