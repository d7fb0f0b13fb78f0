"""Edge jumps: the exact shadow of closed surfaces without voxels and without rays.

Along a ray the length inside a closed surface is the sum over the faces it meets of +depth (leaving) or -depth (entering). Down one image
column that sum is piecewise linear in the row: its slope changes only where the column crosses a projected edge, by the difference of
the depth slopes of the two faces that meet there. So each crossing shares its jump between the two pixels below it, and two running sums
down the column give the thickness.

Three choices make the sums close, so that a ray outside everything reads zero to rounding:

- drawn vertices are snapped to multiples of 2^-24 pixel and mm, so a face's projected area is computed without rounding;
- which columns an edge crosses follows from its vertices alone, so neighbours never disagree;
- a face seen edge-on has no usable slope: it becomes a step at its own mean depth, put in at its edges as jumps of the value.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.xray.projection.crossings import ColumnBand, cells_below, cross_columns, lay_lines
from simulator.xray.projection.edges import BOXED, EdgeMesh
from simulator.xray.projection.projected_mesh import Drawing, Floats, Indices, gather, split_work
from simulator.xray.projection.scatter_add import add_products

SPARSE = 0.8  # below this fraction of edges that cross a column of the image, the others are dropped first


def add_column_jumps(mesh: EdgeMesh, drawing: Drawing, weights: Floats, target: ColumnBand, jumps: Floats) -> None:
    """Add the second difference, down each column of a band, of thickness times weight.

    What is above the image is left out (`top_row` sums it up); the last two rows are of no use.
    The order of the sums in a column does not depend on the band, so bands may be cut anywhere without changing a bit of the result.

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    drawing : Drawing
        Its vertices and faces in this view.
    weights : ndarray, shape (channels, e)
        What the surface of each edge adds to each channel, per mm.
    target : ColumnBand
        The band.
    jumps : ndarray, shape (rows + 2, columns of the image, channels)
        Added to, within the band, mm per row; contiguous.
    """
    ceiling = np.clip(np.ceil(drawing.column), target.left, target.right)
    cells = jumps.reshape(-1, len(weights))
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a column has no steepness and crosses none
        for part in split_work(_in_band(drawing, target), len(mesh.start)):
            _add_piece(mesh, drawing, ceiling, weights, part, target, cells)
        if len(drawing.edge_on):
            _add_steps(mesh, drawing, ceiling, weights, target, cells.reshape(-1))


def integrate(jumps: Floats, top: tuple[Floats, Floats], factor: Floats, out: NDArray) -> None:
    """Sum second differences twice down the rows, and write the sums times a factor.

    Parameters
    ----------
    jumps : ndarray, shape (rows + 2, columns, channels)
        As `add_column_jumps` made them, mm per row.
    top : pair of ndarray, shape (columns, channels)
        As `top_row` made it, mm and mm per row.
    factor : ndarray, shape (rows, columns)
        Of each pixel.
    out : ndarray, shape (channels, rows, columns)
        Receives the result, mm.
    """
    value, slope = (np.ascontiguousarray(start) for start in top)
    product = np.empty(value.shape[::-1])
    for row, (jump, at_row) in enumerate(zip(jumps, factor, strict=False)):  # row by row the sums stay in the cache
        slope += jump
        value += slope
        np.multiply(value.T, at_row, out=product)
        out[:, row] = product


def _in_band(drawing: Drawing, target: ColumnBand) -> NDArray[np.bool_]:
    """Tell which runs of edges may cross a column of the band within the image."""
    across = (drawing.right >= target.left) & (drawing.left <= target.right)
    return across & (drawing.bottom > -1) & (drawing.top <= target.rows)


def _add_piece(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, part: slice, target: ColumnBand, cells: Floats) -> None:
    edges = [mesh.start[part], mesh.end[part], mesh.along[part], mesh.against[part], *weights[:, part]]
    first, last = gather(ceiling, edges[0]), gather(ceiling, edges[1])
    crossed = first != last
    boxes = slice(part.start // BOXED, -(-part.stop // BOXED))
    open_top, open_bottom = bool(drawing.top[boxes].min() <= -1), bool(drawing.bottom[boxes].max() > target.rows - 1)
    if open_top or open_bottom:
        crossed &= _may_show(drawing.row, edges[0], edges[1], target.rows)
    if np.count_nonzero(crossed) < SPARSE * len(crossed):
        chosen = np.flatnonzero(crossed)
        first, last, *edges = (gather(array, chosen) for array in (first, last, *edges))
    start, end, along, against, *weight = edges
    line = lay_lines(start, end, first, last, drawing)
    _, column, row = cross_columns(line)
    cell, below = cells_below(column, row, target, open_top=open_top, open_bottom=open_bottom)
    jump = gather(drawing.slope, along)
    jump -= gather(drawing.slope, against)
    np.copysign(jump, jump * line.width, out=jump)  # an edge drawn from right to left has its faces the other way round
    weighted = np.empty((len(jump), len(weight)))
    for channel, of_edge in enumerate(weight):
        np.multiply(jump, of_edge, out=weighted[:, channel])
    after = np.zeros(len(jump) + 1, dtype=np.int32)
    np.cumsum(line.count, out=after[1:])
    add_products(cells, cell, below, after, weighted)
    np.subtract(1.0, below, out=below)
    add_products(cells[target.columns :], cell, below, after, weighted)


def _may_show(row: Floats, start: Indices, end: Indices, rows: int) -> NDArray[np.bool_]:
    """Tell which edges are neither wholly above the image nor wholly below it."""
    at_start, at_end = gather(row, start), gather(row, end)
    return (np.maximum(at_start, at_end) > -1) & (np.minimum(at_start, at_end) <= rows)


def _add_steps(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, target: ColumnBand, jumps: Floats) -> None:
    """Put the faces seen edge-on in as steps: at each edge, from the edge's depth to the face's mean depth or back."""
    faces = np.tile(drawing.edge_on, 3)
    edges = mesh.face_edges[:, drawing.edge_on].ravel()
    mean_mm = np.mean([gather(drawing.depth_mm, gather(corner, faces)) for corner in mesh.corners], axis=0)
    start, end = gather(mesh.start, edges), gather(mesh.end, edges)
    line = lay_lines(start, end, gather(ceiling, start), gather(ceiling, end), drawing)
    edge, column, row = cross_columns(line)
    sign = np.where(gather(mesh.along, edges) == faces, 1.0, -1.0) * np.sign(line.width)
    start_mm = gather(drawing.depth_mm, start)
    rise = (gather(drawing.depth_mm, end) - start_mm) / line.width
    depth_mm = gather(start_mm, edge) + (column - gather(gather(drawing.column, start), edge)) * gather(rise, edge)
    step = gather(sign, edge) * (gather(mean_mm, edge) - depth_mm)
    at = cells_below(column, row, target, open_top=True, open_bottom=True)[0].astype(np.intp) * len(weights)
    for channel, weight in enumerate(weights):
        weighted = step * gather(gather(weight, edges), edge)
        np.add.at(jumps, at + channel, weighted)
        np.subtract.at(jumps, at + (target.columns * len(weights) + channel), weighted)
