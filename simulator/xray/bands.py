"""Work on images in fixed bands of rows, on one thread or two: the same bits for either, and no temporaries larger than a cache."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

BAND_PIXELS = 1 << 16  # 256 kB in float32: three or four such arrays stay in a core's second-level cache
Band = tuple[int, int]
Part = TypeVar("Part")


def split(shape: tuple[int, int]) -> list[Band]:
    """First and last row (excluded) of each band of an image of that shape, in pixels; the split depends on nothing else."""
    rows, columns = shape
    height = max(8, BAND_PIXELS // columns)
    return [(first, min(first + height, rows)) for first in range(0, rows, height)]


def run(work: Callable[[Iterator[Band]], None], shape: tuple[int, int], threads: int = 2) -> None:
    """Hand the bands of an image out to threads.

    Parameters
    ----------
    work : callable
        Takes an iterator of bands and does them one after the other; each call makes its own scratch arrays.
    shape : (int, int)
        Rows and columns, pixels.
    threads : int
        1 or more; the result does not depend on it.
    """
    share(work, split(shape), threads)


def share(work: Callable[[Iterator[Part]], None], parts: Sequence[Part], threads: int) -> None:
    """Hand parts of a job out to threads, in runs of neighbours, and wait for all; `work` takes an iterator of parts."""
    count = -(-len(parts) // max(1, threads))
    runs = [parts[start : start + count] for start in range(0, len(parts), count)] if count else []
    if len(runs) <= 1:
        work(iter(parts))
        return
    with ThreadPoolExecutor(len(runs) - 1) as pool:
        others = [pool.submit(work, iter(run)) for run in runs[1:]]
        work(iter(runs[0]))
        for other in others:
            other.result()


def scratch(shape: tuple[int, int], halo: int = 0) -> NDArray[np.float32]:
    """Make an uninitialised array for one band of an image of that shape, (rows + 2 halo, columns), pixels, float32."""
    first, last = split(shape)[0]
    return np.empty((last - first + 2 * halo, shape[1]), dtype=np.float32)


def blur_rows(
    image: NDArray[np.float32], taps: Sequence[float], out: NDArray[np.float32], spare: NDArray[np.float32], step: int = 1
) -> None:
    """Convolve along columns of an image that has a halo of rows, into a smaller image.

    Parameters
    ----------
    image : ndarray, shape (rows + 2 halo, columns)
        Any unit; halo = step x (number of taps - 1).
    taps : sequence of float
        Symmetric kernel, centre first, dimensionless.
    out, spare : ndarray, shape (rows, columns)
        Result and scratch, float32.
    step : int
        Distance between taps, pixels.
    """
    halo, rows = step * (len(taps) - 1), len(out)
    np.multiply(image[halo : halo + rows], np.float32(taps[0]), out=out)
    for reach, tap in enumerate(taps[1:], start=1):
        shift = reach * step
        np.add(image[halo - shift : halo - shift + rows], image[halo + shift : halo + shift + rows], out=spare)
        np.multiply(spare, np.float32(tap), out=spare)
        np.add(out, spare, out=out)


def blur_columns(
    image: NDArray[np.float32], taps: Sequence[float], out: NDArray[np.float32], spare: NDArray[np.float32], step: int = 1
) -> None:
    """Convolve along rows, with the image's edge columns repeated outside.

    Works on the flattened image, where shifted sums are four times as fast as on shifted views, then mends the columns near the edges, into
    which the neighbouring rows have leaked.

    Parameters
    ----------
    image, out, spare : ndarray, shape (rows, columns)
        Source, result and scratch, C-contiguous float32, any unit.
    taps : sequence of float
        Symmetric kernel, centre first, dimensionless.
    step : int
        Distance between taps, pixels.
    """
    np.multiply(image, np.float32(taps[0]), out=out)
    flat, target, sums = image.reshape(-1), out.reshape(-1), spare.reshape(-1)
    for reach, tap in enumerate(taps[1:], start=1):
        shift = 2 * reach * step
        np.add(flat[shift:], flat[:-shift], out=sums[:-shift])
        np.multiply(sums[:-shift], np.float32(tap), out=sums[:-shift])
        np.add(target[shift // 2 : -(shift // 2)], sums[:-shift], out=target[shift // 2 : -(shift // 2)])
    _mend_edges(image, taps, out, step)


def _mend_edges(image: NDArray[np.float32], taps: Sequence[float], out: NDArray[np.float32], step: int) -> None:
    columns, halo = image.shape[1], step * (len(taps) - 1)
    for column in sorted({*range(min(halo, columns)), *range(max(0, columns - halo), columns)}):
        out[:, column] = np.float32(taps[0]) * image[:, column]
        for reach, tap in enumerate(taps[1:], start=1):
            left, right = max(0, column - reach * step), min(columns - 1, column + reach * step)
            out[:, column] += np.float32(tap) * (image[:, left] + image[:, right])
