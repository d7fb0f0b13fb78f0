"""How many random cases a law is tested with: a seeded few in the ordinary suite, the full count in `make laws`."""

import os

FULL = os.environ.get("EPIFLUORO_LAWS") == "1"


def count(few: int, full: int) -> int:
    """Number of random cases of a law.

    Parameters
    ----------
    few : int
        In the ordinary suite: some seconds.
    full : int
        In ``make laws``.
    """
    return full if FULL else few
