"""Edge jumps: the exact shadow of closed surfaces without voxels and without rays.

Along a ray the length inside a closed surface is the sum over the faces it meets of +depth (leaving) or -depth (entering). Down one image
column that sum is piecewise linear in the row: its slope changes only where the column crosses a projected edge, by the difference of
the depth slopes of the two faces that meet there. So each crossing adds its jump to the second difference of the column, and two running
sums give the thickness. Three choices make the sums close, so that a ray outside everything reads zero to rounding:

- drawn vertices are snapped to multiples of 2^-24 pixel and mm, so a face's projected area is computed without rounding;
- which columns an edge crosses follows from its vertices alone, so neighbours never disagree;
- a face seen edge-on has no usable slope: it becomes a step at its own mean depth, put in at its edges as jumps of the value.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.edges import EdgeMesh

SNAP = 1.5 * 2.0 ** (52 - 24)  # adding and taking away this number rounds to multiples of 2^-24
EDGE_ON_PX2 = 1e-5  # twice the projected area below which a face counts as seen edge-on
NEAREST_MM = 1.0  # nothing may come closer to the focal spot than this
FACES_AT_ONCE = 16384  # temporaries of this many numbers stay in a core's cache
EDGES_AT_ONCE = 16384
SPARSE = 0.5  # below this fraction of edges that cross a column, the others are dropped first

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Drawing:
    """Vertices of a mesh as they are drawn in one view.

    Attributes
    ----------
    column, row : ndarray, shape (n,)
        Fractional pixels.
    depth_mm : ndarray, shape (n,)
        From the source, across the detector's plane, mm.
    slope : ndarray, shape (m,)
        Of each face: change of depth per row, along a column, mm; 0 where the face is edge-on.
    edge_on : ndarray, shape (k,)
        Indices of the faces seen edge-on.
    """

    column: Floats
    row: Floats
    depth_mm: Floats
    slope: Floats
    edge_on: Indices


@dataclass(frozen=True, eq=False, slots=True)
class _Run:
    """Edges and the columns that they cross; the row of the crossing is steepness * column + intercept."""

    first: Floats  # leftmost column crossed
    count: Indices  # number of columns crossed
    steepness: Floats
    intercept: Floats
    width: Floats  # signed, end minus start


@dataclass(frozen=True, eq=False, slots=True)
class _Crossings:
    """Every crossing of an edge with a column: which edge, and the pixel at or below it."""

    edge: Indices
    column: Floats
    pixel: Indices  # flat index of the channel-0 cell
    below: Floats  # rows from the crossing down to that pixel's centre


def vertices_drawn(mesh: EdgeMesh, carm: CArm) -> tuple[Floats, Floats, Floats]:
    """Return column, row (pixels) and depth (mm) of every vertex, each shape (n,), snapped to 2^-24.

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If a vertex comes to the focal spot or behind it.
    """
    axes = np.stack((carm.right, carm.down, carm.normal))
    column, row, depth_mm = axes @ mesh.points
    for values, offset in zip((column, row, depth_mm), axes @ carm.source, strict=True):
        values -= offset
    if not depth_mm.min() > NEAREST_MM:
        raise ValueError(f"every surface must lie in front of the source, got a depth of {depth_mm.min():.1f} mm: move the source away")
    scale = carm.source_to_image_mm / carm.pixel_mm / depth_mm
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
        Vertices as drawn, pixels and mm.
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


def add_jumps(mesh: EdgeMesh, drawing: Drawing, weights: Floats, band: tuple[int, int], out: Floats) -> None:
    """Add the jumps at every edge within a band of columns to their second difference down the columns.

    The order of the sums in a column does not depend on the band, so bands may be cut anywhere without changing a bit of the result.

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    drawing : Drawing
        Its vertices and faces in this view.
    weights : ndarray, shape (surfaces, channels)
        What each surface adds to each channel, per mm.
    band : (int, int)
        First column, and the one after the last.
    out : ndarray, shape (rows + 2, channels, columns in the band)
        Added to; mm times weight. The last two rows catch what lies below the image.
    """
    ceiling = np.clip(np.ceil(drawing.column), *band)
    weight_of = np.ascontiguousarray(weights.T)
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a column has no steepness and crosses none
        for begin in range(0, len(mesh.start), EDGES_AT_ONCE):
            _add_some(mesh, drawing, ceiling, weight_of, slice(begin, begin + EDGES_AT_ONCE), band[0], out)
        if len(drawing.edge_on):
            _add_steps(mesh, drawing, ceiling, weights, band[0], out)


def integrate(jumps: Floats) -> None:
    """Turn second differences into values by two running sums down the rows, in place.

    Parameters
    ----------
    jumps : ndarray, shape (rows + 2, ...)
        As `add_jumps` left them; mm times weight.
    """
    rows = list(jumps.reshape(len(jumps), -1))  # row by row keeps the sum in the cache and runs along memory
    slope = rows[0].copy()
    for above, row in zip(rows[:-1], rows[1:], strict=True):
        slope += row
        np.add(above, slope, out=row)


def _sides(values: Floats, corners: Indices) -> tuple[Floats, Floats]:
    """Difference of the second and third corner from the first."""
    at_first = _take(values, corners[0])
    first, second = _take(values, corners[1]), _take(values, corners[2])
    first -= at_first
    second -= at_first
    return first, second


def _cross(a_1: Floats, a_2: Floats, b_1: Floats, b_2: Floats) -> Floats:
    """Return a_1 b_2 - a_2 b_1; a_1 is overwritten."""
    a_1 *= b_2
    a_1 -= a_2 * b_1
    return a_1


def _take(values: NDArray, where: Indices) -> NDArray:
    """Gather without a bounds check (`clip`): three times as fast, and the indices were checked when the mesh was built."""
    return values.take(where, mode="clip")


def _add_some(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weight_of: Floats, part: slice, first_column: int, out: Floats) -> None:
    start, end, along, against, surface = (array[part] for array in (mesh.start, mesh.end, mesh.along, mesh.against, mesh.surface))
    crossed = _take(ceiling, start) != _take(ceiling, end)
    if np.count_nonzero(crossed) < SPARSE * len(crossed):
        chosen = np.flatnonzero(crossed)
        start, end, along, against, surface = (_take(array, chosen) for array in (start, end, along, against, surface))
    run = _run(start, end, drawing, ceiling)
    crossings = _cross_columns(run, first_column, out.shape)
    jump = _take(drawing.slope, along)
    jump -= _take(drawing.slope, against)
    np.copysign(jump, jump * run.width, out=jump)  # an edge drawn from right to left has its faces the other way round
    flat, channel_size, row_size = out.reshape(-1), out.shape[2], out.shape[1] * out.shape[2]
    for channel, weight in enumerate(weight_of):
        slope = _take(jump * _take(weight, surface), crossings.edge)
        value = slope * crossings.below
        np.add.at(flat[channel * channel_size :], crossings.pixel, value)
        slope -= value
        np.add.at(flat[channel * channel_size + row_size :], crossings.pixel, slope)


def _run(start: Indices, end: Indices, drawing: Drawing, ceiling: Floats) -> _Run:
    first, last = _take(ceiling, start), _take(ceiling, end)
    count = np.abs(last - first).astype(np.intp)
    np.minimum(first, last, out=first)
    column, width = _take(drawing.column, start), _take(drawing.column, end)
    row, steepness = _take(drawing.row, start), _take(drawing.row, end)
    width -= column
    steepness -= row
    steepness /= width
    column *= steepness
    row -= column
    return _Run(first, count, steepness, row, width)


def _cross_columns(run: _Run, first_column: int, shape: tuple[int, ...]) -> _Crossings:
    rows, channels, columns = shape
    after = np.cumsum(run.count)
    edge = np.repeat(np.arange(len(after)), run.count)
    column = _take(run.first - after + run.count, edge)
    column += np.arange(len(edge), dtype=np.float64)
    row = _take(run.steepness, edge)
    row *= column
    row += _take(run.intercept, edge)
    pixel = np.ceil(row)
    np.clip(pixel, 0, rows - 2, out=pixel)
    below = np.subtract(pixel, row, out=row)
    pixel *= channels * columns
    pixel += column
    pixel -= first_column
    return _Crossings(edge, column, pixel.astype(np.intp), below)


def _add_steps(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, first_column: int, out: Floats) -> None:
    """Put the faces seen edge-on in as steps: at each edge, from the edge's depth to the face's mean depth or back."""
    faces = np.tile(drawing.edge_on, 3)
    edges = mesh.face_edges[:, drawing.edge_on].ravel()
    mean_mm = drawing.depth_mm[mesh.corners[:, faces]].mean(axis=0)
    start, end = mesh.start[edges], mesh.end[edges]
    run = _run(start, end, drawing, ceiling)
    crossings = _cross_columns(run, first_column, out.shape)
    sign = np.where(mesh.along[edges] == faces, 1.0, -1.0) * np.sign(run.width)
    steepness = (drawing.depth_mm[end] - drawing.depth_mm[start]) / run.width
    edge = crossings.edge
    depth_mm = drawing.depth_mm[start][edge] + (crossings.column - drawing.column[start][edge]) * steepness[edge]
    step = (sign[edge] * (mean_mm[edge] - depth_mm))[:, None] * weights[mesh.surface[edges]][edge]
    cells = crossings.pixel[:, None] + np.arange(out.shape[1]) * out.shape[2]
    np.add.at(out.reshape(-1), cells, step)
    np.add.at(out.reshape(-1), cells + out.shape[1] * out.shape[2], -step)
