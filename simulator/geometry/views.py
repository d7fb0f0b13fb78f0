"""Views of the procedure room by name: nominal angles for a trainee, and views squared to one patient's landmarks.

A squared view is a beam direction found in closed form from landmarks, then turned into the three angles of a C-arm. Why directions and not
a fit in the image: the cone's parallax would turn a symmetric patient's true lateral away from 90 degrees.

Sources: view definitions and ranges FACTS.md 3.1 (interlaminar, transforaminal, contralateral oblique [101, 102], S1 [106]); the limits of
tilt FACTS.md 2.1 (recalled, unverified).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from math import acos, asin, atan2, degrees, radians, sin

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks, Plane, VertebraLandmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import DEFAULT_REGION
from simulator.geometry.angle_text import describe_angle
from simulator.geometry.carm import CArm

Vector = NDArray[np.float64]

SCOTTIE_DOG_DEG = (25.0, 30.0)
USABLE_TILT_DEG = 25.0
REACH_DEG = {"oblique_deg": (-100.0, 100.0), "tilt_deg": (-USABLE_TILT_DEG, USABLE_TILT_DEG), "swivel_deg": (-12.0, 12.0)}
"""Least and greatest angle of a mobile C-arm about each axis (FACTS.md 2.1, recalled, unverified); a case may state others."""
HALF_DEG = 0.5  # of an angle beyond reach that is not told: scales read whole degrees
SACRUM_VENTRAL_MM = 30.0  # how far before the canal a lateral of the sacrum is centred: half of the field behind the back would be wasted


class View(StrEnum):
    """Names of the views, as DESIGN.md section 2 defines them. `CLO_LEFT` is for a needle left of the midline: detector to the right.

    Examples
    --------
    >>> View("clo-lft")
    Traceback (most recent call last):
    ...
    ValueError: no view 'clo-lft'; did you mean 'clo-left'?
    """

    AP = "ap"
    LATERAL_LEFT = "lateral-left"
    LATERAL_RIGHT = "lateral-right"
    OBLIQUE_LEFT = "oblique-left"
    OBLIQUE_RIGHT = "oblique-right"
    CLO_LEFT = "clo-left"
    CLO_RIGHT = "clo-right"
    SACRUM_AP = "sacrum-ap"
    SACRUM_LATERAL = "sacrum-lateral"
    S1_LEFT = "s1-left"
    S1_RIGHT = "s1-right"

    @classmethod
    def _missing_(cls, value: object) -> "View":
        close = get_close_matches(str(value), list(cls), n=1)
        raise ValueError(f"no view {value!r}; " + (f"did you mean {str(close[0])!r}?" if close else f"there are {', '.join(cls)}"))


DEPTH_VIEWS = frozenset({View.LATERAL_LEFT, View.LATERAL_RIGHT, View.CLO_LEFT, View.CLO_RIGHT})
"""In which the needle's depth is judged, so that its target lies in the middle of the picture."""
SACRAL_VIEWS = frozenset({View.SACRUM_AP, View.SACRUM_LATERAL, View.S1_LEFT, View.S1_RIGHT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Angles:
    """What the C-arm's scales read, degrees; the signs are those of :mod:`simulator.geometry`."""

    oblique_deg: float = 0.0
    tilt_deg: float = 0.0
    swivel_deg: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Aim:
    """A view before its C-arm: the unit vector from source to detector, shape (3,), and the isocentre, shape (3,), mm."""

    beam: Vector
    isocentre: Vector


NOMINAL: dict[View, Angles] = {
    View.AP: Angles(),
    View.LATERAL_LEFT: Angles(oblique_deg=90.0),
    View.LATERAL_RIGHT: Angles(oblique_deg=-90.0),
    View.OBLIQUE_LEFT: Angles(oblique_deg=25.0),
    View.OBLIQUE_RIGHT: Angles(oblique_deg=-25.0),
    View.CLO_LEFT: Angles(oblique_deg=-45.0),
    View.CLO_RIGHT: Angles(oblique_deg=45.0),
    View.SACRUM_AP: Angles(),
    View.SACRUM_LATERAL: Angles(oblique_deg=90.0),
    View.S1_LEFT: Angles(),
    View.S1_RIGHT: Angles(),
}


def nominal_angles(name: str) -> Angles:
    """Angles of a trainee's preset, degrees: 0, 25, 45 or 90, for finding the true view is the skill.

    Raises
    ------
    ValueError
        Where no view has that name.
    """
    return NOMINAL[View(name)]


def square_view(
    name: str,
    landmarks: Landmarks,
    level: Level = DEFAULT_REGION.usual,
    *,
    target: Vector | None = None,
    sid_mm: float = 1000.0,
    sod_mm: float = 700.0,
    field_mm: float = 300.0,
    size: int | tuple[int, int] = 512,
) -> CArm:
    """View squared to this patient, with the isocentre at the level's target.

    Parameters
    ----------
    name : str
        One of `View`.
    landmarks : Landmarks
        World frame, mm.
    level : Level
        A vertebra of the region, standing for itself and the interspace below it; the sacral views ignore it.
    target : ndarray, shape (3,), optional
        Where the tip is wanted, world frame, mm: a lateral and a contralateral oblique are centred on it instead of on the epidural space.
    sid_mm, sod_mm, field_mm, size
        As in `CArm.from_angles`.

    Returns
    -------
    CArm
        The view.

    Raises
    ------
    ValueError
        Where no view has that name, or the level is not one that the view or this patient has.
    """
    found = aim(name, landmarks, level)
    angles = find_angles(View(name), found.beam)
    return CArm.from_angles(
        oblique_deg=angles.oblique_deg,
        tilt_deg=angles.tilt_deg,
        swivel_deg=angles.swivel_deg,
        isocentre=found.isocentre if target is None or name not in DEPTH_VIEWS else target,
        sid_mm=sid_mm,
        sod_mm=sod_mm,
        field_mm=field_mm,
        size=size,
    )


def aim(name: str, landmarks: Landmarks, level: Level = DEFAULT_REGION.usual) -> Aim:
    """Beam and isocentre of a squared view; raises as `square_view` does."""
    view = View(name)
    if view not in SACRAL_VIEWS:
        _check_level(view, landmarks, level)
    return AIMS[view](landmarks, level)


def angles_of(beam: Vector) -> Angles:
    """Oblique and tilt with swivel 0 that point the detector along `beam`, a unit vector, shape (3,), with a posterior component."""
    return Angles(oblique_deg=degrees(asin(np.clip(beam[0], -1.0, 1.0))), tilt_deg=degrees(atan2(beam[2], beam[1])))


def lateral_angles(beam: Vector) -> Angles:
    """Oblique and swivel with tilt 0 that point the detector along `beam`, a unit vector, shape (3,), near the patient's left or right."""
    side = 1.0 if beam[0] >= 0 else -1.0
    oblique = side * acos(np.clip(beam[1], -1.0, 1.0))
    swivel = atan2(beam[2] / sin(oblique), beam[0] / sin(oblique))
    return Angles(oblique_deg=degrees(oblique), swivel_deg=degrees(swivel))


def find_angles(view: View, beam: Vector) -> Angles:
    """What the C-arm's scales read in a view with a beam, a unit vector from source to detector, shape (3,)."""
    return lateral_angles(beam) if "lateral" in view else angles_of(beam)


def describe_beyond(angles: Angles, reach_deg: Mapping[str, tuple[float, float]] = REACH_DEG) -> str:
    """What of a view a C-arm does not reach, in words; empty where it reaches all.

    Parameters
    ----------
    angles : Angles
        Of the view.
    reach_deg : mapping of str to (float, float)
        Least and greatest angle by the name in `Angles`, degrees.

    Examples
    --------
    >>> describe_beyond(Angles(tilt_deg=31.2))
    'needs 31 degrees of cranial tilt, the C-arm reaches 25'
    >>> describe_beyond(Angles(tilt_deg=25.3))
    ''
    """
    found = []
    for name, (low, high) in reach_deg.items():
        angle_deg = getattr(angles, name)
        if not low - HALF_DEG <= angle_deg <= high + HALF_DEG:
            limit_deg = high if angle_deg > high else low
            found.append(f"needs {describe_angle(name, angle_deg)}, the C-arm reaches {abs(limit_deg):.0f}")
    return "; ".join(found)


def disc_normal(landmarks: Landmarks, level: Level) -> Vector:
    """Unit normal, shape (3,), cephalad, midway between the two endplates of the disc below `level`."""
    return _unit(landmarks.vertebrae[level].lower_endplate.normal + _endplate_below(landmarks, level).normal)


def oblique_over_lower_endplate(landmarks: Landmarks, level: Level, side: Side, angle_deg: float) -> Vector:
    """Beam, a unit vector, shape (3,), along the upper endplate of the vertebra below, turned from the midline to a side: Kambin's view."""
    normal = _endplate_below(landmarks, level).normal
    return _turn_beam(_midline(landmarks.vertebrae[level], normal), normal, side, radians(angle_deg))


def _ap(landmarks: Landmarks, level: Level) -> Aim:
    """Along the disc's endplates, the spinous process midway between the pedicles."""
    beam = _midline(landmarks.vertebrae[level], disc_normal(landmarks, level))
    return Aim(beam=beam, isocentre=landmarks.interspaces[level].disc_centre)


def _lateral(side: Side) -> Callable[[Landmarks, Level], Aim]:
    """Along the disc's endplates, one pedicle behind the other, centred on the dorsal epidural space: there the depth is judged."""

    def view(landmarks: Landmarks, level: Level) -> Aim:
        pedicle = landmarks.vertebrae[level].pedicle
        across = side.sign * (pedicle[Side.LEFT] - pedicle[Side.RIGHT])
        return Aim(beam=_in_plane(across, disc_normal(landmarks, level)), isocentre=landmarks.interspaces[level].epidural_target)

    return view


def _oblique(side: Side) -> Callable[[Landmarks, Level], Aim]:
    """Along the level's upper endplate, as near to the facet joint's slit as 25 to 30 degrees from the midline allow."""

    def view(landmarks: Landmarks, level: Level) -> Aim:
        vertebra, interspace = landmarks.vertebrae[level], landmarks.interspaces[level]
        normal = vertebra.upper_endplate.normal
        midline = _midline(vertebra, normal)
        slit = _towards(np.cross(normal, interspace.facet_joint[side].normal), midline)
        angle_deg = np.clip(degrees(acos(np.clip(slit @ midline, -1.0, 1.0))), *SCOTTIE_DOG_DEG)
        return Aim(beam=_turn_beam(midline, normal, side, radians(angle_deg)), isocentre=interspace.foramen[side])

    return view


def _contralateral_oblique(side: Side) -> Callable[[Landmarks, Level], Aim]:
    """Along the disc's endplates and the plate of the lamina on the needle's side, the detector on the other; centred as a lateral is."""

    def view(landmarks: Landmarks, level: Level) -> Aim:
        vertebra, normal = landmarks.vertebrae[level], disc_normal(landmarks, level)
        plate = np.cross(normal, vertebra.lamina[side].normal)
        beam = _towards(plate, vertebra.spinous_tip - vertebra.body_centre)
        return Aim(beam=beam, isocentre=landmarks.interspaces[level].epidural_target)

    return view


def _sacrum_ap(landmarks: Landmarks, level: Level) -> Aim:  # noqa: ARG001 - one signature for all views
    """Square to the sacral canal's chord."""
    canal, left = landmarks.sacrum.canal, landmarks.sacrum.axes[:, 0]
    face_on = _in_plane(np.cross(canal[-1] - canal[0], left), left)
    return Aim(beam=face_on if face_on[1] > 0 else -face_on, isocentre=canal.mean(axis=0))


def _sacrum_lateral(landmarks: Landmarks, level: Level) -> Aim:  # noqa: ARG001 - one signature for all views
    """From side to side of the sacrum, detector on the left, so that canal, hiatus and cornua lie in profile."""
    left, posterior, _ = landmarks.sacrum.axes.T
    return Aim(beam=_unit(left), isocentre=landmarks.sacrum.canal.mean(axis=0) - SACRUM_VENTRAL_MM * posterior)


def _s1(side: Side) -> Callable[[Landmarks, Level], Aim]:
    """Down the S1 foramen, from the ventral mouth to the dorsal one: some 5-15 degrees cephalad and 0-10 ipsilateral in most."""

    def view(landmarks: Landmarks, level: Level) -> Aim:  # noqa: ARG001 - one signature for all views
        sacrum = landmarks.sacrum
        dorsal = sacrum.dorsal_foramen[landmarks.region.base, side]
        return Aim(beam=_unit(dorsal - sacrum.ventral_foramen[landmarks.region.base, side]), isocentre=dorsal)

    return view


AIMS: dict[View, Callable[[Landmarks, Level], Aim]] = {
    View.AP: _ap,
    View.LATERAL_LEFT: _lateral(Side.LEFT),
    View.LATERAL_RIGHT: _lateral(Side.RIGHT),
    View.OBLIQUE_LEFT: _oblique(Side.LEFT),
    View.OBLIQUE_RIGHT: _oblique(Side.RIGHT),
    View.CLO_LEFT: _contralateral_oblique(Side.LEFT),
    View.CLO_RIGHT: _contralateral_oblique(Side.RIGHT),
    View.SACRUM_AP: _sacrum_ap,
    View.SACRUM_LATERAL: _sacrum_lateral,
    View.S1_LEFT: _s1(Side.LEFT),
    View.S1_RIGHT: _s1(Side.RIGHT),
}


def _check_level(view: View, landmarks: Landmarks, level: Level) -> None:
    region = landmarks.region
    if level not in region.vertebrae:
        raise ValueError(
            f"view {view} is squared to a vertebra {region.first} to {region.last_mobile}, got {level}; "
            "for the sacrum ask for sacrum-ap, s1-left or s1-right"
        )
    if level not in landmarks.vertebrae or level not in landmarks.interspaces:
        known = ", ".join(sorted(landmarks.interspaces))
        raise ValueError(f"view {view} needs landmarks of {level}; this patient has {known or 'none'}")


def _endplate_below(landmarks: Landmarks, level: Level) -> Plane:
    below = level.below
    vertebra = landmarks.vertebrae.get(below) if below else None
    return vertebra.upper_endplate if vertebra else landmarks.sacrum.s1_endplate


def _midline(vertebra: VertebraLandmarks, normal: Vector) -> Vector:
    """Unit vector across `normal` along which the spinous tip lies behind the middle between the pedicles."""
    middle = (vertebra.pedicle[Side.LEFT] + vertebra.pedicle[Side.RIGHT]) / 2
    return _in_plane(vertebra.spinous_tip - middle, normal)


def _turn_beam(beam: Vector, normal: Vector, side: Side, angle_rad: float) -> Vector:
    """`beam` turned about `normal` towards a side of the patient, by radians."""
    return _unit(np.cos(angle_rad) * beam + side.sign * np.sin(angle_rad) * np.cross(beam, normal))


def _in_plane(vector: Vector, normal: Vector) -> Vector:
    return _unit(vector - (vector @ normal) * normal)


def _towards(vector: Vector, reference: Vector) -> Vector:
    return _unit(vector if vector @ reference >= 0 else -vector)


def _unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)
