"""The two innominate bones around a sacrum, in the sacral local frame.

They are written in the upright pelvic frame: origin at the S1 endplate, axes left, posterior and cephalad with the anterior pelvic plane
(anterior superior iliac spines and pubic symphysis) vertical. A patient who lies prone on a pillow has it rolled back by `ROLLED_BACK_DEG`.
Sizes are those of a mean adult (recalled, unverified); the sacroiliac joint is the gap that remains where the ilium meets the sacrum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.bones.pelvis.femur import HEAD_RADIUS_MM, femur
from phantoms.bones.pelvis.pelvic_plate import Plate, fit_plate
from phantoms.bones.pelvis.sacral_axis import Bent
from phantoms.bones.pelvis.sacral_bone import lateral_solid
from phantoms.bones.pelvis.sacral_profile import sacral_profile
from phantoms.shapes.implicit import Array, Carved, Ellipsoid, Placed, Shape, Tube, Union
from phantoms.shapes.primitives import FlatTube, Folded, Mirrored, RoundedBox
from phantoms.terms.levels import Side
from phantoms.terms.parameters import SacrumParameters, Sex

ROLLED_BACK_DEG = 8.5
"""How far a pillow under the belly rolls the pelvis back: from the 34 degrees at which the endplate of the mean sacrum slopes where the
anterior pelvic plane is vertical (recalled, unverified) to `SacrumParameters.slope_deg`."""
SACROILIAC_GAP_MM = 2.5
SYMPHYSIS_GAP_MM = 2.5
HIP_CENTRE = np.array([88.0, -30.0, -102.0])
HIP_GAP_MM = 3.0
PUBIS_HALF_MM = np.array([9.5, 7.5, 19.0])

# Outline of ilium and ischium in the sagittal plane, (y, z), from the anterior superior spine over the crest and round; male.
OUTLINE = np.array(
    [
        [-75, -34], [-70, -17], [-57, 3], [-39, 19], [-19, 32], [7, 38], [31, 33], [51, 17], [62, -2], [67, -18],
        [64, -31], [57, -42], [42, -48], [22, -54], [12, -69], [12, -89], [23, -110], [28, -117], [16, -126], [14, -144],
        [13, -164], [0, -178], [-19, -174], [-24, -152], [-35, -136], [-51, -128], [-63, -110], [-64, -90], [-69, -76], [-73, -65],
        [-68, -52],
    ],
    dtype=float,
)  # fmt: skip

# Plate: y, z, x of its middle, half-thickness; male.
CONTROLS = np.array(
    [
        [-75, -34, 118, 4.5], [-57, 3, 132, 3.6], [-39, 19, 136, 5], [-19, 32, 127, 3.6], [7, 38, 105, 3.4], [31, 33, 82, 4],
        [51, 17, 62, 4], [62, -2, 49, 2.4], [67, -18, 42, 1.8], [58, -42, 45, 1.8], [22, -54, 60, 6], [36, -32, 56, 6.5],
        [9, -5, 65, 8.5], [26, 10, 69, 8], [-36, -10, 116, 4.5], [-17, 8, 107, 1.2], [-6, -12, 80, 2.2], [5, 16, 92, 1.6],
        [-24, -28, 92, 2.6], [-52, -18, 119.5, 2.0],
        [-9, -45, 72, 7.5], [-33, -67, 86, 12], [-53, -54, 103, 7.5], [-71, -63, 105, 7], [-30, -94, 79, 23], [-30, -110, 79, 22],
        [-53, -104, 79, 17], [3, -89, 64, 11], [3, -106, 62, 13], [24, -114, 50, 5], [-3, -142, 62, 11], [0, -169, 60, 12.5],
        [-19, -166, 60, 8],
    ],
    dtype=float,
)  # fmt: skip

CREST = slice(0, 10)
CREST_RADIUS_MM = np.array([6.0, 5.0, 7.5, 6.5, 4.8, 4.4, 4.6, 4.4, 3.2, 2.5])
TOP_INDEX = 5
POSTERIOR_SPINE_INDEX = 9


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class PelvisShape:
    """Both innominate bones in the sacral local frame.

    Attributes
    ----------
    sides : mapping of Side to Shape
        One bone each, in one piece.
    iliac_crest, anterior_spine, posterior_spine : mapping of Side to ndarray, shape (3,)
        Highest point of the crest, and the superior iliac spines, mm.
    femora : mapping of Side to Shape
        Upper ends of the femora, so that a lateral of the sacrum shows the hips.
    local_from_upright : ndarray, shape (4, 4)
        From the upright pelvic frame to the sacral local frame.
    """

    sides: Mapping[Side, Shape]
    iliac_crest: Mapping[Side, NDArray[np.float64]]
    anterior_spine: Mapping[Side, NDArray[np.float64]]
    posterior_spine: Mapping[Side, NDArray[np.float64]]
    femora: Mapping[Side, Shape]
    local_from_upright: NDArray[np.float64]

    def cortex_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), mm: 0.6 in the wing to 0.8 at the hip (recalled, unverified)."""
        upright = (points - self.local_from_upright[:3, 3]) @ self.local_from_upright[:3, :3]
        low = np.clip((-20.0 - upright[:, 2]) / 80.0, 0.0, 1.0)
        return 0.6 + 0.2 * low


def pelvis(params: SacrumParameters, sex: Sex) -> PelvisShape:
    """Innominate bones around a sacrum.

    Parameters
    ----------
    params : SacrumParameters
        Sacrum between them; `slope_deg` turns them with it.
    sex : Sex
        A female pelvis is lower and wider at the inlet and below.

    Returns
    -------
    PelvisShape
        Sacral local frame, mm.
    """
    local_from_upright = _tilt_matrix(-np.deg2rad(params.slope_deg + ROLLED_BACK_DEG))
    widen = params.width_mm / 2 - 55.0
    outline, controls = _scale_plane(OUTLINE, sex), _widen(CONTROLS, widen, sex)
    profile = sacral_profile(params)
    sacral_side = Bent(Folded(lateral_solid(profile)), profile.axis)
    wing = fit_plate(outline, controls)
    crest = _crest(outline, wing)
    hip = _place(HIP_CENTRE, widen, sex)
    bone = Placed(_innominate(wing, crest, hip, _rami(widen, sex)), local_from_upright)
    left = Carved(bone, (sacral_side,), gap_mm=SACROILIAC_GAP_MM, blend_mm=1.0)
    thigh = Placed(femur(hip), local_from_upright)
    return PelvisShape(
        sides=MappingProxyType({Side.LEFT: left, Side.RIGHT: Mirrored(left)}),
        iliac_crest=_mirror_both(crest[TOP_INDEX] + [0.0, 0.0, CREST_RADIUS_MM[TOP_INDEX]], local_from_upright),
        anterior_spine=_mirror_both(crest[0], local_from_upright),
        posterior_spine=_mirror_both(crest[POSTERIOR_SPINE_INDEX], local_from_upright),
        femora=MappingProxyType({Side.LEFT: thigh, Side.RIGHT: Mirrored(thigh)}),
        local_from_upright=local_from_upright,
    )


def _innominate(wing: Plate, crest: Array, hip: Array, rami: tuple[Shape, ...]) -> Shape:
    """Left innominate bone in the upright frame, the acetabulum hollowed."""
    bone = Union((wing, _crest_tube(crest), *rami), (4.0, *([6.0] * len(rami))))
    socket = Ellipsoid(hip, np.full(3, HEAD_RADIUS_MM + HIP_GAP_MM))
    mouth = Ellipsoid(hip + [16.0, -5.0, -10.0], np.full(3, HEAD_RADIUS_MM + HIP_GAP_MM))
    return Carved(bone, (socket, mouth), blend_mm=2.0)


def _rami(widen: float, sex: Sex) -> tuple[Shape, ...]:
    """Superior ramus, pubic body and inferior ramus."""
    upper = _place([[76, -53, -98], [54, -62, -111], [32, -68, -120], [16, -69, -128]], widen, sex)
    lower = _place([[14, -65, -148], [34, -47, -162], [54, -23, -168]], widen, sex)
    body = _place([[0, -67, -138]], widen, sex)[0] + [PUBIS_HALF_MM[0] + SYMPHYSIS_GAP_MM, 0.0, 0.0]
    back = np.deg2rad(35.0)
    axes = np.array([[1, 0, 0], [0, np.cos(back), np.sin(back)], [0, -np.sin(back), np.cos(back)]]).T
    return (
        Tube(upper, np.array([14.0, 9.0, 8.0, 8.5])),
        RoundedBox(body, axes, PUBIS_HALF_MM, 5.5),
        FlatTube(lower, np.tile([0.3, -1.0, 0.0], (3, 1)), np.array([6.0, 4.5, 7.0]), np.array([10.0, 8.0, 10.0])),
    )


def _place(points: object, widen: float, sex: Sex) -> Array:
    """Points of the male pelvis moved to this one's width and height."""
    placed = np.array(points, dtype=float)
    placed[..., 0] += (widen + _opening(placed[..., 2], sex)) * np.clip(placed[..., 0] / 60.0, 0.0, 1.0)
    placed[..., 1:] = _scale_plane(placed[..., 1:], sex)
    return placed


def _scale_plane(plane: Array, sex: Sex) -> Array:
    scale = np.array([1.0, 0.92]) if sex is Sex.FEMALE else np.array([1.0, 1.0])
    return plane * scale


def _opening(height_mm: Array, sex: Sex) -> Array:
    """How much farther lateral a female pelvis lies at a height: the inlet and all below."""
    below = np.clip((-20.0 - height_mm) / 60.0, 0.0, 1.0)
    return (5.0 if sex is Sex.FEMALE else 0.0) * below


def _widen(controls: Array, widen: float, sex: Sex) -> Array:
    result = controls.copy()
    result[:, 2] += widen + _opening(controls[:, 1], sex)
    result[:, :2] = _scale_plane(controls[:, :2], sex)
    return result


def _crest(outline: Array, wing: Plate) -> Array:
    """Middle of the crest at its corners, from the anterior to the posterior superior spine, shape (10, 3)."""
    plane = outline[CREST]
    return np.column_stack([wing.middle_at(plane), plane])


def _crest_tube(corners: Array) -> Tube:
    """The crest's thick lip, a smooth curve through its corners."""
    at, fine = np.arange(len(corners)), np.linspace(0, len(corners) - 1, 28)
    return Tube(CubicSpline(at, corners)(fine), np.interp(fine, at, CREST_RADIUS_MM))


def _tilt_matrix(angle: float) -> Array:
    """Rotation about x that turns y towards z, shape (4, 4)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]], dtype=float)


def _mirror_both(point: Array, matrix: Array) -> Mapping[Side, Array]:
    return MappingProxyType({side: matrix[:3, :3] @ (point * [side.sign, 1, 1]) for side in Side})
