"""How many seats a core and this machine's memory carry, as measured."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a seat used over a while.

    Attributes
    ----------
    cores : float
        Cores that were busy with it, on the mean.
    rss_mb : float
        Resident memory at the end, MB.
    """

    cores: float
    rss_mb: float


def describe_loads(loads: Mapping[str, Load], duration_s: float, free_mb: float | None) -> tuple[str, ...]:
    """Lines on what seats used: seats per core first, then each seat.

    Parameters
    ----------
    loads : mapping of str to Load
        By what the seat is called; those that run.
    duration_s : float
        How long was measured, s.
    free_mb : float or None
        Memory that more seats could have, MB.

    Examples
    --------
    >>> describe_loads({"seat 1": Load(cores=0.25, rss_mb=500.0)}, 60.0, 2000.0)[0]
    'last 60 s: 1 seat, 0.25 cores and 500 MB each on the mean: 4.0 seats per core; memory for 4 more'
    """
    if not loads:
        return ()
    cores = sum(load.cores for load in loads.values()) / len(loads)
    rss_mb = sum(load.rss_mb for load in loads.values()) / len(loads)
    carried = f"{1 / cores:.1f} seats per core" if cores >= 0.01 else "over 100 seats per core"
    room = "" if free_mb is None or rss_mb <= 0 else f"; memory for {int(free_mb / rss_mb)} more"
    count = f"{len(loads)} seat{'s' if len(loads) != 1 else ''}"
    first = f"last {duration_s:.0f} s: {count}, {cores:.2f} cores and {rss_mb:.0f} MB each on the mean: {carried}{room}"
    return first, *(f"  {name}: {load.cores:.2f} cores, {load.rss_mb:.0f} MB" for name, load in loads.items())
