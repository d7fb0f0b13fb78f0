"""Closed triangle meshes of implicit shapes: evaluated near the surface only, marched, cleaned of specks, decimated and checked."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from skimage.measure import marching_cubes

from phantoms.mesh.decimation import decimate, decimate_within
from phantoms.mesh.topology import Faces, Mesh, Vertices, compact, components, euler_number, face_volumes_mm3, is_closed, volume_mm3
from phantoms.shapes.implicit import Shape
from phantoms.shapes.narrow_band import Grid, NarrowBand, evaluate

__all__ = ["components", "euler_number", "is_closed", "mesh", "mesh_levels", "volume_mm3"]

SPECK_MM3 = 1.0


def mesh(
    shape: Shape,
    pitch_mm: float,
    *,
    max_error_mm: float = 0.1,
    target_faces: int | None = None,
    least_volume_mm3: float = SPECK_MM3,
) -> Mesh:
    """Closed, outward mesh of an implicit shape.

    Parameters
    ----------
    shape : Shape
        Signed distance, mm, negative inside; it may be inexact but not steeper than `phantoms.shapes.narrow_band.STEEPEST`
        near the surface.
    pitch_mm : float
        Spacing of the grid that is marched, mm; detail finer than about two of it is lost.
    max_error_mm : float
        How far decimation may move the surface, mm, in 99.9 % of sampled points; 0 keeps every face.
    target_faces : int, optional
        Decimate to about this number of faces instead, whatever the error.
    least_volume_mm3 : float
        Pieces and cavities smaller than this are dropped.

    Returns
    -------
    vertices : ndarray, shape (n, 3)
        In the shape's frame, mm.
    faces : ndarray, shape (m, 3)
        Counter-clockwise seen from outside.

    Raises
    ------
    ValueError
        Where the pitch or the shape's bounds make no grid, or no surface is found inside the bounds.

    Examples
    --------
    >>> from phantoms.shapes.implicit import Ellipsoid
    >>> vertices, faces = mesh(Ellipsoid(np.zeros(3), np.array([10.0, 10.0, 10.0])), 1.0)
    >>> is_closed(vertices, faces), euler_number(faces)
    (True, 2)
    """
    band = evaluate(lambda points: shape(points)[None], shape.bounds, pitch_mm)
    found = _march(band, 0, least_volume_mm3)
    _refuse_empty(found, shape, pitch_mm, least_volume_mm3)
    return _decimate(found, band, 0, max_error_mm, target_faces)


def mesh_levels(
    shape: Shape,
    cortex_mm: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    pitch_mm: float,
    *,
    max_error_mm: float = 0.1,
    least_volume_mm3: float = SPECK_MM3,
) -> tuple[Mesh, Mesh]:
    """Two nested meshes from one evaluation: the shape itself and what lies deeper than its cortex.

    Parameters
    ----------
    shape : Shape
        The whole bone, signed distance, mm.
    cortex_mm : callable
        Points, shape (n, 3), mm -> local thickness of the cortex, shape (n,), mm; the inner solid is shape + cortex_mm < 0.
    pitch_mm, max_error_mm, least_volume_mm3
        As in `mesh`.

    Returns
    -------
    outer, inner : tuple of (vertices, faces)
        As from `mesh`; inner has no faces where nothing is deeper than the cortex.

    Raises
    ------
    ValueError
        As `mesh` does.
    """

    def fields(points: NDArray[np.float64]) -> NDArray[np.float64]:
        distance = shape(points)
        deeper = distance.copy()
        # Further out the inner field is positive whatever the cortex, and asking for it is dear.
        near = np.flatnonzero(distance < 2 * pitch_mm)
        deeper[near] += cortex_mm(points[near])
        return np.stack([distance, deeper])

    band = evaluate(fields, shape.bounds, pitch_mm)
    outer, inner = (_march(band, index, least_volume_mm3) for index in (0, 1))
    _refuse_empty(outer, shape, pitch_mm, least_volume_mm3)
    return _decimate(outer, band, 0, max_error_mm, None), _decimate(inner, band, 1, max_error_mm, None)


def _refuse_empty(found: Mesh, shape: Shape, pitch_mm: float, least_volume_mm3: float) -> None:
    if len(found[1]) == 0:
        box = np.round(shape.bounds, 1).tolist()
        raise ValueError(f"no surface of at least {least_volume_mm3} mm3 found in the box {box} mm at pitch_mm {pitch_mm}")


def _march(band: NarrowBand, index: int, least_volume_mm3: float) -> Mesh:
    grid = band.values[index]
    if grid.min() >= 0:
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.intp)
    nodes, triangles, _, _ = marching_cubes(grid, 0.0, gradient_direction="ascent")
    vertices, faces = nodes.astype(np.float64) * band.pitch_mm + band.origin, triangles.astype(np.intp)
    if volume_mm3(vertices, faces) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    return _without_specks(vertices, faces, least_volume_mm3)


def _without_specks(vertices: Vertices, faces: Faces, least_volume_mm3: float) -> Mesh:
    count, labels = components(faces, len(vertices))
    volumes = np.bincount(labels, weights=face_volumes_mm3(vertices, faces), minlength=count)
    keep = np.abs(volumes) >= least_volume_mm3
    return (vertices, faces) if keep.all() else compact(vertices, faces[keep[labels]])


def _decimate(found: Mesh, band: NarrowBand, index: int, max_error_mm: float, target_faces: int | None) -> Mesh:
    if len(found[1]) == 0:
        return found
    if target_faces is not None:
        return decimate(*found, target_faces)
    return decimate_within(*found, max_error_mm, lambda points: _distance_mm(band.values[index], band, points))


def _distance_mm(grid: Grid, band: NarrowBand, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of points near the surface from it, shape (n,), mm: the grid's value over its gradient."""
    where = ((points - band.origin) / band.pitch_mm).T
    value = map_coordinates(grid, where, order=1, mode="nearest")
    slope = np.zeros_like(value)
    for axis in range(3):
        step = np.zeros((3, 1))
        step[axis] = 0.5
        ahead = map_coordinates(grid, where + step, order=1, mode="nearest")
        slope += (ahead - map_coordinates(grid, where - step, order=1, mode="nearest")) ** 2
    return np.abs(value) * band.pitch_mm / np.maximum(np.sqrt(slope), 0.2 * band.pitch_mm)
