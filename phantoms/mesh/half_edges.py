"""A triangle soup seen by its half-edges: who meets whom along which edge, and what follows for winding and vertices.

Half-edge 3 f + i runs from corner i of face f to the next corner.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phantoms.mesh.topology import Faces, Vertices, edge_keys

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class Edges:
    """Half-edges grouped by the undirected edge on which they lie.

    Attributes
    ----------
    order : ndarray, shape (3 m,)
        Half-edges, those of one edge beside each other.
    first, count : ndarray, shape (n_edges,)
        Where each edge's half-edges start in `order`, and how many they are: 2 on a clean surface, 1 at a hole.
    """

    order: Indices
    first: Indices
    count: Indices

    def half_edges(self, count: int) -> Indices:
        """Half-edges of the edges that have exactly `count` of them, shape (n, count)."""
        return self.order[self.first[self.count == count][:, None] + np.arange(count)]

    def find_crowded(self) -> list[Indices]:
        """Half-edges of each edge that has more than two."""
        return [self.order[first : first + count] for first, count in zip(self.first, self.count, strict=True) if count > 2]


def edges_of(faces: Faces) -> Edges:
    """Group the half-edges of faces, shape (m, 3), by edge."""
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1).reshape(-1, 2)
    keys = edge_keys(np.sort(ends, axis=1).astype(np.int64))
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.concatenate([[True], np.diff(keys[order]) != 0])) if len(keys) else np.zeros(0, dtype=np.intp)
    return Edges(order.astype(np.intp), first, np.diff(np.append(first, len(keys))))


def start_of(faces: Faces, half_edges: Indices) -> Indices:
    """Vertex at which each half-edge, shape (k,), starts."""
    starts: Indices = faces.ravel()[half_edges]
    return starts


def end_of(faces: Faces, half_edges: Indices) -> Indices:
    """Vertex at which each half-edge, shape (k,), ends."""
    ends: Indices = faces[half_edges // 3, (half_edges % 3 + 1) % 3]
    return ends


def patches(pairs: Indices, n_faces: int) -> Indices:
    """Piece of each face, shape (n_faces,), when faces join only across the paired half-edges, shape (k, 2)."""
    return _components(pairs // 3, n_faces)


def consistent_winding(faces: Faces, pairs: Indices) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which faces to turn so that neighbours agree, the fewer of each piece; and which lie on a one-sided piece, that cannot agree.

    Parameters
    ----------
    faces : ndarray, shape (m, 3)
    pairs : ndarray, shape (k, 2)
        Half-edges across which faces are neighbours.

    Returns
    -------
    turn, one_sided : ndarray, shape (m,)
    """
    m = len(faces)
    disagree = start_of(faces, pairs[:, 0]) == start_of(faces, pairs[:, 1])
    a, b = pairs[:, 0] // 3, pairs[:, 1] // 3
    # Each face twice, as it is and turned; neighbours join in the states that agree, so each piece falls into two mirror images.
    doubled = np.concatenate([np.stack([a, b + m * disagree], axis=1), np.stack([a + m, b + m * ~disagree], axis=1)])
    state = _components(doubled, 2 * m)
    one_sided = state[:m] == state[m:]
    piece = np.minimum(state[:m], state[m:])
    turned = state[:m] != piece
    size, n_turned = np.bincount(piece, minlength=2 * m), np.bincount(piece, weights=turned, minlength=2 * m)
    turn = turned ^ (n_turned > size / 2)[piece]
    return turn & ~one_sided, one_sided


def split_vertices(vertices: Vertices, faces: Faces, pairs: Indices) -> tuple[Vertices, Faces]:
    """The same faces, shape (m, 3), with vertices, mm, shared only between faces joined across the paired half-edges.

    Sheets that touch in a point or along a crowded edge come apart; nothing moves.
    """
    next_corner = pairs // 3 * 3 + (pairs % 3 + 1) % 3
    same_way = start_of(faces, pairs[:, 0]) == start_of(faces, pairs[:, 1])
    first, last = np.where(same_way, pairs[:, 1], next_corner[:, 1]), np.where(same_way, next_corner[:, 1], pairs[:, 1])
    joined = np.concatenate([np.stack([pairs[:, 0], first], axis=1), np.stack([next_corner[:, 0], last], axis=1)])
    label = _components(joined, 3 * len(faces))
    place = np.zeros(label.max() + 1, dtype=np.intp)
    place[label] = faces.ravel()
    return vertices[place], label.reshape(-1, 3)


def _components(links: Indices, n: int) -> Indices:
    graph = coo_array((np.ones(len(links), dtype=np.int8), (links[:, 0], links[:, 1])), shape=(n, n))
    return connected_components(graph.tocsr(), directed=False)[1].astype(np.intp)
