"""Work on images in fixed bands of rows, on one thread or two: the same bits for either, and no temporaries larger than a cache."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
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
    """Hand parts of a job out to threads, each to whoever is free, and wait for all; `work` takes an iterator of parts."""
    waiting = iter(parts)
    others = [_get_pool(threads - 1).submit(work, waiting) for _ in range(min(threads, len(parts)) - 1)]
    work(waiting)
    for other in others:
        if not other.cancel():  # one that has not begun has nothing left to do
            other.result()


@cache
def _get_pool(threads: int) -> ThreadPoolExecutor:
    """Threads that stay: starting one takes as long as a band."""
    return ThreadPoolExecutor(threads, thread_name_prefix="bands")


def make_scratch(shape: tuple[int, int], halo: int = 0) -> NDArray[np.float32]:
    """Make an uninitialised array for one band of an image of that shape, (rows + 2 halo, columns), pixels, float32."""
    first, last = split(shape)[0]
    return np.empty((last - first + 2 * halo, shape[1]), dtype=np.float32)


def normalise_taps(taps: Sequence[float]) -> tuple[tuple[float, ...], float]:
    """Taps over the centre one, which saves a product by pixel, and the centre one squared: what is then missing after both axes."""
    return tuple(tap / taps[0] for tap in taps), taps[0] ** 2


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
    total = _centre(image[halo : halo + rows], taps[0], out)
    for shift, tap in zip(range(step, halo + 1, step), taps[1:], strict=True):
        _pair(image[halo - shift : halo - shift + rows], image[halo + shift : halo + shift + rows], tap, spare)
        total = np.add(total, spare, out=out)


def blur_columns(
    image: NDArray[np.float32], taps: Sequence[float], out: NDArray[np.float32], spare: NDArray[np.float32], step: int = 1
) -> None:
    """Convolve along rows, with the image's edge columns repeated outside.

    Works on the flattened image, where shifted sums are twice as fast as on shifted views, then mends the columns near the edges, into
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
    flat, target, sums = image.reshape(-1), out.reshape(-1), spare.reshape(-1)
    halo = step * (len(taps) - 1)
    stop = max(halo, len(flat) - halo)
    within = slice(halo, stop)  # the rest is near the edges
    total = _centre(flat[within], taps[0], target[within])
    for shift, tap in zip(range(step, halo + 1, step), taps[1:], strict=True):
        _pair(flat[halo - shift : stop - shift], flat[halo + shift : stop + shift], tap, sums[within])
        total = np.add(total, sums[within], out=target[within])
    _mend_edges(image, taps, out, step)


def _centre(image: NDArray[np.float32], tap: float, out: NDArray[np.float32]) -> NDArray[np.float32]:
    return image if tap == 1 else np.multiply(image, np.float32(tap), out=out)


def _pair(before: NDArray[np.float32], after: NDArray[np.float32], tap: float, out: NDArray[np.float32]) -> None:
    np.add(before, after, out=out)
    if tap != 1:
        np.multiply(out, np.float32(tap), out=out)


def _mend_edges(image: NDArray[np.float32], taps: Sequence[float], out: NDArray[np.float32], step: int) -> None:
    columns, halo = image.shape[1], step * (len(taps) - 1)
    reach = min(2 * halo, columns)
    mend = _edge_kernel(tuple(taps), step, reach)
    near = min(halo, columns)
    out[:, :near] = image[:, :reach] @ mend
    out[:, columns - near :] = image[:, columns - reach :] @ mend[::-1, ::-1]


@cache
def _edge_kernel(taps: tuple[float, ...], step: int, reach: int) -> NDArray[np.float32]:
    """Share that each of the columns nearest an edge, shape (reach, halo), has in the blurred ones."""
    halo = step * (len(taps) - 1)
    kernel = np.zeros((reach, min(halo, reach)))
    for column in range(kernel.shape[1]):
        for number, tap in enumerate(taps):
            for place in {column - number * step, column + number * step}:
                kernel[np.clip(place, 0, reach - 1), column] += tap
    return kernel.astype(np.float32)
