"""What lies under the skin, for the modes that may show it: bones, discs, flavum, dura, roots, target and safe corridor."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.decimation import simplify
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import Colour, ColouredMesh, join, mesh_of
from simulator.viewer.room.meshes.solids import ball, sweep

Floats = NDArray[np.float64]

FACES = {"vertebra": 520, "sacrum": 800, "hip": 340, "coccyx": 80, "disc": 70, "flavum": 90, "dura": 300, "nerve": 56}
"""Triangles kept of each piece."""
AGGRESSIVENESS = 6.0
HIDDEN = ("femur", "rib")
CORRIDOR_MM = (1.2, 5.0)  # half widths of the safe corridor at its tip and at the skin


def inside(surfaces: Iterable[Surface]) -> dict[str, ColouredMesh]:
    """The anatomy in few triangles.

    Parameters
    ----------
    surfaces : iterable of Surface
        Of the patient.

    Returns
    -------
    dict of str to ColouredMesh
        ``bones``, ``discs``, ``flavum``, ``dura``, ``roots``; those that the patient lacks are left out; world frame.
    """
    found: dict[str, list[ColouredMesh]] = {}
    for surface in surfaces:
        kind = _kind(surface)
        if kind is not None:
            name, colour, faces = kind
            found.setdefault(name, []).append(_decimate(surface, faces, colour))
    return {name: join(*parts) for name, parts in found.items()}


def target(point: Floats, entry: Floats) -> dict[str, ColouredMesh]:
    """The point where the tip should come to lie, and a safe corridor to it from the skin.

    Parameters
    ----------
    point, entry : ndarray, shape (3,)
        World frame, mm.
    """
    return {
        "target": ball(point, np.full(3, 2.6), materials.TARGET, sides=12),
        "corridor": sweep(np.stack((point, entry)), np.array(CORRIDOR_MM), materials.CORRIDOR, sides=14, capped=False),
    }


def _kind(surface: Surface) -> tuple[str, Colour, int] | None:
    """The mesh to which a surface belongs, its colour, and how many triangles it may have."""
    name, tissue = surface.name, surface.tissue
    if tissue is Tissue.CORTICAL_BONE and not name.startswith(HIDDEN):
        part = next((word for word in ("sacrum", "hip", "coccyx") if name.startswith(word)), "vertebra")
        return "bones", materials.BONE, FACES[part]
    if tissue is Tissue.ANNULUS:
        return "discs", materials.DISC, FACES["disc"]
    if tissue is Tissue.LIGAMENTUM_FLAVUM:
        return "flavum", materials.FLAVUM, FACES["flavum"]
    if tissue is Tissue.DURA:
        return "dura", materials.DURA, FACES["dura"]
    if tissue in (Tissue.NERVE_ROOT, Tissue.DORSAL_ROOT_GANGLION):
        return "roots", materials.NERVE, FACES["nerve"]
    return None


def _decimate(surface: Surface, faces: int, colour: Colour) -> ColouredMesh:
    if len(surface.faces) <= faces:
        return mesh_of(surface.vertices, surface.faces, colour)
    return mesh_of(*simplify(surface.vertices, surface.faces, faces, AGGRESSIVENESS), colour)
