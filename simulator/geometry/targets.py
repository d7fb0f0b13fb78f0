"""Where a needle's tip should lie, and in which band of safety a tip lies: FACTS.md 3.1 (bands recalled, unverified)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from scenarios.names.enums import Approach, Compartment
from simulator.geometry.approaches import course
from simulator.geometry.clear_path import Course, Field

Vector = NDArray[np.float64]

WARNING_FROM_DURA_MM = 1.0
UNSAFE_FROM_SAC_MM = 10.0
VENTRAL_CORTEX_MM = 3.0

COMPARTMENTS: dict[Approach, frozenset[Compartment]] = {
    Approach.INTERLAMINAR: frozenset({Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL}),
    Approach.SUBPEDICULAR: frozenset({Compartment.FORAMINAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL}),
    Approach.INFRANEURAL: frozenset({Compartment.FORAMINAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL}),
    Approach.S1_TRANSFORAMINAL: frozenset({Compartment.FORAMINAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_DORSAL}),
    Approach.CAUDAL: frozenset({Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL}),
}
"""Compartments that each approach is meant for."""


class Band(StrEnum):
    """How safe a tip's place is."""

    SAFE = "safe"
    WARNING = "warning"
    UNSAFE = "unsafe"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Target:
    """Where a case wants the tip: a point, shape (3,), mm, on a straight course, and the compartments that are meant."""

    point: Vector
    course: Course
    compartments: frozenset[Compartment]

    def along_mm(self, tip: Vector) -> float:
        """How far a tip, shape (3,), mm, lies beyond the point along the needle, mm; negative where it falls short."""
        return float(-(tip - self.point) @ self.course.outward)

    def across_mm(self, tip: Vector) -> float:
        """How far a tip, shape (3,), mm, lies beside the course, mm."""
        return float(np.linalg.norm(np.cross(tip - self.point, self.course.outward)))


def target(
    approach: Approach,
    landmarks: Landmarks,
    level: Level,
    side: Side | None,
    tissue: Field | None = None,
    *,
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Target:
    """Target of an approach in one patient.

    Parameters
    ----------
    approach, landmarks, level, side, tissue
        As :func:`simulator.geometry.approaches.course` takes them.
    offset_mm : tuple of float
        From the textbook's point to the patient's left, dorsally, cranially, along the level's own axes.

    Raises
    ------
    ValueError
        As `course` does.
    """
    found = course(approach, landmarks, level, side, tissue)
    sacral = approach in (Approach.S1_TRANSFORAMINAL, Approach.CAUDAL)
    axes = landmarks.sacrum.axes if sacral else landmarks.vertebrae[level].axes
    shift = axes @ np.asarray(offset_mm)
    moved = Course(entry=found.entry + shift, tip=found.tip + shift)
    return Target(point=moved.tip, course=moved, compartments=COMPARTMENTS[approach])


def band(
    approach: Approach, landmarks: Landmarks, level: Level, side: Side | None, tip: Vector, pedicle_width_mm: float
) -> tuple[Band, str]:
    """Band of safety of a tip, shape (3,), mm, and why.

    Interlaminar: by the distance to the dorsal dura. Subpedicular and infraneural: in AP, from the pedicle's lateral border to its middle
    safe, on to its medial border a warning, medial to that unsafe. S1: dorsal to the ventral cortex by 3 mm. Caudal: not cranial to the
    S2-S3 line, nor within 10 mm of the sac's end.

    Parameters
    ----------
    approach, landmarks, level, side
        The case's.
    tip : ndarray, shape (3,)
        World frame, mm.
    pedicle_width_mm : float
        Of the level's pedicles.
    """
    if approach is Approach.CAUDAL:
        return _caudal(landmarks, tip)
    if approach is Approach.INTERLAMINAR:
        return _interlaminar(landmarks, level, tip)
    if side is None:
        raise ValueError(f"{approach} needs a side, left or right; got the midline")
    if approach is Approach.S1_TRANSFORAMINAL:
        return _s1(landmarks, side, tip)
    return _foraminal(landmarks, level, side, tip, pedicle_width_mm)


def _interlaminar(landmarks: Landmarks, level: Level, tip: Vector) -> tuple[Band, str]:
    before_dura_mm = float((tip - landmarks.interspaces[level].dura_dorsal) @ landmarks.vertebrae[level].axes[:, 1])
    if before_dura_mm < 0:
        return Band.UNSAFE, f"{-before_dura_mm:.1f} mm ventral of the dorsal dura's midline"
    if before_dura_mm < WARNING_FROM_DURA_MM:
        return Band.WARNING, f"{before_dura_mm:.1f} mm dorsal of the dura"
    return Band.SAFE, "dorsal of the dura"


def _foraminal(landmarks: Landmarks, level: Level, side: Side, tip: Vector, pedicle_width_mm: float) -> tuple[Band, str]:
    bone = landmarks.vertebrae[level]
    outward_mm = float(side.sign * (tip - bone.pedicle[side]) @ bone.axes[:, 0])
    if outward_mm < -pedicle_width_mm / 2:
        return Band.UNSAFE, "medial to the pedicle's medial border in AP"
    if outward_mm < 0:
        return Band.WARNING, "between the pedicle's middle and its medial border in AP"
    return Band.SAFE, "lateral to the pedicle's middle in AP"


def _s1(landmarks: Landmarks, side: Side, tip: Vector) -> tuple[Band, str]:
    sacrum = landmarks.sacrum
    ventral = sacrum.ventral_foramen[Level.S1, side]
    before_mm = float((tip - ventral) @ sacrum.axes[:, 1])
    if before_mm < 0:
        return Band.UNSAFE, f"{-before_mm:.1f} mm ventral of the sacrum: presacral"
    if before_mm < VENTRAL_CORTEX_MM:
        return Band.WARNING, f"{before_mm:.1f} mm dorsal of the ventral cortex; {VENTRAL_CORTEX_MM:g} mm should be left"
    return Band.SAFE, "within the sacral canal"


def _caudal(landmarks: Landmarks, tip: Vector) -> tuple[Band, str]:
    sacrum = landmarks.sacrum
    if (tip - sacrum.s2_s3.point) @ sacrum.s2_s3.normal > 0:
        return Band.UNSAFE, "cranial to the line between S2 and S3"
    if np.linalg.norm(tip - sacrum.dural_sac_end) < UNSAFE_FROM_SAC_MM:
        return Band.UNSAFE, f"within {UNSAFE_FROM_SAC_MM:g} mm of the end of the dural sac"
    return Band.SAFE, "caudal to the line between S2 and S3"
