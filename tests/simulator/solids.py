"""Closed meshes with a closed form, and a ray caster slow enough to be trusted."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import ConvexHull

from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.geometry import CArm


def surface(vertices: ArrayLike, faces: ArrayLike, name: str = "solid") -> Surface:
    return Surface(name=name, vertices=vertices, faces=faces, tissue=Tissue.CORTICAL_BONE)


def convex(points: ArrayLike, name: str = "solid") -> Surface:
    """Hull of points, wound outward."""
    points = np.asarray(points, dtype=float)
    faces = ConvexHull(points).simplices.copy()
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = np.einsum("ij,ij->i", normals, corners.mean(axis=1) - points.mean(axis=0)) < 0
    faces[inward] = faces[inward, ::-1]
    return surface(points, faces, name)


def box(sides_mm: ArrayLike, centre: ArrayLike = (0, 0, 0)) -> Surface:
    corners = np.stack(np.meshgrid([-0.5, 0.5], [-0.5, 0.5], [-0.5, 0.5], indexing="ij"), axis=-1).reshape(-1, 3)
    return convex(corners * sides_mm + centre, "box")


def sphere(radius_mm: float, centre: ArrayLike = (0, 0, 0), number: int = 20000) -> Surface:
    """Hull of points spread evenly on a sphere by the golden angle."""
    height = 1 - (2 * np.arange(number) + 1) / number
    turn = np.pi * (1 + 5**0.5) * np.arange(number)
    around = np.sqrt(1 - height**2)
    return convex(radius_mm * np.column_stack((around * np.cos(turn), around * np.sin(turn), height)) + centre, "sphere")


def prism(radius_mm: float, half_length_mm: float, sides: int = 360) -> Surface:
    """Regular prism along z, its edges on a cylinder."""
    turn = 2 * np.pi * np.arange(sides) / sides
    ring = radius_mm * np.column_stack((np.cos(turn), np.sin(turn), np.zeros(sides)))
    return convex(np.concatenate((ring - (0, 0, half_length_mm), ring + (0, 0, half_length_mm))), "prism")


def torus(ring_mm: float, tube_mm: float, around: int = 160, across: int = 60) -> Surface:
    """Torus around z: not convex, with a hole."""
    a, b = np.meshgrid(np.arange(around), np.arange(across), indexing="ij")
    turn, twist = 2 * np.pi * a / around, 2 * np.pi * b / across
    reach = ring_mm + tube_mm * np.cos(twist)
    vertices = np.stack((reach * np.cos(turn), reach * np.sin(turn), tube_mm * np.sin(twist)), axis=-1).reshape(-1, 3)
    here, on, up, both = (((a + i) % around * across + (b + j) % across).ravel() for i, j in ((0, 0), (1, 0), (0, 1), (1, 1)))
    return surface(vertices, np.concatenate((np.stack((here, on, both), 1), np.stack((here, both, up), 1))), "torus")


def cast(solid: Surface, carm: CArm, columns: ArrayLike, rows: ArrayLike) -> NDArray[np.float64]:
    """Length inside along each pixel's ray: every ray against every triangle, mm."""
    directions = carm.at_pixels(columns, rows) - carm.source
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    a, b, c = np.moveaxis(solid.vertices[solid.faces] - carm.source, 1, 0)
    sides = np.stack((np.cross(a, b), np.cross(b, c), np.cross(c, a)))
    normals = np.cross(b - a, c - a)
    heights = np.einsum("ij,ij->i", normals, a)
    return np.array([_length(direction, sides, normals, heights) for direction in directions])


def _length(direction: NDArray, sides: NDArray, normals: NDArray, heights: NDArray) -> float:
    around = sides @ direction
    hit = (around > 0).all(axis=0) | (around < 0).all(axis=0)
    slant = normals[hit] @ direction
    return float((np.sign(slant) * heights[hit] / slant).sum())
