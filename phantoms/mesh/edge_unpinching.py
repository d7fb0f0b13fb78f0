"""Crowded edges of a decimated mesh told apart without moving anything: the last resort that always leaves it closed."""

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.topology import Faces, Mesh, Vertices, compact, directed_edges, edge_keys

ROUNDS = 12


def unpinch_edges(vertices: Vertices, faces: Faces) -> Mesh | None:
    """The same surface with no edge shared by more than two faces.

    Faces that lie on each other with opposite sides cancel. Where an edge still has four faces or more, all pairs of them but one get
    a corner of their own in its middle, so that each pair has an edge to itself.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A mesh in which every edge is run along as often one way as the other, mm.

    Returns
    -------
    tuple of (vertices, faces), or None
        None where the mesh has a rim, which is none of this function's business.

    Examples
    --------
    Two tetrahedra that share an edge, and nothing else.

    >>> corners = np.array([[0, 0, 1], [0, 0, -1], [1, 1, 0], [1, -1, 0], [-1, 1, 0], [-1, -1, 0]], dtype=float)
    >>> one = [[0, 1, 2], [1, 0, 3], [2, 3, 0], [3, 2, 1]]
    >>> two = [[0, 1, 5], [1, 0, 4], [5, 4, 0], [4, 5, 1]]
    >>> apart = unpinch_edges(corners, np.array(one + two))
    >>> len(apart[0]), len(apart[1])
    (7, 10)
    """
    faces = _without_cancelling(faces)
    for _ in range(ROUNDS):
        crowds = _find_crowds(faces)
        if not crowds:
            return compact(vertices, faces)
        if any(len(ahead) != len(back) for ahead, back in crowds):
            return None
        vertices, faces = _split(vertices, faces, crowds)
    return None


def _without_cancelling(faces: Faces) -> Faces:
    """Faces but those that lie on each other."""
    _, which, count = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    return faces[count[which.ravel()] == 1]


def _find_crowds(faces: Faces) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Half-edges that run one way and the other along each edge which has not exactly one of each; half-edge = 3 x face + corner."""
    edges = directed_edges(faces)
    half = np.tile(np.arange(len(faces)) * 3, 3) + np.repeat([0, 1, 2], len(faces))
    key, ahead = edge_keys(np.sort(edges, axis=1)), edges[:, 0] < edges[:, 1]
    _, which, count = np.unique(key, return_inverse=True, return_counts=True)
    which = which.ravel()
    bad = np.flatnonzero((count != 2) | (np.bincount(which, weights=ahead) != 1))
    return [(half[(which == edge) & ahead], half[(which == edge) & ~ahead]) for edge in bad]


def _split(vertices: Vertices, faces: Faces, crowds: list[tuple[NDArray[np.intp], NDArray[np.intp]]]) -> Mesh:
    """Give all pairs of half-edges but the first a corner of their own; a face is cut once a round."""
    faces, corners, added, busy = faces.copy(), [vertices], [], set[int]()
    count = len(vertices)
    for ahead, back in crowds:
        for pair in list(zip(ahead.tolist(), back.tolist(), strict=True))[1:]:
            if busy & {pair[0] // 3, pair[1] // 3}:
                continue
            busy |= {pair[0] // 3, pair[1] // 3}
            ends = faces[pair[0] // 3, [pair[0] % 3, (pair[0] % 3 + 1) % 3]]
            corners.append(vertices[ends].mean(axis=0)[None])
            added += [_cut(faces, half, count) for half in pair]
            count += 1
    return np.concatenate(corners), np.concatenate([faces, np.array(added, dtype=faces.dtype).reshape(-1, 3)])


def _cut(faces: Faces, half: int, corner: int) -> list[int]:
    """Cut one face from the middle of an edge to the corner opposite; the second part is returned, the first stays in its place."""
    face, first = divmod(half, 3)
    a, b, c = (int(faces[face, (first + k) % 3]) for k in range(3))
    faces[face] = (a, corner, c)
    return [corner, b, c]
