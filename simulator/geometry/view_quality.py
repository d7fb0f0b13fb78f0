"""How true a view is for its task, judged on this patient's landmarks: 1 for what an expert would keep, falling as the beam turns away.

Rules of DESIGN.md section 8: an interlaminar AP by the projected window, a contralateral oblique by the angle between beam and lamina, a
transforaminal view by square endplates and the oblique of this patient's Scottie dog. Ranges without a source in FACTS.md 3.1 are ours.
Only the beam's direction counts here; whether the needle's tip is in the field is asked elsewhere.
"""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from simulator.geometry.carm import CArm
from simulator.geometry.views import USABLE_TILT_DEG, aim

Vector = NDArray[np.float64]

FREE_DEG, LOST_DEG = 10.0, 20.0  # off the true beam by so much: all credit, and none
MIDLINE_FREE_DEG, MIDLINE_LOST_DEG = 8.0, 20.0  # obliquity of an AP
SQUARE_FREE_DEG, SQUARE_LOST_DEG = 6.0, 15.0  # of an endplate out of profile
TILTS_DEG = np.linspace(-USABLE_TILT_DEG, USABLE_TILT_DEG, 51)


def beam(carm: CArm) -> Vector:
    """Unit vector from the source to the detector's centre, shape (3,)."""
    along = carm.detector - carm.source
    return along / np.linalg.norm(along)


def window_quality(carm: CArm, landmarks: Landmarks, level: Level) -> float:
    """An AP for an interlaminar entry: how large the window is drawn, over the best that tilt allows, the spinous process in the middle.

    Parameters
    ----------
    carm : CArm
        The view.
    landmarks : Landmarks
        World frame, mm.
    level : Level
        Upper vertebra of the interspace.

    Returns
    -------
    float
        0 to 1; 0.8 and above is a good view.
    """
    outline = landmarks.interspaces[level].interlaminar_window
    area = (
        np.cross(outline, np.roll(outline, -1, axis=0)).sum(axis=0) / 2
    )  # of a closed curve, as a vector: seen along a beam it is area @ beam
    tilts = np.deg2rad(TILTS_DEG)
    best = np.abs(np.stack((np.zeros_like(tilts), np.cos(tilts), np.sin(tilts)), axis=1) @ area).max()
    axes = landmarks.vertebrae[level].axes
    aside_deg = abs(_degrees(np.arcsin(np.clip(beam(carm) @ axes[:, 0], -1, 1))))
    return float(min(abs(beam(carm) @ area) / best, 1.0) * _ramp(aside_deg, MIDLINE_FREE_DEG, MIDLINE_LOST_DEG))


def lamina_quality(carm: CArm, landmarks: Landmarks, level: Level, side: Side) -> float:
    """A contralateral oblique: the beam's angle to the plate of the lamina on the needle's side, within 10 degrees for full credit.

    Parameters
    ----------
    carm, landmarks, level
        As for `window_quality`.
    side : Side
        Of the needle.
    """
    true = aim(f"clo-{side}", landmarks, level).beam
    return _ramp(_between_deg(beam(carm), true), FREE_DEG, LOST_DEG)


def lateral_quality(carm: CArm, landmarks: Landmarks, level: Level) -> float:
    """A lateral from either side, by its angle to this patient's true lateral.

    Parameters
    ----------
    carm, landmarks, level
        As for `window_quality`.
    """
    true = aim("lateral-left", landmarks, level).beam
    return _ramp(_line_deg(beam(carm), true), FREE_DEG, LOST_DEG)


def foramen_quality(carm: CArm, landmarks: Landmarks, level: Level, side: Side) -> float:
    """A transforaminal oblique: the upper endplate in profile, the beam near this patient's Scottie dog.

    The tip of the superior articular process from below is not asked for, though DESIGN.md section 8 names it: in these patients it stands
    at 6 o'clock under the pedicle in the AP already, and 3 to 5 mm beside it in a true oblique, so it would tell the wrong view.

    Parameters
    ----------
    carm, landmarks, level
        As for `window_quality`.
    side : Side
        Of the foramen.
    """
    normal = landmarks.vertebrae[level].upper_endplate.normal
    out_of_profile = abs(_degrees(np.arcsin(np.clip(beam(carm) @ normal, -1, 1))))
    off_deg = _between_deg(beam(carm), aim(f"oblique-{side}", landmarks, level).beam)
    return _ramp(out_of_profile, SQUARE_FREE_DEG, SQUARE_LOST_DEG) * _ramp(off_deg, FREE_DEG, LOST_DEG)


def named_quality(carm: CArm, name: str, landmarks: Landmarks, level: Level) -> float:
    """Any named view, by its angle to the one squared to this patient.

    Parameters
    ----------
    carm, landmarks, level
        As for `window_quality`.
    name : str
        One of `simulator.geometry.views.View`.

    Raises
    ------
    ValueError
        Where no view has that name.
    """
    return beam_quality(carm, aim(name, landmarks, level).beam)


def beam_quality(carm: CArm, true: Vector) -> float:
    """Any view, by its angle to a true beam, a unit vector from source to detector, shape (3,)."""
    return _ramp(_between_deg(beam(carm), true), FREE_DEG, LOST_DEG)


def _ramp(value: float, free: float, lost: float) -> float:
    return float(np.clip((lost - value) / (lost - free), 0.0, 1.0))


def _between_deg(first: Vector, second: Vector) -> float:
    return _degrees(np.arccos(np.clip(first @ second, -1.0, 1.0)))


def _line_deg(first: Vector, second: Vector) -> float:
    """Angle between two lines, whichever way they point."""
    return _degrees(np.arccos(np.clip(abs(first @ second), 0.0, 1.0)))


def _degrees(angle_rad: float | NDArray[np.float64]) -> float:
    return float(np.rad2deg(angle_rad))
