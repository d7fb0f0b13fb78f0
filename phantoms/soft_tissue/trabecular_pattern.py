"""Which way trabeculae run in a bone, how long, coarse and dense they are: along the lines on which it carries load.

Directions are those of the textbook (upright in the bodies, fanning out of the first sacral body into the wings, from the hip's roof over
the wing of the ilium, from the femur's inner cortex into its head); sizes were set by eye on radiographs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape

Array = NDArray[np.float64]
Direction = Callable[[Array], Array]

# Where the hip's centre lies in a bone's box, as shares from the midline outwards, front to back, and upwards.
HIP_IN_HIP_BONE = (0.62, 0.32, 0.34)
HEAD_IN_FEMUR = (0.27, 0.4, 0.84)
WING_FROM_MM = 20.0  # from the midline: the sacrum's wings begin
WING_SLOPE = 0.8
CALCAR_MM = np.array([24.0, 0.0, -52.0])  # from the head's centre to where the femur's inner cortex is thickest


@dataclass(frozen=True, kw_only=True, eq=False)
class Grain:
    """Trabecular pattern of one bone.

    Attributes
    ----------
    along : callable
        Points, shape (n, 3), mm -> unit vectors of the main trabeculae there, shape (n, 3), world frame.
    length_mm : float
        Longest string.
    sigma_mm : float
        Half-width of a trabecular column as an image shows it (several trabeculae).
    amplitude : float
        Density of a column relative to the spongiosa's mean.
    scatter : float
        Spread of the directions.
    blobs : int
        How many blobs the bone deserves.
    """

    along: Direction
    length_mm: float
    sigma_mm: float
    amplitude: float
    scatter: float
    blobs: int


def grain(name: str, shape: Shape) -> Grain:
    """Pattern of a bone known by its compartment's name.

    Parameters
    ----------
    name : str
        E.g. ``"L4 trabecular"``.
    shape : Shape
        The bone in the world frame.
    """
    kind = name.split()[0]
    box = np.asarray(shape.bounds)
    hip = _within(box, HIP_IN_HIP_BONE)
    match kind:
        case "sacrum":
            return Grain(along=_sacral(_frame(shape)), length_mm=10.0, sigma_mm=0.5, amplitude=1.2, scatter=0.3, blobs=4000)
        case "hip":
            return Grain(along=_radial(hip), length_mm=16.0, sigma_mm=0.8, amplitude=0.6, scatter=0.25, blobs=2300)
        case "femur":
            return Grain(along=_femoral(box), length_mm=16.0, sigma_mm=0.8, amplitude=1.2, scatter=0.12, blobs=900)
        case "rib" | "coccyx":
            return Grain(along=_constant(np.array([0.0, 0.0, 1.0])), length_mm=5.0, sigma_mm=0.5, amplitude=0.9, scatter=0.6, blobs=120)
        case _:
            return Grain(along=_constant(_frame(shape)[:, 2]), length_mm=11.0, sigma_mm=0.5, amplitude=2.2, scatter=0.1, blobs=1500)


def _constant(direction: Array) -> Direction:
    return lambda points: np.broadcast_to(direction, points.shape)


def _radial(centre: Array) -> Direction:
    return lambda points: _unit(points - centre)


def _sacral(axes: Array) -> Direction:
    """Upright in the bodies, down and out in the wings; `axes` are the sacrum's own as columns."""

    def along(points: Array) -> Array:
        side = np.clip(points[:, 0] / WING_FROM_MM, -1.0, 1.0) * (np.abs(points[:, 0]) > WING_FROM_MM / 2)
        return _unit(-axes[:, 2] + WING_SLOPE * side[:, None] * axes[:, 0])

    return along


def _femoral(box: Array) -> Direction:
    """From the inner cortex of the shaft up into the head, and along the shaft below."""
    head = _within(box, HEAD_IN_FEMUR)
    side = np.sign(head[0])
    calcar = head + CALCAR_MM * [side, 1.0, 1.0]

    def along(points: Array) -> Array:
        below = points[:, 2] < calcar[2]
        return np.where(below[:, None], [0.0, 0.0, 1.0], _unit(points - calcar + [0.0, 0.0, 1e-6]))

    return along


def _within(box: Array, share: tuple[float, float, float]) -> Array:
    """Place in a box by shares of its sides, the first from the midline outwards."""
    low, high = box
    near, far = (low[0], high[0]) if abs(low[0]) < abs(high[0]) else (high[0], low[0])
    start, end = np.array([near, low[1], low[2]]), np.array([far, high[1], high[2]])
    return np.asarray(start + np.array(share) * (end - start))


def _frame(shape: Shape) -> Array:
    """Axes of the frame in which a shape was placed in the world, as columns, shape (3, 3); the world's where it was not."""
    inner: object = shape
    while inner is not None:
        if hasattr(inner, "world_from_local"):
            return np.asarray(inner.world_from_local[:3, :3])
        inner = getattr(inner, "shape", None)
    return np.eye(3)


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
