"""Textbook courses of a straight needle: tip, shape (3,), mm, and unit vector outward from it, shape (3,), of each approach.

Approaches after FACTS.md 3.1: interlaminar through the window (100, 101), subpedicular down the barrel of the oblique view (17),
infraneural through Kambin's triangle (105), S1 through the dorsal foramen (106), caudal through the hiatus (107, 108). Numbers without a
source are recalled, unverified. All take landmarks, the upper vertebra of the interspace, and the needle's side, None in the midline.
"""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from simulator.geometry.views import aim, disc_normal, oblique_over_lower_endplate

Vector = NDArray[np.float64]
Textbook = tuple[Vector, Vector]

PARAMEDIAN_MM = 6.0  # interlaminar entry beside the midline: 5-10 mm
HIATUS_DEG = 55.0  # of a caudal needle to the sacral canal as it pierces the membrane; it starts at 45-65 and is then dropped
BEYOND_MEMBRANE_MM = 3.0  # past the sacrococcygeal membrane: at most 5-7; at this angle 5 would touch the canal's floor
UNDER_PEDICLE_MM = 2.5  # transforaminal tip: below the pedicle's lower border at 6 o'clock, 2-3 mm (recalled, unverified)
CLEAR_OF_GANGLION_MM = 2.9  # dorsal to the ganglion's middle by more than its half width
BEHIND_ROOT_MM = (2.0, 4.0)  # and so far along the beam from straight below the pedicle's middle: behind the root, before the joint
BELOW_SPINOUS = 0.6  # share of the way from one spinous tip to the next at which the space between the processes is free
KAMBIN_DEG = 30.0  # oblique of the infraneural needle: 25-35
KAMBIN_ABOVE_ENDPLATE_MM = 4.5  # its tip above the lower vertebra's upper endplate: in the lower third of the foramen
KAMBIN_DORSAL_MM = 1.0  # and dorsal to the foramen's middle, so behind the annulus


def require_side(side: Side | None) -> Side:
    """Refuse the midline where an approach lies on one side.

    Raises
    ------
    ValueError
        For the midline.
    """
    if side is None:
        raise ValueError("the approach needs a side, left or right; got the midline")
    return side


def interlaminar(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
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


def subpedicular(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Down the barrel of the oblique view to 2.5 mm below the pedicle at 6 o'clock, dorsal to the root."""
    side = require_side(side)
    bone, marks = landmarks.vertebrae[level], landmarks.interspaces[level]
    _, beam, up = oblique_axes(landmarks, level, side).T
    ganglion = (marks.dorsal_root_ganglion[side] - bone.pedicle[side]) @ bone.axes
    clear = ganglion[1] + np.sqrt(max(CLEAR_OF_GANGLION_MM**2 - ganglion[0] ** 2, 0.0))
    behind = np.clip(clear / (beam @ bone.axes[:, 1]), *BEHIND_ROOT_MM)
    return marks.foramen_roof[side] - UNDER_PEDICLE_MM * up + behind * beam, beam


def oblique_axes(landmarks: Landmarks, level: Level, side: Side | None) -> NDArray[np.float64]:
    """Outward and up in the oblique view of a side, and towards its detector: columns outward, to the detector, up, shape (3, 3)."""
    side = require_side(side)
    beam = aim(f"oblique-{side}", landmarks, level).beam
    superior = landmarks.vertebrae[level].axes[:, 2]
    up = _unit(superior - (superior @ beam) * beam)
    return np.stack((side.sign * np.cross(beam, up), beam, up), axis=1)


def infraneural(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Along the lower vertebra's upper endplate, lateral to its articular process, to the foramen's lower third behind the annulus."""
    side = require_side(side)
    marks = landmarks.interspaces[level]
    up, posterior = disc_normal(landmarks, level), landmarks.vertebrae[level].axes[:, 1]
    below = landmarks.vertebrae.get(level.below) if level.below else None
    endplate = below.upper_endplate if below else landmarks.sacrum.s1_endplate
    height = (marks.foramen[side] - endplate.point) @ endplate.normal
    tip = marks.foramen[side] - (height - KAMBIN_ABOVE_ENDPLATE_MM) * up + KAMBIN_DORSAL_MM * posterior
    return tip, oblique_over_lower_endplate(landmarks, level, side, KAMBIN_DEG)


def s1_transforaminal(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Down the barrel of the S1 view, into the foramen by a third of its depth."""
    side = require_side(side)
    view = aim(f"s1-{side}", landmarks, level)
    depth = view.isocentre - landmarks.sacrum.ventral_foramen[landmarks.region.base, side]
    return view.isocentre - view.beam * float(np.linalg.norm(depth)) / 3.0, view.beam


def caudal(landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:  # noqa: ARG001 - one signature for all approaches
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


def _unit(vector: Vector) -> Vector:
    return vector / np.linalg.norm(vector)
