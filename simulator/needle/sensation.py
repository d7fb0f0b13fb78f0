"""Which structure of which side and level a needle touched, for what an awake patient would say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.nerve_roots import Root
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from simulator.needle.insertion_record import NeedleEvent
from simulator.needle.tissue_mechanics import NERVE

Floats = NDArray[np.float64]

MIDLINE_MM = 3.0  # nearer to the midline a touch has no side
STRANDS = frozenset((Tissue.CORD, Tissue.CAUDA_EQUINA))


@dataclass(frozen=True, kw_only=True, slots=True)
class Touched:
    """A side, None in the midline, and a level: of a nerve the root's, which is the dermatome's; else the nearest vertebra's."""

    side: Side | None
    level: Level


def identify_touched(event: NeedleEvent, landmarks: Landmarks, roots: Sequence[Root]) -> Touched:
    """Return the side and level of what an event touched.

    Parameters
    ----------
    event : NeedleEvent
        Of any kind.
    landmarks : Landmarks
        The patient's.
    roots : sequence of Root
        The patient's, as `Patient.roots`.

    Raises
    ------
    ValueError
        If a nerve was touched and there are no roots.
    """
    if event.tissue not in NERVE:
        return place_of(event.point, landmarks)
    if not roots:
        raise ValueError("naming a nerve needs the patient's roots, got none")
    root = min(roots, key=lambda root: _distance_mm(event.point, _course(root, event.tissue, landmarks)))
    if event.tissue is Tissue.CORD:
        return Touched(side=place_of(event.point, landmarks).side, level=root.level)
    return Touched(side=root.side, level=root.level)


def place_of(point: Floats, landmarks: Landmarks) -> Touched:
    """Return the side of a point, and the vertebra (or sacrum, as S1) whose middle is nearest along the spine.

    Parameters
    ----------
    point : ndarray, shape (3,)
        World frame, mm.
    landmarks : Landmarks
        The patient's.
    """
    middles = {level: bone.body_centre for level, bone in landmarks.vertebrae.items()}
    axes = {level: bone.axes for level, bone in landmarks.vertebrae.items()}
    sacrum, base = landmarks.sacrum, landmarks.region.base
    middles[base] = sacrum.s1_endplate.point - 12.0 * sacrum.axes[:, 2]
    axes[base] = sacrum.axes
    level = min(middles, key=lambda level: abs(float((point - middles[level]) @ axes[level][:, 2])))
    aside = float((point - middles[level]) @ axes[level][:, 0])
    return Touched(side=None if abs(aside) < MIDLINE_MM else Side.LEFT if aside > 0 else Side.RIGHT, level=level)


def _course(root: Root, tissue: Tissue, landmarks: Landmarks) -> Floats:
    """Polyline of a root: in the sac from the conus to where it leaves, else its nerve."""
    return np.stack((landmarks.conus_tip, root.nerve.path[0])) if tissue in STRANDS else root.nerve.path


def _distance_mm(point: Floats, line: Floats) -> float:
    start, step = line[:-1], np.diff(line, axis=0)
    share = np.clip(((point - start) * step).sum(axis=1) / (step**2).sum(axis=1), 0.0, 1.0)
    return float(np.linalg.norm(point - start - share[:, None] * step, axis=1).min())
