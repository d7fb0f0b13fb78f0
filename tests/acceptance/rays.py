"""Rays against triangles by brute force: slow, simple, and independent of the projector.

A ray passes a triangle where the three volumes that it spans with the triangle's sides have one sign (Pluecker); the volumes of an edge
that two faces share are each other's negatives to the last bit, so that a ray passes a closed mesh between no two faces.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.surface import Surface

Floats = NDArray[np.float64]

FACES, RAYS = 2048, 64  # at once: what fits the processor's cache
TILE = 0.03


def lengths(surface: Surface, source: Floats, directions: Floats) -> Floats:
    """Length inside a closed mesh along rays from one point, unit directions, shape (n, 3) -> (n,), mm."""
    total = np.zeros(len(directions))
    near = np.flatnonzero(_pass_sphere(surface.vertices, source, directions))
    near = near[np.lexsort(np.round(directions[near] / TILE).T)]  # neighbours together, so that each narrow cone meets few faces
    for first in range(0, len(near), RAYS):
        some = near[first : first + RAYS]
        total[some] = _length(surface, source, directions[some])
    return total


def _pass_sphere(vertices: Floats, source: Floats, directions: Floats) -> NDArray[np.bool_]:
    centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    radius = np.linalg.norm(vertices - centre, axis=1).max()
    return np.linalg.norm(np.cross(centre - source, directions), axis=1) <= radius


def _length(surface: Surface, source: Floats, directions: Floats) -> Floats:
    """Each crossing adds its distance, + where the ray leaves and - where it enters."""
    near = _in_cone(surface, source, directions)
    total = np.zeros(len(directions))
    for first in range(0, len(near), FACES):
        a, b, c = np.moveaxis(surface.vertices[surface.faces[near[first : first + FACES]]] - source, 1, 0)
        sides = [np.cross(p, q) @ directions.T for p, q in ((a, b), (b, c), (c, a))]
        face, ray = np.nonzero(((sides[0] > 0) & (sides[1] > 0) & (sides[2] > 0)) | ((sides[0] < 0) & (sides[1] < 0) & (sides[2] < 0)))
        normal = np.cross(b - a, c - a)[face]
        slant = np.einsum("ij,ij->i", normal, directions[ray])
        np.add.at(total, ray, np.sign(slant) * np.einsum("ij,ij->i", normal, a[face]) / slant)
    return total


def _in_cone(surface: Surface, source: Floats, directions: Floats) -> NDArray[np.intp]:
    """Faces near the narrowest round cone about the rays; their angle to its axis is bounded by that of their corners."""
    axis = directions.mean(axis=0)
    axis /= np.linalg.norm(axis)
    widest = np.arccos(np.clip(directions @ axis, -1, 1)).max()
    towards = surface.vertices - source
    angle = np.arccos(np.clip(towards @ axis / np.linalg.norm(towards, axis=1), -1, 1))
    corners = surface.vertices[surface.faces]
    size = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    span = size / np.linalg.norm(towards, axis=1).min()
    return np.flatnonzero(angle[surface.faces].min(axis=1) <= widest + span)


def inside(surface: Surface, points: Floats, direction: Sequence[float] = (0.2113, 0.9574, 0.1970)) -> NDArray[np.bool_]:
    """Which points, shape (n, 3), lie inside a closed mesh: those that a ray leaves once more than it enters."""
    low, high = surface.vertices.min(axis=0), surface.vertices.max(axis=0)
    found = ((points > low) & (points < high)).all(axis=1)
    candidates = np.flatnonzero(found)
    unit = np.asarray(direction) / np.linalg.norm(direction)
    u = np.cross(unit, [1.0, 0.0, 0.0])
    u /= np.linalg.norm(u)
    frame = np.stack((u, np.cross(unit, u), unit))
    corners = (surface.vertices @ frame.T)[surface.faces]
    for first in range(0, len(candidates), RAYS):
        some = candidates[first : first + RAYS]
        found[some] = _turns(corners, points[some] @ frame.T) > 0
    return found


def _turns(corners: Floats, points: Floats) -> NDArray[np.intp]:
    """Times that a mesh, shape (m, 3 corners, 3), winds about points along the third axis."""
    low, high = points.min(axis=0), points.max(axis=0)
    near = ((corners[..., :2].max(axis=1) >= low[:2]) & (corners[..., :2].min(axis=1) <= high[:2])).all(axis=1)
    near &= corners[..., 2].max(axis=1) >= low[2]
    chosen, turns = corners[near], np.zeros(len(points), dtype=np.intp)
    for first in range(0, len(chosen), FACES):
        a, b, c = np.moveaxis(chosen[first : first + FACES], 1, 0)
        sides = [_side(p, q, points) for p, q in ((a, b), (b, c), (c, a))]
        area = sides[0] + sides[1] + sides[2]
        hit = ((sides[0] > 0) & (sides[1] > 0) & (sides[2] > 0)) | ((sides[0] < 0) & (sides[1] < 0) & (sides[2] < 0))
        face, point = np.nonzero(hit)
        share = [side[face, point] / area[face, point] for side in sides]
        height = share[1] * a[face, 2] + share[2] * b[face, 2] + share[0] * c[face, 2]
        above = height > points[point, 2]
        np.add.at(turns, point[above], np.sign(area[face, point][above]).astype(np.intp))
    return turns


def _side(p: Floats, q: Floats, points: Floats) -> Floats:
    """Twice the area of (p, q, point) in the first two axes, shape (faces, points); antisymmetric in p and q to the last bit."""
    px, py, qx, qy = p[:, 0, None], p[:, 1, None], q[:, 0, None], q[:, 1, None]
    x, y = points[:, 0], points[:, 1]
    return (px * qy - qx * py) - ((px - qx) * y - (py - qy) * x)


def distance_mm(surface: Surface, points: Floats) -> Floats:
    """Distance of points, shape (n, 3), from a mesh, shape (n,): to the nearest face where it is met square on, or to a side."""
    corners = surface.vertices[surface.faces]
    return np.array([_nearest(corners, point) for point in points])


def _nearest(corners: Floats, point: Floats) -> float:
    reach = np.abs(corners - point).max(axis=2).min(axis=1).min() * 3**0.5  # no farther than the nearest corner
    low, high = corners.min(axis=1) - point, corners.max(axis=1) - point
    a, b, c = np.moveaxis(corners[((low <= reach) & (high >= -reach)).all(axis=1)], 1, 0)
    sides = [_to_segment(point, p, q) for p, q in ((a, b), (b, c), (c, a))]
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None]
    over = [np.einsum("ij,ij->i", np.cross(q - p, point - p), normal) >= 0 for p, q in ((a, b), (b, c), (c, a))]
    height = np.abs(np.einsum("ij,ij->i", point - a, normal))
    return float(min(np.min(sides), height[over[0] & over[1] & over[2]].min(initial=np.inf)))


def _to_segment(point: Floats, start: Floats, end: Floats) -> Floats:
    along = end - start
    share = np.einsum("ij,ij->i", point - start, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-300)
    return np.linalg.norm(point - start - np.clip(share, 0, 1)[:, None] * along, axis=1)
