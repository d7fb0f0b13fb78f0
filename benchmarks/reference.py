"""The reference mean surface of one vertebra as a signed distance in the vertebra's own frame."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial import cKDTree

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MeshField:
    """Signed distance of a dense closed mesh, from its nearest vertex or face centre and the normal there."""

    vertices: Array
    faces: NDArray[np.intp]
    _tree: dict = field(default_factory=dict, repr=False)

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @cached_property
    def samples(self) -> tuple[Array, Array]:
        """Points on the surface (vertices, then face centres) and their unit normals, each shape (k, 3)."""
        corners = self.vertices[self.faces]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        at_vertex = np.zeros_like(self.vertices)
        for corner in range(3):
            np.add.at(at_vertex, self.faces[:, corner], normals)
        points = np.concatenate([self.vertices, corners.mean(axis=1)])
        normals = np.concatenate([at_vertex, normals])
        volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
        return points, normals * np.sign(volume) / np.linalg.norm(normals, axis=1, keepdims=True)

    @cached_property
    def tree(self) -> cKDTree:
        """Search tree over the samples."""
        return cKDTree(self.samples[0])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        distance, nearest = self.tree.query(points)
        offset = points - self.samples[0][nearest]
        along = np.einsum("ij,ij->i", offset, self.samples[1][nearest])
        return np.where(distance < 1.0, along, np.copysign(distance, along))


def read_level(path: Path, level: str) -> tuple[Array, NDArray[np.intp]]:
    """Vertices (n, 3), mm, LPS, and faces (m, 3) of one level of the reference file."""
    stored = np.load(path)
    faces = stored["faces"][stored["level"] == level]
    used, inverse = np.unique(faces, return_inverse=True)
    return stored["vertices"][used].astype(float), inverse.reshape(faces.shape)


def turn_to_own_frame(vertices: Array, faces: NDArray[np.intp]) -> MeshField:
    """The mesh turned into its own frame: mid-sagittal plane at x = 0, mid-plane of the endplates at z = 0, body's centre at the origin."""
    vertices = _square_to_symmetry(vertices)
    for _ in range(3):
        vertices = _square_to_endplates(MeshField(vertices, faces))
    return MeshField(vertices, faces)


def _square_to_symmetry(vertices: Array) -> Array:
    vertices = vertices - vertices.mean(axis=0)
    tree, some = cKDTree(vertices), vertices[::12]

    def measure_gap(plane: Array) -> Array:
        normal = np.array([1.0, plane[0], plane[1]])
        normal /= np.linalg.norm(normal)
        mirrored = some - 2 * np.outer(some @ normal - plane[2], normal)
        return tree.query(mirrored)[0]

    a, b, offset = least_squares(measure_gap, np.zeros(3), diff_step=1e-3, x_scale=(0.01, 0.01, 0.3)).x
    normal = np.array([1.0, a, b]) / np.sqrt(1 + a * a + b * b)
    up = np.array([0.0, 0.0, 1.0]) - normal[2] * normal
    up /= np.linalg.norm(up)
    frame = np.array([normal, np.cross(up, normal), up])
    return vertices @ frame.T - np.array([offset, 0.0, 0.0])


def first_crossing(shape, start: Array, direction: Array, reach_mm: float, step_mm: float = 0.4) -> Array:
    """Distance along each ray (starts (k, 3), one direction) to the first change of sign, nan without one; shape (k,), mm."""
    s = np.arange(0.0, reach_mm, step_mm)
    points = start[:, None, :] + s[None, :, None] * direction
    d = shape(points.reshape(-1, 3)).reshape(len(start), -1)
    change = (d[:, :-1] < 0) != (d[:, 1:] < 0)
    at = change.argmax(axis=1)
    row = np.arange(len(start))
    t = d[row, at] / np.where(change.any(axis=1), d[row, at] - d[row, at + 1], 1.0)
    return np.where(change.any(axis=1), s[at] + step_mm * t, np.nan)


def _square_to_endplates(mesh: MeshField) -> Array:
    """One round: find the body's middle, fit its endplates by planes, turn and shift so that their mid-plane is z = 0."""
    centre = _body_centre(mesh)
    u, w = np.meshgrid(np.linspace(-14, 14, 15), np.linspace(-10, 10, 11))
    starts = centre + np.stack([u.ravel(), w.ravel(), np.zeros(u.size)], axis=1)
    up = first_crossing(mesh, starts, np.array([0.0, 0.0, 1.0]), 25.0)
    down = first_crossing(mesh, starts, np.array([0.0, 0.0, -1.0]), 25.0)
    good = np.isfinite(up) & np.isfinite(down)
    design = np.stack([np.ones(good.sum()), starts[good, 1] - centre[1]], axis=1)
    top = np.linalg.lstsq(design, up[good], rcond=None)[0]
    bottom = np.linalg.lstsq(design, -down[good], rcond=None)[0]
    slope = np.arctan((top[1] + bottom[1]) / 2)
    c, s = np.cos(slope), np.sin(slope)
    shift = centre + np.array([0.0, 0.0, (top[0] + bottom[0]) / 2])
    return (mesh.vertices - shift) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _body_centre(mesh: MeshField) -> Array:
    """Middle of the body: found from the anterior wall in the midline, then by its depth and height."""
    low, high = mesh.bounds
    z = np.linspace(low[2] + 8, high[2] - 4, 25)
    starts = np.stack([np.zeros(25), np.full(25, low[1] - 2), z], axis=1)
    front = first_crossing(mesh, starts, np.array([0.0, 1.0, 0.0]), 30.0)
    body = np.isfinite(front) & (front < np.nanmin(front) + 6)
    centre = np.array([0.0, low[1] - 2 + np.nanmedian(front[body]), z[body].mean()]) + [0.0, 15.0, 0.0]
    for _ in range(3):
        for axis in (1, 2):
            direction = np.eye(3)[axis]
            ahead = first_crossing(mesh, centre[None], direction, 30.0)[0]
            behind = first_crossing(mesh, centre[None], -direction, 30.0)[0]
            centre = centre + direction * (ahead - behind) / 2
    return centre
