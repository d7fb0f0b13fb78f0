"""Long edges of a mesh cut in halves: the projector takes a face's depth for affine on the detector, which long ones are not."""

import numpy as np
from numpy.typing import NDArray

from phantoms.topology import Faces, Mesh, Vertices, directed_edges

# Which triangles a face becomes, by which of its edges (0-1, 1-2, 2-0) are cut: 3, 4, 5 stand for their middles.
PATTERNS: dict[tuple[bool, bool, bool], list[list[int]]] = {
    (False, False, False): [[0, 1, 2]],
    (True, False, False): [[0, 3, 2], [3, 1, 2]],
    (False, True, False): [[0, 1, 4], [0, 4, 2]],
    (False, False, True): [[0, 1, 5], [5, 1, 2]],
    (True, True, False): [[3, 1, 4], [0, 3, 4], [0, 4, 2]],
    (False, True, True): [[4, 2, 5], [1, 4, 5], [0, 1, 5]],
    (True, False, True): [[0, 3, 5], [3, 1, 2], [3, 2, 5]],
    (True, True, True): [[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]],
}


def with_short_edges(vertices: Vertices, faces: Faces, limit_mm: float) -> Mesh:
    """The same surface with no edge longer than a limit; closed if it was.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A mesh, mm.
    limit_mm : float
        Longest edge allowed, above 0.

    Examples
    --------
    >>> vertices, faces = with_short_edges(np.eye(3) * 10, np.array([[0, 1, 2]]), 8.0)
    >>> len(vertices), len(faces)
    (6, 4)
    """
    if not limit_mm > 0:
        raise ValueError(f"limit_mm must be > 0, got {limit_mm}")
    while True:
        ends, edge = np.unique(np.sort(directed_edges(faces), axis=1), axis=0, return_inverse=True)
        long = np.linalg.norm(vertices[ends[:, 0]] - vertices[ends[:, 1]], axis=1) > limit_mm
        if not long.any():
            return vertices, faces
        vertices, faces = _halved(vertices, faces, ends, edge.reshape(3, -1).T, long)


def _halved(vertices: Vertices, faces: Faces, ends: NDArray[np.int64], edge: NDArray[np.intp], long: NDArray[np.bool_]) -> Mesh:
    """One round: every long edge gets a middle; `edge` tells each face's edges, shape (m, 3)."""
    middle = len(vertices) + np.cumsum(long) - 1
    corners = np.concatenate([faces, middle[edge]], axis=1)
    code = long[edge] @ np.array([1, 2, 4])
    parts = []
    for cut, triangles in PATTERNS.items():
        whose = corners[code == cut[0] + 2 * cut[1] + 4 * cut[2]]
        parts += [whose[:, triangle] for triangle in triangles]
    return np.concatenate([vertices, vertices[ends[long]].mean(axis=1)]), np.concatenate(parts).astype(np.intp)
