"""Contrast medium on a grid, as the detector sees it.

Medium that spreads while grid and C-arm stay is drawn from a kept `IodineView`, ten times as fast as from nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.geometry.grid import Grid
from simulator.xray.projection.splat import PointsInView, mass_per_area, view_points

BLUR_CELLS = 0.6  # standard deviation by which a cell is spread, over its size: less shows the grid, more blurs the medium
MM2_PER_CM2 = 100.0


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class IodineView:
    """Cells of a grid in one view.

    Attributes
    ----------
    cells : ndarray, shape (n,)
        Which of the grid's cells are drawn, indices into its flattened values.
    cell_ml : float
        Volume of a cell, mL.
    points : PointsInView
        Their centres in the view; 80 bytes a cell.
    """

    cells: NDArray[np.intp]
    cell_ml: float
    points: PointsInView


def view_cells(grid: Grid, carm: CArm, cells: NDArray[np.intp] | None = None) -> IodineView:
    """Work out once how the cells of a grid are drawn, whatever they will hold.

    Parameters
    ----------
    grid : Grid
        Its values do not count.
    carm : CArm
        The view.
    cells : ndarray, shape (n,), optional
        Cells that may ever hold medium, indices into the flattened values; all if left out.

    Raises
    ------
    ValueError
        If one of the cells lies at the focal spot or behind it.
    """
    chosen = np.arange(grid.values.size) if cells is None else cells
    centres = grid.centres(np.stack(np.unravel_index(chosen, grid.values.shape), axis=1))
    width_mm = BLUR_CELLS * float(grid.spacing.prod()) ** (1 / 3)
    return IodineView(cells=chosen, cell_ml=grid.cell_ml, points=view_points(centres, width_mm, carm))


def draw_iodine(view: IodineView, mg_per_ml: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the iodine along each pixel's ray, shape (rows, columns), mg/cm2.

    Parameters
    ----------
    view : IodineView
        From `view_cells`.
    mg_per_ml : ndarray, shape (i, j, k)
        Iodine per cell of the view's grid, mg/mL; what cells outside the view's hold is not drawn.
    """
    return mass_per_area(view.points, mg_per_ml.reshape(-1)[view.cells], view.cell_ml * MM2_PER_CM2)


def iodine_mg_cm2(field: Grid, carm: CArm) -> NDArray[np.float32]:
    """Return the iodine along each pixel's ray, shape (rows, columns), mg/cm2.

    Parameters
    ----------
    field : Grid
        Iodine per cell, mg/mL; cells without any cost nothing.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If a cell with iodine lies at the focal spot or behind it.
    """
    cells = np.flatnonzero(field.values)
    if len(cells) == 0:
        return np.zeros(carm.shape, dtype=np.float32)
    return draw_iodine(view_cells(field, carm, cells), field.values)
