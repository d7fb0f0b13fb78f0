"""Where the lesions of a case lie, and what they do to the tissue field: what no anatomy parameter says."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phantoms.patient import Patient
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.schema.record import Lesion, LesionKind
from simulator.procedure.state.field import TissueField

Floats = NDArray[np.float64]

PARACENTRAL_MM = 6.0  # from the midline
SCARRED = Tissue.LIGAMENTUM_FLAVUM  # what a lesion that blocks contrast is like to a needle and to fluid
GAP_BEHIND_MM = 11.0  # from the flavum's dorsal edge to the middle of a gap between the spinous processes (recalled, unverified)
GAP_HALF_MM = (3.0, 5.0, 7.0)  # its half axes: across, deep, high (recalled, unverified)
DISC_SEARCH_MM = 40.0


def with_lesions(tissue: TissueField, patient: Patient, lesions: tuple[Lesion, ...]) -> TissueField:
    """The tissue field with scar in the epidural fat where a lesion blocks contrast.

    Parameters
    ----------
    tissue : callable
        Points, shape (n, 3), mm -> labels, shape (n,).
    patient : Patient
        Whose it is.
    lesions : tuple of Lesion
        Of the record.
    """
    blocking = tuple(lesion for lesion in lesions if lesion.blocks_contrast)
    if not blocking:
        return tissue

    def scar(points: Floats) -> NDArray[np.uint8]:
        labels = tissue(points)
        fat = np.isin(labels, list(EPIDURAL))
        if fat.any():
            within = np.any([inside(patient, lesion, points) for lesion in blocking], axis=0)
            labels = np.where(fat & within, np.uint8(SCARRED), labels)
        return labels

    return scar


def with_gap(tissue: TissueField, patient: Patient, level: Level) -> TissueField:
    """The tissue field with a fat-filled gap between the spinous processes of a level, in which resistance is lost falsely.

    Parameters
    ----------
    tissue : callable
        Points, shape (n, 3), mm -> labels, shape (n,).
    patient : Patient
        Whose it is.
    level : Level
        The vertebra above the interspace.
    """
    axes = patient.landmarks.vertebrae[level].axes
    centre = patient.landmarks.interspaces[level].flavum_dorsal + GAP_BEHIND_MM * axes[:, 1]

    def cut_gap(points: Floats) -> NDArray[np.uint8]:
        labels = tissue(points)
        within = np.square((np.asarray(points) - centre) @ axes / GAP_HALF_MM).sum(axis=-1) < 1
        return np.where(within & (labels == Tissue.INTERSPINOUS_LIGAMENT), np.uint8(Tissue.INTERSPINOUS_GAP), labels)

    return cut_gap


def inside(patient: Patient, lesion: Lesion, points: Floats) -> NDArray[np.bool_]:
    """Which points, shape (..., 3), mm, lie inside a lesion: ellipsoids that reach as far from where they spring as the size says."""
    axes = patient.landmarks.vertebrae[lesion.level].axes
    half = np.array([max(1.2 * lesion.size_mm, 4.0), lesion.size_mm, max(0.7 * lesion.size_mm, 4.0)])
    found = np.zeros(np.shape(points)[:-1], dtype=bool)
    for centre in centres(patient, lesion):
        found |= np.square((points - centre) @ axes / half).sum(axis=-1) < 1
    return found


def centres(patient: Patient, lesion: Lesion) -> Iterator[Floats]:
    """Where a lesion springs from, shape (3,), mm: the back of the disc, the flavum, the foramina, or the facet."""
    marks, axes = patient.landmarks.interspaces[lesion.level], patient.landmarks.vertebrae[lesion.level].axes
    sides = (Side.LEFT, Side.RIGHT) if lesion.side is None else (lesion.side,)
    aside = 0.0 if lesion.side is None else lesion.side.sign * PARACENTRAL_MM
    if lesion.kind is LesionKind.FORAMINAL_STENOSIS:
        yield from (marks.foramen[side] for side in sides)
    elif lesion.kind in (LesionKind.CENTRAL_STENOSIS, LesionKind.SCAR):
        yield marks.flavum_ventral + aside * axes[:, 0]
    elif lesion.kind is LesionKind.SYNOVIAL_CYST:
        yield from (marks.facet_joint[side].point - PARACENTRAL_MM * side.sign * axes[:, 0] for side in sides)
    else:
        yield _behind_disc(patient, lesion.level) + aside * axes[:, 0]


def _behind_disc(patient: Patient, level: Level) -> Floats:
    """Where a disc ends behind, in its middle plane."""
    centre, back = patient.landmarks.interspaces[level].disc_centre, patient.landmarks.vertebrae[level].axes[:, 1]
    distance_mm = np.arange(0.0, DISC_SEARCH_MM, 0.5)
    labels = patient.tissue(centre + distance_mm[:, None] * back)
    disc = np.isin(labels, (Tissue.ANNULUS, Tissue.NUCLEUS))
    return np.asarray(centre + distance_mm[int(np.argmax(~disc))] * back)
