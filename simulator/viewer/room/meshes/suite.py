"""The suite around: floor, monitors on their cart, a lead shield."""

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import ColouredMesh, join, mesh_of, paint, transform
from simulator.viewer.room.meshes.patient_outline import PatientOutline
from simulator.viewer.room.meshes.solids import block, cushion, rod, sheet

Floats = NDArray[np.float64]

FLOOR_MM = 2300.0
BACKGROUND = (18, 22, 27)  # of the page: the floor fades into it
LIT = (46, 54, 63)


def floor(lie: PatientOutline) -> ColouredMesh:
    """A round of floor that fades into the dark."""
    rings, sides = np.array([0.0, 500, 1000, 1500, 1950, FLOOR_MM]), 28
    angle = np.arange(sides) * 2 * np.pi / sides
    ring = np.stack([np.cos(angle), 0 * angle, -np.sin(angle)], axis=1)
    points = np.concatenate([[(0, 0, 0)], *(radius * ring for radius in rings[1:])]) + (0.0, lie.floor_mm, -150.0)
    here, there = np.arange(sides), (np.arange(sides) + 1) % sides
    faces = [np.stack([np.zeros(sides, dtype=int), 1 + here, 1 + there], axis=1)]
    for number in range(1, len(rings) - 1):
        a, b = 1 + (number - 1) * sides, 1 + number * sides
        faces += [np.stack([a + here, b + here, b + there], axis=1), np.stack([a + here, b + there, a + there], axis=1)]
    share = np.concatenate([[1.0], np.repeat((1 - rings[1:] / FLOOR_MM) ** 1.2, sides)])[:, None]
    return paint(mesh_of(points, np.concatenate(faces)), BACKGROUND + share * (np.array(LIT) - BACKGROUND))


def monitors(lie: PatientOutline, side: float) -> ColouredMesh:
    """Two screens on a cart across the table from the operator."""
    y, floor_mm = lie.bed_mm, lie.floor_mm
    cart = join(
        cushion((-250, floor_mm, -210), (250, floor_mm + 90, 210), 30.0, materials.PALE),
        cushion((-200, floor_mm + 90, -170), (200, floor_mm + 640, 170), 26.0, materials.WHITE),
        rod((0, floor_mm + 640, 0), (0, y + 520, 0), 28.0, materials.STEEL),
        block((-330, y + 300, -34), (330, y + 330, -10), materials.DARK),
        *(_screen(x, y + 470.0) for x in (-262.0, 262.0)),
    )
    heading = side * 0.42 * np.pi
    turn = np.array([[np.cos(heading), 0, np.sin(heading)], [0, 1, 0], [-np.sin(heading), 0, np.cos(heading)]])
    return transform(cart, (-side * 930.0, 0.0, -560.0), turn)


def _screen(x: float, y: float) -> ColouredMesh:
    """A monitor that looks along +z: dark frame, and an image of a spine, bones darker than what is about them."""
    frame = cushion((x - 250, y - 205, -30), (x + 250, y + 205, 20), 12.0, materials.BLACK)
    glass = block((x - 228, y - 184, 20), (x + 228, y + 184, 22), (30, 36, 44))
    share = np.linspace(-1, 1, 12)
    u, v = np.meshgrid(share, share)
    image = sheet(np.stack([x + 165 * u, y + 165 * v, np.full(u.shape, 23.0)], axis=-1))
    return join(frame, glass, paint(image, _spine(u, v).reshape(-1, 1) * (0.94, 1.0, 1.04)))


def _spine(u: Floats, v: Floats) -> Floats:
    """Grey of a coarse AP image of lumbar vertebrae, 0 to 255, at places from -1 to 1 across and up."""
    body = np.clip(1.5 - np.abs(u) / 0.30, 0, 1) * (0.62 + 0.38 * np.cos(2 * np.pi * v / 0.5))
    return 168 - 96 * body - 40 * np.clip(np.hypot(u, v) - 0.75, 0, 1)
