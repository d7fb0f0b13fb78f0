"""MR-like images of the record: the tissue field painted in T2 grey, with the case's lesions.

They show what an MR image would for the purpose of the case, and are made of labels, not of magnetism.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from scenarios.names.enums import ReviewItem
from scenarios.schema.record import LesionKind
from simulator.procedure.state.case import Case
from simulator.procedure.state.lesions import inside
from simulator.procedure.state.state import ProcedureState

Floats = NDArray[np.float64]

SLICES = ("sagittal-midline", "sagittal-left", "sagittal-right", "axial-disc", "axial-disc-above", "axial-disc-below")
PIXEL_MM = 0.9
SAGITTAL_MM, AXIAL_MM = (240.0, 190.0), (130.0, 150.0)  # down and across
ASIDE_MM = 17.0  # of the sagittal slices through the foramina
BLUR_PIXELS, NOISE = 0.6, 5.0
DORSAL_SHARE = 0.25  # of the axial image lies before the disc's middle, the rest behind it

GREY = {
    Tissue.AIR: 4,
    Tissue.SKIN: 110,
    Tissue.SUBCUTANEOUS_FAT: 200,
    Tissue.MUSCLE: 62,
    Tissue.ABDOMINAL_FAT: 185,
    Tissue.VISCERA: 85,
    Tissue.BOWEL_GAS: 6,
    Tissue.SUPRASPINOUS_LIGAMENT: 30,
    Tissue.INTERSPINOUS_LIGAMENT: 88,
    Tissue.INTERSPINOUS_GAP: 190,
    Tissue.LIGAMENTUM_FLAVUM: 38,
    Tissue.SACROCOCCYGEAL_LIGAMENT: 34,
    Tissue.FACET_JOINT: 150,
    Tissue.EPIDURAL_DORSAL: 195,
    Tissue.EPIDURAL_LATERAL: 190,
    Tissue.EPIDURAL_VENTRAL: 180,
    Tissue.EPIDURAL_FORAMINAL: 190,
    Tissue.EPIDURAL_VEIN: 120,
    Tissue.RADICULAR_ARTERY: 20,
    Tissue.DURA: 30,
    Tissue.CSF: 240,
    Tissue.CORD: 100,
    Tissue.CAUDA_EQUINA: 120,
    Tissue.NERVE_ROOT: 90,
    Tissue.DORSAL_ROOT_GANGLION: 130,
    Tissue.CORTICAL_BONE: 22,
    Tissue.TRABECULAR_BONE: 118,
    Tissue.ENDPLATE: 20,
    Tissue.ANNULUS: 42,
    Tissue.NUCLEUS: 135,
    Tissue.CARTILAGE: 60,
}
"""Grey of each tissue on a T2-weighted image, 0 to 255 (recalled, unverified)."""

LESION_GREY = {
    LesionKind.DISC_PROTRUSION: 45,
    LesionKind.DISC_EXTRUSION: 60,
    LesionKind.CENTRAL_STENOSIS: 40,
    LesionKind.FORAMINAL_STENOSIS: 40,
    LesionKind.SCAR: 70,
    LesionKind.SYNOVIAL_CYST: 225,
}


def render_slice(state: ProcedureState, name: str) -> NDArray[np.uint8]:
    """One MR-like image.

    Parameters
    ----------
    state : ProcedureState
        In which imaging was reviewed.
    name : str
        One of `SLICES`. Sagittal images have the front at the left, axial ones are seen from the feet, the front at the top.

    Returns
    -------
    ndarray, shape (rows, columns), uint8
        0.9 mm a pixel, read-only.

    Raises
    ------
    ValueError
        If imaging was not reviewed, or there is no image of that name.
    """
    if ReviewItem.IMAGING not in state.chart.reviewed:
        raise ValueError("the images of the record are seen once imaging was reviewed; review it first")
    if name not in SLICES:
        raise ValueError(f"no image {name!r}; there are {', '.join(SLICES)}")
    return state.case.compute_once(("slice", name), lambda: _paint(state.case, name))


def _paint(case: Case, name: str) -> NDArray[np.uint8]:
    points = _points(case, name)
    grey = _table()[case.patient.tissue(points.reshape(-1, 3))].reshape(points.shape[:2])
    for lesion in case.scenario.record.imaging.lesions:
        grey = np.where(inside(case.patient, lesion, points), LESION_GREY[lesion.kind], grey)
    rng = np.random.default_rng([case.patient.params.texture_seed, SLICES.index(name)])
    noisy = gaussian_filter(grey, BLUR_PIXELS) + NOISE * rng.standard_normal(grey.shape)
    image = np.clip(np.abs(noisy), 0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image


def _points(case: Case, name: str) -> Floats:
    """World points of an image's pixels, shape (rows, columns, 3), mm."""
    kind, _, where = name.partition("-")
    if kind == "sagittal":
        aside = {"midline": 0.0, "left": ASIDE_MM, "right": -ASIDE_MM}[where]
        return _sagittal(case, aside)
    level = case.scenario.task.level
    neighbours = {"disc": level, "disc-above": level.above or level, "disc-below": level.below or level}
    wanted = neighbours[where]
    return _axial(case, wanted if wanted in case.patient.landmarks.interspaces else level)


def _sagittal(case: Case, aside_mm: float) -> Floats:
    """A slice that follows the spine's bend from side to side, about the disc of the task."""
    landmarks = case.patient.landmarks
    middle = landmarks.interspaces[case.scenario.task.level].disc_centre
    rows, columns = _offsets(SAGITTAL_MM)
    z, y = middle[2] - rows, middle[1] + columns + 15.0
    centres = np.array(sorted((mark.disc_centre for mark in landmarks.interspaces.values()), key=lambda point: float(point[2])))
    x = np.interp(z, centres[:, 2], centres[:, 0]) + aside_mm
    return np.stack(np.broadcast_arrays(x[:, None], y[None, :], z[:, None]), axis=-1)


def _axial(case: Case, level: Level) -> Floats:
    """A slice along a disc's plane."""
    marks = case.patient.landmarks
    centre, axes = marks.interspaces[level].disc_centre, marks.vertebrae[level].axes
    rows, columns = _offsets(AXIAL_MM)
    back = rows + (0.5 - DORSAL_SHARE) * AXIAL_MM[0]
    return np.asarray(centre + back[:, None, None] * axes[:, 1] + columns[None, :, None] * axes[:, 0])


def _offsets(size_mm: tuple[float, float]) -> tuple[Floats, Floats]:
    rows, columns = (np.asarray((np.arange(round(side / PIXEL_MM)) + 0.5) * PIXEL_MM - side / 2, dtype=np.float64) for side in size_mm)
    return rows, columns


def _table() -> Floats:
    grey = np.zeros(256)
    for tissue, value in GREY.items():
        grey[tissue] = value
    return grey
