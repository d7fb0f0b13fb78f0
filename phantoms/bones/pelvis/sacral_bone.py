"""The solid parts of the sacrum in the straightened frame: bodies, lateral masses, laminae, crests, articular processes, cornua."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from phantoms.bones.pelvis.sacral_canal import CanalLumen, cornu_radius_mm
from phantoms.bones.pelvis.sacral_profile import SacralProfile
from phantoms.shapes.implicit import Array, Ellipsoid, Tube, Union, smooth_max
from phantoms.shapes.primitives import FlatTube, ellipse_distance
from phantoms.terms.parameters import SacrumParameters

ENDPLATE_DISH_MM = 0.9
RIM_ROUND_MM = 2.0
DORSAL_STRETCH = 1.5
"""The endplate's dorsal half is a longer ellipse cut flat at the canal: a kidney."""

ALA_TOP_MM = 3.0
ALA_SLOPE = 0.27
LAMINA_NOTCH_MM = 13.0
"""Depth of the notch between the S1 laminae's upper edges below the endplate's level (recalled, unverified)."""

FACET_FROM_SAGITTAL = np.deg2rad(51.0)
"""L5-S1 facet angle, FACTS.md 1.2 (recalled, unverified)."""
FACET_MIDDLE = np.array([24.5, 31.5, 3.0])
"""Middle of the left S1 articular surface: where the inferior process of the fitted L5 comes to lie in the default patient."""
# Articular process from its root in the ala to its tip: across the joint, along it, up from the facet's middle; half-thickness, half-width.
# Its tip stands 4-5 mm below the pedicle of L5 in the default patient, so that a needle passes between them (recalled, unverified).
PROCESS = np.array([[5.5, -2.0, -13.0, 6.5, 9.0], [4.4, -0.5, -5.0, 4.4, 7.6], [3.9, 0.0, -0.5, 3.8, 6.6], [3.7, 0.3, 4.0, 3.0, 4.2]])

LATERAL_BLEND_MM = 6.0
TUBERCLE_RISE_MM = np.array([7.5, 7.0, 5.0, 2.8])
TUBERCLE_HALF_MM = np.array([9.0, 8.0, 6.5, 4.5])


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
        slant, outline, steep, dorsal = self.profile.at(arc, "slant", "outline", "outline_slope", "wing_dorsal")
        share = np.clip(n / dorsal, 0.0, 1.0)  # the joint runs sagittally at its front and back, obliquely between: two lines in AP
        inward, slope = slant * dorsal * share * share * (3.0 - 2.0 * share), 6.0 * slant * share * (1.0 - share)
        side = (x - outline + inward) / np.sqrt(1 + slope * slope + steep * steep)
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
    """Axes of the left S1 facet as columns: out of the joint towards lateral-anterior, along it towards lateral-posterior, up."""
    s, c = np.sin(FACET_FROM_SAGITTAL), np.cos(FACET_FROM_SAGITTAL)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]).T


def articular_process(scale: float) -> FlatTube:
    """Left superior articular process of S1; its joint surface faces dorsally and medially."""
    axes = facet_axes()
    path = FACET_MIDDLE * [scale, scale, 1.0] + PROCESS[:, :3] @ axes.T
    return FlatTube(path, np.tile(axes[:, 0], (len(path), 1)), PROCESS[:, 3], PROCESS[:, 4])


def laminar_crests(profile: SacralProfile) -> Union:
    """Median crest with the tubercles of S1-S4, and the intermediate crest of the left side."""
    return Union((_median(profile), _intermediate(profile)), (1.0,))


def lateral_crest(profile: SacralProfile) -> Union:
    """Lateral crest of the left side, and the tuberosity behind the auricular surface."""
    return Union(_lateral(profile), (LATERAL_BLEND_MM,))  # also how far the union must look, to blend in turn


def _median(profile: SacralProfile) -> FlatTube:
    """Fused spinous processes: tubercles joined by a lower ridge, in the mid-sagittal plane."""
    joints = profile.axis.joints_mm
    middles = (joints[:4] + joints[1:5]) / 2 + [4.0, 2.0, 1.0, -2.0]
    middles = np.minimum(middles, profile.apex_mm - np.array([45.0, 30.0, 16.0, 5.0]))
    arcs = np.column_stack([middles - 0.6 * TUBERCLE_HALF_MM, middles + 0.6 * TUBERCLE_HALF_MM]).ravel()
    arcs = np.sort(np.concatenate([arcs, (middles[:-1] + middles[1:]) / 2]))
    rise = np.interp(arcs, *_tubercles(middles))
    floor, depth, lamina = profile.at(arcs, "body_dorsal", "canal_depth", "lamina")
    crown = floor + depth + lamina + rise
    base = floor + depth + 1.0
    path = np.column_stack([np.zeros(len(arcs)), (crown + base) / 2, -arcs])
    return FlatTube(path, np.tile([1.0, 0.0, 0.0], (len(arcs), 1)), 1.6 + 0.22 * rise, (crown - base) / 2)


def _tubercles(middles: Array) -> tuple[Array, Array]:
    """Arc lengths and rise of the median crest over the laminae: tops of the tubercles and the saddles between."""
    tops = np.column_stack([middles - 0.4 * TUBERCLE_HALF_MM, middles + 0.6 * TUBERCLE_HALF_MM])
    saddles = (middles[:-1] + middles[1:]) / 2
    arcs = np.concatenate([tops.ravel(), saddles])
    rise = np.concatenate([np.repeat(TUBERCLE_RISE_MM, 2) * np.tile([0.85, 1.0], 4), 0.35 * TUBERCLE_RISE_MM[:-1]])
    order = np.argsort(arcs)
    return arcs[order], rise[order]


def _intermediate(profile: SacralProfile) -> Tube:
    """Fused articular processes: a low beaded ridge on the laminae, medial to the dorsal foramina."""
    joints = profile.axis.joints_mm
    arcs = np.sort(np.concatenate([joints[1:5] - 5.0, (joints[1:5] + joints[2:6]) / 2 - 1.0]))[:-1]
    half, back, depth, lamina = profile.at(arcs, "canal_half_width", "body_dorsal", "canal_depth", "lamina")
    path = np.column_stack([half + 1.5, back + 0.45 * depth + 0.75 * lamina, -arcs])
    return Tube(path, np.array([3.4, 1.8, 3.1, 1.6, 2.8, 1.4, 2.4]))


def _lateral(profile: SacralProfile) -> tuple[Tube, Ellipsoid]:
    """Fused transverse processes: a beaded ridge lateral to the foramina, and the tuberosity behind the auricular surface."""
    joints = profile.axis.joints_mm
    beads, dips = joints[1:5] - 7.0, (joints[1:4] + joints[2:5]) / 2 + 2.0
    arcs = np.sort(np.concatenate([beads, dips]))
    outline, back, slant = profile.at(arcs, "outline", "wing_dorsal", "slant")
    across = np.minimum(0.70 * outline, outline - slant * back - 3.0)
    ridge = Tube(np.column_stack([across, back - 1.8, -arcs]), np.array([4.2, 2.6, 4.0, 2.4, 3.6, 2.2, 3.2]))
    arc = 15.0
    outer = profile.value(arc, "outline") - profile.value(arc, "slant") * profile.value(arc, "wing_dorsal")
    top = np.array([outer - 6.0, profile.value(arc, "wing_dorsal") - 1.0, -arc])
    return ridge, Ellipsoid(top, np.array([6.0, 4.0, 8.5]))


def cornu(profile: SacralProfile, params: SacrumParameters) -> Union:
    """Left sacral cornu beside the hiatus, on a pillar that carries it on the S5 body."""
    arcs = np.array([profile.apex_mm + 0.35 * params.hiatus_length_mm, profile.length_mm - 5.0, profile.length_mm + 1.0])
    floor, depth = profile.at(arcs, "body_dorsal", "canal_depth")
    across, radius = params.intercornual_mm / 2, cornu_radius_mm(params)
    horn = np.column_stack([np.full(3, across), floor + depth + [0.3, 1.6, 0.6], -arcs])
    pillar = np.array([[across + 0.6, floor[1] - 2.0, 2.0 - arcs[1]], [across + 0.6, floor[1] + depth[1], -arcs[1]]])
    return Union((Tube(horn, np.array([0.9, 1.0, 0.75]) * radius), Tube(pillar, radius)), (2.0,))


def solid(profile: SacralProfile, params: SacrumParameters) -> Union:
    """Everything solid, before canal and foramina are carved, for the left side."""
    process = articular_process(profile.half_width_mm / 55.0)
    trunk = (LateralMass(profile), BodyColumn(profile), laminar_arch(profile), process)
    ridges = (cornu(profile, params), laminar_crests(profile), lateral_crest(profile))
    return Union((*trunk, *ridges), (3.0, 3.0, 4.5, 2.0, 3.0, LATERAL_BLEND_MM))


def lateral_solid(profile: SacralProfile) -> Union:
    """What of the sacrum can meet the ilium: lateral mass and lateral crest, for the left side."""
    return Union((LateralMass(profile), lateral_crest(profile)), (LATERAL_BLEND_MM,))
