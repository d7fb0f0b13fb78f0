"""Draws of which population samples are made: what nobody can have is drawn again, not moved to a limit where many would gather."""

from collections.abc import Callable, Mapping
from math import inf
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from phantoms.terms.reference_tables import read_spread

T = TypeVar("T")

CUT_SD = 3.0
TRIES = 10_000
"""Draws after which a limit is taken to leave out everything; a limit that leaves one in a hundred is met within some hundred."""


def draw_until(draw: Callable[[], T], fits: Callable[[T], bool]) -> T:
    """Draw until a draw fits: what comes is spread as the draws that fit are.

    Raises
    ------
    ValueError
        Where none fits.
    """
    for _ in range(TRIES):
        found = draw()
        if fits(found):
            return found
    raise ValueError(f"none of {TRIES} draws fits; the limits leave nothing of what is drawn")


def draw_possible(draw: Callable[[], T]) -> T:
    """Draw until a record can be made of a draw: `draw` raises ValueError for one that is out of its ranges.

    Raises
    ------
    ValueError
        Where none can.
    """
    problem = ValueError("nothing was drawn")
    for _ in range(TRIES // 100):
        try:
            return draw()
        except ValueError as error:
            problem = error
    raise problem


def standard(rng: np.random.Generator) -> float:
    """A standard normal deviate, within three standard deviations."""
    return draw_until(lambda: float(rng.standard_normal()), lambda deviate: abs(deviate) <= CUT_SD)


def normal(rng: np.random.Generator, name: str) -> float:
    """A quantity of ``population.csv``, in the unit that its name ends in."""
    return read_spread(name).mean + read_spread(name).sd * standard(rng)


def normal_within(rng: np.random.Generator, name: str, low: float = -inf, high: float = inf) -> float:
    """A quantity of ``population.csv`` within limits, in the unit that its name ends in."""
    return draw_until(lambda: normal(rng, name), lambda value: low <= value <= high)


def draw_along_spine(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Standard normal deviates of `count` vertebrae, shape (count,), correlated from each level to the next."""
    return draw_until(lambda: _walk_along_spine(rng, count), lambda deviates: bool(np.abs(deviates).max() <= CUT_SD))


def _walk_along_spine(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    correlation = read_spread("level_correlation").mean
    fresh = rng.standard_normal(count)
    deviates = fresh.copy()
    for i in range(1, len(deviates)):
        deviates[i] = correlation * deviates[i - 1] + np.sqrt(1 - correlation**2) * fresh[i]
    return deviates


def pick(rng: np.random.Generator, shares: Mapping[Level, float]) -> Level:
    """A level, each as often as its share says."""
    return list(shares)[int(rng.choice(len(shares), p=list(shares.values())))]
