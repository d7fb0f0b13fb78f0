"""What stands above the image: thickness and slope on the row just above it, so that no edge further up need be looked at.

Along that row the thickness is piecewise linear too; it bends only where an edge crosses the row. It is found by the same sums as down
a column, with rows and columns exchanged.
"""

from dataclasses import dataclass

import numpy as np

from simulator.xray.projection.crossings import cross_columns, lay_lines
from simulator.xray.projection.edges import EdgeMesh
from simulator.xray.projection.projected_mesh import Drawing, Floats, Indices, face_slopes, gather, split_work

ABOVE = -1.0  # the row just above the image; a vertex on it counts as above


@dataclass(frozen=True, eq=False, slots=True)
class _Cuts:
    """Edges that cross the row: which, at what (fractional) column, and the first column right of the crossing."""

    edge: Indices
    place: Floats
    column: Indices
    falls: Floats  # +1 where the edge runs down from start to end, -1 where up
    depth_mm: Floats


def top_row(mesh: EdgeMesh, drawing: Drawing, weights: Floats, columns: int) -> tuple[Floats, Floats]:
    """Return thickness times weight, mm, and its slope, mm per row, on the row above the image; both shape (columns, channels).

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    drawing : Drawing
        Its vertices and faces in this view.
    weights : ndarray, shape (channels, e)
        What the surface of each edge adds to each channel, per mm.
    columns : int
        Of the image.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a column has no steepness and crosses none
        cuts = _cuts(mesh, drawing, columns)
    faces, which = np.unique(np.stack((mesh.along[cuts.edge], mesh.against[cuts.edge])), return_inverse=True)
    across, down = np.empty((2, len(faces)))
    face_slopes(mesh.corners[:, faces], drawing.row, drawing.column, drawing.depth_mm, across)
    edge_on = face_slopes(mesh.corners[:, faces], drawing.column, drawing.row, drawing.depth_mm, down)
    steps_mm = np.zeros((2, len(cuts.edge)))
    if len(edge_on):
        mean_mm = drawing.depth_mm[mesh.corners[:, faces]].mean(axis=0)
        steps_mm = np.where(np.isin(which, edge_on), mean_mm[which] - cuts.depth_mm, 0.0)
    bend = _difference(across[which])
    value = _difference(steps_mm) + bend * (cuts.column - cuts.place)
    weight = -weights[:, cuts.edge] * cuts.falls  # minus: exchanging rows and columns turns the image over
    values, bends, slopes = (_sum_jumps(weight * jump, cuts.column, columns) for jump in (value, bend, _difference(down[which])))
    values[1:] += np.cumsum(bends, axis=0)[:-1]
    return values, slopes


def _cuts(mesh: EdgeMesh, drawing: Drawing, columns: int) -> _Cuts:
    edge = _find_straddling(mesh, drawing, columns)
    start, end = mesh.start[edge], mesh.end[edge]
    first, last = (np.clip(np.ceil(drawing.column[vertex]), 0, columns) for vertex in (start, end))
    run = lay_lines(start, end, first, last, drawing)
    which, _, row = cross_columns(run)
    above = np.bincount(which[np.ceil(row) < 0], minlength=len(edge))  # columns that it crosses above the image, told as for the image
    fall = drawing.row[end] - drawing.row[start]
    share = (ABOVE - drawing.row[start]) / fall
    return _Cuts(
        edge=edge,
        place=drawing.column[start] + share * run.width,
        column=(run.first + np.where(run.width * fall > 0, above, run.count - above)).astype(np.intp),
        falls=np.sign(fall),
        depth_mm=drawing.depth_mm[start] + share * (drawing.depth_mm[end] - drawing.depth_mm[start]),
    )


def _find_straddling(mesh: EdgeMesh, drawing: Drawing, columns: int) -> Indices:
    """Edges with one end above and one below; what lies right of the image has no say in it."""
    found = [np.empty(0, dtype=np.intp)]
    for part in split_work((drawing.top <= ABOVE) & (drawing.bottom > ABOVE) & (drawing.left < columns), len(mesh.start)):
        found.append(
            part.start + np.flatnonzero((gather(drawing.row, mesh.start[part]) <= ABOVE) != (gather(drawing.row, mesh.end[part]) <= ABOVE))
        )
    return np.concatenate(found)


def _difference(of_faces: Floats) -> Floats:
    """The face along the edge minus the one against it."""
    return of_faces[0] - of_faces[1]


def _sum_jumps(jumps: Floats, column: Indices, columns: int) -> Floats:
    """Running sum, shape (columns, channels), of jumps at columns; what falls beyond the last column is dropped."""
    sums = [np.cumsum(np.bincount(column, jump, columns + 1)[:columns], dtype=np.float64) for jump in jumps]
    return np.stack(sums, axis=1)
