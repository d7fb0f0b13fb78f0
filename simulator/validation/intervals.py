"""95 % intervals of shares and means."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Z = 1.959964  # of 95 %


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An estimate with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def text(self, *, percent: bool) -> str:
        """As a table shows it."""
        if percent:
            return f"{100 * self.value:.0f} % ({100 * self.low:.0f} to {100 * self.high:.0f})"
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def wilson(hits: int, count: int) -> Interval:
    """Share of hits, by Wilson's score.

    Raises
    ------
    ValueError
        If the count is not above 0 or the hits are not within it.
    """
    if count <= 0 or not 0 <= hits <= count:
        raise ValueError(f"a share needs 0 <= hits <= count and a count above 0, got {hits} of {count}")
    share, spread = hits / count, Z * Z / count
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / count + spread / (4 * count))
    return Interval(value=share, low=max(middle - half, 0.0), high=min(middle + half, 1.0))


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """Mean with Student's interval of values in any one unit, shape (n,); a single value is its own interval.

    Raises
    ------
    ValueError
        If there is no value.
    """
    if len(values) == 0:
        raise ValueError("a mean needs at least one value")
    mean = float(np.mean(values))
    half = float(student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return Interval(value=mean, low=mean - half, high=mean + half)
