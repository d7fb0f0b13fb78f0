"""The hollow of the sacrum: canal, hiatus and foramina, as lumina in the straightened frame (written for the left side, x >= 0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from phantoms.bones.pelvis.sacral_profile import SacralProfile
from phantoms.shapes.implicit import Array, Tube, Union, smooth_max
from phantoms.shapes.primitives import ellipse_distance
from phantoms.terms.levels import Level
from phantoms.terms.parameters import SacrumParameters
from phantoms.terms.reference_tables import level_rows
from phantoms.terms.regions import Table

ROOF_FALL = 0.72
"""Share of the canal's depth lost from the midline to its lateral corner: a triangle with blunt corners."""
CANAL_ROUND_MM = 5.0
CANAL_WIDEN_MM = 0.9  # what the round side walls take away
ABOVE_S1_MM = 2.0
BELOW_APEX_MM = 4.0
CORNU_RADIUS_MM = 2.7
HIATUS_RISE = 0.65

FORAMINA: Mapping[Level, Mapping[str, str]] = level_rows(Table.SACRAL_FORAMINA)
"""Ventral foramen: mm from the midline, radius; dorsal: the same, and mm caudad of the ventral one."""
FORAMEN_COLUMNS = ("ventral_aside_mm", "ventral_radius_mm", "dorsal_aside_mm", "dorsal_radius_mm", "dorsal_drop_mm")


@dataclass(frozen=True, eq=False)
class CanalLumen:
    """The canal grown by `lamina_share` laminae, from `top_mm` to `bottom_mm` of arc length."""

    profile: SacralProfile
    top_mm: float
    bottom_mm: float
    lamina_share: float = 0.0

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        columns, grow = self.profile.columns, self.lamina_share * self.profile.columns["lamina"].max()
        half = columns["canal_half_width"].max() + grow
        low = columns["body_dorsal"].min() - grow
        high = (columns["body_dorsal"] + columns["canal_depth"]).max() + grow
        return np.array([[-half, low, -self.bottom_mm], [half, high, -self.top_mm]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        x, n, arc = np.abs(points[:, 0]), points[:, 1], -points[:, 2]
        floor, half, depth, lamina = self.profile.at(arc, "body_dorsal", "canal_half_width", "canal_depth", "lamina")
        share = x / half
        slope = 2 * ROOF_FALL * depth * share / half
        roof = (n - floor - depth * (1 - ROOF_FALL * share * share)) / np.sqrt(1 + slope * slope)
        side = smooth_max(roof, x - half - CANAL_WIDEN_MM, CANAL_ROUND_MM)
        section = smooth_max(side, floor - n, 0.5 * CANAL_ROUND_MM) - self.lamina_share * lamina
        return np.maximum(section, np.maximum(self.top_mm - arc, arc - self.bottom_mm))


@dataclass(frozen=True, eq=False)
class HiatusWindow:
    """The gap in the canal's dorsal wall, an inverted U between the cornua, reaching `dorsal_mm` beyond the roof."""

    profile: SacralProfile
    half_width_mm: float
    rise_mm: float
    dorsal_mm: float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        profile = self.profile
        floor, depth = profile.at(np.linspace(profile.apex_mm, profile.length_mm, 20), "body_dorsal", "canal_depth")
        high = float((floor + depth).max()) + self.dorsal_mm
        bottom = profile.length_mm + BELOW_APEX_MM
        return np.array([[-self.half_width_mm, floor.min(), -bottom], [self.half_width_mm, high, -profile.apex_mm]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        x, n, arc = np.abs(points[:, 0]), points[:, 1], -points[:, 2]
        floor, depth = self.profile.at(arc, "body_dorsal", "canal_depth")
        above = np.minimum(arc - self.profile.apex_mm - self.rise_mm, 0.0)
        half, rise = np.full(len(x), self.half_width_mm), np.full(len(x), self.rise_mm)
        outline = ellipse_distance(x, above, half, rise)
        through = np.maximum(floor + 0.4 * depth - n, n - floor - depth - self.dorsal_mm)
        return np.maximum(np.maximum(outline, through), arc - self.profile.length_mm - BELOW_APEX_MM)


def canal_lumen(profile: SacralProfile, within_mm: float = 0.0) -> CanalLumen:
    """Lumen of the canal from the S1 endplate's level to just below the sacrum's apex, or so far within both ends."""
    return CanalLumen(profile, within_mm - ABOVE_S1_MM, profile.length_mm + BELOW_APEX_MM - 2.0 * within_mm)


def cornu_radius_mm(params: SacrumParameters) -> float:
    """Radius of a cornu, mm; slimmer where the cornua stand close."""
    return min(CORNU_RADIUS_MM, 0.22 * params.intercornual_mm)


def hiatus_window(profile: SacralProfile, params: SacrumParameters, dorsal_mm: float) -> HiatusWindow:
    """Window of the hiatus between the inner sides of the cornua."""
    half = params.intercornual_mm / 2 - cornu_radius_mm(params)
    return HiatusWindow(profile, half, HIATUS_RISE * params.hiatus_length_mm, dorsal_mm)


@dataclass(frozen=True, kw_only=True, eq=False)
class Foramen:
    """One left sacral foramen: `hub` where it leaves the canal's side, its openings, and their radii, straightened frame, mm."""

    canal: Array
    hub: Array
    ventral: Array
    dorsal: Array
    ventral_radius_mm: float
    dorsal_radius_mm: float

    def lumen(self) -> Union:
        """Way of the root: from the canal's side in a smooth bend to the hub, and out through a funnel on either surface."""
        wide, narrow = self.ventral_radius_mm, 0.72 * self.ventral_radius_mm
        front = self.ventral + [0.25 * wide, -5.0, -0.15 * wide]
        groove = self.ventral + [0.55 * wide, 0.1 * wide, -1.0]
        outlet = self.ventral + [2.4 * wide, -0.7 * wide, -4.5]
        back = self.dorsal + 8.0 * _unit(self.dorsal - self.hub) + [0.0, 0.0, -0.12 * wide]
        tubes = (
            Tube(_bend(self.canal, self.hub, np.array([0.0, 0.1, 0.22]) * wide), np.array([1.0, 0.9, 0.95]) * narrow),
            Tube(np.array([self.hub, self.ventral, front]), np.array([0.85 * narrow, 0.9 * wide, 1.45 * wide])),
            Tube(np.array([groove, outlet]), np.array([0.75, 0.6]) * wide),
            Tube(np.array([self.hub, self.dorsal, back]), np.array([0.7, 0.97, 1.4]) * self.dorsal_radius_mm),
        )
        return Union(tubes, (3.0, 4.0, 3.0))


def _bend(start: Array, end: Array, bow_mm: Array) -> Array:
    return np.array([start, (start + end) / 2 + bow_mm, end])


def foramina(profile: SacralProfile) -> dict[Level, Foramen]:
    """The foramina of the left side by the segment above each, straightened frame."""
    return {level: _foramen(profile, index, row) for index, (level, row) in enumerate(FORAMINA.items())}


def _foramen(profile: SacralProfile, index: int, row: Mapping[str, str]) -> Foramen:
    x_front, r_front, x_back, r_back, drop = (float(row[name]) for name in FORAMEN_COLUMNS)
    scale = profile.half_width_mm / 55.0
    joint = float(profile.axis.joints_mm[index + 1])
    floor, depth, half = (float(v[0]) for v in profile.at(np.array([joint]), "body_dorsal", "canal_depth", "canal_half_width"))
    front, back = profile.value(joint, "wing_inner"), profile.value(joint + drop, "wing_dorsal")
    middle = floor + 0.25 * depth
    return Foramen(
        canal=np.array([half - 4.0, middle + 1.0, 3.5 - joint]),
        hub=np.array([0.5 * (x_front + x_back) * scale - 1.0, middle, -joint - 0.2 * drop]),
        ventral=np.array([x_front * scale, front, -joint]),
        dorsal=np.array([x_back * scale, back, -joint - drop]),
        ventral_radius_mm=r_front,
        dorsal_radius_mm=r_back,
    )


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)
