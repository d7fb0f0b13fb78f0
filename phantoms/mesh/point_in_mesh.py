"""Whether points lie inside a closed mesh: rays cranial, counted against the few faces that stand over each point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.topology import Faces, Vertices

CELL_MM = 2.0

OFF_EDGE_MM = np.array([1.3e-7, 2.9e-7])
"""Rays start this far beside their points, so that none runs along an edge."""


@dataclass(frozen=True, eq=False, slots=True)
class Inside:
    """A closed mesh that answers for points.

    Attributes
    ----------
    corners : ndarray, shape (m, 3, 3)
        Corners of the faces, mm.
    low : ndarray, shape (2,)
        Lower corner of the floor plan in x and y, mm.
    shape : tuple of int
        Its cells of `CELL_MM`.
    first, members : ndarray
        The faces over cell c are ``members[first[c]:first[c + 1]]``.
    """

    corners: NDArray[np.float64]
    low: NDArray[np.float64]
    shape: tuple[int, int]
    first: NDArray[np.intp]
    members: NDArray[np.intp]

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each point, shape (n, 3), mm, lies inside; shape (n,)."""
        aside = points[:, :2] + OFF_EDGE_MM
        cell = np.floor((aside - self.low) / CELL_MM).astype(np.intp)
        over = np.flatnonzero(((cell >= 0) & (cell < self.shape)).all(axis=1))
        flat = np.ravel_multi_index(tuple(cell[over].T), self.shape)
        counts = self.first[flat + 1] - self.first[flat]
        who = np.repeat(over, counts)
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        faces = self.members[np.repeat(self.first[flat], counts) + within]
        above = _above(self.corners[faces], aside[who], points[who, 2])
        return np.bincount(who[above], minlength=len(points)) % 2 == 1


def prepare_mesh(vertices: Vertices, faces: Faces) -> Inside:
    """Prepare a closed mesh for questions.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        Closed, mm.
    """
    corners = vertices[faces]
    low = corners[..., :2].min(axis=(0, 1)) - CELL_MM
    boxes = np.stack([corners[..., :2].min(axis=1), corners[..., :2].max(axis=1)])
    cells = np.floor((boxes - low) / CELL_MM).astype(np.intp)
    shape = tuple(int(n) + 2 for n in cells[1].max(axis=0))
    span = cells[1] - cells[0] + 1
    counts = span.prod(axis=1)
    face = np.repeat(np.arange(len(faces)), counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    x, y = cells[0, face, 0] + step // span[face, 1], cells[0, face, 1] + step % span[face, 1]
    flat = x * shape[1] + y
    order = np.argsort(flat, kind="stable")
    first = np.searchsorted(flat[order], np.arange(shape[0] * shape[1] + 1))
    return Inside(corners, low, (shape[0], shape[1]), first.astype(np.intp), face[order])


def _above(corners: NDArray[np.float64], at: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each face, seen from above, covers the place `at`, shape (n, 2), and lies over the height `z` there."""
    sides = corners[:, [1, 2, 0], :2] - corners[:, :, :2]
    to = at[:, None] - corners[:, :, :2]
    turn = sides[..., 0] * to[..., 1] - sides[..., 1] * to[..., 0]
    covers = (turn > 0).all(axis=1) | (turn < 0).all(axis=1)
    # Each corner's weight is the area opposite to it.
    weights = turn[:, [1, 2, 0]]
    total = weights.sum(axis=1)
    height = np.einsum("ij,ij->i", weights, corners[..., 2]) / np.where(covers, total, 1.0)
    return covers & (height > z)
