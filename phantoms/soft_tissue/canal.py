"""The spinal canal: lumen, epidural zones, dural sac with cerebrospinal fluid, cord and the strands of the cauda equina.

Everything here is written in the coordinates of the spine curve (u left, v dorsal, t caudad), with tables in t.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import Labels
from phantoms.shapes.implicit import Shape, Union, clamp, smooth_max
from phantoms.soft_tissue.spine_curve import STEP_MM, SpineCurve
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]

APEX_MM = 2.5  # the laminae meet in a rounded angle
DURA_MM = 0.3
DORSAL_ANGLE = np.radians(35.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class CanalProfile:
    """The canal's section along the spine curve, one value per table entry of the curve, mm.

    Attributes
    ----------
    curve : SpineCurve
        Where the canal runs.
    roof : ndarray, shape (k,)
        v of the canal's dorsal wall (lamina or flavum) in the midline.
    slope : ndarray, shape (k,)
        How fast the roof falls to the sides, mm per mm.
    flavum : ndarray, shape (k,)
        Thickness of the ligamentum flavum dorsal to the roof; 0 where there is none.
    front : ndarray, shape (k,)
        v of the ventral wall (bodies and discs).
    half_width : ndarray, shape (k,)
        Half the distance between the pedicles' medial borders.
    sac_centre, sac_half_depth, sac_half_width : ndarray, shape (k,)
        The dural sac's elliptical section; half-axes are 0 where there is none.
    """

    curve: SpineCurve
    roof: Array
    slope: Array
    flavum: Array
    front: Array
    half_width: Array
    sac_centre: Array
    sac_half_depth: Array
    sac_half_width: Array

    @cached_property
    def t_mm(self) -> Array:
        """Places along the curve at which the tables stand, shape (k,), mm."""
        return STEP_MM * np.arange(len(self.roof), dtype=np.float64)

    def at(self, name: str, t: float) -> float:
        """Value of one table at t, mm."""
        return float(np.interp(t, self.t_mm, getattr(self, name)))


def lookup(table: Array, t: Array) -> Array:
    """Rows of a table in t, shape (k, m), interpolated at t, shape (n,); shape (m, n), in the table's unit."""
    place = clamp(t / STEP_MM, 0.0, len(table) - 1.001)
    index = place.astype(np.intp)
    low = table.take(index, axis=0)
    low += (place - index)[:, None] * (table.take(index + 1, axis=0) - low)
    return low.T


def over_roof(u: Array, v: Array, roof: Array, slope: Array) -> Array:
    """Height over the V-shaped roof of the canal, along its normal, shape (n,), mm."""
    return (v - roof + slope * (np.sqrt(u * u + APEX_MM**2) - APEX_MM)) / np.sqrt(1.0 + slope * slope)


def curve_bounds(curve: SpineCurve, t_range: tuple[float, float], reach_mm: float) -> Array:
    """Box around a stretch of the curve and what lies within `reach_mm` of it, shape (2, 3), mm."""
    first, last = (int(np.clip(t / STEP_MM, 0, len(curve.positions) - 1)) for t in t_range)
    stretch = curve.positions[first : last + 2]
    return np.array([stretch.min(axis=0) - reach_mm, stretch.max(axis=0) + reach_mm])


@dataclass(frozen=True, kw_only=True, eq=False)
class VertebralLumen:
    """The canal between bodies and arches, before bones, discs and flava are taken out of it."""

    profile: CanalProfile
    t_range_mm: tuple[float, float]
    wall_mm: float = 6.0

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return curve_bounds(self.profile.curve, self.t_range_mm, float(self.profile.half_width.max()) + 8.0)

    @cached_property
    def _table(self) -> Array:
        p = self.profile
        # Where flavum lies on the roof the lumen ends inside it, else inside the lamina.
        depth = np.where(p.flavum > 0.5, 0.5 * p.flavum, 2.0)
        return np.stack([p.roof + depth, p.slope, p.front - self.wall_mm, p.half_width + 2.0], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        u, v, t = self.profile.curve.coordinates(points).T
        roof, slope, front, half_width = lookup(self._table, t)
        across = smooth_max(np.abs(u) - half_width, front - v, 3.0)
        section = smooth_max(across, over_roof(u, v, roof, slope), 1.0)
        return np.maximum(section, np.maximum(self.t_range_mm[0] - t, t - self.t_range_mm[1]))


def lumen(profile: CanalProfile, t_range_mm: tuple[float, float], sacral: Shape, channels: tuple[Shape, ...]) -> Union:
    """Everything that epidural fat may fill: vertebral canal, sacral canal and the foraminal channels."""
    return Union((VertebralLumen(profile=profile, t_range_mm=t_range_mm), sacral, *channels))


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """An elliptical column along the curve, such as the dural sac or the cord.

    `centre`, `half_width` and `half_depth` are tables in t, mm; the column ends where they vanish and at `t_range_mm`.
    """

    curve: SpineCurve
    centre: Array
    half_width: Array
    half_depth: Array
    t_range_mm: tuple[float, float]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        reach = float(max(self.half_width.max(), (self.half_depth + np.abs(self.centre)).max())) + 0.5
        return curve_bounds(self.curve, self.t_range_mm, reach)

    @cached_property
    def _table(self) -> Array:
        return np.stack([self.centre, np.maximum(self.half_width, 0.05), np.maximum(self.half_depth, 0.05)], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order."""
        u, v, t = self.curve.coordinates(points).T
        centre, a, b = lookup(self._table, t)
        p, q = u / a, (v - centre) / b
        k0 = np.sqrt(p * p + q * q)
        k1 = np.sqrt((p / a) ** 2 + (q / b) ** 2)
        across = np.where(k1 > 1e-9, k0 * (k0 - 1.0) / np.maximum(k1, 1e-9), -np.minimum(a, b))
        return np.maximum(across, np.maximum(self.t_range_mm[0] - t, t - self.t_range_mm[1]))


def sac_column(profile: CanalProfile, t_range_mm: tuple[float, float]) -> Column:
    """The dural sac, outer face of the dura."""
    return Column(
        curve=profile.curve,
        centre=profile.sac_centre,
        half_width=profile.sac_half_width,
        half_depth=profile.sac_half_depth,
        t_range_mm=t_range_mm,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Strands:
    """Thin threads along the curve: rootlets, veins, a ligament.

    `u`, `v` and `radius` are tables, shape (k, m), mm, one column per thread; a thread is absent where its radius is negative.
    """

    curve: SpineCurve
    u: Array
    v: Array
    radius: Array
    t_range_mm: tuple[float, float]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        present = self.radius > 0
        reach = np.where(present, np.hypot(self.u, self.v) + self.radius, 0.0).max() + 0.2
        return curve_bounds(self.curve, self.t_range_mm, float(reach))

    @cached_property
    def _table(self) -> Array:
        return np.concatenate([self.u, self.v, self.radius], axis=1)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        u, v, t = self.curve.coordinates(points).T
        count = self.u.shape[1]
        rows = lookup(self._table, t)
        distance = np.hypot(u - rows[:count], v - rows[count : 2 * count]) - rows[2 * count :]
        return np.maximum(distance.min(axis=0), np.maximum(self.t_range_mm[0] - t, t - self.t_range_mm[1]))


@dataclass(frozen=True, kw_only=True, eq=False)
class EpiduralZones:
    """Labels of the epidural fat: dorsal, lateral, ventral by the angle around the sac, foraminal beyond the pedicles' medial line."""

    profile: CanalProfile

    @cached_property
    def _table(self) -> Array:
        p = self.profile
        width = np.where(p.sac_half_width > 1.0, p.sac_half_width, 0.7 * p.half_width)
        depth = np.where(p.sac_half_depth > 1.0, p.sac_half_depth, 0.35 * (p.roof - p.front))
        return np.stack([p.sac_centre, width, depth, p.half_width], axis=1)

    def __call__(self, points: Array) -> Labels:
        """Labels at points, shape (n, 3) -> (n,), uint8."""
        u, v, t = self.profile.curve.coordinates(points).T
        centre, width, depth, medial = lookup(self._table, t)
        angle = np.arctan2((v - centre) / depth, np.abs(u) / width)
        zones = np.full(len(points), Tissue.EPIDURAL_LATERAL, dtype=np.uint8)
        zones[angle > DORSAL_ANGLE] = Tissue.EPIDURAL_DORSAL
        zones[angle < -DORSAL_ANGLE] = Tissue.EPIDURAL_VENTRAL
        zones[np.abs(u) > medial] = Tissue.EPIDURAL_FORAMINAL
        return zones
