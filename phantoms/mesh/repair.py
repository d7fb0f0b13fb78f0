"""Meshes of real scans made closed: welded, cleaned, split where sheets touch, wound outward, small holes filled; all of it reported.

What cannot be closed is refused with the place of the defect, for a wrong guess would put a false bone into the image.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phantoms.mesh.half_edges import Indices, consistent_winding, edges_of, end_of, patches, split_vertices, start_of
from phantoms.mesh.hole_filling import BoundaryLoop, close_holes, find_holes
from phantoms.mesh.solid_orientation import orient_outward
from phantoms.mesh.topology import Faces, Mesh, Vertices, compact, component_volumes_mm3, components, is_closed

HOLE_MM = 60.0
"""Longest rim of a hole that is filled; a larger one is a missing part."""

WELD_SHARE = 1e-6
"""Vertices at a rim nearer than this share of the mesh's size are one: the rounding of single-precision files."""

SPECK_MM3 = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairReport:
    """What was done to a mesh; iterating gives it in words, nothing where the mesh was sound.

    Attributes
    ----------
    welded, degenerate, duplicated, fins, split, turned, specks : int
        Vertices welded; faces without area, given twice, or standing out or across as fins and walls, dropped; crowded edges split; faces
        turned; pieces below `SPECK_MM3` dropped.
    inverted : bool
        Whether a whole piece was inside out.
    holes : tuple of (ndarray, float)
        Middle, shape (3,), mm, and rim length, mm, of each hole filled.
    split_at : tuple of ndarray
        Middle of each split edge, mm.
    """

    welded: int = 0
    degenerate: int = 0
    duplicated: int = 0
    fins: int = 0
    split: int = 0
    turned: int = 0
    specks: int = 0
    inverted: bool = False
    holes: tuple[tuple[NDArray[np.float64], float], ...] = ()
    split_at: tuple[NDArray[np.float64], ...] = ()

    def __iter__(self) -> Iterator[str]:
        counts = {
            "welded {} vertices given twice": self.welded,
            "dropped {} faces without area": self.degenerate,
            "dropped {} faces given twice": self.duplicated,
            "dropped {} faces of fins or inner walls": self.fins,
            "turned {} faces to agree with their neighbours": self.turned,
            f"dropped {{}} pieces below {SPECK_MM3} mm3": self.specks,
        }
        yield from (text.format(count) for text, count in counts.items() if count)
        if self.inverted:
            yield "turned the surface, which was inside out"
        for middle in self.split_at:
            yield f"split an edge shared by more than two faces at {place(middle)}"
        for middle, rim_mm in self.holes:
            yield f"filled a hole with a rim of {rim_mm:.1f} mm at {place(middle)}"


def place(point: NDArray[np.float64]) -> str:
    """A point, shape (3,), in words, e.g. ``(1.0, -2.5, 30.0) mm``."""
    return f"({', '.join(f'{value:.1f}' for value in point)}) mm"


def repair(vertices: Vertices, faces: Faces, *, name: str, hole_mm: float = HOLE_MM) -> tuple[Vertices, Faces, RepairReport]:
    """A closed, outward mesh from one that may have small defects.

    Parameters
    ----------
    vertices : ndarray, shape (n, 3)
        mm.
    faces : ndarray, shape (m, 3)
        Vertex indices.
    name : str
        Of the mesh, for messages: its file's name.
    hole_mm : float
        Longest rim of a hole that is filled, mm.

    Returns
    -------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        Closed, edge-manifold, wound outward; cavities inward.
    report : RepairReport

    Raises
    ------
    ValueError
        Where the arrays are no mesh, or the mesh cannot be closed: one line with the name, the defect and its place.

    Examples
    --------
    >>> corners = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9.0]])
    >>> _, faces, report = repair(corners, np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3]]), name="tetrahedron")
    >>> len(faces), list(report)
    (4, ['filled a hole with a rim of 30.7 mm at (0.0, 3.0, 3.0) mm'])
    """
    vertices, faces = _check(vertices, faces, name)
    vertices, faces, counts = _clean(vertices, faces)
    faces, fins = _without_fins(vertices, faces)
    vertices, faces, split_at = _separate(vertices, faces)
    faces, turned = _wind(vertices, faces, name)
    found = find_holes(vertices, faces)
    _refuse_large(found, hole_mm, name)
    vertices, faces, specks = _without_specks(*close_holes(vertices, faces, found), name)
    faces, inverted = orient_outward(vertices, faces)
    if not is_closed(vertices, faces):
        raise ValueError(f"{name}: cannot be closed: edges that fold back on themselves; repair it in the program that made it")
    report = RepairReport(
        **counts,
        fins=fins,
        split=len(split_at),
        split_at=split_at,
        turned=turned,
        inverted=inverted,
        specks=specks,
        holes=tuple((hole.middle, hole.rim_mm) for hole in found),
    )
    return vertices, faces, report


def _check(vertices: Vertices, faces: Faces, name: str) -> Mesh:
    vertices, faces = np.array(vertices, dtype=np.float64), np.array(faces)
    if vertices.ndim != 2 or vertices.shape[1:] != (3,) or faces.ndim != 2 or faces.shape[1:] != (3,):
        raise ValueError(f"{name}: expected vertices (n, 3) and triangles (m, 3), got {vertices.shape} and {faces.shape}")
    if len(faces) == 0:
        raise ValueError(f"{name}: the mesh is empty; it has no triangles")
    if not np.issubdtype(faces.dtype, np.integer):
        raise ValueError(f"{name}: triangles must be whole vertex numbers, got {faces.dtype}")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise ValueError(f"{name}: triangles must number the {len(vertices)} vertices, got {faces.min()}..{faces.max()}")
    vertices, faces = compact(vertices, faces.astype(np.intp))
    if not np.isfinite(vertices).all():
        bad = int(np.flatnonzero(~np.isfinite(vertices).all(axis=1))[0])
        raise ValueError(
            f"{name}: vertices must be finite, vertex {bad} is {vertices[bad].tolist()}; repair it in the program that made it"
        )
    return vertices, faces


def _clean(vertices: Vertices, faces: Faces) -> tuple[Vertices, Faces, dict[str, int]]:
    before = len(vertices)
    vertices, faces = _weld(vertices, faces)
    sound = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    faces, degenerate = faces[sound], int((~sound).sum())
    once = np.sort(np.unique(np.sort(faces, axis=1), axis=0, return_index=True)[1])
    duplicated = len(faces) - len(once)
    return vertices, faces[once], {"welded": before - len(vertices), "degenerate": degenerate, "duplicated": duplicated}


def _weld(vertices: Vertices, faces: Faces) -> Mesh:
    """One vertex for all at the same place, and for those of rims that differ by rounding only."""
    vertices, same = np.unique(vertices, axis=0, return_inverse=True)
    faces = same.reshape(-1)[faces]
    rim = np.unique(start_of(faces, edges_of(faces).half_edges(1)[:, 0]))
    if len(rim) == 0:
        return vertices, faces
    reach = WELD_SHARE * float(np.linalg.norm(np.ptp(vertices, axis=0)))
    near = cKDTree(vertices[rim]).query_pairs(reach, output_type="ndarray")
    onto = np.arange(len(vertices))
    np.minimum.at(onto, rim[near].max(axis=1), rim[near].min(axis=1))
    while (onto != onto[onto]).any():
        onto = onto[onto]
    return compact(vertices, onto[faces])


def _without_fins(vertices: Vertices, faces: Faces) -> tuple[Faces, int]:
    """Drop the smallest sheet at each edge that an odd number of faces share, until there is no such edge or nothing to choose."""
    before = len(faces)
    while True:
        edges = edges_of(faces)
        sheet = patches(edges.half_edges(2), len(faces))
        corners = vertices[faces]
        areas = np.bincount(
            sheet, weights=np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
        )
        odd = [np.unique(sheet[crowd // 3]) for crowd in edges.find_crowded() if len(crowd) % 2]
        smallest = {int(sheets[np.argmin(areas[sheets])]) for sheets in odd if len(sheets) > 1}
        if not smallest:
            return faces, before - len(faces)
        faces = faces[~np.isin(sheet, list(smallest))]


def _separate(vertices: Vertices, faces: Faces) -> tuple[Vertices, Faces, tuple[NDArray[np.float64], ...]]:
    """Sheets that touch along a crowded edge or in a point parted, each with vertices of its own."""
    edges = edges_of(faces)
    pairs, split_at = [edges.half_edges(2)], []
    for crowd in edges.find_crowded():
        pairs.append(_pair_around(vertices, faces, crowd))
        split_at.append(vertices[[start_of(faces, crowd)[0], end_of(faces, crowd)[0]]].mean(axis=0))
    vertices, faces = split_vertices(vertices, faces, np.concatenate(pairs))
    return vertices, faces, tuple(split_at)


def _pair_around(vertices: Vertices, faces: Faces, crowd: Indices) -> Indices:
    """Half-edges of one edge paired so that each pair bounds one solid wedge, shape (k, 2).

    Seen along the edge, a face that runs with it has its solid clockwise of it, one that runs against it anticlockwise. Where the
    winding does not say, the narrower wedges are taken for solid.
    """
    low = min(int(start_of(faces, crowd)[0]), int(end_of(faces, crowd)[0]))
    high = max(int(start_of(faces, crowd)[0]), int(end_of(faces, crowd)[0]))
    along = vertices[high] - vertices[low]
    away = vertices[faces.ravel()[crowd // 3 * 3 + (crowd % 3 + 2) % 3]] - vertices[low]
    across = np.cross(along, away[0])
    angle = np.arctan2(away @ across * np.linalg.norm(along), away @ np.cross(across, along))
    order = np.argsort(angle)
    crowd, angle = crowd[order], angle[order]
    against = start_of(faces, crowd) != low
    even = len(crowd) // 2 * 2
    shifts = [np.roll(np.arange(even), -shift).reshape(-1, 2) for shift in (0, 1)]
    alternate = [bool(against[pairs[:, 0]].all() and not against[pairs[:, 1]].any()) for pairs in shifts]
    if any(alternate):
        return crowd[shifts[alternate.index(True)]]
    wedges = [np.mod(angle[pairs[:, 1]] - angle[pairs[:, 0]], 2 * np.pi).sum() for pairs in shifts]
    return crowd[shifts[int(np.argmin(wedges))]]


def _wind(vertices: Vertices, faces: Faces, name: str) -> tuple[Faces, int]:
    turn, one_sided = consistent_winding(faces, edges_of(faces).half_edges(2))
    if one_sided.any():
        where = place(vertices[faces[np.flatnonzero(one_sided)[0]]].mean(axis=0))
        raise ValueError(f"{name}: has a one-sided sheet (a Moebius band) near {where}; repair it in the program that made it")
    return np.where(turn[:, None], faces[:, ::-1], faces), int(turn.sum())


def _refuse_large(found: list[BoundaryLoop], hole_mm: float, name: str) -> None:
    if found and found[0].rim_mm > hole_mm:
        many = f" and {sum(hole.rim_mm > hole_mm for hole in found) - 1} more" if len(found) > 1 and found[1].rim_mm > hole_mm else ""
        raise ValueError(
            f"{name}: is open: a hole with a rim of {found[0].rim_mm:.0f} mm at {place(found[0].middle)}{many}, "
            f"more than the {hole_mm:.0f} mm that are filled; close it in the program that made it"
        )


def _without_specks(vertices: Vertices, faces: Faces, name: str) -> tuple[Vertices, Faces, int]:
    volumes = np.abs(component_volumes_mm3(vertices, faces))
    keep = volumes >= SPECK_MM3
    if not keep.any():
        raise ValueError(f"{name}: encloses {volumes.sum():.2g} mm3 only; is it a closed surface, and in mm?")
    labels = components(faces, len(vertices))[1]
    return *compact(vertices, faces[keep[labels]]), int((~keep).sum())
