"""Level of detail: how many faces a surface needs at a given pixel pitch.

A flat face on a surface of curvature k misses it by about k x area / 8. Summed over a surface: the faces needed for a given miss go as the
integral of curvature over area, which is half the sum over edges of length times turn. How many per mm of that was found on the default
patient: its image, in mm of water, then stays within 0.1 mm RMS of the one with every face
(`tests/simulator/xray/projection/test_patient_views.py`).
Surfaces across which attenuation changes little, such as muscle in fat, get fewer.

A rough level, which is never chosen by pitch, serves where an image is on the move, or only its mean over large cells counts: a quarter of
the faces, and up to 1 mm RMS off.
"""

from math import floor, log2

import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.decimation import find_first_sound
from phantoms.terms.surface import Surface
from simulator.geometry.carm import CArm
from simulator.xray.projection.edges import EdgeMesh, build_edge_mesh

Mesh = tuple[NDArray[np.float64], NDArray[np.intp]]

FINEST_MM = 0.15  # below this pixel pitch at the patient, everything is drawn in full
FACES_PER_BEND = (np.inf, 3.0, 2.7, 0.4)  # at each level, of the surface that weighs most, per mm of integrated bend
COARSEST = 2  # coarser levels leave the image more than 0.1 mm RMS off
ROUGH = 3
WORTH = 0.8  # a mesh that would keep more of its faces than this is left alone
FEWEST = 64
AGGRESSIVENESS = (7.0, 4.0)  # of the decimation: less takes longer and breaks less
LEAST_IMPORTANCE = 0.05
SPARING = 0.7  # power of importance: 2/3 would make the least faces for a given RMS of the sum
LONGEST_EDGE_COARSE_MM = 18.0  # depth taken as affine is then wrong by at most 18^2 / (4 x 700) = 0.12 mm, 0.02 mm RMS
LONGEST_EDGE_ROUGH_MM = 40.0  # by at most 0.6 mm


def choose_level(carm: CArm, centre: NDArray[np.float64]) -> int:
    """Return 0 where every face counts, 1 where pixels at the patient are 0.15 to 0.3 mm wide, 2 where they are wider.

    Parameters
    ----------
    carm : CArm
        The view.
    centre : ndarray, shape (3,)
        Middle of what is drawn, world frame, mm.
    """
    depth_mm = float((centre - carm.source) @ carm.normal)
    pitch_mm = carm.pixel_mm * depth_mm / carm.source_to_image_mm
    return min(max(0, floor(log2(pitch_mm / FINEST_MM)) + 1), COARSEST) if pitch_mm > 0 else 0


def decimate_to_level(surface: Surface, chosen: int, importance: float = 1.0) -> EdgeMesh:
    """Return a surface's mesh with as many faces as a level of detail needs, or all of them if it has few.

    Parameters
    ----------
    surface : Surface
        A closed surface.
    chosen : int
        As `choose_level` gives it, or `ROUGH`.
    importance : float
        What a mm inside the surface weighs, over the heaviest surface's: from 0 (fat in muscle matters little) to 1.

    Raises
    ------
    ValueError
        If the surface is open.
    """
    return lighten(surface, chosen, importance)[0]


def lighten(surface: Surface, chosen: int, importance: float = 1.0) -> tuple[EdgeMesh, Mesh | None]:
    """As `decimate_to_level`; and the vertices and faces that were left, None where all were."""
    vertices, faces = surface.vertices, surface.faces
    if not chosen:
        return build_edge_mesh(vertices, faces, surface.name), None
    share, longest_mm = _share(importance), longest_edge_mm(importance, chosen)
    if WORTH * len(faces) > FEWEST:
        wanted = max(FEWEST, int(FACES_PER_BEND[chosen] * share**SPARING * bend_mm(vertices, faces, surface.name)))
        if wanted < WORTH * len(faces):
            return _decimate(surface, wanted, longest_mm)
    return build_edge_mesh(vertices, faces, surface.name, longest_mm), None


def longest_edge_mm(importance: float, chosen: int = COARSEST) -> float:
    """Longest edge of a coarse or rough level, mm, by what a surface weighs."""
    return float((LONGEST_EDGE_ROUGH_MM if chosen == ROUGH else LONGEST_EDGE_COARSE_MM) / _share(importance) ** 0.5)


def _share(importance: float) -> float:
    return float(np.clip(importance, LEAST_IMPORTANCE, 1.0))


def _decimate(surface: Surface, wanted: int, longest_mm: float) -> tuple[EdgeMesh, Mesh | None]:
    """Decimate gently enough for the mesh to stay closed; its topology may change, which no ray can tell."""

    def try_draw(vertices: NDArray[np.float64], faces: NDArray[np.intp]) -> tuple[EdgeMesh, Mesh | None] | None:
        try:
            return build_edge_mesh(vertices, faces, surface.name, longest_mm), (vertices, faces)
        except ValueError:  # it came open
            return None

    fewer = find_first_sound(surface.vertices, surface.faces, ((wanted, gentle) for gentle in AGGRESSIVENESS), try_draw)
    return fewer or (build_edge_mesh(surface.vertices, surface.faces, surface.name, longest_mm), None)


def bend_mm(vertices: NDArray[np.float64], faces: NDArray[np.intp], name: str = "surface") -> float:
    """Return the integral of the mean curvature's size over a surface, mm: half the sum of edge length times turn; 4 pi r for a ball.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        World frame, mm.
    faces : ndarray, shape (m, 3)
        Vertex indices.
    name : str
        What to call the surface in the error.

    Raises
    ------
    ValueError
        If the surface is open.

    Examples
    --------
    >>> corners = np.indices((2, 2, 2)).reshape(3, 8).T * 10.0
    >>> sides = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
    >>> float(round(bend_mm(corners, np.concatenate((sides[:, :3], sides[:, [0, 2, 3]]))), 6)) == round(12 * 10 * np.pi / 4, 6)
    True
    """
    mesh = build_edge_mesh(vertices, faces, name, longest_mm=np.inf)
    first, second, third = (mesh.points[:, corner] for corner in mesh.corners)
    normals = np.cross(second - first, third - first, axis=0)
    normals /= np.maximum(np.linalg.norm(normals, axis=0), np.finfo(float).tiny)
    turn = np.arccos(np.clip((normals[:, mesh.along] * normals[:, mesh.against]).sum(axis=0), -1, 1))
    return float((turn * np.linalg.norm(mesh.points[:, mesh.end] - mesh.points[:, mesh.start], axis=0)).sum() / 2)
