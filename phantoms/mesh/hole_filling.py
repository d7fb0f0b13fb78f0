"""Holes of an open surface: their rims, and lids that close them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phantoms.mesh.half_edges import edges_of, end_of, start_of
from phantoms.mesh.topology import Faces, Mesh, Vertices


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class BoundaryLoop:
    """One rim.

    Attributes
    ----------
    start, end : ndarray, shape (k,)
        Vertices of the rim's edges as the faces beside them run.
    middle : ndarray, shape (3,)
        Mean of the rim's vertices, mm.
    rim_mm : float
        Length of the rim.
    """

    start: NDArray[np.intp]
    end: NDArray[np.intp]
    middle: NDArray[np.float64]
    rim_mm: float


def find_holes(vertices: Vertices, faces: Faces) -> list[BoundaryLoop]:
    """Rims of a consistently wound surface of vertices, shape (n, 3), mm, the longest first."""
    rim = edges_of(faces).half_edges(1)[:, 0]
    start, end = start_of(faces, rim), end_of(faces, rim)
    graph = coo_array((np.ones(len(rim), dtype=np.int8), (start, end)), shape=(len(vertices), len(vertices)))
    label = connected_components(graph.tocsr(), directed=False)[1][start]
    length = np.linalg.norm(vertices[end] - vertices[start], axis=1)
    found = []
    for one in np.unique(label):
        own = np.flatnonzero(label == one)
        middle = vertices[start[own]].mean(axis=0)
        found.append(BoundaryLoop(start=start[own], end=end[own], middle=middle, rim_mm=float(length[own].sum())))
    return sorted(found, key=lambda hole: -hole.rim_mm)


def close_holes(vertices: Vertices, faces: Faces, rims: list[BoundaryLoop]) -> Mesh:
    """The surface (vertices, shape (n, 3), mm) with a lid on each rim: one face on three vertices, a fan around the middle on more."""
    points, lids = [vertices], [faces]
    n = len(vertices)
    for hole in rims:
        if len(hole.start) == 3:
            third = hole.end[hole.start == hole.end[0]]
            lids.append(np.array([[hole.end[0], hole.start[0], third[0]]], dtype=np.intp))
            continue
        points.append(hole.middle[None])
        lids.append(np.stack([hole.end, hole.start, np.full(len(hole.start), n)], axis=1))
        n += 1
    return np.concatenate(points), np.concatenate(lids)
