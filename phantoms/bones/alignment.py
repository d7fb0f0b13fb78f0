"""The column stacked up: where each vertebra lies in a prone patient, from the sacrum's slope and the wedges of bodies and discs.

Each endplate follows from its body's heights, each disc from its own, so that lordosis is not set but results, as it does in life;
`with_lordosis` turns the discs' wedges until it is the wanted one. The heights are those of recumbent patients; a pillow under the
belly flattens the lower discs a little more and opens the interlaminar windows (L5-S1 12.2 mm neutral, 17.2 mm flexed; Barrow), which
is a case's matter: ask `with_lordosis` for some 5 degrees less.

Angles here are radians but where a name says ``_deg``. Pitch is the rotation about +x that turns cephalad towards ventral.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.lateral_curve import tilts_and_turns
from phantoms.terms.levels import Level
from phantoms.terms.parameters import DiscParameters, PatientParameters, VertebraParameters
from phantoms.terms.reference_tables import level_numbers
from phantoms.terms.regions import Mark, Table

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

LORDOTIC: Mapping[Level, float] = level_numbers(Table.TRAITS, "lordosis_share")
"""Share of each disc in a change of lordosis: the spread of segmental lordosis in 324 adults (Sci Rep 2022 s41598-022-21840-x)."""

LEAST_MARGIN_MM = 1.5
"""Least height of a disc's margin that `with_lordosis` leaves."""


def pose_spine(params: PatientParameters) -> Mapping[Level, Matrix]:
    """Place of every vertebra and of the sacrum.

    Parameters
    ----------
    params : PatientParameters

    Returns
    -------
    mapping of Level to ndarray, shape (4, 4)
        world_from_vertebra for the region's vertebrae (origin in the middle of the body, x left, y posterior, z superior) and, under
        the region's base, world_from_sacrum (origin in the middle of the S1 endplate, z its normal cephalad). Rigid, mm, read-only; the
        place of the region's origin is the world's.
    """
    region, rotations = params.region, _rotations(params)
    places: dict[Level, Vector] = {region.base: np.zeros(3)}
    below, top = region.base, np.zeros(3)
    for level in reversed(region.vertebrae):
        half = _half_height_mm(params.vertebrae[level])
        bottom = top + _disc_vector(params, level, rotations, below)
        places[level] = bottom + half * rotations[level][:, 2]
        below, top = level, places[level] + half * rotations[level][:, 2]
    return MappingProxyType({level: _rigid(rotations[level], places[level] - places[region.origin]) for level in region.column})


def lordosis_deg(poses: Mapping[Level, Matrix], params: PatientParameters) -> float:
    """Lordosis from the lower endplate of T12 to the endplate of S1, in the sagittal plane, degrees; positive is lordotic."""
    region = params.region
    upper, lower = endplate_normals(poses, params, region.at(Mark.LORDOSIS_TOP))[1], poses[region.base][:3, 2]
    return float(np.degrees(_pitch_of(lower) - _pitch_of(upper)))


def cobb_deg(poses: Mapping[Level, Matrix], params: PatientParameters) -> float:
    """Cobb angle, degrees: the largest angle in the frontal plane from one vertebra's upper endplate to the lower endplate of one below."""
    upper = [_roll_of(endplate_normals(poses, params, level)[0]) for level in params.region.vertebrae]
    lower = [_roll_of(endplate_normals(poses, params, level)[1]) for level in params.region.vertebrae]
    return float(np.degrees(max(abs(a - b) for i, a in enumerate(upper) for b in lower[i:])))


def endplate_normals(poses: Mapping[Level, Matrix], params: PatientParameters, level: Level) -> tuple[Vector, Vector]:
    """Unit normals of a vertebra's upper and lower endplate, both cephalad, world frame, shape (3,) each."""
    half = body_wedge(params.vertebrae[level]) / 2
    local = [np.array([0.0, -np.sin(turn), np.cos(turn)]) for turn in (-half, half)]
    return poses[level][:3, :3] @ local[0], poses[level][:3, :3] @ local[1]


def body_wedge(vertebra: VertebraParameters) -> float:
    """Angle between a body's endplates, radians; positive where the front is taller."""
    depth = (vertebra.upper_depth_mm + vertebra.lower_depth_mm) / 2
    return 2 * float(np.arctan2(vertebra.anterior_height_mm - vertebra.posterior_height_mm, 2 * depth))


def disc_wedge(params: PatientParameters, level: Level) -> float:
    """Angle between the endplates on either side of the disc below `level`, radians; positive where the front is taller."""
    disc = params.discs[level]
    return 2 * float(np.arctan2(disc.anterior_height_mm - disc.posterior_height_mm, 2 * _disc_depth_mm(params, level)))


def with_lordosis(params: PatientParameters, wanted_deg: float) -> PatientParameters:
    """The same patient with the discs L1-2 to L5-S1 wedged so that the lordosis is `wanted_deg`, their mean heights kept.

    The sacrum's slope changes with the part of the wedges that lies below the origin, so that the origin stays as level as it was.

    Parameters
    ----------
    params : PatientParameters
    wanted_deg : float
        Lordosis T12 to S1, degrees, as `lordosis_deg` measures it without scoliosis.

    Raises
    ------
    ValueError
        Where the discs are too thin to give so much or so little, or the sacrum would slope beyond its range.
    """
    discs, origin = wedge_discs(params, wanted_deg), params.region.origin
    turned = replace(params, discs=discs)
    under = np.degrees(sum(disc_wedge(turned, at) - disc_wedge(params, at) for at in (origin, *params.region.under(origin))))
    return replace(turned, sacrum=replace(params.sacrum, slope_deg=params.sacrum.slope_deg + float(under)))


def wedge_discs(params: PatientParameters, wanted_deg: float) -> Mapping[Level, DiscParameters]:
    """The discs of a patient, those of L1-2 to L5-S1 wedged so that the lordosis is `wanted_deg`, their mean heights kept.

    Parameters
    ----------
    params : PatientParameters
    wanted_deg : float
        Lordosis T12 to S1, degrees, as `lordosis_deg` measures it without scoliosis.

    Raises
    ------
    ValueError
        Where the discs are too thin to give so much or so little.
    """
    wedges = {level: disc_wedge(params, level) for level in LORDOTIC}
    limits = {level: _largest_wedge(params, level) for level in LORDOTIC}
    change = np.radians(wanted_deg) - _stacked_lordosis(params)
    turned = _share_change(wedges, limits, float(change))
    missing = float(np.degrees(change - sum(turned[level] - wedges[level] for level in LORDOTIC)))
    if abs(missing) > 1e-6:
        nearest = f"{wanted_deg - missing:.1f}"
        raise ValueError(
            f"discs this thin allow no lordosis of {wanted_deg:.1f} deg, the nearest is {nearest}; ask for that or thicken the discs"
        )
    return {level: _wedge_disc(params, level, turned[level]) if level in turned else disc for level, disc in params.discs.items()}


def lordosis_range_deg(params: PatientParameters) -> tuple[float, float]:
    """Least and greatest lordosis, degrees, that `with_lordosis` can give this patient's discs."""
    stacked, wedges = _stacked_lordosis(params), [disc_wedge(params, level) for level in LORDOTIC]
    limits = sum(_largest_wedge(params, level) for level in LORDOTIC)
    low, high = np.degrees([stacked - sum(wedges) - limits, stacked - sum(wedges) + limits])
    return float(low), float(high)


def _stacked_lordosis(params: PatientParameters) -> float:
    top = params.region.at(Mark.LORDOSIS_TOP)
    under = params.region.under(top)
    return sum(body_wedge(params.vertebrae[level]) for level in under) + sum(disc_wedge(params, level) for level in (top, *under))


def _share_change(wedges: Mapping[Level, float], limits: Mapping[Level, float], change: float) -> dict[Level, float]:
    """Wedges with `change` dealt out by share; what a disc at its limit cannot take goes to the others."""
    turned, left = dict(wedges), change
    for _ in range(len(wedges)):
        free = {level: share for level, share in LORDOTIC.items() if abs(turned[level] - np.copysign(limits[level], left)) > 1e-12}
        if abs(left) < 1e-12 or not free:
            break
        for level, share in free.items():
            goal = turned[level] + left * share / sum(free.values())
            turned[level] = float(np.clip(goal, -limits[level], limits[level]))
        left = change - sum(turned[level] - wedges[level] for level in wedges)
    return turned


def _largest_wedge(params: PatientParameters, level: Level) -> float:
    disc = params.discs[level]
    room_mm = max((disc.anterior_height_mm + disc.posterior_height_mm) / 2 - LEAST_MARGIN_MM, 0.0)
    return 2 * float(np.arctan2(room_mm, _disc_depth_mm(params, level)))


def _wedge_disc(params: PatientParameters, level: Level, wedge: float) -> DiscParameters:
    disc = params.discs[level]
    mean = (disc.anterior_height_mm + disc.posterior_height_mm) / 2
    half = _disc_depth_mm(params, level) * float(np.tan(wedge / 2))
    return replace(disc, anterior_height_mm=mean + half, posterior_height_mm=mean - half)


def _disc_depth_mm(params: PatientParameters, level: Level) -> float:
    below = params.region.below(level)
    lower_mm = params.sacrum.s1_depth_mm if below is params.region.base else params.vertebrae[below].upper_depth_mm
    return (params.vertebrae[level].lower_depth_mm + lower_mm) / 2


def _half_height_mm(vertebra: VertebraParameters) -> float:
    return (vertebra.anterior_height_mm + vertebra.posterior_height_mm) / 4


def _disc_vector(params: PatientParameters, level: Level, rotations: Mapping[Level, Matrix], below: Level) -> Vector:
    """From the middle of the endplate below the disc to that above it, mm: the mean height, and the slip forward."""
    disc = params.discs[level]
    half_above = body_wedge(params.vertebrae[level]) / 2
    half_below = 0.0 if below is params.region.base else body_wedge(params.vertebrae[below]) / 2
    axes = rotations[level] @ _about_x(half_above) + rotations[below] @ _about_x(-half_below)
    axes /= np.linalg.norm(axes, axis=0)
    height = (disc.anterior_height_mm + disc.posterior_height_mm) / 2
    return height * axes[:, 2] - disc.slip_mm * axes[:, 1]


def _rotations(params: PatientParameters) -> dict[Level, Matrix]:
    """Orientation of each vertebra: frontal tilt, then pitch, then axial rotation."""
    pitches = _pitches(params)
    tilts, turns = tilts_and_turns(params.scoliosis, params.region)
    return {level: _about_y(tilts[level]) @ _about_x(pitches[level]) @ _about_z(turns[level]) for level in pitches}


def _pitches(params: PatientParameters) -> dict[Level, float]:
    """Pitch of the sacral endplate and of each body's mid-plane, from below upward."""
    pitch = float(np.radians(params.sacrum.slope_deg))
    pitches = {params.region.base: pitch}
    for level in reversed(params.region.vertebrae):
        half = body_wedge(params.vertebrae[level]) / 2
        pitch -= disc_wedge(params, level) + half
        pitches[level] = pitch
        pitch -= half
    return pitches


def _pitch_of(normal: Vector) -> float:
    return float(np.arctan2(-normal[1], normal[2]))


def _roll_of(normal: Vector) -> float:
    return float(np.arctan2(normal[0], normal[2]))


def _about_x(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def _about_y(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def _about_z(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _rigid(rotation: Matrix, place: Vector) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, place
    matrix.setflags(write=False)
    return matrix
