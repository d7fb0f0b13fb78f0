"""A plain trunk around imported bones, so that they are seen as in a patient rather than as specimens in air."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue

NAME = "surround"
DORSAL_MM, VENTRAL_MM, ASIDE_MM, BEYOND_MM = 35.0, 80.0, 110.0, 80.0  # tissue around the bones' box; 20 cm deep for a lumbar spine
SIDES = 180


def surround_with_trunk(surfaces: Sequence[Surface], tissue: Tissue) -> tuple[Surface, ...]:
    """Put surfaces into an elliptic cylinder along z.

    Parameters
    ----------
    surfaces : sequence of Surface
        Those in air come to lie in the trunk.
    tissue : Tissue
        What the trunk is made of.

    Returns
    -------
    tuple of Surface
        The trunk first.
    """
    corners = np.concatenate([[surface.vertices.min(axis=0), surface.vertices.max(axis=0)] for surface in surfaces])
    low, high = corners.min(axis=0), corners.max(axis=0)
    low, high = low - (ASIDE_MM, VENTRAL_MM, BEYOND_MM), high + (ASIDE_MM, DORSAL_MM, BEYOND_MM)
    inner = tuple(replace(surface, parent=NAME) if surface.parent is None else surface for surface in surfaces)
    return (_make_cylinder(low, high, tissue), *inner)


def _make_cylinder(low: np.ndarray, high: np.ndarray, tissue: Tissue) -> Surface:
    turn = 2 * np.pi * np.arange(SIDES) / SIDES
    centre, half = (low + high) / 2, (high - low) / 2
    ring = np.column_stack((half[0] * np.cos(turn), half[1] * np.sin(turn))) + centre[:2]
    ends = [np.column_stack((ring, np.full(SIDES, z))) for z in (low[2], high[2])]
    vertices = np.concatenate((*ends, [(*centre[:2], low[2]), (*centre[:2], high[2])]))
    here, on = np.arange(SIDES), (np.arange(SIDES) + 1) % SIDES
    bottom, top = np.full(SIDES, 2 * SIDES), np.full(SIDES, 2 * SIDES + 1)
    faces = [(here, on, on + SIDES), (here, on + SIDES, here + SIDES), (on, here, bottom), (here + SIDES, on + SIDES, top)]
    return Surface(name=NAME, vertices=vertices, faces=np.concatenate([np.column_stack(face) for face in faces]), tissue=tissue)
