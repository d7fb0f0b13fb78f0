"""Polylines with no more points than their shape needs."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def simplify(line: Floats, tolerance_mm: float) -> Floats:
    """A polyline without the points that lie on it anyway (Douglas and Peucker 1973).

    Parameters
    ----------
    line : ndarray, shape (n, 3)
        World frame, mm.
    tolerance_mm : float
        How far a point that is left out may lie from what is drawn.

    Returns
    -------
    ndarray, shape (k, 3)
        First and last point among them.

    Examples
    --------
    >>> simplify(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 5, 0]]), 0.1).tolist()
    [[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 5.0, 0.0]]
    """
    along = line[-1] - line[0]
    share = np.clip((line - line[0]) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    off_mm = np.linalg.norm(line - line[0] - share[:, None] * along, axis=1)
    farthest = int(np.argmax(off_mm))
    if off_mm[farthest] <= tolerance_mm:
        return line[[0, -1]]
    return np.concatenate((simplify(line[: farthest + 1], tolerance_mm)[:-1], simplify(line[farthest:], tolerance_mm)))
