"""Where a needle's opening lies when each approach has gone well, found from a patient's landmarks and labels."""

import numpy as np
from numpy.typing import NDArray

from phantoms.patient import Patient
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from simulator.contrast.lattice import TissueField

Point = NDArray[np.float64]

CAUDAL_MM = 25.0  # cephalad of the hiatus' apex, below the S2-3 line
BEHIND_ROOT_MM = 9.0  # from a ganglion's centre, as far as fat is looked for behind it
ROOM_MM = 2.5  # of fat that a transforaminal needle's bevel needs


def interlaminar(patient: Patient, level: Level, aside_mm: float, tissue: TissueField | None = None) -> Point:
    """Middle of the dorsal epidural fat below a vertebra, to the left by `aside_mm`; shape (3,), mm.

    Raises
    ------
    ValueError
        If there is no dorsal epidural fat there.
    """
    u, v, t = _local(patient, patient.landmarks.interspaces[level].epidural_target)
    line = np.column_stack([np.full(60, u + aside_mm), v + np.linspace(4.0, -8.0, 60), np.full(60, t)])
    return _middle(patient, line, (Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL), tissue)


def transforaminal(patient: Patient, level: Level, side: Side, tissue: TissueField | None = None) -> Point:
    """Fat dorsal to the root, as high under the pedicle's middle as there is room for a bevel ("superoposterior"); shape (3,), mm.

    Raises
    ------
    ValueError
        If there is no foraminal fat there.
    """
    marks = patient.landmarks
    pedicle, ganglion = (_local(patient, place) for place in (marks.vertebrae[level].pedicle[side], _ganglion(patient, level, side)))
    v = ganglion[1] + np.arange(BEHIND_ROOT_MM, 1.5, -0.25)
    rows = np.arange(0.5 * (pedicle[2] + ganglion[2]) + 1.0, ganglion[2] + 4.0)
    lines = np.stack(np.broadcast_arrays(pedicle[0], v[None, :], rows[:, None]), axis=-1)
    points = patient.anatomy.curve.world(lines.reshape(-1, 3))
    fat = ((patient.tissue if tissue is None else tissue)(points) == Tissue.EPIDURAL_FORAMINAL).reshape(len(rows), len(v))
    roomy = np.flatnonzero(fat.sum(axis=1) * 0.25 >= ROOM_MM)
    if len(roomy) == 0:
        raise ValueError(f"no foraminal fat {ROOM_MM:g} mm deep behind the {level} root")
    row = int(roomy[0])
    deep = np.flatnonzero(fat[row])
    return points.reshape(len(rows), len(v), 3)[row, deep[len(deep) // 2]]


def caudal(patient: Patient, tissue: TissueField | None = None) -> Point:
    """Middle of the sacral canal, `CAUDAL_MM` above the hiatus' apex; shape (3,), mm."""
    path = patient.landmarks.sacrum.canal
    apex = _local(patient, patient.landmarks.sacrum.hiatus_apex)
    along = patient.anatomy.curve.coordinates(path)[:, 2]
    u, v = (np.interp(apex[2] - CAUDAL_MM, along, column) for column in patient.anatomy.curve.coordinates(path).T[:2])
    line = np.column_stack([np.full(40, u), v + np.linspace(5.0, -5.0, 40), np.full(40, apex[2] - CAUDAL_MM)])
    return _middle(patient, line, (Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL), tissue)


def _ganglion(patient: Patient, level: Level, side: Side) -> Point:
    return patient.landmarks.interspaces[level].dorsal_root_ganglion[side]


def _local(patient: Patient, point: Point) -> Point:
    return patient.anatomy.curve.coordinates(point[None])[0]


def _middle(patient: Patient, line: Point, wanted: tuple[Tissue, ...], tissue: TissueField | None) -> Point:
    """The middle of the first stretch of a line, shape (k, 3) in (u, v, t), that has a wanted label."""
    points = patient.anatomy.curve.world(line)
    hit = np.isin((patient.tissue if tissue is None else tissue)(points), wanted)
    if not hit.any():
        raise ValueError(f"no {wanted[0].name.lower().replace('_', ' ')} along the needle's path at {np.round(points[0], 1).tolist()} mm")
    first = int(np.argmax(hit))
    length = int(np.argmin(hit[first:])) if not hit[first:].all() else len(hit) - first
    return points[first + length // 2]
