"""Where projected edges cross the columns of pixel centres."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from simulator.xray.drawing import Drawing, Floats, Indices, gather


@dataclass(frozen=True, slots=True)
class Target:
    """A band of columns of the image, with one row more above it and one below.

    Attributes
    ----------
    rows : int
        Of the image.
    left, right : int
        First column, and the one after the last.
    """

    rows: int
    left: int
    right: int

    @property
    def columns(self) -> int:
        """Columns in the band."""
        return self.right - self.left

    @property
    def cells(self) -> int:
        """Pixels in the band, with the rows above and below."""
        return (self.rows + 2) * self.columns


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Projected edges as straight lines: row = steepness * column + intercept.

    Attributes
    ----------
    first : ndarray, shape (k,)
        Leftmost column crossed.
    count : ndarray, shape (k,)
        Number of columns crossed.
    steepness, intercept : ndarray, shape (k,)
        Rows per column, and rows; not finite for an edge along a column, which crosses none.
    width : ndarray, shape (k,)
        Columns from the edge's start to its end, signed.
    """

    first: Floats
    count: Indices
    steepness: Floats
    intercept: Floats
    width: Floats


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
        """Forget the last view and make room.

        Parameters
        ----------
        edges, channels : int
            The most edges that will come, and the channels of their jumps.
        """
        self.edges = self.number = 0
        if self.jump.shape != (edges, channels):
            self.after, self.jump = np.zeros(edges + 1, dtype=np.int32), np.empty((edges, channels))

    def append(self, count: Indices, pixel: Floats, below: Floats) -> None:
        """Add the crossings of the next edges, whose jumps were written after those of the edges before.

        Parameters
        ----------
        count : ndarray, shape (k,)
            Crossings of each edge.
        pixel : ndarray, shape (n,)
            Flat index of the cell at or below each crossing.
        below : ndarray, shape (n,)
            From the crossing down to that cell's centre, rows.
        """
        edges, number = self.edges + len(count), self.number + len(pixel)
        if number > len(self.pixel):
            self._grow(2 * number)
        self.after[self.edges + 1 : edges + 1] = np.cumsum(count) + self.number
        self.pixel[self.number : number] = pixel
        self.below[self.number : number] = below
        self.edges, self.number = edges, number

    def scatter(self, cells: int) -> tuple[Floats, Floats]:
        """Sum every crossing's jump, times its rows below and times one, into the cells; both shape (cells, channels).

        Parameters
        ----------
        cells : int
            Number of cells, above every flat index.
        """
        jump = self.jump[: self.edges] if self.jump.shape[1] > 1 else self.jump[: self.edges, 0]
        where, shape = (self.pixel[: self.number], self.after[: self.edges + 1]), (cells, self.edges)
        value = csc_array((self.below[: self.number], *where), shape=shape) @ jump
        slope = csc_array((self.ones[: self.number], *where), shape=shape) @ jump
        return value.reshape(cells, -1), slope.reshape(cells, -1)

    def _grow(self, number: int) -> None:
        pixel, below = self.pixel[: self.number], self.below[: self.number]
        self.pixel, self.below, self.ones = np.empty(number, dtype=np.int32), np.empty(number), np.ones(number)
        self.pixel[: self.number], self.below[: self.number] = pixel, below


def lines(start: Indices, end: Indices, first: Floats, last: Floats, drawing: Drawing) -> Lines:
    """Lay lines through projected edges.

    Parameters
    ----------
    start, end : ndarray, shape (k,)
        Vertices of the edges.
    first, last : ndarray, shape (k,)
        First column at or right of each vertex; `first` is overwritten.
    drawing : Drawing
        The vertices as drawn.
    """
    count = np.abs(last - first).astype(np.intp)
    np.minimum(first, last, out=first)
    at_start, width = gather(drawing.column, start), gather(drawing.column, end)
    intercept, steepness = gather(drawing.row, start), gather(drawing.row, end)
    width -= at_start
    steepness -= intercept
    steepness /= width
    at_start *= steepness
    intercept -= at_start
    return Lines(first, count, steepness, intercept, width)


def cross_columns(edges: Lines, target: Target) -> tuple[Indices, Floats, Floats, Floats]:
    """Return edge, column, flat index of the cell at or below, and rows down to its centre, for every crossing; each shape (n,).

    Parameters
    ----------
    edges : Lines
        The projected edges.
    target : Target
        The band that they cross; row -1 of the image has the flat indices from 0.
    """
    edge = np.repeat(np.arange(len(edges.count)), edges.count)
    column = gather(edges.first - np.cumsum(edges.count) + edges.count, edge)
    column += np.arange(len(edge), dtype=np.float64)
    row = gather(edges.steepness, edge)
    row *= column
    row += gather(edges.intercept, edge)
    cell = np.ceil(row)
    np.clip(cell, -1, target.rows, out=cell)
    below = np.subtract(cell, row, out=row)
    cell += 1
    cell *= target.columns
    cell += column
    cell -= target.left
    return edge, column, cell, below
