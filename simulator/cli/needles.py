"""Needles by entry and target, or by the name of a textbook approach.

Approaches after FACTS.md 3.1: interlaminar through the window (100, 101), transforaminal down the barrel of the oblique view (17), Kambin's
triangle (105), S1 through the dorsal foramen (106), caudal through the hiatus (107, 108). Angles without a number are recalled, unverified.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.landmarks import Landmarks
from phantoms.levels import Level, Side
from simulator.cli.arguments import known, point
from simulator.geometry.views import aim

Vector = NDArray[np.float64]
Inside = Callable[[Vector], NDArray[np.bool_]]

PARAMEDIAN_MM = 6.0  # interlaminar entry beside the midline: 5-10 mm
STANDARD_LENGTHS_MM = (89.0, 127.0, 152.0, 203.0)  # 3.5, 5, 6 and 8 inches
TUOHY_GAUGE, SPINAL_GAUGE = 18, 22  # interlaminar 17-20, all others 22 or 25
SEARCH_MM = 400.0
SEARCH_STEP_MM = 0.5
HIATUS_DEG = 55.0  # of a caudal needle to the sacral canal as it pierces the membrane; it starts at 45-65 and is then dropped
BEYOND_MEMBRANE_MM = 3.0  # past the sacrococcygeal membrane: at most 5-7; at this angle 5 would touch the canal's floor
UNDER_PEDICLE = 0.78  # transforaminal tip: share of the way from the pedicle's middle down to the foramen's, just under the pedicle
DORSAL_MM = 2.75  # and dorsal to the foramen's middle
CLEAR_OF_GANGLION_MM = 2.9  # and farther from the ganglion's middle than its half width
BELOW_SPINOUS = 0.6  # share of the way from one spinous tip to the next at which the space between the processes is free


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Course:
    """A straight needle's way: where it passes the skin and where its tip is, shape (3,), mm."""

    entry: Vector
    tip: Vector

    @property
    def depth_mm(self) -> float:
        """Length inside the body, mm."""
        return float(np.linalg.norm(self.tip - self.entry))

    @property
    def length_mm(self) -> float:
        """The shortest standard needle that reaches the tip with its hub outside, mm."""
        return next((length for length in STANDARD_LENGTHS_MM if length > self.depth_mm), self.depth_mm + 20.0)

    @property
    def hub(self) -> Vector:
        """Where the shaft ends outside the body, shape (3,), mm."""
        return self.tip + (self.entry - self.tip) / self.depth_mm * self.length_mm


def needle_path(entry: str | None, target: str, landmarks: Landmarks | None, level: Level, inside: Inside | None) -> Course:
    """Read a needle from the command line.

    Parameters
    ----------
    entry : str or None
        ``x,y,z`` in mm; may be left out for a named target.
    target : str
        ``x,y,z`` in mm, or one of `APPROACHES`.
    landmarks : Landmarks or None
        The patient's, for named targets.
    level : Level
        Upper vertebra of the interspace.
    inside : callable or None
        Points, shape (n, 3), mm -> whether they lie in the body, shape (n,).

    Raises
    ------
    ValueError
        Where a point or name cannot be read, the entry is missing, or there are no landmarks to name a target by.
    """
    if "," in target:
        if entry is None:
            raise ValueError("--needle-target by coordinates needs --needle-entry x,y,z too")
        return _checked(Course(entry=point(entry, "--needle-entry"), tip=point(target, "--needle-target")))
    approach = APPROACHES[known(target, APPROACHES, "--needle-target")]
    if landmarks is None:
        raise ValueError(f"--needle-target {target}: this mesh has no landmarks; give x,y,z in mm")
    tip, outward = approach(landmarks, level)
    return _checked(Course(entry=point(entry, "--needle-entry") if entry else _skin(tip, outward, inside), tip=tip))


def _checked(course: Course) -> Course:
    if not course.depth_mm > 1.0:
        raise ValueError("--needle-entry and --needle-target must lie more than 1 mm apart")
    return course


def _skin(tip: Vector, outward: Vector, inside: Inside | None) -> Vector:
    """First point along a direction that is outside the body; a standard needle's length away where the body is unknown."""
    if inside is None:
        return tip + STANDARD_LENGTHS_MM[0] * 0.8 * outward
    distance_mm = np.arange(0.0, SEARCH_MM, SEARCH_STEP_MM)
    within = inside(tip + distance_mm[:, None] * outward)
    return tip + distance_mm[min(int(np.flatnonzero(within).max(initial=0)) + 1, len(distance_mm) - 1)] * outward


def _interlaminar(side: Side | None) -> Callable[[Landmarks, Level], tuple[Vector, Vector]]:
    """Between the spinous processes into the interlaminar window, in or beside the midline."""

    def approach(landmarks: Landmarks, level: Level) -> tuple[Vector, Vector]:
        target, left = landmarks.interspaces[level].epidural_target, landmarks.vertebrae[level].axes[:, 0]
        between = _unit(_between_spinous_tips(landmarks, level) - target)
        if side is None:
            return target, between
        aside = side.sign * PARAMEDIAN_MM * left
        return target + aside / 3.0, _unit(60.0 * between + aside * 2.0 / 3.0)

    return approach


def _between_spinous_tips(landmarks: Landmarks, level: Level) -> Vector:
    """Where a needle passes between the spinous processes; below the last, as far down as from the one above."""
    tips = {other: vertebra.spinous_tip for other, vertebra in landmarks.vertebrae.items()}
    tip = tips[level]
    above, below = (tips.get(other, tip) if other else tip for other in (level.above, level.below))
    return tip + BELOW_SPINOUS * (below - tip if level.below in tips else tip - above)


def _transforaminal(side: Side) -> Callable[[Landmarks, Level], tuple[Vector, Vector]]:
    """Down the barrel of the oblique view to just under the pedicle, in the dorsal half of the foramen."""

    def approach(landmarks: Landmarks, level: Level) -> tuple[Vector, Vector]:
        bone, marks = landmarks.vertebrae[level], landmarks.interspaces[level]
        _, posterior, up = bone.axes.T
        foramen, ganglion = ((point - bone.pedicle[side]) @ bone.axes for point in (marks.foramen[side], marks.dorsal_root_ganglion[side]))
        clear = ganglion[1] + np.sqrt(max(CLEAR_OF_GANGLION_MM**2 - ganglion[0] ** 2, 0.0))
        under = bone.pedicle[side] + UNDER_PEDICLE * foramen[2] * up + max(foramen[1] + DORSAL_MM, clear) * posterior
        return under, aim(f"oblique-{side}", landmarks, level).beam

    return approach


def _s1(side: Side) -> Callable[[Landmarks, Level], tuple[Vector, Vector]]:
    """Down the barrel of the S1 view, into the foramen by a third of its depth."""

    def approach(landmarks: Landmarks, level: Level) -> tuple[Vector, Vector]:
        view = aim(f"s1-{side}", landmarks, level)
        depth = view.isocentre - landmarks.sacrum.ventral_foramen[Level.S1, side]
        return view.isocentre - view.beam * float(np.linalg.norm(depth)) / 3.0, view.beam

    return approach


def _caudal(landmarks: Landmarks, level: Level) -> tuple[Vector, Vector]:  # noqa: ARG001 - one signature for all approaches
    """Through the hiatus, flat into the canal, just past the membrane."""
    sacrum = landmarks.sacrum
    left = sacrum.axes[:, 0]
    hiatus = (sacrum.hiatus_apex + sacrum.hiatus_floor) / 2
    canal = _unit(sacrum.canal[-1] - sacrum.canal[-3])
    dorsal = _unit(np.cross(canal, left))
    dorsal = dorsal if dorsal[1] > 0 else -dorsal
    angle = np.deg2rad(HIATUS_DEG)
    outward = np.cos(angle) * canal + np.sin(angle) * dorsal
    return hiatus - BEYOND_MEMBRANE_MM * outward, outward


APPROACHES: dict[str, Callable[[Landmarks, Level], tuple[Vector, Vector]]] = {
    "interlaminar": _interlaminar(None),
    "interlaminar-left": _interlaminar(Side.LEFT),
    "interlaminar-right": _interlaminar(Side.RIGHT),
    "transforaminal-left": _transforaminal(Side.LEFT),
    "transforaminal-right": _transforaminal(Side.RIGHT),
    "s1-left": _s1(Side.LEFT),
    "s1-right": _s1(Side.RIGHT),
    "caudal": _caudal,
}


def usual_gauge(target: str | None) -> int:
    """Gauge that a textbook uses for an approach; that of a spinal needle for a target by coordinates."""
    return TUOHY_GAUGE if target and target.startswith("interlaminar") else SPINAL_GAUGE


def _unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)
