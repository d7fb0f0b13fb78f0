"""Textbook courses of a straight needle to the epidural space, and where its tip should come to lie.

Approaches after FACTS.md 3.1: interlaminar through the window (100, 101), subpedicular down the barrel of the oblique view (17),
infraneural through Kambin's triangle (105), S1 through the dorsal foramen (106), caudal through the hiatus (107, 108). Numbers without a
source are recalled, unverified. Where the patient's tissues are known, a course that would meet bone or nerve gives way to the nearest
that does not (:mod:`simulator.geometry.clear_path`): at L5-S1 the articular process of S1 and the iliac crest stand in the textbook's way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Approach
from simulator.geometry.clear_path import Course, Field, Search, nearest_clear, skin_along
from simulator.geometry.views import aim, disc_normal, oblique_over_lower_endplate

Vector = NDArray[np.float64]
Textbook = tuple[Vector, Vector]

PARAMEDIAN_MM = 6.0  # interlaminar entry beside the midline: 5-10 mm
TUOHY_GAUGE, SPINAL_GAUGE = 18, 22  # interlaminar 17-20, all others 22 or 25
HIATUS_DEG = 55.0  # of a caudal needle to the sacral canal as it pierces the membrane; it starts at 45-65 and is then dropped
BEYOND_MEMBRANE_MM = 3.0  # past the sacrococcygeal membrane: at most 5-7; at this angle 5 would touch the canal's floor
UNDER_PEDICLE = 0.78  # transforaminal tip: share of the way from the pedicle's middle down to the foramen's, just under the pedicle
DORSAL_MM = 2.75  # and dorsal to the foramen's middle
CLEAR_OF_GANGLION_MM = 2.9  # and farther from the ganglion's middle than its half width
BELOW_SPINOUS = 0.6  # share of the way from one spinous tip to the next at which the space between the processes is free
KAMBIN_DEG = 30.0  # oblique of the infraneural needle: 25-35
KAMBIN_ABOVE_ENDPLATE_MM = 4.5  # its tip above the lower vertebra's upper endplate: in the lower third of the foramen
KAMBIN_DORSAL_MM = 1.0  # and dorsal to the foramen's middle, so behind the annulus

SACRAL_LEVEL = Level.L5  # from which the sacrum is counted
EPIDURAL = frozenset({Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL})
SEARCHES = {
    Approach.INTERLAMINAR: Search(goal=EPIDURAL, lateral_mm=(0.0,), dorsal_mm=(0.0,), cranial_mm=(0.0,), aside_deg=20.0),
    Approach.SUBPEDICULAR: Search(
        goal=EPIDURAL, lateral_mm=(0.0, 2.0, 4.0, 6.0, 8.0), dorsal_mm=(-2.0, 0.0, 2.0), cranial_mm=(0.0, -1.5, -3.0), aside_deg=25.0
    ),
    Approach.INFRANEURAL: Search(
        goal=EPIDURAL,
        lateral_mm=(-2.0, 0.0, 2.0, 4.0, 6.0),
        dorsal_mm=(-1.5, 0.0, 1.5, 3.0),
        cranial_mm=(-1.5, 0.0, 1.5, 3.0),
        aside_deg=25.0,
    ),
    Approach.S1_TRANSFORAMINAL: Search(
        goal=EPIDURAL, lateral_mm=(-2.0, 0.0, 2.0), dorsal_mm=(-2.0, 0.0, 2.0), cranial_mm=(-2.0, 0.0, 2.0), aside_deg=15.0
    ),
    Approach.CAUDAL: Search(goal=EPIDURAL, lateral_mm=(0.0,), dorsal_mm=(0.0, 1.0), cranial_mm=(-2.0, 0.0), aside_deg=25.0),
}
"""How far from the textbook's tip and direction a clear way is looked for; beyond the pedicle's lateral border is outside the foramen."""


def course(
    approach: Approach, landmarks: Landmarks, level: Level, side: Side | None, tissue: Field | None = None, *, around: bool = True
) -> Course:
    """Straight way of an approach's needle in one patient.

    Parameters
    ----------
    approach : Approach
        Route.
    landmarks : Landmarks
        The patient's.
    level : Level
        Upper vertebra of the interspace; the sacral routes do not ask it.
    side : Side or None
        Of the needle; None in the midline, for the interlaminar and the caudal route.
    tissue : callable, optional
        Points, shape (n, 3), mm -> `Tissue` labels, shape (n,), 0 outside the body. Without it the textbook's way is taken, and the skin
        is supposed a short needle's length away.
    around : bool
        Whether to give way to bone and nerve; a picture of the textbook's needle does not.

    Returns
    -------
    Course
        Entry at the skin and tip, mm.

    Raises
    ------
    ValueError
        Where the approach needs a side, or the patient lacks the level.
    """
    tip, outward = textbook(Approach(approach), landmarks, level, side)
    if tissue is None:
        return Course(entry=skin_along(tip, outward, None), tip=tip)
    if around:
        tip, outward = nearest_clear(tip, outward, _axes(approach, landmarks, level, side), SEARCHES[approach], tissue)
    return Course(entry=skin_along(tip, outward, tissue), tip=tip)


def textbook(approach: Approach, landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Tip, shape (3,), mm, and outward unit vector of an approach, whatever lies in its way; raises as `course` does."""
    if level not in landmarks.interspaces:
        raise ValueError(f"{approach} needs landmarks of {level}; this patient has {', '.join(sorted(landmarks.interspaces)) or 'none'}")
    return TEXTBOOK[approach](landmarks, level, side)


def usual_gauge(approach: Approach | None) -> int:
    """Gauge that a textbook uses for an approach; that of a spinal needle where there is none."""
    return TUOHY_GAUGE if approach is Approach.INTERLAMINAR else SPINAL_GAUGE


def _axes(approach: Approach, landmarks: Landmarks, level: Level, side: Side | None) -> NDArray[np.float64]:
    """Lateral (towards the needle's side, left in the midline), dorsal and cranial unit vectors as columns, shape (3, 3)."""
    sacral = approach in (Approach.S1_TRANSFORAMINAL, Approach.CAUDAL)
    axes = landmarks.sacrum.axes if sacral else landmarks.vertebrae[level].axes
    return axes * np.array([side.sign if side else 1.0, 1.0, 1.0])


def _sided(side: Side | None) -> Side:
    if side is None:
        raise ValueError("a foraminal approach needs a side, left or right; got the midline")
    return side


def _interlaminar(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Between the spinous processes into the interlaminar window, in or beside the midline."""
    target, left = landmarks.interspaces[level].epidural_target, landmarks.vertebrae[level].axes[:, 0]
    between = _unit(_between_spinous_tips(landmarks, level) - target)
    if side is None:
        return target, between
    aside = side.sign * PARAMEDIAN_MM * left
    return target + aside / 3.0, _unit(60.0 * between + aside * 2.0 / 3.0)


def _between_spinous_tips(landmarks: Landmarks, level: Level) -> Vector:
    """Where a needle passes between the spinous processes; below the last, as far down as from the one above."""
    tips = {other: vertebra.spinous_tip for other, vertebra in landmarks.vertebrae.items()}
    tip = tips[level]
    above, below = (tips.get(other, tip) if other else tip for other in (level.above, level.below))
    return tip + BELOW_SPINOUS * (below - tip if level.below in tips else tip - above)


def _subpedicular(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Down the barrel of the oblique view to just under the pedicle, in the dorsal half of the foramen."""
    side = _sided(side)
    bone, marks = landmarks.vertebrae[level], landmarks.interspaces[level]
    _, posterior, up = bone.axes.T
    foramen, ganglion = ((point - bone.pedicle[side]) @ bone.axes for point in (marks.foramen[side], marks.dorsal_root_ganglion[side]))
    clear = ganglion[1] + np.sqrt(max(CLEAR_OF_GANGLION_MM**2 - ganglion[0] ** 2, 0.0))
    under = bone.pedicle[side] + UNDER_PEDICLE * foramen[2] * up + max(foramen[1] + DORSAL_MM, clear) * posterior
    return under, aim(f"oblique-{side}", landmarks, level).beam


def _infraneural(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Along the lower vertebra's upper endplate, lateral to its articular process, to the foramen's lower third behind the annulus."""
    side = _sided(side)
    marks = landmarks.interspaces[level]
    up, posterior = disc_normal(landmarks, level), landmarks.vertebrae[level].axes[:, 1]
    below = landmarks.vertebrae.get(level.below) if level.below else None
    endplate = below.upper_endplate if below else landmarks.sacrum.s1_endplate
    height = (marks.foramen[side] - endplate.point) @ endplate.normal
    tip = marks.foramen[side] - (height - KAMBIN_ABOVE_ENDPLATE_MM) * up + KAMBIN_DORSAL_MM * posterior
    return tip, oblique_over_lower_endplate(landmarks, level, side, KAMBIN_DEG)


def _s1(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Down the barrel of the S1 view, into the foramen by a third of its depth."""
    side = _sided(side)
    view = aim(f"s1-{side}", landmarks, level)
    depth = view.isocentre - landmarks.sacrum.ventral_foramen[Level.S1, side]
    return view.isocentre - view.beam * float(np.linalg.norm(depth)) / 3.0, view.beam


def _caudal(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:  # noqa: ARG001 - one signature for all approaches
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


TEXTBOOK: dict[Approach, Callable[[Landmarks, Level, Side | None], Textbook]] = {
    Approach.INTERLAMINAR: _interlaminar,
    Approach.SUBPEDICULAR: _subpedicular,
    Approach.INFRANEURAL: _infraneural,
    Approach.S1_TRANSFORAMINAL: _s1,
    Approach.CAUDAL: _caudal,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedCourse:
    """What a command line calls an approach on one side."""

    approach: Approach
    side: Side | None = None


NAMED: dict[str, NamedCourse] = {
    "interlaminar": NamedCourse(approach=Approach.INTERLAMINAR),
    **{f"interlaminar-{side}": NamedCourse(approach=Approach.INTERLAMINAR, side=side) for side in Side},
    **{f"transforaminal-{side}": NamedCourse(approach=Approach.SUBPEDICULAR, side=side) for side in Side},
    **{f"infraneural-{side}": NamedCourse(approach=Approach.INFRANEURAL, side=side) for side in Side},
    **{f"s1-{side}": NamedCourse(approach=Approach.S1_TRANSFORAMINAL, side=side) for side in Side},
    "caudal": NamedCourse(approach=Approach.CAUDAL),
}


def _unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)
