"""A closed triangle surface with a tissue inside it, and its place in the tree of surfaces."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.terms.tissues import MATERIAL, Material, Tissue


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Surface:
    """Closed triangle mesh around one tissue.

    Surfaces form a tree: each lies wholly inside its parent and siblings are disjoint, so the attenuation that a surface adds to the
    image is that of its own material minus that of its parent's.

    Attributes
    ----------
    name : str
        Unique in its patient, e.g. ``"L4 cortex"``.
    vertices : ndarray, shape (n, 3)
        World frame, mm, float64, read-only.
    faces : ndarray, shape (m, 3)
        Vertex indices, intp, read-only; counter-clockwise seen from outside, so normals point outward.
    tissue : Tissue
        What is inside, where no child surface is.
    parent : str or None
        Name of the enclosing surface; None where it lies in air.
    density : float
        Factor on the material's mass density (osteopenia < 1), dimensionless.
    """

    name: str
    vertices: NDArray[np.float64]
    faces: NDArray[np.intp]
    tissue: Tissue
    parent: str | None = None
    density: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertices", _as_rows(self.vertices, np.float64, f"{self.name}: vertices"))
        object.__setattr__(self, "faces", _as_rows(self.faces, np.intp, f"{self.name}: faces"))
        if not np.isfinite(self.vertices).all():
            bad = int(np.flatnonzero(~np.isfinite(self.vertices).all(axis=1))[0])
            raise ValueError(f"{self.name}: vertices must be finite, vertex {bad} is {self.vertices[bad]}")
        if len(self.faces) == 0:
            raise ValueError(f"{self.name}: a surface needs faces, got none")
        if self.faces.min() < 0 or self.faces.max() >= len(self.vertices):
            raise ValueError(f"{self.name}: faces must index the {len(self.vertices)} vertices, got {self.faces.min()}..{self.faces.max()}")

    @property
    def material(self) -> Material:
        """X-ray material of the tissue inside."""
        return MATERIAL[self.tissue]


def _as_rows(values: ArrayLike, dtype: type, name: str) -> NDArray:
    rows: NDArray = np.array(values, dtype=dtype, order="C", ndmin=2)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ValueError(f"{name} must have shape (n, 3), got {np.shape(values)}")
    rows.setflags(write=False)
    return rows
