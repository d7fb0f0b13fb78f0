"""Where projected edges cross the columns of pixel centres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.xray.projection.projected_mesh import Drawing, Floats, Indices, gather

NUMBERS = np.arange(2.0**18)  # counting afresh costs as much as adding
NUMBERS.setflags(write=False)


@dataclass(frozen=True, slots=True)
class ColumnBand:
    """A band of columns of the image, with two rows more below it for what is not wanted.

    Attributes
    ----------
    rows : int
        Of the image.
    left, right : int
        First column, and the one after the last.
    columns : int
        Of the image.
    """

    rows: int
    left: int
    right: int
    columns: int


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


def lay_lines(start: Indices, end: Indices, first: Floats, last: Floats, drawing: Drawing) -> Lines:
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
    column += NUMBERS[: len(edge)] if len(edge) <= len(NUMBERS) else np.arange(len(edge), dtype=np.float64)
    row = gather(edges.steepness, edge)
    row *= column
    row += gather(edges.intercept, edge)
    return edge, column, row


def cells_below(column: Floats, row: Floats, target: ColumnBand, *, open_top: bool, open_bottom: bool) -> tuple[NDArray[np.int32], Floats]:
    """Return the flat index in the image of the cell at or below each crossing, and the rows down to its centre; each shape (n,).

    Parameters
    ----------
    column, row : ndarray, shape (n,)
        The crossings; `row` is overwritten.
    target : ColumnBand
        The band. What lies above its rows or below them goes to the first row underneath.
    open_top, open_bottom : bool
        Whether any may lie above, and below.
    """
    pixel = np.ceil(row)
    below = np.subtract(pixel, row, out=row)
    if open_top:
        np.copyto(pixel, target.rows, where=pixel < 0)
    if open_bottom:
        np.minimum(pixel, target.rows, out=pixel)
    pixel *= target.columns
    pixel += column
    return pixel.astype(np.int32), below
