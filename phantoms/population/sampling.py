"""Draws of which population samples are made, each cut at three standard deviations so that nobody is impossible."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from phantoms.terms.reference_tables import read_spread

CUT_SD = 3.0


def standard(rng: np.random.Generator) -> float:
    """A standard normal deviate."""
    return float(np.clip(rng.standard_normal(), -CUT_SD, CUT_SD))


def normal(rng: np.random.Generator, name: str) -> float:
    """A quantity of ``population.csv``, in the unit that its name ends in."""
    return read_spread(name).mean + read_spread(name).sd * standard(rng)


def draw_along_spine(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Standard normal deviates of `count` vertebrae, shape (count,), correlated from each level to the next."""
    correlation = read_spread("level_correlation").mean
    fresh = rng.standard_normal(count)
    deviates = fresh.copy()
    for i in range(1, len(deviates)):
        deviates[i] = correlation * deviates[i - 1] + np.sqrt(1 - correlation**2) * fresh[i]
    return np.clip(deviates, -CUT_SD, CUT_SD)


def pick(rng: np.random.Generator, shares: Mapping[Level, float]) -> Level:
    """A level, each as often as its share says."""
    return list(shares)[int(rng.choice(len(shares), p=list(shares.values())))]
