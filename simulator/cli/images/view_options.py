"""From words to a C-arm: a view by name, squared where there are landmarks, or three angles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from phantoms.terms.regions import DEFAULT_REGION
from simulator.cli.images.subjects import ImagingSubject
from simulator.geometry.angle_text import describe_angles
from simulator.geometry.carm import CArm
from simulator.geometry.views import SACRAL_VIEWS, Angles, View, aim, describe_beyond, find_angles, nominal_angles, square_view

FIELD_RANGE_MM = (50.0, 430.0)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ViewOptions:
    """Where the C-arm is to stand; angles that are None come from the view."""

    view: View = View.AP
    level: Level = DEFAULT_REGION.usual
    oblique_deg: float | None = None
    tilt_deg: float | None = None
    swivel_deg: float | None = None
    isocentre: NDArray[np.float64] | None = None
    size: int = 512
    field_mm: float = 300.0
    sid_mm: float = 1000.0
    sod_mm: float = 700.0

    def __post_init__(self) -> None:
        if not FIELD_RANGE_MM[0] <= self.field_mm <= FIELD_RANGE_MM[1]:
            raise ValueError(f"--field must be from {FIELD_RANGE_MM[0]:g} to {FIELD_RANGE_MM[1]:g} mm, got {self.field_mm:g}")

    @property
    def by_angles(self) -> bool:
        """Whether any angle was given."""
        return any(angle is not None for angle in (self.oblique_deg, self.tilt_deg, self.swivel_deg))


def carm_of(pose: ViewOptions, subject: ImagingSubject) -> CArm:
    """Return the view of a subject.

    Raises
    ------
    ValueError
        Where an angle, a distance or a level is out of range.
    """
    if subject.landmarks is None or pose.isocentre is not None or pose.by_angles:
        return _turn_carm(pose, _isocentre(pose, subject))
    return square_view(
        pose.view,
        subject.landmarks,
        pose.level,
        sid_mm=pose.sid_mm,
        sod_mm=pose.sod_mm,
        field_mm=pose.field_mm,
        size=pose.size,
    )


def describe_reach(pose: ViewOptions, subject: ImagingSubject) -> str:
    """What of a squared view a mobile C-arm does not reach, in words after a semicolon; empty where it reaches all."""
    if subject.landmarks is None or pose.by_angles:
        return ""
    beyond = describe_beyond(find_angles(pose.view, aim(pose.view, subject.landmarks, pose.level).beam))
    return f"; {beyond}" if beyond else ""


def check_numbers(pose: ViewOptions) -> None:
    """Refuse angles and distances that no C-arm has, before anything is built.

    Raises
    ------
    ValueError
        Where one is out of range.
    """
    _turn_carm(pose, np.zeros(3))


def title_of(pose: ViewOptions, subject: ImagingSubject) -> str:
    """Short name of a view, e.g. ``clo-left L4-5``."""
    name = "free angles" if pose.by_angles else str(pose.view)
    below = pose.level.below
    if subject.landmarks is None or below is None or pose.view in SACRAL_VIEWS:
        return name
    return f"{name} {pose.level}-{below.removeprefix('L')}"


def describe_beam(carm: CArm) -> str:
    """Oblique and tilt of the beam as a C-arm's scales show them, e.g. ``left oblique 30°, cranial 12°``."""
    x, y, z = (carm.detector - carm.source) / np.linalg.norm(carm.detector - carm.source)
    oblique_deg, tilt_deg = np.rad2deg(np.arctan2(x, np.hypot(y, z) * np.sign(y or 1))), np.rad2deg(np.arcsin(z))
    return describe_angles(float(oblique_deg), float(tilt_deg))


def _turn_carm(pose: ViewOptions, isocentre: NDArray[np.float64]) -> CArm:
    angles = _angles(pose)
    return CArm.from_angles(
        oblique_deg=angles.oblique_deg,
        tilt_deg=angles.tilt_deg,
        swivel_deg=angles.swivel_deg,
        isocentre=isocentre,
        sid_mm=pose.sid_mm,
        sod_mm=pose.sod_mm,
        field_mm=pose.field_mm,
        size=pose.size,
    )


def _angles(pose: ViewOptions) -> Angles:
    if not pose.by_angles:
        return nominal_angles(pose.view)
    return Angles(oblique_deg=pose.oblique_deg or 0.0, tilt_deg=pose.tilt_deg or 0.0, swivel_deg=pose.swivel_deg or 0.0)


def _isocentre(pose: ViewOptions, subject: ImagingSubject) -> NDArray[np.float64]:
    if pose.isocentre is not None:
        return pose.isocentre
    return subject.centre if subject.landmarks is None else aim(pose.view, subject.landmarks, pose.level).isocentre
