"""Shares as the whole percent that a reader sees."""

from math import floor

ROUNDING = 1e-9


def percent(share: float) -> int:
    """Whole percent of a share, rounded down: 100 is said only where nothing was lost, a mark only where it was reached.

    Parameters
    ----------
    share : float
        From 0 to 1.

    Examples
    --------
    >>> percent(1.0), percent(0.9999), percent(0.29), percent(0.7499)
    (100, 99, 29, 74)
    """
    return floor(100 * share + ROUNDING)
