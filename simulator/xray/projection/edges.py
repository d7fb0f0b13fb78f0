"""A closed mesh as the projector wants it: every edge once, with the face on either side."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.edge_subdivision import split_long_edges

LONGEST_EDGE_MM = 13.0
"""Depth is taken as affine in a face: off by up to 13^2 / (5 x 700) = 0.05 mm where one is 13 mm deep (`drawing.BULGE`)."""

AT_ONCE = 16384  # faces or edges handled together: enough for the calls to cost little, few enough for the numbers to stay in the cache
BOXED = 512  # faces or edges with a box of their own: small enough to lie wholly outside a picture, few enough to draw every box


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class EdgeMesh:
    """Closed triangle surfaces, joined into one list of vertices, faces and edges.

    Attributes
    ----------
    points : ndarray, shape (3, n)
        Vertices, world frame, mm: one contiguous row per axis.
    corners : ndarray, shape (3, m)
        First, second and third vertex of each face.
    start, end : ndarray, shape (e,)
        Vertices of each edge.
    along, against : ndarray, shape (e,)
        The face that runs through the edge from start to end, and the one that runs from end to start.
    face_edges : ndarray, shape (3, m)
        Edges of each face.
    surface : ndarray, shape (e,)
        Index of the surface that each edge belongs to.
    face_boxes, edge_boxes : ndarray, shape (3, 8, runs)
        Corners of the box around each run of `BOXED` faces or edges, world frame, mm.
    spread : ndarray, shape (6, n)
        Mean over the edges at each vertex of the products xx, yy, zz, xy, xz, yz of the edge's components, mm2.
    """

    points: NDArray[np.float64]
    corners: NDArray[np.intp]
    start: NDArray[np.intp]
    end: NDArray[np.intp]
    along: NDArray[np.intp]
    against: NDArray[np.intp]
    face_edges: NDArray[np.intp]
    surface: NDArray[np.intp]
    face_boxes: NDArray[np.float64] = field(init=False)
    edge_boxes: NDArray[np.float64] = field(init=False)
    spread: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "face_boxes", _boxes(self.points, self.corners))
        object.__setattr__(self, "edge_boxes", _boxes(self.points, np.stack((self.start, self.end))))
        object.__setattr__(self, "spread", _spread(self.points, self.start, self.end))
        for name in self.__slots__:
            array = np.ascontiguousarray(getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def build_edge_mesh(
    vertices: NDArray[np.float64], faces: NDArray[np.intp], name: str = "surface", longest_mm: float = LONGEST_EDGE_MM
) -> EdgeMesh:
    """Pair the half-edges of a closed mesh; long edges are split first.

    An edge where more than two faces meet is listed once per pair, so any closed chain of faces will do.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        World frame, mm.
    faces : ndarray, shape (m, 3)
        Vertex indices, counter-clockwise seen from outside.
    name : str
        What to call the mesh in the error.
    longest_mm : float
        Longer edges are halved, mm.

    Raises
    ------
    ValueError
        If the mesh is open or its faces are not wound alike.
    """
    vertices, faces = split_long_edges(np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.intp), longest_mm)
    vertices, faces = order_in_space(vertices, faces)
    faces = faces[(faces != np.roll(faces, -1, axis=1)).all(axis=1)]  # a face with a repeated corner has no area and no third edge
    origin, target = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    key = np.minimum(origin, target) * len(vertices) + np.maximum(origin, target)
    forward, backward = np.flatnonzero(origin < target), np.flatnonzero(origin > target)
    forward, backward = forward[np.argsort(key[forward], kind="stable")], backward[np.argsort(key[backward], kind="stable")]
    _check_closed(key[forward], key[backward], vertices, name)
    edge_of = np.zeros(faces.size, dtype=np.intp)
    edge_of[forward] = edge_of[backward] = np.arange(len(forward))
    return EdgeMesh(
        points=vertices.T,
        corners=faces.T,
        start=origin[forward],
        end=target[forward],
        along=forward // 3,
        against=backward // 3,
        face_edges=edge_of.reshape(-1, 3).T,
        surface=np.zeros(len(forward), dtype=np.intp),
    )


def order_in_space(vertices: NDArray[np.float64], faces: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Renumber so that neighbours in space are neighbours in memory: a gather then mostly meets the cache. Unused vertices go.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        World frame, mm.
    faces : ndarray, shape (m, 3)
        Vertex indices.
    """
    used = np.unique(faces)
    order = used[np.argsort(_morton(vertices[used]), kind="stable")]
    rank = np.zeros(len(vertices), dtype=np.intp)
    rank[order] = np.arange(len(order))
    faces = rank[faces]
    return vertices[order], faces[np.argsort(faces.min(axis=1), kind="stable")]


def join(meshes: list[EdgeMesh]) -> EdgeMesh:
    """Put several meshes into one list, remembering in `surface` which edge came from which.

    The list runs through space, not surface by surface: what is drawn together then lies together, in the picture too.

    Parameters
    ----------
    meshes : list of EdgeMesh
        At least one.
    """
    vertices_before = np.cumsum([0, *(mesh.points.shape[1] for mesh in meshes)])
    faces_before = np.cumsum([0, *(mesh.corners.shape[1] for mesh in meshes)])
    edges_before = np.cumsum([0, *(len(mesh.start) for mesh in meshes)])

    def concatenate(name: str, before: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.concatenate([getattr(mesh, name) + shift for mesh, shift in zip(meshes, before[:-1], strict=True)], axis=-1)

    points = np.concatenate([mesh.points for mesh in meshes], axis=1)
    vertex_order = np.argsort(_morton(points.T), kind="stable")
    vertex = _rank(vertex_order)
    start, end, corners = (
        vertex[concatenate("start", vertices_before)],
        vertex[concatenate("end", vertices_before)],
        concatenate("corners", vertices_before),
    )
    edge_order, face_order = np.argsort(np.minimum(start, end), kind="stable"), np.argsort(vertex[corners].min(axis=0), kind="stable")
    face = _rank(face_order)
    return EdgeMesh(
        points=points[:, vertex_order],
        corners=vertex[corners][:, face_order],
        start=start[edge_order],
        end=end[edge_order],
        along=face[concatenate("along", faces_before)][edge_order],
        against=face[concatenate("against", faces_before)][edge_order],
        face_edges=_rank(edge_order)[concatenate("face_edges", edges_before)][:, face_order],
        surface=np.repeat(np.arange(len(meshes)), np.diff(edges_before))[edge_order],
    )


def _rank(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """New place of each item, given which item comes to each place."""
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank


def _spread(points: NDArray[np.float64], start: NDArray[np.intp], end: NDArray[np.intp]) -> NDArray[np.float64]:
    x, y, z = points[:, end] - points[:, start]
    both, number = np.concatenate((start, end)), points.shape[1]
    sums = [np.bincount(both, np.tile(product, 2), number) for product in (x * x, y * y, z * z, x * y, x * z, y * z)]
    return np.stack(sums) / np.maximum(np.bincount(both, minlength=number), 1)


def _boxes(points: NDArray[np.float64], members: NDArray[np.intp]) -> NDArray[np.float64]:
    """Corners, shape (3, 8, runs), of the boxes around runs of faces or edges with vertices `members`, shape (k, m)."""
    starts = np.arange(0, members.shape[1], BOXED)
    of_all = points[:, members]
    low = np.minimum.reduceat(of_all.min(axis=1), starts, axis=1)
    high = np.maximum.reduceat(of_all.max(axis=1), starts, axis=1)
    pick = np.indices((2, 2, 2)).reshape(3, 8, 1).astype(bool)
    return np.where(pick, high[:, None], low[:, None])


def _morton(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Place on a space-filling curve: the bits of three 10-bit coordinates in turn."""
    extent = points - points.min(axis=0)
    cells = (extent * (1023 / max(extent.max(), 1e-300))).astype(np.int64)
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        cells = (cells | cells << shift) & mask
    return cells[:, 0] | cells[:, 1] << 1 | cells[:, 2] << 2


def _check_closed(forward: NDArray[np.intp], backward: NDArray[np.intp], vertices: NDArray[np.float64], name: str) -> None:
    if np.array_equal(forward, backward):
        return
    keys, balance = np.unique(np.concatenate((forward, backward)), return_inverse=True)
    sums = np.bincount(balance, np.repeat((1.0, -1.0), (len(forward), len(backward))))
    bad = keys[np.flatnonzero(sums)]
    place = vertices[bad[0] // len(vertices)].round(1)
    raise ValueError(
        f"{name}: the mesh must be closed and wound alike, got {len(bad)} open edges, the first at {place} mm; repair it first"
    )
