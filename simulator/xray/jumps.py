"""Edge jumps: the exact shadow of closed surfaces without voxels and without rays.

Along a ray the length inside a closed surface is the sum over the faces it meets of +depth (leaving) or -depth (entering). Down one image
column that sum is piecewise linear in the row: its slope changes only where the column crosses a projected edge, by the difference of
the depth slopes of the two faces that meet there. So each crossing adds its jump to a list of slopes and, for the part of a row between
the crossing and the next pixel centre, to a list of values; two running sums down the column give the thickness. A sparse matrix
(pixels x edges, one entry per crossing) times the edges' jumps makes both lists for all channels at once.

Three choices make the sums close, so that a ray outside everything reads zero to rounding:

- drawn vertices are snapped to multiples of 2^-24 pixel and mm, so a face's projected area is computed without rounding;
- which columns an edge crosses follows from its vertices alone, so neighbours never disagree;
- a face seen edge-on has no usable slope: it becomes a step at its own mean depth, put in at its edges as jumps of the value.
"""

import numpy as np

from simulator.xray.crossings import Crossings, Target, cross_columns, lines
from simulator.xray.drawing import Drawing, Floats, Indices, gather
from simulator.xray.edges import AT_ONCE, EdgeMesh

SPARSE = 0.5  # below this fraction of edges that cross a column of the image, the others are dropped first


def column_jumps(mesh: EdgeMesh, drawing: Drawing, weights: Floats, target: Target, crossings: Crossings) -> tuple[Floats, Floats]:
    """Return the jumps of value and of slope down each column of a band, both shape (rows + 2, columns in the band, channels).

    The first row stands for all that is above the image and must be set from `top_row`; the last holds what is below, and is of no use.
    The order of the sums in a column does not depend on the band, so bands may be cut anywhere without changing a bit of the result.

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    drawing : Drawing
        Its vertices and faces in this view.
    weights : ndarray, shape (channels, e)
        What the surface of each edge adds to each channel, per mm.
    target : Target
        The band.
    crossings : Crossings
        Working memory, overwritten.
    """
    ceiling = np.clip(np.ceil(drawing.column), target.left, target.right)
    crossings.begin(len(mesh.start), len(weights))
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a column has no steepness and crosses none
        for run in np.flatnonzero(_in_band(drawing, target)).tolist():
            _append_run(mesh, drawing, ceiling, weights, run, target, crossings)
        value, slope = crossings.scatter(target.cells)
        if len(drawing.edge_on):
            _add_steps(mesh, drawing, ceiling, weights, target, value)
    shape = (target.rows + 2, target.columns, len(weights))
    return value.reshape(shape), slope.reshape(shape)


def integrate(value: Floats, slope: Floats) -> None:
    """Turn jumps into values by running sums down the rows; `value` becomes the sum of weight times length, mm.

    Parameters
    ----------
    value, slope : ndarray, shape (rows, ...)
        As `column_jumps` and `top_row` made them; both are overwritten.
    """
    values, slopes = list(value.reshape(len(value), -1)), list(slope.reshape(len(slope), -1))
    for above, row, steep_above, steep in zip(values[:-1], values[1:], slopes[:-1], slopes[1:], strict=True):
        row += above  # row by row keeps the sums in the cache and runs along memory
        row += steep_above
        steep += steep_above


def _in_band(drawing: Drawing, target: Target) -> np.ndarray:
    """Tell which runs of edges may cross a column of the band within the image."""
    across = (drawing.right >= target.left) & (drawing.left <= target.right)
    return across & (drawing.bottom > -1) & (drawing.top <= target.rows)


def _append_run(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, run: int, target: Target, crossings: Crossings) -> None:
    part = slice(run * AT_ONCE, (run + 1) * AT_ONCE)
    edges = [mesh.start[part], mesh.end[part], mesh.along[part], mesh.against[part], *weights[:, part]]
    first, last = gather(ceiling, edges[0]), gather(ceiling, edges[1])
    crossed = first != last
    if drawing.top[run] <= -1 or drawing.bottom[run] > target.rows:
        crossed &= _may_show(drawing.row, edges[0], edges[1], target.rows)
    if np.count_nonzero(crossed) < SPARSE * len(crossed):
        chosen = np.flatnonzero(crossed)
        first, last, *edges = (gather(array, chosen) for array in (first, last, *edges))
    start, end, along, against, *weight = edges
    line = lines(start, end, first, last, drawing)
    jump = gather(drawing.slope, along)
    jump -= gather(drawing.slope, against)
    np.copysign(jump, jump * line.width, out=jump)  # an edge drawn from right to left has its faces the other way round
    for channel, of_edge in enumerate(weight):
        np.multiply(jump, of_edge, out=crossings.jump[crossings.edges : crossings.edges + len(jump), channel])
    _, _, cell, below = cross_columns(line, target)
    crossings.append(line.count, cell, below)


def _may_show(row: Floats, start: Indices, end: Indices, rows: int) -> np.ndarray:
    """Tell which edges are neither wholly above the image nor wholly below it."""
    at_start, at_end = gather(row, start), gather(row, end)
    return (np.maximum(at_start, at_end) > -1) & (np.minimum(at_start, at_end) <= rows)


def _add_steps(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, target: Target, value: Floats) -> None:
    """Put the faces seen edge-on in as steps: at each edge, from the edge's depth to the face's mean depth or back."""
    faces = np.tile(drawing.edge_on, 3)
    edges = mesh.face_edges[:, drawing.edge_on].ravel()
    mean_mm = drawing.depth_mm[mesh.corners[:, faces]].mean(axis=0)
    start, end = mesh.start[edges], mesh.end[edges]
    line = lines(start, end, ceiling[start], ceiling[end], drawing)
    edge, column, cell, _ = cross_columns(line, target)
    sign = np.where(mesh.along[edges] == faces, 1.0, -1.0) * np.sign(line.width)
    rise = (drawing.depth_mm[end] - drawing.depth_mm[start]) / line.width
    depth_mm = drawing.depth_mm[start][edge] + (column - drawing.column[start][edge]) * rise[edge]
    step = (sign[edge] * (mean_mm[edge] - depth_mm))[:, None] * weights[:, edges].T[edge]
    np.add.at(value, cell.astype(np.intp), step)
