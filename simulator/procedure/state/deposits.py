"""Where the fluid of one push lay as the push ended: by compartment and agent."""

from collections.abc import Iterable, Mapping

import numpy as np

from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.media import COMPARTMENTS
from simulator.contrast.spread import Spread

Deposits = tuple[tuple[Compartment, Agent, float], ...]
"""Compartment, agent, and mL that came to lie there."""

LEAST_ML = 1e-9  # less is rounding


def measure_deposits(before: Iterable[Spread], after: Iterable[Spread], agents: Iterable[Agent]) -> Deposits:
    """Return what a push added to each compartment.

    Parameters
    ----------
    before, after : iterable of Spread
        All fluid as the push began, and as it ended.
    agents : iterable of Agent
        That were pushed.

    Returns
    -------
    Deposits
        mL; below 0 where the push drove an agent that lay there already into another compartment. What blood took, and what left through
        the ends of the fluid's domain, is in none.
    """
    first, last = _sum_by_place(before), _sum_by_place(after)
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


def _sum_by_place(spreads: Iterable[Spread]) -> dict[tuple[Compartment, Agent], float]:
    """Volume of each agent in each compartment of all spreads, mL."""
    found: dict[tuple[Compartment, Agent], float] = {}
    for spread in spreads:
        for column, agent in enumerate(spread.agents):
            sums_ml = np.bincount(spread.domain.compartment, spread.ml[:, column], minlength=len(COMPARTMENTS))
            for number in np.flatnonzero(sums_ml):
                key = COMPARTMENTS[int(number)], agent
                found[key] = found.get(key, 0.0) + float(sums_ml[number])
    return found
