"""The file beside imported meshes that says what they are.

It names their axes, tissues, who lies in whom, and landmarks::

version: 1
axes: ras
meshes:
body.stl: {tissue: muscle}
L4.stl: {tissue: cortical_bone, parent: body.stl, density: 0.65}
landmarks:
L4.body_centre: [0, 12, -35]
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

from phantoms.terms.number_kinds import is_number
from phantoms.terms.serialization import refuse_unknown
from phantoms.terms.tissues import Tissue
from phantoms.terms.value_text import describe_value

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


def to_lps(points: NDArray[np.float64], axes: str) -> NDArray[np.float64]:
    """Points, shape (..., 3), mm, of a file with the given axes, ``"lps"`` or ``"ras"``, in the world frame.

    Raises
    ------
    ValueError
        Where the axes are neither.
    """
    if axes not in AXES:
        raise ValueError(f"axes must be {' or '.join(AXES)}, got {axes!r}")
    return np.asarray(points, dtype=np.float64) * AXES[axes]


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
    refuse_unknown(_require_mapping(document, where), ("version", "axes", "meshes", "landmarks"), where)
    if document.get("version", VERSION) != VERSION:
        raise ValueError(f"{where}version must be {VERSION}, got {document['version']!r}")
    axes = str(document.get("axes", "lps")).lower()
    meshes = {
        name: _parse_entry(said, f"{where}meshes.{name}.")
        for name, said in _require_mapping(document.get("meshes", {}), f"{where}meshes").items()
    }
    points = _require_mapping(document.get("landmarks", {}), f"{where}landmarks")
    landmarks = {name: _parse_point(said, axes, f"{where}landmarks.{name}") for name, said in points.items()}
    return Sidecar(axes=axes, meshes=MappingProxyType(meshes), landmarks=MappingProxyType(landmarks))


def _require_mapping(said: Any, where: str) -> Mapping[str, Any]:  # noqa: ANN401, what a file holds
    if not isinstance(said, Mapping):
        raise ValueError(f"{where.removesuffix(': ')}: expected keys and values, got {describe_value(said)}")
    return said


def _parse_entry(said: object, where: str) -> MeshEntry:
    told = dict(_require_mapping(said, where))
    refuse_unknown(told, [item.name for item in fields(MeshEntry)], where)
    if "tissue" in told:
        words = {tissue.name.lower(): tissue for tissue in Tissue}
        refuse_unknown([told["tissue"]], words, f"{where}tissue: ")
        told["tissue"] = words[told["tissue"]]
    density = told.get("density", 1.0)
    if not is_number(density) or not 0 < density < 10:
        raise ValueError(f"{where}density must be a number between 0 and 10, got {describe_value(density)}")
    return replace(MeshEntry(), **told)


def _parse_point(said: ArrayLike, axes: str, where: str) -> NDArray[np.float64]:
    try:
        point = np.array(said, dtype=np.float64)
    except (TypeError, ValueError):
        point = np.zeros(0)
    if point.shape != (3,) or not np.isfinite(point).all():
        raise ValueError(f"{where} must be three numbers x, y, z in mm, got {describe_value(said)}")
    return to_lps(point, axes)
