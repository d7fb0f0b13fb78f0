"""What a click in the room met: the ray of the camera through a place on the view, and the first mesh in its way."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.common.messages import RoomCamera
from simulator.viewer.room.camera import Camera
from simulator.viewer.room.euler_angles import rotation
from simulator.viewer.room.mesh_placement import Placement
from simulator.viewer.room.meshes.mesh import ColouredMesh

Floats = NDArray[np.float64]
EDGE = 1e-9  # so that a ray through an edge does not slip between two triangles
CLEAR = frozenset({"beam", "corridor", "target", "mark"})  # a click goes through these


def camera_of(seen: RoomCamera) -> Camera:
    """The camera that the browser tells of."""
    position, focus, up = map(np.array, (seen.position, seen.focalPoint, seen.viewUp))
    return Camera(position=position, focus=focus, up=up, view_angle_deg=seen.viewAngle)


def ray(camera: Camera, across: float, down: float, aspect: float) -> Floats:
    """Unit vector, shape (3,), from the camera through a place on its picture.

    Parameters
    ----------
    camera : Camera
    across, down : float
        Share of the picture's width from the left, and of its height from the top.
    aspect : float
        The picture's width over its height.
    """
    ahead = camera.focus - camera.position
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, camera.up)
    right = right / np.linalg.norm(right)
    reach = np.tan(np.deg2rad(camera.view_angle_deg) / 2)
    towards = ahead + reach * ((2 * across - 1) * aspect * right + (1 - 2 * down) * np.cross(right, ahead))
    return np.asarray(towards / np.linalg.norm(towards))


def find_first_hit(
    start: Floats, towards: Floats, meshes: Mapping[str, ColouredMesh], placements: Mapping[str, Placement]
) -> tuple[str, Floats] | None:
    """The mesh that a ray meets first and where, shape (3,), mm; None where it meets nothing.

    Parameters
    ----------
    start, towards : ndarray, shape (3,)
        Where the ray begins, mm, and its direction.
    meshes : mapping of str to ColouredMesh
        Of the room.
    placements : mapping of str to Placement
        Where they stand; those without one stand in the world frame. What is not visible, or clear as the beam, is not met.
    """
    best: tuple[float, str] | None = None
    for name, mesh in meshes.items():
        placed = placements.get(name, Placement())
        if placed.visible and name not in CLEAR:
            distance_mm = _nearest(start, towards, mesh, placed)
            if distance_mm is not None and (best is None or distance_mm < best[0]):
                best = (distance_mm, name)
    return None if best is None else (best[1], start + best[0] * towards)


def _nearest(start: Floats, towards: Floats, mesh: ColouredMesh, placed: Placement) -> float | None:
    """Way to the first triangle, in units of the direction's length (Moeller and Trumbore 1997)."""
    turn, scale = rotation(placed.orientation), np.array(placed.scale)
    origin = (start - np.array(placed.position)) @ turn / scale
    way = towards @ turn / scale
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    first, second = b - a, c - a
    across = np.cross(way, second)
    determinant = np.einsum("ij,ij->i", first, across)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = origin - a
        u = np.einsum("ij,ij->i", offset, across) / determinant
        other = np.cross(offset, first)
        v = other @ way / determinant
        distance = np.einsum("ij,ij->i", second, other) / determinant
        hit = (np.abs(determinant) > 1e-12) & (u >= -EDGE) & (v >= -EDGE) & (u + v <= 1 + EDGE) & (distance > 1e-6)
    return float(distance[hit].min()) if hit.any() else None
