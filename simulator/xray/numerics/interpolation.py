"""From coarse cells to fine ones and back: linear interpolation between the cells' centres, and means over blocks."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@cache
def make_linear_weights(fine: int, coarse: int) -> NDArray[np.float32]:
    """Linear interpolation from coarse cells to fine ones along one axis, shape (fine, coarse); flat beyond the last centres."""
    position = np.clip((np.arange(fine) + 0.5) * coarse / fine - 0.5, 0, coarse - 1)
    low = np.minimum(position.astype(np.intp), max(coarse - 2, 0))
    matrix = np.zeros((fine, coarse), dtype=np.float32)
    matrix[np.arange(fine), low] = 1 - (position - low)
    if coarse > 1:
        matrix[np.arange(fine), low + 1] += (position - low).astype(np.float32)
    matrix.setflags(write=False)
    return matrix


def enlarge(images: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Square images with more pixels each way, interpolated linearly, shape (images, size, size).

    Parameters
    ----------
    images : ndarray, shape (images, n, n)
        In any unit.
    size : int
        Pixels each way.
    """
    up = _sparse_linear(size, images.shape[-1])  # two entries a row: a dense product would take four times as long
    return np.stack([(up @ (up @ image).T).T for image in images])


def pool(images: NDArray, cells: int) -> NDArray:
    """Means over square blocks of pixels, shape (..., cells, cells).

    Parameters
    ----------
    images : ndarray, shape (..., n, n)
        In any unit; n a multiple of the cells.
    cells : int
        Blocks each way.

    Examples
    --------
    >>> pool(np.arange(16, dtype=np.float32).reshape(1, 4, 4), 2).tolist()
    [[[2.5, 4.5], [10.5, 12.5]]]
    """
    block = images.shape[-1] // cells
    means: NDArray = images.reshape(*images.shape[:-2], cells, block, cells, block).mean(axis=(-3, -1))
    return means


@cache
def _sparse_linear(fine: int, coarse: int) -> csr_array:
    return csr_array(make_linear_weights(fine, coarse))
