"""Fewer faces for the same surface: quadric decimation that stays closed and within a stated distance of the original.

The library keeps the solid's topology nearly always, not always; so every result is checked, and a gentler one is tried when it broke.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import TypeVar

import fast_simplification
import numpy as np
from numpy.typing import NDArray

from phantoms.mesh.topology import Faces, Mesh, Vertices, compact, components, is_closed, volume_mm3

T = TypeVar("T")
ErrorOf = Callable[[NDArray[np.float64]], NDArray[np.float64]]

AGGRESSIVENESS = (7.0, 5.0, 3.0)
TRIES = 5
QUANTILE = 0.999
"""Share of the sampled points that must hold the error; the marching itself is off by more at the odd sharp edge."""

SPARSE = 7
"""Every which sample tells how far the undecimated mesh itself is off."""

_ONE_AT_A_TIME = Lock()

FIRST_SHARE = 0.1
"""Share of the faces tried first: about right for 0.1 mm of a vertebra meshed at 0.7 mm."""


def decimate(vertices: Vertices, faces: Faces, target_faces: int) -> Mesh:
    """The mesh with about `target_faces` faces, or with more where so few would break it.

    The result is closed and has as many pieces and handles as the original; at worst it is the original.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A closed mesh, mm.
    target_faces : int
        Wanted number of faces, at least 4.

    Raises
    ------
    ValueError
        Where `target_faces` is below 4.
    """
    if target_faces < 4:
        raise ValueError(f"target_faces must be at least 4, the faces of a tetrahedron, got {target_faces}")
    form = _form(vertices, faces)

    def check(points: Vertices, triangles: Faces) -> Mesh | None:
        return (points, triangles) if is_closed(points, triangles) and _form(points, triangles) == form else None

    return find_first_sound(vertices, faces, _try_gentler(target_faces, len(faces)), check) or (vertices, faces)


def find_first_sound(
    vertices: Vertices, faces: Faces, tries: Iterable[tuple[int, float]], check: Callable[[Vertices, Faces], T | None]
) -> T | None:
    """The first of several decimations that a check lets pass.

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A closed mesh, mm.
    tries : iterable of (int, float)
        Wanted faces and aggressiveness, one after the other.
    check : callable
        Vertices and faces of a decimated mesh, which may have become non-manifold -> what is made of it, or None to try on.

    Returns
    -------
    object or None
        What the check returned; None where nothing passed.
    """
    for target, aggressiveness in tries:
        found = check(*simplify(vertices, faces, target, aggressiveness))
        if found is not None:
            return found
    return None


def decimate_within(vertices: Vertices, faces: Faces, max_error_mm: float, error_of: ErrorOf) -> Mesh:
    """The mesh with as few faces as hold it within `max_error_mm` of the original surface (in 99.9 % of sampled points).

    Parameters
    ----------
    vertices, faces : ndarray, shape (n, 3) and (m, 3)
        A closed mesh, mm.
    max_error_mm : float
        Largest distance allowed, on top of the mesh's own; at 0 the mesh comes back as it is.
    error_of : callable
        Points, shape (k, 3), mm -> distance from the original surface, shape (k,), mm.
    """
    if max_error_mm <= 0:
        return vertices, faces
    best = (vertices, faces)
    own_mm = float(np.quantile(error_of(surface_samples(vertices, faces)[::SPARSE]), QUANTILE))
    limit_mm = float(np.hypot(max_error_mm, own_mm))
    target, too_few = max(int(len(faces) * FIRST_SHARE), 20), 3
    for _ in range(TRIES):
        candidate = decimate(vertices, faces, target)
        error_mm = float(np.quantile(error_of(surface_samples(*candidate)), QUANTILE))
        if error_mm <= limit_mm:
            best = candidate if len(candidate[1]) < len(best[1]) else best
            if error_mm > 0.75 * limit_mm:
                break
        else:
            too_few = max(too_few, target)
        # The error goes about as one over the number of faces.
        target = int(len(candidate[1]) * float(np.clip(error_mm / (0.9 * limit_mm), 0.3, 4.0)))
        target = max(target, int(1.1 * too_few), 8)
        if target >= 0.95 * len(best[1]):
            break
    return best


def surface_samples(vertices: Vertices, faces: Faces) -> NDArray[np.float64]:
    """Vertices, middles of edges and middles of faces: where a decimated surface strays most; shape (k, 3), mm."""
    corners = vertices[faces]
    middles = (corners + corners[:, [1, 2, 0]]) / 2
    return np.concatenate([vertices, middles.reshape(-1, 3), corners.mean(axis=1)])


def _form(vertices: Vertices, faces: Faces) -> tuple[int, int, bool]:
    """Number of pieces, Euler number (of a closed mesh with no vertex unused) and whether it encloses anything: what must not change."""
    return components(faces, len(vertices))[0], len(vertices) - len(faces) // 2, volume_mm3(vertices, faces) > 0


def _try_gentler(target: int, limit: int) -> Iterator[tuple[int, float]]:
    for factor in (1.0, 1.5, 2.5):
        for aggressiveness in AGGRESSIVENESS:
            if target * factor < limit:
                yield int(target * factor), aggressiveness


def simplify(vertices: Vertices, faces: Faces, target: int, aggressiveness: float) -> Mesh:
    """The mesh (vertices, shape (n, 3), mm) with about `target` faces, unchecked: it may have become non-manifold; one thread at a time."""
    # The library keeps the mesh it works on in one place for the whole process: threads would mix theirs up.
    with _ONE_AT_A_TIME:
        points, triangles = fast_simplification.simplify(
            vertices.astype(np.float64), faces.astype(np.int32), target_count=target, agg=aggressiveness
        )
    return compact(points.astype(np.float64), triangles.astype(np.intp))
