"""Where the fluid of one push lay as the push ended: by compartment and agent."""

from collections.abc import Iterable, Mapping

import numpy as np

from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.media import COMPARTMENTS, FluidSpace
from simulator.contrast.spread import Spread

Deposits = tuple[tuple[Compartment, Agent, float], ...]
"""Compartment, agent, and mL that came to lie there."""

LEAST_ML = 1e-9  # less is rounding
GOES_ON: Mapping[FluidSpace, Compartment] = {
    FluidSpace.EPIDURAL: Compartment.FORAMINAL,  # through a foramen along the root's sheath, or on along the canal
    FluidSpace.INTRATHECAL: Compartment.INTRATHECAL,
    FluidSpace.SUBDURAL: Compartment.SUBDURAL,
}
"""Where fluid counts that leaves a domain by its ways out: it goes on in the same space. A vessel's end drains too, and counts nowhere."""


def measure_deposits(before: Spread, after: Spread, agents: Iterable[Agent], vessel: str = "") -> Deposits:
    """Return what a push added to each compartment.

    Parameters
    ----------
    before, after : Spread
        In the medium of the push, as it began and as it ended.
    agents : iterable of Agent
        That were pushed.
    vessel : str
        "venous" or "arterial" where the opening lies in a vessel, else empty.

    Returns
    -------
    Deposits
        mL; below 0 where the push drove an agent that lay there already into another compartment. What blood took is in none.
    """
    beyond = None if vessel else GOES_ON.get(after.domain.medium)
    first, last = _sum_by_place(before, beyond), _sum_by_place(after, beyond)
    gained = {key: last.get(key, 0.0) - first.get(key, 0.0) for key in dict.fromkeys((*last, *first))}
    return _list_deposits({key: value for key, value in gained.items() if key[1] in set(agents)})


def join_deposits(first: Deposits, second: Deposits) -> Deposits:
    """Deposits of two pieces of one push together."""
    total: dict[tuple[Compartment, Agent], float] = {}
    for place, agent, volume_ml in (*first, *second):
        total[place, agent] = total.get((place, agent), 0.0) + volume_ml
    return _list_deposits(total)


def _list_deposits(total_ml: Mapping[tuple[Compartment, Agent], float]) -> Deposits:
    order = {place: number for number, place in enumerate(COMPARTMENTS)}
    found = [(place, agent, volume_ml) for (place, agent), volume_ml in total_ml.items() if abs(volume_ml) > LEAST_ML]
    return tuple(sorted(found, key=lambda item: (order[item[0]], item[1])))


def _sum_by_place(spread: Spread, beyond: Compartment | None) -> dict[tuple[Compartment, Agent], float]:
    """Volume of each agent in each compartment, mL; `beyond` is where what has left the domain counts."""
    found: dict[tuple[Compartment, Agent], float] = {}
    for column, agent in enumerate(spread.agents):
        sums_ml = np.bincount(spread.domain.compartment, spread.ml[:, column], minlength=len(COMPARTMENTS))
        found |= {(COMPARTMENTS[int(number)], agent): float(sums_ml[number]) for number in np.flatnonzero(sums_ml)}
        if beyond is not None:
            found[beyond, agent] = found.get((beyond, agent), 0.0) + float(spread.leaked_ml[column])
    return found
