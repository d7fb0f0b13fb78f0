"""What a triangle mesh is as a graph: closed or not, its pieces, its Euler number, its volume.

Meshes here are bare arrays, ``vertices`` of shape (n, 3), mm, and ``faces`` of shape (m, 3), indices into them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Vertices = NDArray[np.float64]
Faces = NDArray[np.intp]
Mesh = tuple[Vertices, Faces]


def directed_edges(faces: Faces) -> NDArray[np.int64]:
    """Edges as the faces run along them, shape (3 m, 2): first all (0, 1) edges, then (1, 2), then (2, 0)."""
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)


def edge_keys(edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer per directed edge, shape (k, 2) -> (k,); good to 3e9 vertices."""
    return edges[:, 0] * np.int64(1 << 31) + edges[:, 1]


def is_closed(vertices: Vertices, faces: Faces) -> bool:
    """Whether the mesh is closed, edge-manifold and consistently wound.

    True when every edge is run along exactly once in each direction. An empty mesh is not closed.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        Any frame, mm; only their number matters.
    faces : ndarray, shape (m, 3)
        Vertex indices.
    """
    if len(faces) == 0 or faces.min() < 0 or faces.max() >= len(vertices):
        return False
    edges = directed_edges(faces)
    if (edges[:, 0] == edges[:, 1]).any():
        return False
    forward = np.sort(edge_keys(edges))
    if (forward[1:] == forward[:-1]).any():
        return False
    return bool(np.array_equal(forward, np.sort(edge_keys(edges[:, ::-1]))))


def volume_mm3(vertices: Vertices, faces: Faces) -> float:
    """Volume inside a closed mesh of vertices, shape (n, 3), mm^3; negative where the faces point inward."""
    return float(face_volumes_mm3(vertices, faces).sum())


def face_volumes_mm3(vertices: Vertices, faces: Faces) -> NDArray[np.float64]:
    """Signed volume of the tetrahedron of each face and the mesh's middle, shape (m,), mm^3; they sum to the volume inside."""
    if len(faces) == 0:
        return np.zeros(0)
    corners = (vertices - vertices.mean(axis=0))[faces]
    return np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6.0


def euler_number(faces: Faces) -> int:
    """Vertices - edges + faces, shape (m, 3), of the vertices in use: 2 for each ball, 0 for each torus."""
    keys = np.sort(edge_keys(np.sort(directed_edges(faces), axis=1)))
    n_edges = int(np.count_nonzero(np.diff(keys))) + (len(keys) > 0)
    return int(np.count_nonzero(np.bincount(faces.ravel()))) - n_edges + len(faces)


def components(faces: Faces, n_vertices: int) -> tuple[int, NDArray[np.intp]]:
    """Number of pieces, and the piece to which each face belongs, shape (m,); pieces are joined by shared vertices."""
    if len(faces) == 0:
        return 0, np.zeros(0, dtype=np.intp)
    rows, columns = faces[:, [0, 0]].ravel(), faces[:, [1, 2]].ravel()
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n_vertices, n_vertices))
    of_vertex = connected_components(graph.tocsr(), directed=False)[1]
    labels = of_vertex[faces[:, 0]]
    used = np.bincount(labels) > 0
    return int(used.sum()), (np.cumsum(used) - 1)[labels].astype(np.intp)


def component_volumes_mm3(vertices: Vertices, faces: Faces) -> NDArray[np.float64]:
    """Signed volume of each piece, shape (n_pieces,), mm^3; a cavity's is negative."""
    count, labels = components(faces, len(vertices))
    return np.bincount(labels, weights=face_volumes_mm3(vertices, faces), minlength=count).astype(np.float64)


def compact(vertices: Vertices, faces: Faces) -> Mesh:
    """The mesh (vertices, shape (n, 3), mm, and faces) without the vertices that no face uses."""
    used = np.zeros(len(vertices), dtype=bool)
    used[faces] = True
    return vertices[used], (np.cumsum(used) - 1)[faces].astype(np.intp)
