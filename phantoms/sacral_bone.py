"""The solid parts of the sacrum in the straightened frame: bodies, lateral masses, laminae, crests, articular processes, cornua."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from phantoms.parameters import SacrumParameters
from phantoms.sacral_canal import CORNU_RADIUS_MM, CanalLumen
from phantoms.sacral_parts import RoundedBox, ellipse_distance
from phantoms.sacral_profile import SacralProfile
from phantoms.shapes import Array, Ellipsoid, Shape, Tube, Union, smooth_max

ENDPLATE_DISH_MM = 0.9
RIM_ROUND_MM = 2.0
DORSAL_STRETCH = 1.5
"""The endplate's dorsal half is a longer ellipse cut flat at the canal: a kidney."""

ALA_TOP_MM = 3.0
ALA_SLOPE = 0.27
LAMINA_NOTCH_MM = 13.0
"""Depth of the notch between the S1 laminae's upper edges below the endplate's level (recalled, unverified)."""

S1_FACET = np.array([22.5, 34.0, 3.0])
"""Middle of the left S1 articular surface, 20-24 mm lateral and 34 mm dorsal of the S1 body, to meet an L5 arch (recalled, unverified)."""
FACET_FROM_SAGITTAL = np.deg2rad(51.0)
"""L5-S1 facet angle, FACTS.md 1.2 (recalled, unverified)."""
FACET_HALF_MM = np.array([7.2, 3.4, 10.0])


@dataclass(frozen=True, eq=False)
class BodyColumn:
    """The five fused bodies."""

    profile: SacralProfile

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        columns = self.profile.columns
        half, depth = columns["body_half_width"].max(), columns["body_dorsal"].max()
        return np.array([[-half, -depth, -self.profile.length_mm], [half, depth, 0.0]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        x, n, arc = points[:, 0], points[:, 1], -points[:, 2]
        half, front, back = self.profile.at(arc, "body_half_width", "body_ventral", "body_dorsal")
        side = ellipse_distance(x, n, half, np.where(n < 0, front, DORSAL_STRETCH * back))
        side = smooth_max(side, n - back, RIM_ROUND_MM)
        dish = ENDPLATE_DISH_MM * np.maximum(1 - (x / half) ** 2 - (n / back) ** 2, 0.0)
        return smooth_max(smooth_max(side, dish - arc, RIM_ROUND_MM), arc - self.profile.length_mm, 3.0)


@dataclass(frozen=True, eq=False)
class LateralMass:
    """The fused transverse and costal elements with the ala on top and the auricular surface at the side, written for x >= 0."""

    profile: SacralProfile

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        columns = self.profile.columns
        low = min(columns["wing_inner"].min(), columns["wing_outer"].min())
        width = self.profile.half_width_mm + 0.34 * 6
        return np.array([[0.0, low, -self.profile.length_mm], [width, columns["wing_dorsal"].max() + 1.0, -ALA_TOP_MM + 1.0]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        x, n, arc = np.abs(points[:, 0]), points[:, 1], -points[:, 2]
        plate = self._plate(x, n, arc)
        slant, outline, steep = self.profile.at(arc, "slant", "outline", "outline_slope")
        side = (x - outline + slant * np.maximum(n, -6.0)) / np.sqrt(1 + slant * slant + steep * steep)
        upper = (self._top(x, n, arc) - arc) / np.sqrt(1 + ALA_SLOPE**2)
        result = smooth_max(smooth_max(plate, side, 5.0), upper, 7.0)
        return smooth_max(result, arc - self.profile.length_mm, 3.0)

    def _plate(self, x: Array, n: Array, arc: Array) -> Array:
        """Between the pelvic and the dorsal surface."""
        half, inner, outer, dorsal = self.profile.at(arc, "body_half_width", "wing_inner", "wing_outer", "wing_dorsal")
        share = np.clip((x - half) / (0.95 * self.profile.half_width_mm - half), 0.0, 1.0)
        front = inner + share * (outer - inner)
        return smooth_max(front - n, n - dorsal + 3.0 * share * share, 4.0)

    def _top(self, x: Array, n: Array, arc: Array) -> Array:
        """Arc length of the upper surface: the sloping ala, and dorsally the notch between the laminae."""
        ala = ALA_TOP_MM + ALA_SLOPE * np.maximum(x - 22.0, 0.0) + 0.12 * np.maximum(4.0 - n, 0.0)
        notch = LAMINA_NOTCH_MM * np.clip(1 - x / 21.0, 0.0, 1.0)
        (back,) = self.profile.at(arc, "body_dorsal")
        return ala + notch * np.clip((n - back) / 6.0, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class LaminarArch:
    """The fused laminae: the canal grown by a lamina's thickness, below the notch of S1."""

    grown: CanalLumen

    @property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return self.grown.bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        notch = ALA_TOP_MM + LAMINA_NOTCH_MM * np.clip(1 - np.abs(points[:, 0]) / 21.0, 0.0, 1.0)
        return smooth_max(self.grown(points), (notch + points[:, 2]) * 0.85, 2.5)


def laminar_arch(profile: SacralProfile) -> LaminarArch:
    """Laminae from S1 to the cornua."""
    return LaminarArch(CanalLumen(profile, 0.0, profile.length_mm - 2.0, lamina_share=1.0))


def facet_axes() -> Array:
    """Axes of the left S1 articular process: along the joint towards lateral-posterior, out of the joint towards lateral-anterior, up."""
    s, c = np.sin(FACET_FROM_SAGITTAL), np.cos(FACET_FROM_SAGITTAL)
    return np.array([[s, c, 0.0], [c, -s, 0.0], [0.0, 0.0, 1.0]]).T


def articular_process(scale: float) -> RoundedBox:
    """Left superior articular process of S1; its joint surface faces dorsally and medially."""
    axes = facet_axes()
    return RoundedBox(S1_FACET * [scale, scale, 1.0] + axes[:, 1] * FACET_HALF_MM[1], axes, FACET_HALF_MM, 3.0)


def crests(profile: SacralProfile) -> tuple[Shape, ...]:
    """Median tubercles S1-S4 on their ridge, the intermediate ridge and the lateral tubercles (left)."""
    middles = (profile.axis.joints_mm[:-1] + profile.axis.joints_mm[1:])[:4] / 2 + [5.0, 3.0, 2.0, -2.0]
    middles[3] = min(middles[3], profile.apex_mm - 6.0)
    return (*_median(profile, middles), *_lateral(profile))


def _median(profile: SacralProfile, middles: Array) -> list[Shape]:
    floor, depth, lamina = profile.at(middles, "body_dorsal", "canal_depth", "lamina")
    back = floor + depth + lamina
    heights = np.array([8.0, 7.5, 5.5, 3.0])
    ridge = np.column_stack([np.zeros(4), back - 0.5, -middles])
    tubercles = [
        Ellipsoid(np.array([0.0, b + h * 0.35, -s]), np.array([2.6, h * 0.75, r]))
        for b, h, s, r in zip(back, heights, middles, (9.5, 8.5, 7.0, 5.0), strict=True)
    ]
    return [Tube(ridge, np.array([2.6, 2.4, 2.0, 1.6])), *tubercles]


def _lateral(profile: SacralProfile) -> list[Shape]:
    arcs = profile.axis.joints_mm[:5] + np.array([14.0, 10.0, 8.0, 7.0, 6.0])
    outline, back, slant = profile.at(arcs, "outline", "wing_dorsal", "slant")
    across = np.minimum(0.72 * outline, outline - slant * back - 3.0)
    return [
        Ellipsoid(np.array([x, b - 1.5, -s]), np.array([5.0, 4.0, r]))
        for x, b, s, r in zip(across, back, arcs, (9.0, 8.0, 7.0, 6.0, 5.0), strict=True)
    ]


def cornu(profile: SacralProfile, params: SacrumParameters) -> Tube:
    """Left sacral cornu, beside the hiatus."""
    arcs = np.array([profile.apex_mm + 0.35 * params.hiatus_length_mm, profile.length_mm - 5.0, profile.length_mm + 1.0])
    floor, depth = profile.at(arcs, "body_dorsal", "canal_depth")
    lift = np.array([0.3, 1.6, 0.6])
    across = np.full(3, params.intercornual_mm / 2)
    return Tube(np.column_stack([across, floor + depth + lift, -arcs]), np.array([0.9, 1.0, 0.75]) * CORNU_RADIUS_MM)


def cornu_root(profile: SacralProfile, params: SacrumParameters) -> Tube:
    """Pillar that carries the cornu on the S5 body."""
    arc = profile.length_mm - 5.0
    floor, depth = (float(v[0]) for v in profile.at(np.array([arc]), "body_dorsal", "canal_depth"))
    across = params.intercornual_mm / 2 + 0.6
    path = np.array([[across, floor - 2.0, -arc + 2.0], [across, floor + depth, -arc]])
    return Tube(path, CORNU_RADIUS_MM)


def solid(profile: SacralProfile, params: SacrumParameters) -> Union:
    """Everything solid, before canal and foramina are carved, for the left side."""
    scale = profile.half_width_mm / 55.0
    ridges = crests(profile)
    parts = (LateralMass(profile), BodyColumn(profile), laminar_arch(profile), articular_process(scale), cornu(profile, params))
    blends = (3.0, 3.0, 4.0, 2.0)
    return Union((*parts, cornu_root(profile, params), *ridges), (*blends, 2.0, *([2.5] * len(ridges))))


def lateral_solid(profile: SacralProfile) -> Union:
    """What of the sacrum can meet the ilium: lateral mass and lateral tubercles, for the left side."""
    tubercles = _lateral(profile)
    return Union((LateralMass(profile), *tubercles), (2.5,) * len(tubercles))
