"""A block of values on a regular grid with its own axes: an iodine field, a tissue block."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.validate import as_vector

AXES_ATOL = 1e-6  # departure of the axes from a rotation that is taken for rounding


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Grid:
    """Values at the centres of box-shaped cells.

    Attributes
    ----------
    origin : ndarray, shape (3,)
        Centre of cell (0, 0, 0), world frame, mm.
    spacing : ndarray, shape (3,)
        Cell size along the three axes, mm.
    axes : ndarray, shape (3, 3)
        Unit vectors of the grid's axes as rows, world frame, at right angles.
    values : ndarray, shape (i, j, k)
        One value per cell, in the unit that its user says; read-only.

    Raises
    ------
    ValueError
        If a shape is wrong, a number is not finite, a spacing is not above 0 or the axes are not at right angles.
    """

    origin: NDArray[np.float64]
    spacing: NDArray[np.float64]
    axes: NDArray[np.float64]
    values: NDArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", as_vector(self.origin, "Grid.origin"))
        object.__setattr__(self, "spacing", as_vector(self.spacing, "Grid.spacing"))
        object.__setattr__(self, "axes", _as_axes(self.axes))
        object.__setattr__(self, "values", _as_block(self.values))
        if not (self.spacing > 0).all():
            raise ValueError(f"Grid.spacing must be above 0 mm, got {self.spacing}")

    @property
    def cell_ml(self) -> float:
        """Volume of one cell, mL."""
        return float(self.spacing.prod()) / 1000.0

    def centres(self, cells: ArrayLike) -> NDArray[np.float64]:
        """Return the centres of cells, shape (n, 3), world frame, mm.

        Parameters
        ----------
        cells : array_like, shape (n, 3)
            Indices i, j, k; fractions are places between centres.
        """
        return self.origin + (np.asarray(cells, dtype=float) * self.spacing) @ self.axes


def _as_axes(value: ArrayLike) -> NDArray[np.float64]:
    axes: NDArray[np.float64] = np.array(value, dtype=np.float64)
    if axes.shape != (3, 3) or not np.allclose(axes @ axes.T, np.eye(3), rtol=0, atol=AXES_ATOL):
        raise ValueError(f"Grid.axes must be three unit vectors at right angles, shape (3, 3), got {value!r}")
    axes.setflags(write=False)
    return axes


def _as_block(value: NDArray) -> NDArray:
    block = np.array(value)
    if block.ndim != 3 or block.size == 0:
        raise ValueError(f"Grid.values must have shape (i, j, k) without zeros, got {block.shape}")
    if not np.isfinite(block).all():
        raise ValueError("Grid.values must be finite")
    block.setflags(write=False)
    return block
