"""Quantum and electronic noise, from a bank of Gaussian noise that the detector's blur has already coloured.

Drawing a million normals takes most of a frame's time; a frame instead reads the bank from an offset, with a sign, that
``default_rng([seed, index])`` draws, and scales it by the root of the local variance. Two frames share noise at a shift of many pixels,
never at the same place (one pair in 200,000 apart). The bank itself is one fixed realisation.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.xray.numerics import row_bands

BANK_SEED = 20261123
SPARE_ROWS = 256


@cache
def make_noise_bank(shape: tuple[int, int], taps: tuple[float, ...]) -> NDArray[np.float32]:
    """Unit white noise, blurred by the taps along both axes, shape ((rows + 256) x columns,), flattened, read-only, dimensionless.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frames, pixels.
    taps : tuple of float
        Symmetric kernel of the detector, centre first.
    """
    halo = len(taps) - 1
    rows, columns = shape[0] + SPARE_ROWS, shape[1]
    white = np.random.default_rng(BANK_SEED).standard_normal((rows + 2 * halo, columns), dtype=np.float32)
    down, coloured, spare = (np.empty((rows, columns), dtype=np.float32) for _ in range(3))
    row_bands.blur_rows(white, taps, down, spare)
    row_bands.blur_columns(down, taps, coloured, spare)
    coloured.setflags(write=False)
    return coloured.reshape(-1)


def draw(shape: tuple[int, int], taps: Sequence[float], rng: np.random.Generator) -> tuple[NDArray[np.float32], float]:
    """Noise of one frame, shape (rows, columns), a view into the bank, and the sign to give it, dimensionless.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, pixels.
    taps : sequence of float
        Symmetric kernel of the detector, centre first.
    rng : numpy.random.Generator
        The frame's own, ``default_rng([seed, index])``.
    """
    size = shape[0] * shape[1]
    start = int(rng.integers(SPARE_ROWS * shape[1]))
    return make_noise_bank(shape, tuple(taps))[start : start + size].reshape(shape), float(1 - 2 * rng.integers(2))
