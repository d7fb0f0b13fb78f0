"""The C-arm in its own frame, from its source to image and source to isocentre distances: arc, detector, tube, beam, and its cart.

The frame is that of `simulator.geometry.carm.world_from_carm`: origin at the isocentre, +y towards the detector, +z cranial at angles 0.
The arc's middle lies half way between source and detector; cart and column stand at the side across from the operator.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import ColouredMesh, join, mesh_of, mirror, transform
from simulator.viewer.room.meshes.solids import bend_bar, block, cushion, lathe, rod
from simulator.xray.physics.collimator import Collimator

Floats = NDArray[np.float64]

ARC_BEYOND_MM = 190.0  # the arc's middle line beyond source and detector
ARC_MM = (70.0, 90.0)  # width along the patient, and thickness
ARC_SPAN_DEG = 97.0  # to both sides of the middle
PANEL_MM, PANEL_RIM_MM = 62.0, 26.0
RAYS, RAY_MM = 5, 3.0  # rays on each side of the beam, and their width on the detector
ARM_MM, COLUMN_MM = 330.0, 470.0  # from the arc to the column's near side, and to the cart's middle


def arc_radius_mm(sid_mm: float) -> float:
    """Radius of the arc's middle line, mm."""
    return sid_mm / 2 + ARC_BEYOND_MM


def centre_mm(sid_mm: float, sod_mm: float) -> float:
    """Where the arc's centre lies along +y from the isocentre, mm: half way between source and detector."""
    return sid_mm / 2 - sod_mm


def gantry(sid_mm: float, sod_mm: float, field_mm: float, side: float) -> ColouredMesh:
    """Arc, detector and tube in the C-arm's frame.

    Parameters
    ----------
    sid_mm, sod_mm : float
        Source to image and source to isocentre, mm.
    field_mm : float
        Side of the whole flat panel, mm.
    side : float
        +1 where the operator stands at the patient's left; the arc closes on the other side.
    """
    radius, middle = arc_radius_mm(sid_mm), centre_mm(sid_mm, sod_mm)
    span = np.deg2rad(np.linspace(180 - ARC_SPAN_DEG, 180 + ARC_SPAN_DEG, 40))
    arc = join(
        bend_bar(radius, *ARC_MM, span, materials.WHITE), bend_bar(radius - 2, ARC_MM[0] * 0.34, ARC_MM[1] + 4.0, span, materials.PALE)
    )
    machine = join(transform(arc, (0, middle, 0)), _detector(sid_mm - sod_mm, field_mm, middle + radius), _tube(-sod_mm, middle - radius))
    return machine if side > 0 else mirror(machine)


def beam(carm: CArm, collimator: Collimator) -> ColouredMesh:
    """The collimated beam as a fan of thin rays on a pyramid's sides, with the field's rim on the detector.

    Its origin is the detector's centre, its axes those of the C-arm. Rays rather than a translucent body: what is translucent makes a
    browser without a graphics card draw the whole picture twice, and that just while images should come.

    Parameters
    ----------
    carm : CArm
        The view: gives source, detector and field.
    collimator : Collimator
        Leaves; the iris is drawn as the square about it.
    """
    corners = _field(carm, collimator)
    source = np.array([0.0, -carm.source_to_image_mm, 0.0])
    rays = [_ray(source, corners[i], corners[(i + 1) % 4], share) for i in range(4) for share in np.arange(RAYS) / RAYS]
    inner = corners * np.maximum(1 - RAY_MM / np.maximum(np.abs(corners), RAY_MM), 0.5)
    ring = [(i, (i + 1) % 4, 4 + (i + 1) % 4) for i in range(4)] + [(i, 4 + (i + 1) % 4, 4 + i) for i in range(4)]
    return join(*rays, mesh_of(np.concatenate((inner, corners)), ring, materials.BEAM))


def _ray(source: Floats, start: Floats, end: Floats, share: float) -> ColouredMesh:
    """A ray on one side of the pyramid: a slip from the source that widens to the detector."""
    along = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    at = start + share * (end - start)
    return mesh_of(np.stack((source, at, at + RAY_MM * along)), [(0, 1, 2)], materials.BEAM)


def holder(sid_mm: float, side: float) -> ColouredMesh:
    """The shoe in which the arc slides and the arm that carries it, from the arc's centre."""
    radius = arc_radius_mm(sid_mm)
    part = join(
        cushion((-radius - 80, -150, -82), (-radius + 34, 150, 82), 26.0, materials.PALE),
        rod((-radius - 60, 0, 0), (-radius - ARM_MM - 260, 0, 0), 46.0, materials.STEEL, sides=16),
    )
    return part if side > 0 else mirror(part)


def column(sid_mm: float, side: float) -> ColouredMesh:
    """The head in which the arm turns, with the lift's upper part, from the arc's centre."""
    x = -arc_radius_mm(sid_mm) - COLUMN_MM
    part = join(
        cushion((x - 120, -95, -115), (x + 130, 110, 115), 34.0, materials.WHITE),
        cushion((x - 78, -460, -78), (x + 78, -80, 78), 18.0, materials.STEEL),
    )
    return part if side > 0 else mirror(part)


def base(sid_mm: float, side: float) -> ColouredMesh:
    """The cart on its wheels, from the point of the floor under the arc's centre."""
    x = -arc_radius_mm(sid_mm) - COLUMN_MM
    legs = [cushion((x + 100, 45, z - 45), (x + 640, 125, z + 45), 24.0, materials.PALE) for z in (-235, 235)]
    wheels = [rod((x + at, 42, z - 22), (x + at, 42, z + 22), 42.0, materials.BLACK, sides=14) for at in (-230, 590) for z in (-235, 235)]
    part = join(
        cushion((x - 300, 70, -270), (x + 130, 520, 270), 46.0, materials.WHITE),
        cushion((x - 300, 500, -200), (x - 90, 640, 200), 30.0, materials.PALE),
        block((x - 280, 640, -150), (x - 110, 646, 150), materials.DARK),
        rod((x - 310, 700, -190), (x - 310, 700, 190), 12.0, materials.STEEL, sides=8),
        *legs,
        *wheels,
    )
    return part if side > 0 else mirror(part)


def _detector(face_mm: float, field_mm: float, arc_mm: float) -> ColouredMesh:
    """A flat panel whose sensitive side lies at a height, with the neck that holds it at the arc."""
    half = field_mm / 2 + PANEL_RIM_MM
    return join(
        cushion((-half, face_mm, -half), (half, face_mm + PANEL_MM, half), 14.0, materials.WHITE),
        block((-field_mm / 2, face_mm - 1.5, -field_mm / 2), (field_mm / 2, face_mm, field_mm / 2), materials.DARK),
        cushion((-95, face_mm + PANEL_MM - 12, -95), (95, arc_mm + 20, 95), 26.0, materials.PALE),
    )


def _tube(source_mm: float, arc_mm: float) -> ColouredMesh:
    """Housing about the focal spot, collimator box above it, and its foot on the arc."""
    box = cushion((-105, source_mm + 20, -105), (105, source_mm + 150, 105), 18.0, materials.PALE)
    window = block((-60, source_mm + 150, -60), (60, source_mm + 152, 60), materials.DARK)
    housing = transform(
        lathe([(0, -190), (92, -190), (118, -160), (118, 160), (92, 190), (0, 190)], materials.WHITE, sides=24),
        (0, source_mm - 30, 0),
        _LYING,
    )
    foot = cushion((-85, arc_mm - 30, -80), (85, source_mm - 60, 80), 20.0, materials.PALE)
    return join(box, window, housing, foot)


_LYING = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def _field(carm: CArm, collimator: Collimator) -> Floats:
    """Corners of the field on the detector, shape (4, 3), from its centre: the image's left is the patient's left at angles 0."""
    half = carm.pixel_mm * np.array(carm.shape) / 2
    iris = collimator.iris_mm
    top, bottom = (min(leaf, half[0], iris) for leaf in (collimator.top_mm, collimator.bottom_mm))
    left, right = (min(leaf, half[1], iris) for leaf in (collimator.left_mm, collimator.right_mm))
    return np.array([(left, 0.0, top), (left, 0.0, -bottom), (-right, 0.0, -bottom), (-right, 0.0, top)])
