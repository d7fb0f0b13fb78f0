"""Surfaces from scans: repaired meshes of one material each, and the patient that they make.

Bone alone has no ligament and no landmark: an import is image-only unless its sidecar file names the meshes' tissues and the landmarks::

    version: 1
    axes: ras
    meshes:
      body.stl: {tissue: muscle}
      L4.stl: {tissue: cortical_bone, parent: body.stl, density: 0.65}
    landmarks:
      L4.body_centre: [0, 12, -35]

What a mesh file holds is read elsewhere; here are arrays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

from phantoms.inside import Inside, inside
from phantoms.plain import refuse_unknown
from phantoms.repair import HOLE_MM, RepairReport, repaired
from phantoms.surface import Surface
from phantoms.tissues import Tissue
from phantoms.topology import Faces, Vertices

AXES: Mapping[str, tuple[float, float, float]] = MappingProxyType({"lps": (1.0, 1.0, 1.0), "ras": (-1.0, -1.0, 1.0)})
VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class MeshEntry:
    """What a sidecar file says of one mesh: the tissue inside, the mesh around it, and the factor on its mass density."""

    tissue: Tissue = Tissue.CORTICAL_BONE
    parent: str | None = None
    density: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Sidecar:
    """What a sidecar file says: the files' axes, each mesh by name, and named points, shape (3,), world frame, mm."""

    axes: str = "lps"
    meshes: Mapping[str, MeshEntry] = field(default_factory=dict)
    landmarks: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


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
        return tuple((shell.tissue, inside(shell.vertices, shell.faces)) for shell in self.shells)

    def surfaces(self) -> tuple[Surface, ...]:
        """All surfaces, parents first."""
        return self.shells

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Tissue at world points, shape (n, 3) -> (n,): that of the innermost mesh around each, air outside all.

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


def lps(points: NDArray[np.float64], axes: str) -> NDArray[np.float64]:
    """Points, shape (..., 3), of a file with the given axes, ``"lps"`` or ``"ras"``, in the world frame.

    Raises
    ------
    ValueError
        Where the axes are neither.
    """
    if axes not in AXES:
        raise ValueError(f"axes must be {' or '.join(AXES)}, got {axes!r}")
    return np.asarray(points, dtype=np.float64) * AXES[axes]


def imported(
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
        World frame, mm (see `lps`).
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
    vertices, faces, report = repaired(vertices, faces, name=name, hole_mm=hole_mm)
    return Surface(name=name, vertices=vertices, faces=faces, tissue=tissue, parent=parent, density=density), report


def patient(meshes: Mapping[str, tuple[Vertices, Faces]], sidecar: Sidecar | None = None) -> ImportedPatient:
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
        shell, reports[name] = imported(
            lps(vertices, told.axes), faces, name=name, tissue=entry.tissue, parent=entry.parent, density=entry.density
        )
        shells.append(shell)
    return ImportedPatient(
        shells=tuple(shells), landmarks=told.landmarks, has_tissues=set(told.meshes) == set(meshes), reports=MappingProxyType(reports)
    )


def read_sidecar(path: Path) -> Sidecar:
    """Read a sidecar file.

    Parameters
    ----------
    path : Path
        YAML, as this module's head shows it.

    Raises
    ------
    ValueError
        Where it cannot be read or says something unknown, in one line with its name.
    """
    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read as YAML ({str(error).splitlines()[0]})") from None
    where = f"{path}: "
    refuse_unknown(_mapping(document, where), ("version", "axes", "meshes", "landmarks"), where)
    if document.get("version", VERSION) != VERSION:
        raise ValueError(f"{where}version must be {VERSION}, got {document['version']!r}")
    axes = str(document.get("axes", "lps")).lower()
    meshes = {name: _entry(said, f"{where}meshes.{name}.") for name, said in _mapping(document.get("meshes", {}), f"{where}meshes").items()}
    points = _mapping(document.get("landmarks", {}), f"{where}landmarks")
    landmarks = {name: _point(said, axes, f"{where}landmarks.{name}") for name, said in points.items()}
    return Sidecar(axes=axes, meshes=MappingProxyType(meshes), landmarks=MappingProxyType(landmarks))


def _parents_first(entries: Mapping[str, MeshEntry]) -> Iterable[str]:
    placed: list[str] = []
    while len(placed) < len(entries):
        ready = [name for name, entry in entries.items() if name not in placed and (entry.parent is None or entry.parent in placed)]
        if not ready:
            stuck = next(name for name in entries if name not in placed)
            raise ValueError(f"{stuck}: its parent '{entries[stuck].parent}' is no other mesh here; parents are {', '.join(entries)}")
        placed += ready
    return placed


def _mapping(said: Any, where: str) -> Mapping[str, Any]:  # noqa: ANN401, what a file holds
    if not isinstance(said, Mapping):
        raise ValueError(f"{where.removesuffix(': ')}: expected keys and values, got {said!r}")
    return said


def _entry(said: object, where: str) -> MeshEntry:
    told = dict(_mapping(said, where))
    refuse_unknown(told, [item.name for item in fields(MeshEntry)], where)
    if "tissue" in told:
        words = {tissue.name.lower(): tissue for tissue in Tissue}
        refuse_unknown([told["tissue"]], words, f"{where}tissue: ")
        told["tissue"] = words[told["tissue"]]
    density = told.get("density", 1.0)
    if isinstance(density, bool) or not isinstance(density, int | float) or not 0 < density < 10:
        raise ValueError(f"{where}density must be a number between 0 and 10, got {density!r}")
    return replace(MeshEntry(), **told)


def _point(said: ArrayLike, axes: str, where: str) -> NDArray[np.float64]:
    try:
        point = np.array(said, dtype=np.float64)
    except (TypeError, ValueError):
        point = np.zeros(0)
    if point.shape != (3,) or not np.isfinite(point).all():
        raise ValueError(f"{where} must be three numbers x, y, z in mm, got {said!r}")
    return lps(point, axes)
