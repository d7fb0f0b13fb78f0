"""Adding many small jumps to a large image in place.

A sparse matrix (cells x edges, one entry per crossing) times the edges' jumps adds all channels of a crossing in one go, twice as fast as
`numpy.add.at`. SciPy's public product makes a new image each time, so its compiled kernel is called as the public product calls it; where a
SciPy has no such kernel, `numpy.add.at` does the same sums in the same order.
"""

import numpy as np
from numpy.typing import NDArray

try:
    from scipy.sparse._sparsetools import csc_matvec, csc_matvecs
except ImportError:  # pragma: no cover - a SciPy that has moved it
    csc_matvec = csc_matvecs = None

Floats = NDArray[np.float64]


def add_products(image: Floats, cells: NDArray[np.int32], shares: Floats, after: NDArray[np.int32], jumps: Floats) -> None:
    """Add share times jump to the cell of every crossing, in place.

    Parameters
    ----------
    image : ndarray, shape (cells, channels)
        Added to, in any unit that jumps have; contiguous.
    cells : ndarray, shape (n,)
        Cell of each crossing, edge by edge.
    shares : ndarray, shape (n,)
        Dimensionless.
    after : ndarray, shape (k + 1,)
        Crossings before each edge, and all of them.
    jumps : ndarray, shape (k, channels)
        Of each edge; contiguous.
    """
    if csc_matvecs is None:
        add_slowly(image, cells, shares, after, jumps)
    elif image.shape[1] == 1:
        csc_matvec(len(image), len(jumps), after, cells, shares, jumps.reshape(-1), image.reshape(-1))
    else:
        csc_matvecs(len(image), len(jumps), image.shape[1], after, cells, shares, jumps.reshape(-1), image.reshape(-1))


def add_slowly(image: Floats, cells: NDArray[np.int32], shares: Floats, after: NDArray[np.int32], jumps: Floats) -> None:
    """Do the same with NumPy alone.

    Parameters
    ----------
    image, cells, shares, after, jumps : ndarray
        Of the shape and unit that `add_products` takes.
    """
    edge = np.repeat(np.arange(len(jumps)), np.diff(after))
    flat, start = image.reshape(-1), cells.astype(np.intp) * image.shape[1]
    for channel in range(image.shape[1]):
        np.add.at(flat, start + channel, shares * jumps[edge, channel])
