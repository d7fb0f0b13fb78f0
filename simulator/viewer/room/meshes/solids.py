"""Bodies of which furniture, machines and limbs are made: blocks with rounded edges, rods, lathed and swept ones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.viewer.room.meshes.mesh import GREY, Colour, ColouredMesh, join, mesh_of

Floats = NDArray[np.float64]
ROUND = 20  # sides of something round


def block(low: ArrayLike, high: ArrayLike, colour: Colour = GREY) -> ColouredMesh:
    """A box with sharp edges between two corners, shape (3,), mm."""
    a, b = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    vertices: list[Floats] = []
    faces: list[Floats] = []
    for axis in range(3):
        for end, sign in ((a, -1), (b, 1)):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            quad = np.empty((4, 3))
            quad[:, axis] = end[axis]
            quad[:, u], quad[:, v] = (a[u], b[u], b[u], a[u]), (a[v], a[v], b[v], b[v])
            vertices.append(quad[::sign])
            faces.append(np.array([[0, 1, 2], [0, 2, 3]]) + 4 * len(faces))
    return mesh_of(np.concatenate(vertices), np.concatenate(faces), colour)


def cushion(low: ArrayLike, high: ArrayLike, radius_mm: float, colour: Colour = GREY, *, sides: int = 8) -> ColouredMesh:
    """A box with rounded edges between two corners, shape (3,), mm: a ball pulled apart along all three axes."""
    a, b = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    radius = np.minimum(radius_mm, (b - a) / 2)
    pole = (np.linspace(-1, 1, sides // 2 + 2) * np.pi / 2)[:, None]
    around = ((np.arange(sides) + 0.5) * 2 * np.pi / sides)[None, :]
    ball = np.stack([np.cos(pole) * np.cos(around), np.sin(pole) + 0 * around, np.cos(pole) * np.sin(around)], axis=-1)
    shifted = (a + b) / 2 + np.where(ball < -1e-9, -1, np.where(ball > 1e-9, 1, 0)) * ((b - a) / 2 - radius) + radius * ball
    # the poles are rows of corners of the two flat sides rather than one point each
    for row in (0, -1):
        shifted[row] = shifted[1 if row == 0 else -2]
        shifted[row, :, 1] = a[1] if row == 0 else b[1]
    return join(_skin(shifted, colour, closed=True), _lid(shifted[0], colour, up=False), _lid(shifted[-1], colour, up=True))


def ball(centre: ArrayLike, radii: ArrayLike, colour: Colour = GREY, *, sides: int = ROUND) -> ColouredMesh:
    """An ellipsoid: centre and half axes, shape (3,), mm."""
    pole = (np.linspace(-1, 1, sides // 2 + 1) * np.pi / 2)[:, None]
    around = (np.arange(sides) * 2 * np.pi / sides)[None, :]
    points = np.stack([np.cos(pole) * np.cos(around), np.sin(pole) + 0 * around, np.cos(pole) * np.sin(around)], axis=-1)
    return _skin(np.asarray(centre) + points * np.asarray(radii), colour, closed=True)


def lathe(profile: ArrayLike, colour: Colour = GREY, *, sides: int = ROUND, sharp: bool = True) -> ColouredMesh:
    """A body turned about its y axis.

    Parameters
    ----------
    profile : array_like, shape (n, 2)
        Radius and height y from below upwards, mm.
    colour : tuple of int
    sides : int
        Of the polygon that stands for the circle.
    sharp : bool
        Whether the edges of the profile are to look sharp.
    """
    rows = np.asarray(profile, dtype=float)
    around = np.arange(sides) * 2 * np.pi / sides
    rings = np.stack(
        [np.outer(rows[:, 0], np.cos(around)), np.repeat(rows[:, 1:], sides, axis=1), np.outer(rows[:, 0], np.sin(around))], axis=-1
    )
    if not sharp:
        return _skin(rings, colour, closed=True)
    return join(*(_skin(rings[i : i + 2], colour, closed=True) for i in range(len(rows) - 1)))


def rod(start: ArrayLike, end: ArrayLike, radius_mm: float, colour: Colour = GREY, *, sides: int = 12) -> ColouredMesh:
    """A round rod with flat ends between two points, shape (3,), mm."""
    a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    return sweep(np.stack((a, b)), [radius_mm, radius_mm], colour, sides=sides)


def sweep(path: ArrayLike, radii: ArrayLike, colour: Colour = GREY, *, sides: int = 12, capped: bool = True) -> ColouredMesh:
    """A limb or cable: rings of given radii along a line.

    Parameters
    ----------
    path : array_like, shape (n, 3)
        Mm.
    radii : array_like, shape (n,) or (n, 2)
        Of the rings, mm; two for an oval: across and along the second axis of the ring (upwards, where it can).
    colour : tuple of int
    sides : int
    capped : bool
        Whether to close the ends with flat lids.
    """
    line, wide = np.asarray(path, dtype=float), np.asarray(radii, dtype=float)
    wide = np.stack([wide, wide], axis=1) if wide.ndim == 1 else wide
    along = np.gradient(line, axis=0) if len(line) > 2 else np.repeat(line[1:] - line[:1], 2, axis=0)
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    up = np.where(np.abs(along[:, 1:2]) < 0.9, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    right = np.cross(up, along)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.cross(along, right)
    around = np.arange(sides) * 2 * np.pi / sides
    rings = (
        line[:, None]
        + wide[:, :1, None] * np.cos(around)[None, :, None] * right[:, None]
        + wide[:, 1:, None] * np.sin(around)[None, :, None] * up[:, None]
    )
    body = _skin(rings[::-1], colour, closed=True)
    return join(body, _fan(rings[0], colour, out=-along[0]), _fan(rings[-1], colour, out=along[-1])) if capped else body


def bend_bar(radius_mm: float, wide_mm: float, thick_mm: float, angles_rad: ArrayLike, colour: Colour = GREY) -> ColouredMesh:
    """A bar of square section bent about the z axis: its middle line lies at a radius, in the xy plane, at angles from +x, shape (n,)."""
    angle = np.asarray(angles_rad, dtype=float)
    out, z = thick_mm / 2, wide_mm / 2
    section = np.array([(-out, -z), (out, -z), (out, z), (-out, z)])
    sides = []
    for first, second in zip(section, np.roll(section, -1, axis=0), strict=True):
        pair = np.stack((first, second))
        rows = np.stack(
            [
                np.outer(radius_mm + pair[:, 0], np.cos(angle)),
                np.outer(radius_mm + pair[:, 0], np.sin(angle)),
                np.repeat(pair[:, 1:], len(angle), axis=1),
            ],
            axis=-1,
        )
        sides.append(_skin(rows, colour, closed=False))
    return join(*sides, *(_end_of_bar(radius_mm, section, at, colour, turned) for at, turned in ((angle[0], True), (angle[-1], False))))


def sheet(points: ArrayLike, colour: Colour = GREY) -> ColouredMesh:
    """A cloth through a grid of points, shape (rows, columns, 3), mm; seen from above where rows x columns points up."""
    return _skin(np.asarray(points, dtype=float), colour, closed=False)


def loft(rings: Sequence[ArrayLike] | Floats, colour: Colour = GREY, *, end: bool = False) -> ColouredMesh:
    """A skin over closed rings, shape (n, sides, 3), mm: each turns from +x towards +y, and they follow each other down along z."""
    stack = np.asarray(rings, dtype=float)
    body = _skin(stack, colour, closed=True)
    along = stack[-2:].mean(axis=1)
    return join(body, _fan(stack[-1], colour, out=along[1] - along[0])) if end else body


def _skin(rows: Floats, colour: Colour, *, closed: bool) -> ColouredMesh:
    """Two triangles between any two neighbours of two rows."""
    count, sides = rows.shape[:2]
    here = np.arange(sides if closed else sides - 1)
    there = (here + 1) % sides
    quads = [
        np.concatenate([np.stack([a + here, b + here, b + there], axis=1), np.stack([a + here, b + there, a + there], axis=1)])
        for a, b in ((i * sides, (i + 1) * sides) for i in range(count - 1))
    ]
    return mesh_of(rows.reshape(-1, 3), np.concatenate(quads), colour)


def _lid(ring: Floats, colour: Colour, *, up: bool) -> ColouredMesh:
    return _fan(ring, colour, out=np.array([0.0, 1.0 if up else -1.0, 0.0]))


def _fan(ring: Floats, colour: Colour, *, out: Floats) -> ColouredMesh:
    """A flat lid on a ring, facing `out`."""
    count = len(ring)
    faces = np.stack([np.full(count, count), np.arange(count), (np.arange(count) + 1) % count], axis=1)
    middle = ring.mean(axis=0)
    area = np.cross(ring - middle, np.roll(ring, -1, axis=0) - middle).sum(axis=0)
    return mesh_of(np.concatenate((ring, middle[None])), faces if area @ out > 0 else faces[:, ::-1], colour)


def _end_of_bar(radius_mm: float, section: Floats, angle: float, colour: Colour, turned: bool) -> ColouredMesh:
    out = radius_mm + section[:, 0]
    ring = np.stack([out * np.cos(angle), out * np.sin(angle), section[:, 1]], axis=1)
    away = np.array([-np.sin(angle), np.cos(angle), 0.0]) * (-1 if turned else 1)
    return _fan(ring, colour, out=away)
