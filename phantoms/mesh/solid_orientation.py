"""Closed pieces of a mesh as shells of solids: which lie inside which, and wound so that solids are positive and cavities negative."""

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.topology import Faces, Vertices, component_volumes_mm3, components


def orient_outward(vertices: Vertices, faces: Faces) -> tuple[Faces, bool]:
    """Closed, consistently wound faces turned so that normals leave the solid.

    A piece within an odd number of others is a cavity.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        mm, and vertex indices.

    Returns
    -------
    faces : ndarray, shape (m, 3)
    turned : bool
        Whether any piece was turned.
    """
    count, labels = components(faces, len(vertices))
    volumes = component_volumes_mm3(vertices, faces)
    cavity = _depths(vertices, faces, labels, count) % 2 == 1
    turn = ((volumes > 0) == cavity)[labels]
    return np.where(turn[:, None], faces[:, ::-1], faces), bool(turn.any())


def _depths(vertices: Vertices, faces: Faces, labels: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """In how many other pieces each piece lies."""
    depths = np.zeros(count, dtype=np.intp)
    if count == 1:
        return depths
    order = np.argsort(labels, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(labels, minlength=count))[:-1])
    boxes = np.array([[vertices[faces[own]].min(axis=(0, 1)), vertices[faces[own]].max(axis=(0, 1))] for own in members])
    for inner in range(count):
        within = (boxes[:, 0] <= boxes[inner, 0]).all(axis=1) & (boxes[:, 1] >= boxes[inner, 1]).all(axis=1)
        point = vertices[faces[members[inner][0]]].mean(axis=0)
        depths[inner] = sum(_contains(vertices[faces[members[outer]]], point) for outer in np.flatnonzero(within) if outer != inner)
    return depths


def _contains(corners: NDArray[np.float64], point: NDArray[np.float64]) -> bool:
    """Whether a closed piece, corners of shape (m, 3, 3), holds a point: its faces fill the whole sphere of directions around it."""
    a, b, c = np.moveaxis(corners - point, 1, 0)
    la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    triple = np.einsum("ij,ij->i", a, np.cross(b, c))
    dots = [np.einsum("ij,ij->i", u, v) for u, v in ((a, b), (b, c), (c, a))]
    solid = 2 * np.arctan2(triple, la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb)
    return bool(abs(solid.sum()) > 2 * np.pi)
