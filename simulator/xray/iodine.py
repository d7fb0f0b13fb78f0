"""Contrast medium on a grid, as the detector sees it."""

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.geometry.grid import Grid
from simulator.xray.splat import points_per_area

BLUR_CELLS = 0.6  # standard deviation by which a cell is spread, over its size: less shows the grid, more blurs the medium
MM2_PER_CM2 = 100.0


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
    points = field.centres(np.stack(np.unravel_index(cells, field.values.shape), axis=1))
    masses_mg = field.values.reshape(-1)[cells] * field.cell_ml
    width_mm = BLUR_CELLS * float(field.spacing.prod()) ** (1 / 3)
    return points_per_area(points, masses_mg, width_mm, carm) * np.float32(MM2_PER_CM2)
