"""The collimator: four leaves and an iris, placed in detector millimetres; what lies outside is neither irradiated nor shown."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm

LEAK = 0.001  # share of the beam that lead leaves let through
PENUMBRA_MM = 1.5  # width of a leaf's edge on the detector (leaves sit near the focal spot)


@dataclass(frozen=True, kw_only=True, slots=True)
class Collimator:
    """Leaf positions on the detector, measured from its centre.

    Attributes
    ----------
    left_mm, right_mm, top_mm, bottom_mm : float
        Distance of each leaf from the detector's centre, mm; infinite where it is open.
    iris_mm : float
        Radius of the round iris, mm; infinite where it is open.

    Raises
    ------
    ValueError
        If leaves meet or the iris is shut.
    """

    left_mm: float = inf
    right_mm: float = inf
    top_mm: float = inf
    bottom_mm: float = inf
    iris_mm: float = inf

    def __post_init__(self) -> None:
        if not (self.left_mm + self.right_mm > 0 and self.top_mm + self.bottom_mm > 0 and self.iris_mm > 0):
            raise ValueError(f"Collimator leaves must leave an opening, got {self}")

    @classmethod
    def square(cls, side_mm: float) -> "Collimator":
        """Centred square opening, side on the detector, mm."""
        half = side_mm / 2
        return cls(left_mm=half, right_mm=half, top_mm=half, bottom_mm=half)


def pixel_positions_mm(count: int, length_mm: float) -> NDArray[np.float64]:
    """Centres of equal cells along one axis, from the detector's centre, shape (count,), mm."""
    return np.asarray((np.arange(count) + 0.5 - count / 2) * (length_mm / count), dtype=np.float64)


def shade(collimator: Collimator, carm: CArm, shape: tuple[int, int] | None = None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Share of the beam that the leaves let through, by row, shape (rows,), and by column, shape (columns,), dimensionless.

    Parameters
    ----------
    collimator : Collimator
        Leaves.
    carm : CArm
        View.
    shape : (int, int), optional
        Cells in which the detector is divided, rows and columns; its pixels if left out.
    """
    rows, columns = shape or carm.shape
    height_mm, width_mm = (carm.pixel_mm * count for count in carm.shape)
    down, right = pixel_positions_mm(rows, height_mm), pixel_positions_mm(columns, width_mm)
    return _opening(down, collimator.top_mm, collimator.bottom_mm), _opening(right, collimator.left_mm, collimator.right_mm)


def iris_shade(collimator: Collimator, carm: CArm, shape: tuple[int, int] | None = None) -> NDArray[np.float32] | None:
    """Share of the beam that the iris lets through, shape (rows, columns), dimensionless; None where the iris is open."""
    return _iris(collimator, carm, shape or carm.shape) if np.isfinite(collimator.iris_mm) else None


def opening_mm2(collimator: Collimator, carm: CArm) -> float:
    """Area of the field on the detector, mm2."""
    half_height, half_width = (carm.pixel_mm * count / 2 for count in carm.shape)
    height = min(collimator.top_mm, half_height) + min(collimator.bottom_mm, half_height)
    width = min(collimator.left_mm, half_width) + min(collimator.right_mm, half_width)
    if not np.isfinite(collimator.iris_mm):
        return max(0.0, height) * max(0.0, width)
    row, column = (edge > 0.5 for edge in shade(collimator, carm, (256, 256)))
    lit = row[:, None] & column & (_iris(collimator, carm, (256, 256)) > 0.5)
    return float(lit.mean() * 4 * half_height * half_width)


def _iris(collimator: Collimator, carm: CArm, shape: tuple[int, int]) -> NDArray[np.float32]:
    down = pixel_positions_mm(shape[0], carm.pixel_mm * carm.shape[0])[:, None]
    right = pixel_positions_mm(shape[1], carm.pixel_mm * carm.shape[1])
    return _edge(collimator.iris_mm - np.hypot(down, right))


def _opening(position_mm: NDArray[np.float64], low_mm: float, high_mm: float) -> NDArray[np.float32]:
    return _edge(np.minimum(position_mm + low_mm, high_mm - position_mm))


def _edge(inside_mm: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rise from leak to 1 over the penumbra, around 0."""
    return (LEAK + (1 - LEAK) * np.clip(inside_mm / PENUMBRA_MM + 0.5, 0, 1)).astype(np.float32)
