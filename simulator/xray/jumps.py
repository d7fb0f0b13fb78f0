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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

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


@dataclass(frozen=True, slots=True)
class _Target:
    """A band of columns of the image."""

    rows: int
    left: int
    right: int

    @property
    def columns(self) -> int:
        return self.right - self.left


class Crossings:
    """Every crossing of an edge with a column, edge by edge: the pixel at or below it, and how many rows below.

    Its arrays only grow, so that one that is kept costs no fresh memory in the next view.
    """

    def __init__(self) -> None:
        self.edges = self.number = 0
        self.after = np.zeros(1, dtype=np.int32)  # crossings before each edge
        self.jump = np.empty((0, 0))
        self.pixel = np.empty(0, dtype=np.int32)
        self.below = self.ones = np.empty(0)

    def begin(self, edges: int, channels: int) -> None:
        """Forget the last view and make room for so many edges."""
        self.edges = self.number = 0
        if self.jump.shape != (edges, channels):
            self.after, self.jump = np.zeros(edges + 1, dtype=np.int32), np.empty((edges, channels))

    def append(self, count: Indices, pixel: Floats, below: Floats) -> None:
        """Add the crossings of the next edges, `count` for each."""
        edges, number = self.edges + len(count), self.number + len(pixel)
        if number > len(self.pixel):
            self._grow(2 * number)
        self.after[self.edges + 1 : edges + 1] = np.cumsum(count) + self.number
        self.pixel[self.number : number] = pixel
        self.below[self.number : number] = below
        self.edges, self.number = edges, number

    def scatter(self, cells: int) -> tuple[Floats, Floats]:
        """Sum every crossing's jump, times its rows below and times one, into the cells; both shape (cells, channels)."""
        jump = self.jump[: self.edges] if self.jump.shape[1] > 1 else self.jump[: self.edges, 0]
        where, shape = (self.pixel[: self.number], self.after[: self.edges + 1]), (cells, self.edges)
        value = csc_array((self.below[: self.number], *where), shape=shape) @ jump
        slope = csc_array((self.ones[: self.number], *where), shape=shape) @ jump
        return value.reshape(cells, -1), slope.reshape(cells, -1)

    def _grow(self, number: int) -> None:
        pixel, below = self.pixel[: self.number], self.below[: self.number]
        self.pixel, self.below, self.ones = np.empty(number, dtype=np.int32), np.empty(number), np.ones(number)
        self.pixel[: self.number], self.below[: self.number] = pixel, below


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


def column_jumps(
    mesh: EdgeMesh, drawing: Drawing, weights: Floats, band: tuple[int, int], rows: int, crossings: Crossings
) -> tuple[Floats, Floats]:
    """Return the jumps of value and of slope down each column of a band, both shape (rows + 1, columns in the band, channels).

    The order of the sums in a column does not depend on the band, so bands may be cut anywhere without changing a bit of the result.

    Parameters
    ----------
    mesh : EdgeMesh
        The surfaces.
    drawing : Drawing
        Its vertices and faces in this view.
    weights : ndarray, shape (channels, e)
        What the surface of each edge adds to each channel, per mm.
    band : (int, int)
        First column, and the one after the last.
    rows : int
        Rows of the image; what lies below it falls into one more.
    crossings : Crossings
        Working memory, overwritten.
    """
    ceiling = np.clip(np.ceil(drawing.column), *band)
    target = _Target(rows, *band)
    crossings.begin(len(mesh.start), len(weights))
    with np.errstate(divide="ignore", invalid="ignore"):  # an edge along a column has no steepness and crosses none
        for begin in range(0, len(mesh.start), EDGES_AT_ONCE):
            _append_some(mesh, drawing, ceiling, weights, slice(begin, begin + EDGES_AT_ONCE), target, crossings)
        value, slope = crossings.scatter((rows + 1) * target.columns)
        if len(drawing.edge_on):
            _add_steps(mesh, drawing, ceiling, weights, target, value)
    shape = (rows + 1, target.columns, len(weights))
    return value.reshape(shape), slope.reshape(shape)


def integrate(value: Floats, slope: Floats) -> None:
    """Turn jumps into values by running sums down the rows; `value` becomes the sum of weight times length, mm.

    Parameters
    ----------
    value, slope : ndarray, shape (rows + 1, ...)
        As `column_jumps` made them; both are overwritten.
    """
    values, slopes = list(value.reshape(len(value), -1)), list(slope.reshape(len(slope), -1))
    for above, row, steep_above, steep in zip(values[:-1], values[1:], slopes[:-1], slopes[1:], strict=True):
        row += above  # row by row keeps the sums in the cache and runs along memory
        row += steep_above
        steep += steep_above


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


def _append_some(
    mesh: EdgeMesh,
    drawing: Drawing,
    ceiling: Floats,
    weights: Floats,
    part: slice,
    target: _Target,
    crossings: Crossings,
) -> None:
    edges = [mesh.start[part], mesh.end[part], mesh.along[part], mesh.against[part], *weights[:, part]]
    first, last = _take(ceiling, edges[0]), _take(ceiling, edges[1])
    crossed = first != last
    if np.count_nonzero(crossed) < SPARSE * len(crossed):
        chosen = np.flatnonzero(crossed)
        first, last, *edges = (_take(array, chosen) for array in (first, last, *edges))
    start, end, along, against, *weight = edges
    run = _run(start, end, first, last, drawing)
    jump = _take(drawing.slope, along)
    jump -= _take(drawing.slope, against)
    np.copysign(jump, jump * run.width, out=jump)  # an edge drawn from right to left has its faces the other way round
    for channel, of_edge in enumerate(weight):
        np.multiply(jump, of_edge, out=crossings.jump[crossings.edges : crossings.edges + len(jump), channel])
    _, _, pixel, below = _cross_columns(run, target)
    crossings.append(run.count, pixel, below)


def _run(start: Indices, end: Indices, first: Floats, last: Floats, drawing: Drawing) -> _Run:
    count = np.abs(last - first).astype(np.intp)
    np.minimum(first, last, out=first)
    at_start, width = _take(drawing.column, start), _take(drawing.column, end)
    intercept, steepness = _take(drawing.row, start), _take(drawing.row, end)
    width -= at_start
    steepness -= intercept
    steepness /= width
    at_start *= steepness
    intercept -= at_start
    return _Run(first, count, steepness, intercept, width)


def _cross_columns(run: _Run, target: _Target) -> tuple[Indices, Floats, Floats, Floats]:
    """Edge, column, flat index of the pixel at or below, and rows down to its centre, of every crossing."""
    edge = np.repeat(np.arange(len(run.count)), run.count)
    column = _take(run.first - np.cumsum(run.count) + run.count, edge)
    column += np.arange(len(edge), dtype=np.float64)
    row = _take(run.steepness, edge)
    row *= column
    row += _take(run.intercept, edge)
    pixel = np.ceil(row)
    np.clip(pixel, 0, target.rows, out=pixel)
    below = np.subtract(pixel, row, out=row)
    pixel *= target.columns
    pixel += column
    pixel -= target.left
    return edge, column, pixel, below


def _add_steps(mesh: EdgeMesh, drawing: Drawing, ceiling: Floats, weights: Floats, target: _Target, value: Floats) -> None:
    """Put the faces seen edge-on in as steps: at each edge, from the edge's depth to the face's mean depth or back."""
    faces = np.tile(drawing.edge_on, 3)
    edges = mesh.face_edges[:, drawing.edge_on].ravel()
    mean_mm = drawing.depth_mm[mesh.corners[:, faces]].mean(axis=0)
    start, end = mesh.start[edges], mesh.end[edges]
    run = _run(start, end, ceiling[start], ceiling[end], drawing)
    edge, crossed, pixel, _ = _cross_columns(run, target)
    sign = np.where(mesh.along[edges] == faces, 1.0, -1.0) * np.sign(run.width)
    rise = (drawing.depth_mm[end] - drawing.depth_mm[start]) / run.width
    depth_mm = drawing.depth_mm[start][edge] + (crossed - drawing.column[start][edge]) * rise[edge]
    step = (sign[edge] * (mean_mm[edge] - depth_mm))[:, None] * weights[:, edges].T[edge]
    np.add.at(value, pixel.astype(np.intp), step)
