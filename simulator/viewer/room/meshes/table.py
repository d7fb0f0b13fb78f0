"""The fluoroscopy table with its mattress and pillows, and the sterile drape with its window."""

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.body import BLANKET_FROM_MM, LOOSE, gown_height_mm
from simulator.viewer.room.meshes.mesh import ColouredMesh, join, paint, remove_faces
from simulator.viewer.room.meshes.patient_outline import MATTRESS_MM, TOP_MM, PatientOutline
from simulator.viewer.room.meshes.solids import block, cushion, rod, sheet

Floats = NDArray[np.float64]

HALF_WIDTH_MM, HEAD_MM, FOOT_MM = 270.0, 830.0, -1240.0
PEDESTAL_MM = -900.0  # along the body: the top is carried at its foot end, so that the tube has room under the trunk
WINDOW_MM = (75.0, 95.0)  # half sizes across and along of the hole in the drape
DRAPE_MM = (-350.0, 275.0)  # the sterile sheet from buttocks to chest, along the body
HANGS_MM = 250.0


def table(lie: PatientOutline) -> dict[str, ColouredMesh]:
    """The table with what lies on it.

    Parameters
    ----------
    lie : PatientOutline
        How the patient lies on it.

    Returns
    -------
    dict of str to ColouredMesh
        ``table``, and ``pillow``: the one under the abdomen; world frame.
    """
    top, bed, floor = lie.table_mm, lie.bed_mm, lie.floor_mm
    half = HALF_WIDTH_MM
    stand = join(
        cushion((-half, top, FOOT_MM), (half, top + TOP_MM, HEAD_MM), 14.0, materials.CARBON),
        cushion((-half + 14, bed - MATTRESS_MM, FOOT_MM + 18), (half - 14, bed, HEAD_MM - 18), 22.0, materials.PAD),
        *(rod((x, top + 14, -1150), (x, top + 14, -420), 9.0, materials.STEEL, sides=8) for x in (-half - 24, half + 24)),
        cushion((-170, top - 90, PEDESTAL_MM - 190), (170, top, PEDESTAL_MM + 250), 26.0, materials.PALE),
        cushion((-120, floor + 60, PEDESTAL_MM - 130), (120, top - 60, PEDESTAL_MM + 130), 24.0, materials.WHITE),
        cushion((-290, floor, PEDESTAL_MM - 240), (290, floor + 80, PEDESTAL_MM + 420), 30.0, materials.PALE),
        cushion((-205, bed - 8, 492), (205, bed + 62, 795), 34.0, materials.PILLOW),
    )
    under = cushion((-248, bed - 6, -150), (248, bed + 74, 120), 40.0, materials.PILLOW)
    return {"table": stand, "pillow": under}


def drape(lie: PatientOutline, window: Floats) -> ColouredMesh:
    """The sterile sheet over the trunk, hanging at both sides, with a window.

    Parameters
    ----------
    lie : PatientOutline
        How the patient lies.
    window : ndarray, shape (2,)
        Middle of the window: x and z, mm.
    """
    z = _lines(DRAPE_MM, window[1], WINDOW_MM[1], 22)
    widest = max(float(lie.half.max()), HALF_WIDTH_MM) + 44.0
    x = _lines((-widest, widest), window[0], WINDOW_MM[0], 26)
    points = np.stack([_row(lie, float(at), x, widest, window) for at in z])
    mesh = sheet(points[:, ::-1])
    middles = mesh.vertices[mesh.faces].mean(axis=1)
    inside = (np.abs(middles[:, 0] - window[0]) < WINDOW_MM[0] - 0.5) & (np.abs(middles[:, 2] - window[1]) < WINDOW_MM[1] - 0.5)
    return _colour_drape(remove_faces(mesh, inside & (middles[:, 1] > lie.bed_mm)), window)


def tray(lie: PatientOutline, side: float) -> ColouredMesh:
    """The instrument table at the operator's side: blue cover, bowl, syringes, vials, swabs."""
    x, y, z = side * 610.0, lie.bed_mm - 10.0, -560.0
    wide, deep = 210.0, 290.0
    legs = [
        rod((x + a * 170, lie.floor_mm, z + b * 240), (x + a * 170, y - 20, z + b * 240), 12.0, materials.STEEL, sides=8)
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    cover = [
        block((x - wide, y - 12, z - deep), (x + wide, y, z + deep), materials.DRAPE),
        block((x - wide, y - 190, z - deep), (x + wide, y - 12, z + deep), materials.DRAPE_SHADE),
    ]
    things = [
        *(rod((x - 120 + 46 * i, y + 9, z - 190), (x - 120 + 46 * i, y + 9, z - 90), 8.0, materials.GLASS, sides=10) for i in range(4)),
        *(rod((x - 120 + 46 * i, y + 9, z - 90), (x - 120 + 46 * i, y + 9, z - 62), 5.0, materials.PLUNGER, sides=8) for i in range(4)),
        *(
            rod((x - 130 + 50 * i, y, z + 30), (x - 130 + 50 * i, y + 42, z + 30), 12.0, colour, sides=12)
            for i, colour in enumerate(((150, 90, 60), (210, 214, 220), (120, 150, 190)))
        ),
        *(rod((x + 60, y + 3, z + 60 + 20 * i), (x + 165, y + 3, z + 66 + 20 * i), 1.8, materials.STEEL, sides=6) for i in range(4)),
        block((x + 60, y, z - 190), (x + 160, y + 16, z - 90), materials.WHITE),
        rod((x - 60, y, z + 180), (x - 60, y + 34, z + 180), 62.0, materials.STEEL, sides=20),
        rod((x - 60, y + 33, z + 180), (x - 60, y + 35, z + 180), 55.0, (176, 106, 60), sides=20),
    ]
    return join(*legs, *cover, *things)


def _lines(ends: tuple[float, float], middle: float, half: float, count: int) -> Floats:
    """Grid lines from end to end, with lines on both rims of the window."""
    even = np.linspace(*ends, count)
    rims = [value for value in (middle - half, middle + half) if ends[0] < value < ends[1]]
    apart = 0.4 * (ends[1] - ends[0]) / count
    return np.sort(np.concatenate([[value for value in even if all(abs(value - rim) > apart for rim in rims)], rims]))


def _row(lie: PatientOutline, z_mm: float, x: Floats, widest: float, window: Floats) -> Floats:
    """One row of the sheet, shape (n, 3): on the body, down its flank to the mattress' edge, and straight down beside the table.

    It clings to the skin about its window, and lies over gown and blanket farther away.
    """
    at = float(np.clip(z_mm, lie.z.min(), lie.z.max()))
    half, _, _ = lie.at(at)
    aside = np.abs(x)
    away = np.hypot(np.maximum(aside - WINDOW_MM[0], 0), max(abs(z_mm - window[1]) - WINDOW_MM[1], 0))
    clothed, gown = gown_height_mm(lie, np.minimum(aside, half), z_mm)
    over = np.maximum(lie.height_mm(np.minimum(aside, half * 0.96), at) + 3.0 + 16.0 * np.clip(away / 60.0, 0, 1), gown + 8.0)
    blanketed = half / LOOSE + 8.0 if z_mm < BLANKET_FROM_MM + 30.0 else 0.0
    falls = np.clip((aside - max(half * 0.96, clothed, blanketed)) / 70.0, 0, 1)
    edge = widest - 22.0
    hang = np.clip((aside - edge) / 22.0, 0, 1)
    y = (1 - falls) * over + falls * (lie.bed_mm + 5.0) - hang * HANGS_MM
    wave = 5.0 * np.sin(z_mm / 31.0) * hang
    return np.stack([x + np.sign(x) * wave, y, np.full(len(x), z_mm)], axis=1)


def _colour_drape(mesh: ColouredMesh, window: Floats) -> ColouredMesh:
    """Blue cloth with slow folds, and a paler adhesive rim about the window."""
    x, _, z = mesh.vertices.T
    wave = 1.0 + 0.05 * np.sin(x / 27.0 + 2.2 * np.sin(z / 47.0)) + 0.04 * np.sin(z / 21.0)
    rim = (np.abs(x - window[0]) < WINDOW_MM[0] + 1.0) & (np.abs(z - window[1]) < WINDOW_MM[1] + 1.0)
    return paint(mesh, np.where(rim[:, None], materials.DRAPE_EDGE, np.array(materials.DRAPE) * wave[:, None]))
