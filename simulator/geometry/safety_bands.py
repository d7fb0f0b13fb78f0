"""In which band of safety a tip lies, by approach: FACTS.md 3.1 (bands recalled, unverified).

All functions take landmarks, the upper vertebra of the interspace, the needle's side, the tip, shape (3,), world frame, mm, and the width
of the level's pedicles, mm; they return the band and the reason in words.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from simulator.geometry.courses import require_side

Vector = NDArray[np.float64]

WARNING_FROM_DURA_MM = 1.0
UNSAFE_FROM_SAC_MM = 10.0
VENTRAL_CORTEX_MM = 3.0


class Band(StrEnum):
    """How safe a tip's place is."""

    SAFE = "safe"
    WARNING = "warning"
    UNSAFE = "unsafe"


Verdict = tuple[Band, str]


def judge_before_dura(landmarks: Landmarks, level: Level, side: Side | None, tip: Vector, pedicle_width_mm: float) -> Verdict:  # noqa: ARG001
    """By the distance of the tip, shape (3,), mm, to the dorsal dura."""
    before_dura_mm = float((tip - landmarks.interspaces[level].dura_dorsal) @ landmarks.vertebrae[level].axes[:, 1])
    if before_dura_mm < 0:
        return Band.UNSAFE, f"{-before_dura_mm:.1f} mm ventral of the dorsal dura's midline"
    if before_dura_mm < WARNING_FROM_DURA_MM:
        return Band.WARNING, f"{before_dura_mm:.1f} mm dorsal of the dura"
    return Band.SAFE, "dorsal of the dura"


def judge_beside_pedicle(landmarks: Landmarks, level: Level, side: Side | None, tip: Vector, pedicle_width_mm: float) -> Verdict:
    """In AP: a tip, shape (3,), mm, is safe as far medial as the pedicle's middle, on to its medial border a warning, beyond it unsafe."""
    side, bone = require_side(side), landmarks.vertebrae[level]
    outward_mm = float(side.sign * (tip - bone.pedicle[side]) @ bone.axes[:, 0])
    if outward_mm < -pedicle_width_mm / 2:
        return Band.UNSAFE, "medial to the pedicle's medial border in AP"
    if outward_mm < 0:
        return Band.WARNING, "between the pedicle's middle and its medial border in AP"
    return Band.SAFE, "lateral to the pedicle's middle in AP"


def judge_in_sacral_foramen(landmarks: Landmarks, level: Level, side: Side | None, tip: Vector, pedicle_width_mm: float) -> Verdict:  # noqa: ARG001
    """Safe where the tip, shape (3,), mm, lies dorsal to the ventral cortex by 3 mm."""
    side, sacrum = require_side(side), landmarks.sacrum
    ventral = sacrum.ventral_foramen[landmarks.region.base, side]
    before_mm = float((tip - ventral) @ sacrum.axes[:, 1])
    if before_mm < 0:
        return Band.UNSAFE, f"{-before_mm:.1f} mm ventral of the sacrum: presacral"
    if before_mm < VENTRAL_CORTEX_MM:
        return Band.WARNING, f"{before_mm:.1f} mm dorsal of the ventral cortex; {VENTRAL_CORTEX_MM:g} mm should be left"
    return Band.SAFE, "within the sacral canal"


def judge_in_sacral_canal(landmarks: Landmarks, level: Level, side: Side | None, tip: Vector, pedicle_width_mm: float) -> Verdict:  # noqa: ARG001
    """Safe where the tip, shape (3,), mm, lies neither cranial to the S2-S3 line nor within 10 mm of the sac's end."""
    sacrum = landmarks.sacrum
    if (tip - sacrum.s2_s3.point) @ sacrum.s2_s3.normal > 0:
        return Band.UNSAFE, "cranial to the line between S2 and S3"
    if np.linalg.norm(tip - sacrum.dural_sac_end) < UNSAFE_FROM_SAC_MM:
        return Band.UNSAFE, f"within {UNSAFE_FROM_SAC_MM:g} mm of the end of the dural sac"
    return Band.SAFE, "caudal to the line between S2 and S3"
