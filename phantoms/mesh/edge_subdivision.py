"""Long edges of a mesh cut in halves: the projector takes a face's depth for affine on the detector, which long ones are not."""

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.topology import Faces, Mesh, Vertices


def split_long_edges(vertices: Vertices, faces: Faces, limit_mm: float) -> Mesh:
    """The same surface with no edge longer than a limit; closed if it was.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A mesh, mm.
    limit_mm : float
        Longest edge allowed, above 0.

    Examples
    --------
    >>> vertices, faces = split_long_edges(np.eye(3) * 10, np.array([[0, 1, 2]]), 8.0)
    >>> len(vertices), len(faces)
    (6, 4)
    """
    if not limit_mm > 0:
        raise ValueError(f"limit_mm must be > 0, got {limit_mm}")
    while True:
        span = vertices[np.roll(faces, -1, axis=1)] - vertices[faces]
        is_long = np.einsum("fij,fij->fi", span, span) > limit_mm**2
        if not is_long.any():
            return vertices, faces
        vertices, faces = _halve(vertices, faces, is_long)


def _halve(vertices: Vertices, faces: Faces, is_long: NDArray[np.bool_]) -> Mesh:
    """Split each face at the midpoints of its long edges (edge k runs from corner k to corner k + 1)."""
    ends = np.sort(np.stack((faces, np.roll(faces, -1, axis=1)), axis=-1)[is_long], axis=1)
    unique, which = np.unique(ends[:, 0] * len(vertices) + ends[:, 1], return_inverse=True)
    first, second = unique // len(vertices), unique % len(vertices)
    middle = np.full(faces.shape, -1)
    middle[is_long] = len(vertices) + which
    vertices = np.concatenate((vertices, (vertices[first] + vertices[second]) / 2))
    return vertices, np.concatenate([faces[~is_long.any(axis=1)], *_split_faces(faces, middle)])


def _split_faces(faces: Faces, middle: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Faces with one, two and three midpoints, turned so that edges with one come first, as two, three and four faces."""
    count = (middle >= 0).sum(axis=1)
    parts = []
    for number in (1, 2, 3):
        chosen = np.flatnonzero(count == number)
        has_middle = middle[chosen] >= 0
        turn = (np.argmin(has_middle, axis=1) + 1) % 3 if number == 2 else np.argmax(has_middle, axis=1)
        order = (turn[:, None] + np.arange(3)) % 3
        parts += _pieces(np.take_along_axis(faces[chosen], order, 1).T, np.take_along_axis(middle[chosen], order, 1).T, number)
    return parts


def _pieces(corner: NDArray[np.intp], mid: NDArray[np.intp], number: int) -> list[NDArray[np.intp]]:
    (a, b, c), (ab, bc, ca) = corner, mid
    outlines = {
        1: [(a, ab, c), (ab, b, c)],
        2: [(ab, b, bc), (a, ab, bc), (a, bc, c)],
        3: [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)],
    }
    return [np.stack(outline, axis=1) for outline in outlines[number]]
