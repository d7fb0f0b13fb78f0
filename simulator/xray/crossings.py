"""Where projected edges cross the columns of pixel centres."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from simulator.xray.drawing import Drawing, Floats, Indices, gather


@dataclass(frozen=True, slots=True)
class Target:
    """A band of columns of the image, with two rows more below it for what is not wanted.

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
        """Pixels in the band, with the two rows below."""
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
        self._edges = self._number = 0
        self._after = np.zeros(1, dtype=np.int32)  # crossings before each edge
        self._jump = np.empty((0, 0))
        self._cell = np.empty(0, dtype=np.int32)
        self._below = np.empty(0)

    def begin(self, edges: int, channels: int) -> None:
        """Forget the last view and make room.

        Parameters
        ----------
        edges, channels : int
            The most edges that will come, and the channels of their jumps.
        """
        self._edges = self._number = 0
        if self._jump.shape != (2 * edges, channels):
            self._after, self._jump = np.zeros(2 * edges + 1, dtype=np.int32), np.empty((2 * edges, channels))

    def append(self, jump: Floats, weights: list[Floats], count: Indices, cell: Indices, below: Floats) -> None:
        """Add the crossings of some edges.

        Parameters
        ----------
        jump : ndarray, shape (k,)
            Of the slope at each edge, mm per row.
        weights : list of ndarray, shape (k,)
            Of each edge, channel by channel.
        count : ndarray, shape (k,)
            Crossings of each edge.
        cell : ndarray, shape (n,)
            Flat index of the cell at or below each crossing.
        below : ndarray, shape (n,)
            From the crossing down to that cell's centre, rows.
        """
        edges, number = self._edges + len(count), self._number + len(cell)
        if 2 * number > len(self._cell):
            self._grow(4 * number)
        for channel, weight in enumerate(weights):
            np.multiply(jump, weight, out=self._jump[self._edges : edges, channel])
        self._after[self._edges + 1 : edges + 1] = np.cumsum(count) + self._number
        self._cell[self._number : number] = cell
        self._below[self._number : number] = below
        self._edges, self._number = edges, number

    def scatter(self, target: Target) -> Floats:
        """Return the second differences down the columns, shape (rows + 2, columns, channels).

        A crossing `below` rows above a pixel adds that share of its jump there, and the rest to the pixel underneath.

        Parameters
        ----------
        target : Target
            The band that the flat indices are of.
        """
        edges, number, channels = self._edges, self._number, self._jump.shape[1]
        self._jump[edges : 2 * edges] = self._jump[:edges]
        np.add(self._after[1 : edges + 1], number, out=self._after[edges + 1 : 2 * edges + 1])
        np.add(self._cell[:number], target.columns, out=self._cell[number : 2 * number])
        np.subtract(1.0, self._below[:number], out=self._below[number : 2 * number])
        entries = self._below[: 2 * number], self._cell[: 2 * number], self._after[: 2 * edges + 1]
        jump = self._jump[: 2 * edges] if channels > 1 else self._jump[: 2 * edges, 0]
        return (csc_array(entries, shape=(target.cells, 2 * edges)) @ jump).reshape(target.rows + 2, target.columns, channels)

    def _grow(self, size: int) -> None:
        cell, below = self._cell[: self._number], self._below[: self._number]
        self._cell, self._below = np.empty(size, dtype=np.int32), np.empty(size)
        self._cell[: self._number], self._below[: self._number] = cell, below


def lines(start: Indices, end: Indices, first: Floats, last: Floats, drawing: Drawing) -> Lines:
    """Lay lines through projected edges.

    Parameters
    ----------
    start, end : ndarray, shape (k,)
        Vertices of the edges.
    first, last : ndarray, shape (k,)
        First pixel column at or right of each vertex; `first` is overwritten.
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


def cross_columns(edges: Lines) -> tuple[Indices, Floats, Floats]:
    """Return edge, column and (fractional) row of every crossing; each shape (n,).

    Parameters
    ----------
    edges : Lines
        The projected edges.
    """
    edge = np.repeat(np.arange(len(edges.count)), edges.count)
    column = gather(edges.first - np.cumsum(edges.count) + edges.count, edge)
    column += np.arange(len(edge), dtype=np.float64)
    row = gather(edges.steepness, edge)
    row *= column
    row += gather(edges.intercept, edge)
    return edge, column, row


def cells_below(column: Floats, row: Floats, target: Target, *, open_top: bool) -> tuple[Indices, Floats]:
    """Return the flat index of the cell at or below each crossing, and the rows down to its centre; each shape (n,).

    Parameters
    ----------
    column, row : ndarray, shape (n,)
        The crossings; overwritten.
    target : Target
        The band. What lies above its rows or below them goes to the first row underneath.
    open_top : bool
        Whether any may lie above.
    """
    cell = np.ceil(row)
    np.minimum(cell, target.rows, out=cell)
    if open_top:
        cell[cell < 0] = target.rows
    below = np.subtract(cell, row, out=row)
    cell *= target.columns
    column += cell
    column -= target.left
    return column.astype(np.int32), below
