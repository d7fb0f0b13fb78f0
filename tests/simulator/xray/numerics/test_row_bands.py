"""Bands and threads: every part done once by whoever is free, blurs with repeated edges, and no lock where work hands out work."""

import threading

import numpy as np
import pytest

from simulator.xray.numerics import row_bands

TAPS = (0.5, 0.2, 0.05)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_part_is_done_once(threads: int) -> None:
    done: list[int] = []
    row_bands.share(lambda parts: done.extend(parts), range(100), threads)
    assert sorted(done) == list(range(100))
    row_bands.share(lambda parts: done.extend(parts), [], threads)
    assert len(done) == 100


def test_a_failure_in_either_thread_is_heard() -> None:
    both = threading.Barrier(2, timeout=30)

    def work(parts) -> None:
        next(parts)
        both.wait()
        if threading.current_thread() is not threading.main_thread():
            raise ArithmeticError("in the other thread")

    with pytest.raises(ArithmeticError, match="in the other thread"):
        row_bands.share(work, range(2), 2)


def test_work_may_hand_out_work() -> None:
    done: list[int] = []

    def outer(parts) -> None:
        for part in parts:
            row_bands.share(lambda inner, part=part: done.extend(part * 10 + number for number in inner), range(10), 2)

    row_bands.share(outer, range(20), 2)
    assert sorted(done) == list(range(200))


@pytest.mark.parametrize("columns", [1, 3, 4, 9, 64])
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_blur_repeats_the_edges(columns: int, step: int, gain: float, rng: np.random.Generator) -> None:
    """Against a plain sum over shifts with clipped indices; taps whose centre is 1 take a shorter way."""
    taps = tuple(gain * tap for tap in TAPS)
    image = rng.random((20, columns), dtype=np.float32)
    out, spare = np.empty_like(image), np.empty_like(image)
    row_bands.blur_columns(image, taps, out, spare, step)
    places = np.arange(columns)
    shifted = [np.clip(places + sign * step * number, 0, columns - 1) for number in (1, 2) for sign in (-1, 1)]
    direct = taps[0] * image + sum(taps[1 + index // 2] * image[:, place] for index, place in enumerate(shifted))
    np.testing.assert_allclose(out, direct, rtol=1e-5)
    if columns > 1:
        halo = 2 * step
        tall = np.concatenate([np.repeat(image[:1], halo, 0), image, np.repeat(image[-1:], halo, 0)])
        row_bands.blur_rows(tall, taps, out, spare, step)
        turned, sideways = np.empty_like(image.T.copy()), np.ascontiguousarray(image.T)
        row_bands.blur_columns(sideways, taps, turned, np.empty_like(turned), step)
        np.testing.assert_allclose(out, turned.T, rtol=1e-5)
