"""Meshes in the plain form that vtk.js takes through trame: arrays in base64, read without any VTK on this side."""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.room.meshes.mesh import ColouredMesh, normals

SHORT = 65535  # vertices that a two-byte index can name


def to_vtkjs(mesh: ColouredMesh) -> dict[str, Any]:
    """A mesh as state of a ``VtkMesh``: points, triangles, normals for a smooth look, and colours.

    Parameters
    ----------
    mesh : ColouredMesh
        To be sent.
    """
    count = len(mesh.faces)
    cells = np.concatenate([np.full((count, 1), 3), mesh.faces], axis=1).astype(np.uint16 if len(mesh.vertices) < SHORT else np.uint32)
    return {
        "mesh": {"points": _pack(mesh.vertices.astype(np.float32)), "polys": _pack(cells)},
        "field": _array("colours", mesh.colours, "Uint8Array") | {"location": "PointData"},
        "pointArrays": [_array("normals", normals(mesh).astype(np.float32), "Float32Array") | {"registration": "setNormals"}],
    }


def _array(name: str, values: NDArray[Any], kind: str) -> dict[str, Any]:
    return {"name": name, "values": _pack(values), "numberOfComponents": values.shape[1], "type": kind}


def _pack(values: NDArray[Any]) -> dict[str, Any]:
    flat = np.ascontiguousarray(values).ravel()
    return {"bvals": base64.b64encode(flat.tobytes()).decode("ascii"), "dtype": str(flat.dtype), "shape": list(values.shape)}
