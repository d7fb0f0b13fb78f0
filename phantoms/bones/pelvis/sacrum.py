"""The sacrum: outer bone, canal with hiatus and foramina, cortex and landmarks, in the sacral local frame.

Sacral local frame: origin in the middle of the S1 endplate, x left, y posterior, z along the endplate's normal towards cephalad.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.pelvis.coccyx import coccyx
from phantoms.bones.pelvis.sacral_axis import Bent
from phantoms.bones.pelvis.sacral_bone import articular_process, solid
from phantoms.bones.pelvis.sacral_canal import Foramen, canal_lumen, foramina, hiatus_window
from phantoms.bones.pelvis.sacral_profile import SacralProfile, sacral_profile
from phantoms.shapes.implicit import Array, Carved, Ellipsoid, Shape, Union
from phantoms.shapes.primitives import Folded
from phantoms.terms.landmarks import Plane, SacrumLandmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import SacrumParameters

BEYOND_DORSUM_MM = 14.0
MEMBRANE_SHARE_MM = 1.5
"""How far the lumen bulges into the hiatus' window: dorsal of it lies the sacrococcygeal membrane."""

CORTEX_RANGE_MM = (0.5, 2.5)
ENDPLATE_MM = 0.6
VENTRAL_MM = 0.8
DORSAL_MM = 1.1
LATERAL_MM = 0.5
HOLLOW_MM = 0.5
"""Cortex that lines canal and foramina."""
ARCUATE_MM = 1.6
"""Cortex of the upper rim of each ventral foramen, which a radiograph shows as the arcuate lines."""
RIM_MM = 4.0
"""How round the foramina's mouths are."""
JUNCTION_MM = 4.0
"""How round the canal's side runs into the foramina."""
DEEP_MM = 12.0
"""How far from the canal's ends its wall is that round: the ends themselves are edges."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SacrumShape:
    """One sacrum in the sacral local frame.

    Attributes
    ----------
    outer : Shape
        Whole bone, the canal and the foramina carved out.
    envelope : Shape
        The same without what is carved: cheap, for keeping neighbours at a distance.
    canal : Shape
        Lumen from the S1 endplate's level to below the apex, with the hiatus' opening up to its membrane.
    foramina : Shape
        Lumina of the four pairs of foramina, from the canal to beyond both surfaces.
    hiatus : Shape
        The window in the canal's dorsal wall, lumen and membrane.
    remnant_disc : Shape
        What is left of the S1-S2 disc, a lens open towards the pelvis.
    superior_articular : Shape
        Superior articular processes of S1, both sides.
    landmarks : SacrumLandmarks
        In the same frame.
    profile : SacralProfile
        Axis and measures of which the shapes are made.
    hollow : Shape
        Canal, foramina and remnant disc, in the straightened frame.
    """

    outer: Shape
    envelope: Shape
    canal: Shape
    foramina: Shape
    hiatus: Shape
    remnant_disc: Shape
    superior_articular: Shape
    landmarks: SacrumLandmarks
    profile: SacralProfile
    hollow: Shape

    @property
    def endplate(self) -> Plane:
        """The S1 endplate."""
        return self.landmarks.s1_endplate

    def cortex_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), 0.5-2.5 mm (by site; recalled, unverified)."""
        straight = self.profile.axis.straighten(points)
        np.abs(straight[:, 0], out=straight[:, 0])
        return _cortex_mm(self.profile, self.hollow, straight)


def sacrum(params: SacrumParameters, dural_sac_end: float = 0.33) -> SacrumShape:
    """Sacrum of given morphometry.

    Parameters
    ----------
    params : SacrumParameters
        Morphometry, mm and degrees.
    dural_sac_end : float
        Where the dural sac ends, as a share of S2 from its upper end (FACTS.md 1.6: upper third).

    Returns
    -------
    SacrumShape
        Shapes and landmarks, sacral local frame, mm.
    """
    profile = sacral_profile(params)
    holes = foramina(profile)
    lumen, window = canal_lumen(profile), hiatus_window(profile, params, BEYOND_DORSUM_MM)
    branches = Union(tuple(hole.lumen() for hole in holes.values()))
    deep = Union((canal_lumen(profile, DEEP_MM), branches), (JUNCTION_MM,))
    disc = _remnant_disc(profile)
    bone = solid(profile, params)
    opening = hiatus_window(profile, params, MEMBRANE_SHARE_MM)
    return SacrumShape(
        outer=Bent(Folded(Carved(Carved(bone, (deep,), blend_mm=RIM_MM), (lumen, window, disc), blend_mm=1.6)), profile.axis),
        envelope=Bent(Folded(bone), profile.axis),
        canal=Bent(Folded(Union((lumen, opening))), profile.axis),
        foramina=Bent(Folded(branches), profile.axis),
        hiatus=Bent(Folded(window), profile.axis),
        remnant_disc=Bent(Folded(disc), profile.axis),
        superior_articular=Folded(articular_process(profile.half_width_mm / 55.0)),
        landmarks=_landmarks(profile, params, holes, dural_sac_end),
        profile=profile,
        hollow=Union((lumen, deep, disc)),
    )


def _remnant_disc(profile: SacralProfile) -> Ellipsoid:
    joint = float(profile.axis.joints_mm[1])
    half, depth = profile.value(joint, "body_half_width"), profile.value(joint, "body_ventral")
    return Ellipsoid(np.array([0.0, -0.35 * depth, -joint]), np.array([0.75 * half, 0.9 * depth, 1.1]))


def _landmarks(profile: SacralProfile, params: SacrumParameters, holes: Mapping[Level, Foramen], sac_end: float) -> SacrumLandmarks:
    apex = profile.apex_mm
    floor, depth = profile.value(apex, "body_dorsal"), profile.value(apex, "canal_depth")
    s2, s3 = profile.axis.joints_mm[1:3]
    return SacrumLandmarks(
        promontory=np.array([0.0, -profile.value(0.0, "body_ventral"), 0.0]),
        s1_endplate=Plane(point=np.zeros(3), normal=np.array([0.0, 0.0, 1.0])),
        axes=np.eye(3),
        dorsal_foramen=_openings(profile, {level: hole.dorsal for level, hole in holes.items()}),
        ventral_foramen=_openings(profile, {level: hole.ventral for level, hole in holes.items()}),
        hiatus_apex=_bend(profile, 0.0, floor + depth, apex),
        hiatus_floor=_bend(profile, 0.0, floor, apex),
        cornu=_cornua(profile, params),
        canal=profile.axis.bend(_canal_middle(profile, np.linspace(0.0, profile.length_mm, 40))),
        coccyx_tip=coccyx(params).tip,
        dural_sac_end=profile.axis.bend(_canal_middle(profile, np.array([s2 + sac_end * (s3 - s2)])))[0],
        s2_s3=Plane(point=_bend(profile, 0.0, 0.0, s3), normal=profile.axis.direction(s3)),
    )


def _bend(profile: SacralProfile, x: float, n: float, arc: float) -> Array:
    return profile.axis.bend(np.array([[x, n, -arc]]))[0]


def _canal_middle(profile: SacralProfile, arc: Array) -> Array:
    floor, depth = profile.at(arc, "body_dorsal", "canal_depth")
    return np.column_stack([np.zeros(len(arc)), floor + depth / 2, -arc])


def _openings(profile: SacralProfile, left: Mapping[Level, Array]) -> Mapping[tuple[Level, Side], Array]:
    return MappingProxyType(
        {(level, side): profile.axis.bend(point * [side.sign, 1, 1])[0] for level, point in left.items() for side in Side},
    )


def _cornua(profile: SacralProfile, params: SacrumParameters) -> Mapping[Side, Array]:
    arc = profile.length_mm - 5.0
    back = profile.value(arc, "body_dorsal") + profile.value(arc, "canal_depth") + 1.6
    return MappingProxyType({side: _bend(profile, side.sign * params.intercornual_mm / 2, back, arc) for side in Side})


def _cortex_mm(profile: SacralProfile, hollow: Shape, straight: Array) -> NDArray[np.float64]:
    """Thickness of the cortex at points of the straightened left half, shape (n, 3) -> (n,), mm."""
    x, n, arc = straight[:, 0], straight[:, 1], -straight[:, 2]
    inner, dorsal, outline, body = profile.at(arc, "wing_inner", "wing_dorsal", "outline", "body_half_width")
    behind = np.clip((n - inner) / (dorsal - inner), 0.0, 1.0)
    result = VENTRAL_MM + (DORSAL_MM - VENTRAL_MM) * behind
    result += (LATERAL_MM - result) * np.clip((x - 0.7 * outline) / (0.2 * outline), 0.0, 1.0)
    result += (ENDPLATE_MM - result) * np.clip((4.0 - arc) / 3.0, 0.0, 1.0) * (x < body)
    result += (HOLLOW_MM - result) * np.clip(1.5 - hollow(straight) / 2.0, 0.0, 1.0)
    result += (ARCUATE_MM - result) * _roofs(profile, x, n, arc)
    return np.clip(result, *CORTEX_RANGE_MM)


def _roofs(profile: SacralProfile, x: Array, n: Array, arc: Array) -> Array:
    """How much a point belongs to the upper rim of a ventral foramen, 0 to 1."""
    result = np.zeros(len(x))
    for hole in foramina(profile).values():
        centre, radius = hole.ventral, hole.ventral_radius_mm
        across = np.hypot(x - centre[0], arc + centre[2])
        near = np.clip(1.5 - np.abs(across - radius - 1.0) / 2.0, 0.0, 1.0)
        near *= np.clip(-(arc + centre[2]) / radius - 0.2, 0.0, 1.0) * np.clip((centre[1] + 7.0 - n) / 4.0, 0.0, 1.0)
        np.maximum(result, near, out=result)
    return result
