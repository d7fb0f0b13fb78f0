"""A mesh as it is drawn in one view: where its vertices land, how its faces slope, which of its parts are in the picture."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.projection.edges import AT_ONCE, BOXED, EdgeMesh

SNAP = 1.5 * 2.0 ** (52 - 24)  # adding and taking away this number rounds to multiples of 2^-24
EDGE_ON_PX2 = 1e-5  # twice the projected area below which a face counts as seen edge-on
BULGE = (
    0.2  # on a plane 1 / depth is affine, not depth: between corners it is less by up to 1/3, on average 1/4, of (edge's depth)^2 / depth
)
NEAREST_MM = 1.0  # nothing may come closer to the focal spot than this

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Drawing:
    """Vertices and faces of a mesh in one view.

    Attributes
    ----------
    column, row : ndarray, shape (n,)
        Vertices, fractional pixels.
    depth_mm : ndarray, shape (n,)
        Vertices, from the source, across the detector's plane, mm.
    slope : ndarray, shape (m,)
        Of each face: change of depth per row, down a column, mm; 0 where the face is edge-on or out of the picture.
    edge_on : ndarray, shape (k,)
        Indices of the faces seen edge-on.
    left, right, top, bottom : ndarray, shape (runs,)
        Bounds of each run of `BOXED` edges, fractional pixels.
    """

    column: Floats
    row: Floats
    depth_mm: Floats
    slope: Floats
    edge_on: Indices
    left: Floats
    right: Floats
    top: Floats
    bottom: Floats


def draw(mesh: EdgeMesh, carm: CArm, apply: Callable[..., Iterable], *, bulge: bool = True) -> Drawing:
    """Draw a mesh.

    Parameters
    ----------
    mesh : EdgeMesh
        Closed surfaces.
    carm : CArm
        The view.
    apply : callable
        `map`, or that of an executor to share the work among threads.
    bulge : bool
        Balance the error of a flat depth in large faces; without, faces square to the view are exact.

    Raises
    ------
    ValueError
        If a vertex comes to the focal spot or behind it.
    """
    column, row, depth_mm = vertices_drawn(mesh.points, carm, mesh.spread if bulge else None)
    slope = np.zeros(mesh.corners.shape[1])
    (left, right, top, bottom), of_edges = _bounds((mesh.face_boxes, mesh.edge_boxes), carm)
    seen = (left < carm.shape[1]) & (right > -1) & (top < carm.shape[0]) & (bottom > -2)

    def some(part: slice) -> Indices:
        return part.start + face_slopes(mesh.corners[:, part], column, row, depth_mm, slope[part])

    edge_on = np.concatenate([np.empty(0, dtype=np.intp), *apply(some, split_work(seen, len(slope)))])
    left, right, top, bottom = of_edges
    return Drawing(column=column, row=row, depth_mm=depth_mm, slope=slope, edge_on=edge_on, left=left, right=right, top=top, bottom=bottom)


def split_work(wanted: NDArray[np.bool_], number: int) -> list[slice]:
    """Return the faces or edges to handle together: of each `AT_ONCE`, from the first that is wanted to the last.

    What is handled together stays so, whatever else is wanted, and with it the order in which sums are done.

    Parameters
    ----------
    wanted : ndarray, shape (runs,)
        True at the indices of `BOXED` runs that are wanted.
    number : int
        Of faces or edges.
    """
    each = AT_ONCE // BOXED
    runs = np.pad(wanted, (0, -len(wanted) % each)).reshape(-1, each)
    some = np.flatnonzero(runs.any(axis=1))
    first = some * each + runs[some].argmax(axis=1)
    end = (some + 1) * each - runs[some, ::-1].argmax(axis=1)
    return [slice(a * BOXED, min(b * BOXED, number)) for a, b in zip(first.tolist(), end.tolist(), strict=True)]


def vertices_drawn(points: Floats, carm: CArm, spread: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """Return column, row (pixels) and depth (mm) of points, each shape (n,), snapped to 2^-24.

    Parameters
    ----------
    points : ndarray, shape (3, n)
        World frame, mm.
    carm : CArm
        The view.
    spread : ndarray, shape (6, n), optional
        Of the edges at each vertex (`EdgeMesh.spread`): vertices then come nearer by the mean that a flat depth in their faces is too deep.

    Raises
    ------
    ValueError
        If a point comes to the focal spot or behind it.
    """
    axes = np.stack((carm.right, carm.down, carm.normal))
    column, row, depth_mm = axes @ points
    for values, offset in zip((column, row, depth_mm), axes @ carm.source, strict=True):
        values -= offset
    if not depth_mm.min() > NEAREST_MM:
        raise ValueError(f"every surface must lie in front of the source, got a depth of {depth_mm.min():.1f} mm: move the source away")
    scale = carm.source_to_image_mm / carm.pixel_mm / depth_mm
    if spread is not None:
        x, y, z = carm.normal
        depth_mm -= BULGE * (np.array([x * x, y * y, z * z, 2 * x * y, 2 * x * z, 2 * y * z]) @ spread) / depth_mm
    for values, centre in zip((column, row), carm.principal_pixel, strict=True):
        values *= scale
        values += centre
    for values in (column, row, depth_mm):
        values += SNAP
        values -= SNAP
    return column, row, depth_mm


def face_slopes(corners: Indices, column: Floats, row: Floats, depth_mm: Floats, out: Floats) -> Indices:
    """Write each face's slope of depth down a column, mm per row, and return which faces are seen edge-on.

    Parameters
    ----------
    corners : ndarray, shape (3, m)
        Vertices of each face.
    column, row, depth_mm : ndarray, shape (n,)
        Vertices as drawn, pixels and mm; columns and rows exchanged give the slope along a row.
    out : ndarray, shape (m,)
        Receives the slopes.
    """
    column_1, column_2 = _sides(column, corners)
    row_1, row_2 = _sides(row, corners)
    depth_1, depth_2 = _sides(depth_mm, corners)
    area = _cross(row_1, row_2, column_1, column_2)
    rise = _cross(depth_1, depth_2, column_1, column_2)
    edge_on = np.flatnonzero(np.abs(area) < EDGE_ON_PX2)
    area[edge_on], rise[edge_on] = 1.0, 0.0
    np.divide(rise, area, out=out)
    return edge_on


def gather(values: NDArray, where: Indices) -> NDArray:
    """Take without a bounds check (`clip`): faster, and the indices were checked when the mesh was built.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Any numbers.
    where : ndarray, shape (k,)
        Indices below n.
    """
    return values.take(where, mode="clip")


def _sides(values: Floats, corners: Indices) -> tuple[Floats, Floats]:
    """Difference of the second and third corner from the first."""
    at_first = gather(values, corners[0])
    first, second = gather(values, corners[1]), gather(values, corners[2])
    first -= at_first
    second -= at_first
    return first, second


def _cross(a_1: Floats, a_2: Floats, b_1: Floats, b_2: Floats) -> Floats:
    """Return a_1 b_2 - a_2 b_1; a_1 is overwritten."""
    a_1 *= b_2
    a_1 -= a_2 * b_1
    return a_1


def _bounds(boxes: Sequence[Floats], carm: CArm) -> list[Floats]:
    """Leftmost and rightmost column, highest and lowest row, shape (4, runs), of the corners of boxes, given as (3, 8, runs)."""
    column, row, _ = vertices_drawn(np.concatenate(boxes, axis=2).reshape(3, -1), carm)
    column, row = column.reshape(8, -1), row.reshape(8, -1)
    bounds = np.stack((column.min(axis=0), column.max(axis=0), row.min(axis=0), row.max(axis=0)))
    return np.split(bounds, np.cumsum([of.shape[2] for of in boxes[:-1]]), axis=1)
