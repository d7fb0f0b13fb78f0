"""A painted triangle mesh for the eye: vertices, faces, a colour per vertex."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

GREY: Colour = (200, 200, 200)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ColouredMesh:
    """Triangles with a colour per vertex; open or closed, for drawing only.

    Where an edge should look sharp its vertices are not shared between the faces on both sides.

    Attributes
    ----------
    vertices : ndarray, shape (n, 3)
        In the frame of the part, mm.
    faces : ndarray, shape (m, 3)
        Vertex indices, counter-clockwise seen from outside.
    colours : ndarray, shape (n, 3), uint8
        Red, green, blue.
    """

    vertices: Floats
    faces: NDArray[np.intp]
    colours: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for values in (self.vertices, self.faces, self.colours):
            values.setflags(write=False)


def mesh_of(vertices: ArrayLike, faces: ArrayLike, colour: Colour = GREY) -> ColouredMesh:
    """A mesh of one colour.

    Parameters
    ----------
    vertices : array_like, shape (n, 3)
        Mm.
    faces : array_like, shape (m, 3)
        Vertex indices.
    colour : tuple of int
        Red, green, blue, 0 to 255.
    """
    points = np.array(vertices, dtype=np.float64).reshape(-1, 3)
    return ColouredMesh(
        vertices=points,
        faces=np.array(faces, dtype=np.intp).reshape(-1, 3),
        colours=np.tile(np.array(colour, dtype=np.uint8), (len(points), 1)),
    )


def join(*parts: ColouredMesh) -> ColouredMesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    return ColouredMesh(
        vertices=np.concatenate([part.vertices for part in parts]),
        faces=np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=True)]),
        colours=np.concatenate([part.colours for part in parts]),
    )


def transform(mesh: ColouredMesh, by: ArrayLike = (0.0, 0.0, 0.0), turn: ArrayLike | None = None) -> ColouredMesh:
    """A mesh turned about the origin and then shifted.

    Parameters
    ----------
    mesh : ColouredMesh
    by : array_like, shape (3,)
        Shift, mm.
    turn : array_like, shape (3, 3), optional
        Rotation matrix.
    """
    points = mesh.vertices if turn is None else mesh.vertices @ np.asarray(turn).T
    return replace(mesh, vertices=points + np.asarray(by, dtype=np.float64))


def paint(mesh: ColouredMesh, colours: ArrayLike) -> ColouredMesh:
    """The same mesh in other colours: one, shape (3,), or one per vertex, shape (n, 3), 0 to 255."""
    wanted = np.clip(np.asarray(colours, dtype=np.float64), 0, 255).astype(np.uint8)
    return replace(mesh, colours=np.array(np.broadcast_to(wanted, mesh.vertices.shape)))


def mirror(mesh: ColouredMesh) -> ColouredMesh:
    """The mesh seen in a mirror at x = 0."""
    return replace(mesh, vertices=mesh.vertices * (-1.0, 1.0, 1.0), faces=mesh.faces[:, ::-1].copy())


def normals(mesh: ColouredMesh) -> Floats:
    """Unit normals at the vertices, weighted by the areas of the faces about them, shape (n, 3)."""
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.stack(
        [np.bincount(mesh.faces.ravel(), np.repeat(across[:, axis], 3), minlength=len(mesh.vertices)) for axis in range(3)], axis=1
    )
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), (0.0, 1.0, 0.0))


def remove_faces(mesh: ColouredMesh, gone: NDArray[np.bool_]) -> ColouredMesh:
    """The mesh less some of its faces and less the vertices that nothing needs then.

    Parameters
    ----------
    mesh : ColouredMesh
    gone : ndarray, shape (m,), bool
        Of each face, by its index, whether it goes.
    """
    faces = mesh.faces[~gone]
    kept = np.unique(faces)
    number = np.full(len(mesh.vertices), -1, dtype=np.intp)
    number[kept] = np.arange(len(kept))
    return ColouredMesh(vertices=mesh.vertices[kept], faces=number[faces], colours=mesh.colours[kept])


def count_triangles(meshes: Sequence[ColouredMesh]) -> int:
    """How many triangles there are in all."""
    return sum(len(mesh.faces) for mesh in meshes)
