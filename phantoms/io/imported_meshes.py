"""Surfaces from scans: repaired meshes of one material each, and the patient that they make.

Bone alone has no ligament and no landmark: an import is image-only unless its sidecar file (`phantoms.io.sidecar`) names tissues and
landmarks.
What a mesh file holds is read elsewhere; here are arrays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from phantoms.io.sidecar import AXES, MeshEntry, Sidecar, read_sidecar, to_lps
from phantoms.mesh.point_in_mesh import Inside, prepare_mesh
from phantoms.mesh.repair import HOLE_MM, RepairReport, repair
from phantoms.mesh.topology import Faces, Vertices
from phantoms.terms.serialization import refuse_unknown
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue

__all__ = ["AXES", "ImportedPatient", "MeshEntry", "Sidecar", "import_surface", "to_lps", "import_patient", "read_sidecar"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportedPatient:
    """A patient made of imported meshes.

    Attributes
    ----------
    shells : tuple of Surface
        Parents before their children.
    landmarks : mapping of str to ndarray, shape (3,)
        Those that a sidecar file named, mm; else none.
    has_tissues : bool
        Whether the meshes' tissues were named, so that `tissue` may be asked.
    reports : mapping of str to RepairReport
        What was done to each mesh.
    """

    shells: tuple[Surface, ...]
    landmarks: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    has_tissues: bool = False
    reports: Mapping[str, RepairReport] = field(default_factory=dict)

    @cached_property
    def _inside(self) -> tuple[tuple[Tissue, Inside], ...]:
        return tuple((shell.tissue, prepare_mesh(shell.vertices, shell.faces)) for shell in self.shells)

    def surfaces(self) -> tuple[Surface, ...]:
        """All surfaces, parents first."""
        return self.shells

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Tissue at world points, shape (n, 3), mm -> (n,): that of the innermost mesh around each, air outside all.

        Raises
        ------
        ValueError
            Where no sidecar file named the tissues.
        """
        if not self.has_tissues:
            raise ValueError(f"{self.shells[0].name}: image-only, its tissues are not known; name them in a sidecar file")
        labels = np.full(len(points), Tissue.AIR, dtype=np.uint8)
        for tissue, within in self._inside:
            labels[within(points)] = tissue
        return labels

    def landmark(self, name: str) -> NDArray[np.float64]:
        """A named point, shape (3,), mm.

        Raises
        ------
        ValueError
            Where no sidecar file named it.
        """
        if name not in self.landmarks:
            known = f"; it names {', '.join(self.landmarks)}" if self.landmarks else ""
            raise ValueError(f"{self.shells[0].name}: has no landmark '{name}'; name it in a sidecar file{known}")
        return self.landmarks[name]


def import_surface(
    vertices: Vertices,
    faces: Faces,
    *,
    name: str,
    tissue: Tissue,
    parent: str | None = None,
    density: float = 1.0,
    hole_mm: float = HOLE_MM,
) -> tuple[Surface, RepairReport]:
    """A surface from the mesh of a scan, with what had to be repaired.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        World frame, mm (see `phantoms.io.sidecar.to_lps`).
    faces : ndarray, shape (m, 3)
        Vertex indices.
    name : str
        Of the surface, and for messages: the file's name.
    tissue : Tissue
        What is inside.
    parent : str, optional
        Name of the surface around it.
    density : float
        Factor on the material's mass density.
    hole_mm : float
        Longest rim of a hole that is filled, mm.

    Returns
    -------
    surface : Surface
    report : RepairReport

    Raises
    ------
    ValueError
        Where the mesh cannot be closed, with the name and the defect's place.
    """
    vertices, faces, report = repair(vertices, faces, name=name, hole_mm=hole_mm)
    return Surface(name=name, vertices=vertices, faces=faces, tissue=tissue, parent=parent, density=density), report


def import_patient(meshes: Mapping[str, tuple[Vertices, Faces]], sidecar: Sidecar | None = None) -> ImportedPatient:
    """A patient from meshes by name, as their files give them.

    Parameters
    ----------
    meshes : mapping of str to (vertices, faces)
        In the sidecar's axes; without a sidecar LPS, and bone.
    sidecar : Sidecar, optional
        Names tissues and landmarks.

    Raises
    ------
    ValueError
        Where there is no mesh, one cannot be closed, or the sidecar names others or a strange parent.
    """
    if not meshes:
        raise ValueError("an imported patient needs at least one mesh, got none")
    told = sidecar or Sidecar()
    refuse_unknown(told.meshes, meshes, "sidecar: meshes.")
    shells, reports = [], {}
    for name in _parents_first({name: told.meshes.get(name, MeshEntry()) for name in meshes}):
        entry, (vertices, faces) = told.meshes.get(name, MeshEntry()), meshes[name]
        shell, reports[name] = import_surface(
            to_lps(vertices, told.axes), faces, name=name, tissue=entry.tissue, parent=entry.parent, density=entry.density
        )
        shells.append(shell)
    return ImportedPatient(
        shells=tuple(shells), landmarks=told.landmarks, has_tissues=set(told.meshes) == set(meshes), reports=MappingProxyType(reports)
    )


def _parents_first(entries: Mapping[str, MeshEntry]) -> Iterable[str]:
    placed: list[str] = []
    while len(placed) < len(entries):
        ready = [name for name, entry in entries.items() if name not in placed and (entry.parent is None or entry.parent in placed)]
        if not ready:
            stuck = next(name for name in entries if name not in placed)
            raise ValueError(f"{stuck}: its parent '{entries[stuck].parent}' is no other mesh here; parents are {', '.join(entries)}")
        placed += ready
    return placed
