"""Facet joints: the space that the upper vertebra's inferior process leaves in front of it, and the cartilage that fills it."""

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Carved, Intersection, Offset, Shape
from phantoms.terms.landmarks import Plane
from phantoms.terms.levels import Side

Array = NDArray[np.float64]

JOINT_SPACE_MM = 1.8  # both cartilages and the cleft; 1.5-2 recalled, unverified
RIM_MM = 0.8  # how far the joint reaches beyond the superior process' edge


def seat(lower: Shape, inferior_articular: Shape) -> Carved:
    """The bone below, hollowed so that the inferior process above fits in with its joint space."""
    return Carved(lower, (inferior_articular,), gap_mm=JOINT_SPACE_MM, blend_mm=0.5)


def joint(superior_articular: Shape, inferior_articular: Shape) -> Intersection:
    """Cartilage and cleft between two processes, before the bones are taken out of it."""
    return Intersection(Offset(inferior_articular, JOINT_SPACE_MM - 0.1), Offset(superior_articular, RIM_MM))


def joint_plane(superior_articular: Shape, inferior_articular: Shape, side: Side, left: Array, middle: Array) -> Plane:
    """Middle and normal (towards the superior process) of the joint on one side.

    `left` is the patient's left, a unit vector, and `middle` a midline point, mm, which tell the sides apart, each shape (3,).
    """
    low = np.maximum(superior_articular.bounds[0], inferior_articular.bounds[0]) - 2.0
    high = np.minimum(superior_articular.bounds[1], inferior_articular.bounds[1]) + 2.0
    grid = np.stack(np.meshgrid(*(np.arange(a, b, 2.0) for a, b in zip(low, high, strict=True)), indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid[((grid - middle) @ left) * side.sign > 3.0]
    above = inferior_articular(grid)
    near = np.flatnonzero(np.abs(above) < 3.0)
    below = superior_articular(grid[near])
    weight = np.exp(-((above[near] - JOINT_SPACE_MM / 2) ** 2 + np.minimum(below + 1.0, 0.0) ** 2 + np.maximum(below, 0.0) ** 2 * 4))
    point = weight @ grid[near] / weight.sum()
    step = np.eye(3) * 0.5
    slope = inferior_articular(point + step) - inferior_articular(point - step)
    return Plane(point=point, normal=slope / np.linalg.norm(slope))
