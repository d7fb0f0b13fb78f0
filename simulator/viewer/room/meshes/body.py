"""The patient as one sees them: skin of the trunk, head, arms and feet, gown and blanket."""

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.decimation import decimate
from phantoms.terms.surface import Surface
from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import ColouredMesh, join, mesh_of, mirror, paint, remove_faces
from simulator.viewer.room.meshes.patient_outline import PatientOutline
from simulator.viewer.room.meshes.solids import ball, loft, sheet, sweep

Floats = NDArray[np.float64]

SKIN_FACES = 2900
END_MM = 3.0  # the flat ends of the trunk are that thick at most
GOWN_FROM_MM, SHOULDER_MM = 205.0, 350.0  # along the body: the gown's lower hem, and the shoulders
BLANKET_FROM_MM, FEET_MM = -325.0, -1075.0
CROTCH_MM, KNEE_MM, ANKLE_MM = -270.0, -590.0, -1000.0
AROUND = 28
LOOSE = 0.9  # a blanket stands so much wider off the flanks
OVAL = 2.6  # exponent of the outline of a clothed chest, 2 for an ellipse


def body(skin: Surface, lie: PatientOutline) -> dict[str, ColouredMesh]:
    """Everything of the patient that can be seen from outside.

    Parameters
    ----------
    skin : Surface
        Of the trunk.
    lie : PatientOutline
        Its outline.

    Returns
    -------
    dict of str to ColouredMesh
        ``skin`` (the trunk's own, to click on), ``limbs``, ``clothes``; world frame.
    """
    return {"skin": trunk(skin), "limbs": limbs(lie), "clothes": join(gown(lie), blanket(lie))}


def trunk(skin: Surface) -> ColouredMesh:
    """The trunk's skin with fewer faces, open where gown and blanket hide it."""
    vertices, faces = decimate(skin.vertices, skin.faces, SKIN_FACES)
    mesh = mesh_of(vertices, faces, materials.SKIN)
    z = mesh.vertices[mesh.faces][:, :, 2]
    hidden = (z.min(axis=1) > skin.vertices[:, 2].max() - END_MM) | (z.max(axis=1) < skin.vertices[:, 2].min() + END_MM)
    return _warm(remove_faces(mesh, hidden))


def limbs(lie: PatientOutline) -> ColouredMesh:
    """Head with its cap, neck, forearms and hands beside it, and feet."""
    bed = lie.bed_mm
    head = np.array([0.0, bed + 128.0, 560.0])
    path = np.array([(0.0, lie.back[0] - 62.0, 395.0), (0.0, bed + 120.0, 455.0), (0.0, bed + 124.0, 500.0)])
    neck = sweep(path, [(72, 62), (60, 58), (62, 66)], materials.SKIN, sides=16, capped=False)
    face = ball(head, (76.0, 100.0, 112.0), materials.SKIN, sides=18)
    cap = join(ball(head + (0, 26.0, 30.0), (87.0, 98.0, 110.0), materials.CAP, sides=22))
    arm = join(
        sweep([(296, bed + 58, 452), (262, bed + 52, 540), (190, bed + 46, 640)], [(40, 38), (37, 34), (27, 22)], materials.SKIN, sides=12),
        sweep([(192, bed + 46, 638), (160, bed + 40, 690), (128, bed + 34, 724)], [(27, 20), (42, 16), (34, 12)], materials.SKIN, sides=12),
        *(
            sweep(
                [(140 - 18 * i, bed + 36, 712 - 14 * i), (104 - 15 * i, bed + 28, 762 - 20 * i)], [(10, 9), (8, 7)], materials.SKIN, sides=8
            )
            for i in range(4)
        ),
    )
    return join(neck, face, cap, arm, mirror(arm), *(_foot(side, bed) for side in (1, -1)))


def gown(lie: PatientOutline) -> ColouredMesh:
    """A hospital gown over chest, shoulders and upper arms, open over the back below."""
    bed = lie.bed_mm
    chest = loft([_oval(z, wide, top, bottom) for z, wide, top, bottom in _gown_rows(lie)], materials.GOWN, end=True)
    sleeve = sweep(
        [(136, bed + 92, 352), (190, bed + 84, 372), (252, bed + 68, 410), (300, bed + 59, 452)],
        [(64, 70), (64, 68), (54, 54), (47, 46)],
        materials.GOWN,
        sides=16,
        capped=False,
    )
    return _shade_folds(join(chest, sleeve, mirror(sleeve)))


def gown_height_mm(lie: PatientOutline, x: Floats, z_mm: float) -> tuple[float, Floats]:
    """Half width of the gown at a place along the body, and how high it lies at places across, shape (n,), mm.

    Below its hem the width is 0 and the height minus infinity.
    """
    rows = np.array(_gown_rows(lie))
    if z_mm < rows[0, 0]:
        return 0.0, np.full(len(x), -np.inf)
    half, top, bottom = (float(np.interp(z_mm, rows[:, 0], rows[:, column])) for column in (1, 2, 3))
    share = np.clip(1 - (np.abs(x) / half) ** OVAL, 0, 1) ** (1 / OVAL)
    return half, np.where(np.abs(x) <= half, (top + bottom) / 2 + share * (top - bottom) / 2, -np.inf)


def _gown_rows(lie: PatientOutline) -> list[tuple[float, float, float, float]]:
    """Rings of the gown: place along the body, half width, upper and lower side, mm."""
    half, back, front = lie.at(GOWN_FROM_MM)
    bed = lie.bed_mm
    return [
        (GOWN_FROM_MM - 4.0, half + 3.0, back + 3.0, front - 2.0),
        (GOWN_FROM_MM, half + 9.0, back + 8.0, front - 4.0),
        (275.0, half + 12.0, back + 10.0, front - 4.0),
        (SHOULDER_MM - 20.0, max(half + 18.0, 196.0), back + 4.0, bed - 4.0),
        (SHOULDER_MM + 20.0, max(half + 10.0, 186.0), back - 12.0, bed),
        (395.0, 138.0, back - 30.0, bed + 16.0),
        (418.0, 92.0, back - 44.0, bed + 44.0),
        (424.0, 74.0, back - 56.0, bed + 60.0),
    ]


def blanket(lie: PatientOutline) -> ColouredMesh:
    """A blanket over buttocks' end, legs and feet: it hangs from the highest of what lies under it."""
    z = np.concatenate([[BLANKET_FROM_MM + 14.0], np.linspace(BLANKET_FROM_MM, FEET_MM - 90.0, 24)])
    x = np.linspace(-1, 1, 29)
    rows = [_cover_row(lie, float(at), x) for at in z]
    rows[0] = rows[0] - (0.0, 9.0, 0.0)
    return _shade_folds(paint(sheet(np.stack(rows)[:, ::-1]), materials.BLANKET))


def _cover_row(lie: PatientOutline, z_mm: float, share: Floats) -> Floats:
    """One row of the blanket, shape (n, 3): trunk and legs are rounded over, and the rest falls to the mattress."""
    at = max(z_mm, float(lie.z.min()))
    half, back, _ = lie.at(at)
    wide = float(np.interp(-z_mm, [300, 620, 1000, 1170], [half + 26.0, 232.0, 204.0, 212.0]))
    x = share * wide
    legs = np.zeros(len(x))
    for middle, radius, top in _legs(lie, z_mm, back):
        legs = np.maximum(legs, (top - lie.bed_mm) * np.sqrt(np.clip(1 - ((np.abs(x) - middle) / radius) ** 2, 0, 1)))
    trunk_share = np.clip((z_mm + 500.0) / 95.0, 0, 1)
    over = np.maximum(lie.height_mm(LOOSE * x, at) + 9.0 - lie.bed_mm, 0.0)
    height = np.maximum(legs, trunk_share * over)
    smooth = np.convolve(np.pad(height, 2, mode="edge"), [0.1, 0.2, 0.4, 0.2, 0.1], mode="valid")
    return np.stack([x, lie.bed_mm + 4.0 + smooth, np.full(len(x), z_mm)], axis=1)


def _legs(lie: PatientOutline, z_mm: float, back_mm: float) -> list[tuple[float, float, float]]:
    """Middle and radius of a leg across the body, and the height of its upper side, mm."""
    places = [-CROTCH_MM, -KNEE_MM, 760.0, -ANKLE_MM, -FEET_MM, -FEET_MM + 90.0]
    bed = lie.bed_mm
    middle, radius, top = (
        float(np.interp(-z_mm, places, row))
        for row in (
            [88.0, 96.0, 98.0, 100.0, 104.0, 104.0],
            [104.0, 78.0, 76.0, 56.0, 58.0, 62.0],
            [back_mm - 2.0, bed + 128.0, bed + 134.0, bed + 112.0, bed + 118.0, bed + 20.0],
        )
    )
    return [(middle, radius, top)]


def _foot(side: int, bed: float) -> ColouredMesh:
    x = side * 104.0
    return sweep(
        [(x, bed + 60, FEET_MM + 40), (x, bed + 62, FEET_MM - 10), (x - side * 6, bed + 40, FEET_MM - 74)],
        [(34, 46), (36, 40), (40, 16)],
        materials.SKIN,
        sides=12,
    )


def _oval(z: float, half: float, top: float, bottom: float, *, power: float = OVAL) -> Floats:
    """A rounded outline across the body, shape (AROUND, 3), mm."""
    angle = np.arange(AROUND) * 2 * np.pi / AROUND
    x = half * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power)
    y = (top - bottom) / 2 * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power)
    return np.stack([x, (top + bottom) / 2 + y, np.full(AROUND, z)], axis=1)


def _warm(mesh: ColouredMesh) -> ColouredMesh:
    """Skin is a little darker and redder towards the flanks, where less light comes."""
    height = mesh.vertices[:, 1]
    share = np.clip((height - height.min()) / max(np.ptp(height), 1e-9), 0, 1)[:, None] ** 0.6
    low, high = np.array((150.0, 100.0, 82.0)), np.array(materials.SKIN, dtype=float)
    return paint(mesh, low + share * (high - low))


def _shade_folds(mesh: ColouredMesh) -> ColouredMesh:
    """Cloth is shaded a little by slow waves, so that it does not look like plastic."""
    x, _, z = mesh.vertices.T
    wave = 1.0 + 0.035 * np.sin(x / 19.0 + 2.0 * np.sin(z / 41.0)) + 0.03 * np.sin(z / 23.0 + x / 57.0)
    return paint(mesh, mesh.colours * wave[:, None])
