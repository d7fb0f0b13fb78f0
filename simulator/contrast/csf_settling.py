"""Dense fluid in cerebrospinal fluid: it sinks, gathers in the lowest places and mixes by pulsation; every exchange keeps its volume.

The patient lies prone, so that gravity points to the world's -y and contrast pools ventrally. Potential flow comes first; this is its
split-off second part: in each column, straight down or aslant, dense fluid changes places with the cerebrospinal fluid below it.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scenarios.names.agents import Agent
from simulator.contrast.agents import properties
from simulator.contrast.domain import Domain

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CSF_G_ML = 1.0005  # FACTS 5, recalled, unverified
SINK_MM_S = 12.0  # speed of a front per unit of relative excess density; set so that contrast pools in seconds, unverified
FASTEST_MM_S = 4.0
DISPERSION_MM2_S = 0.35  # a thousand times molecular, by pulsation (FACTS 5 [166, 167])
STEP_S = 0.25  # explicit sub-step: a front moves at most a cell, and dispersion stays stable
LONGEST_S = 120.0  # after which all lies where it will
DOWN = ((0, -1, 0), (1, -1, 0), (-1, -1, 0), (0, -1, 1), (0, -1, -1), (0, -1, 3), (0, -1, -3))  # the last: it levels out along the floor


def settle_agents(domain: Domain, agents: tuple[Agent, ...], mobile_ml: Array, seconds: float) -> Array:
    """Agents after sinking and mixing for a time, shape (n, k), mL; each column's sum is unchanged.

    Parameters
    ----------
    domain : Domain
        Of cerebrospinal fluid.
    agents : tuple of Agent
    mobile_ml : ndarray, shape (n, k)
    seconds : float
        Split into steps of at most `STEP_S`.
    """
    if not mobile_ml.any():
        return mobile_ml
    excess = np.array([properties(agent).density_g_ml - CSF_G_ML for agent in agents])
    volumes = mobile_ml.copy()
    seconds = min(seconds, LONGEST_S)
    steps = int(np.ceil(seconds / STEP_S - 1e-9))
    for _ in range(steps):
        for high, low, share in _columns(domain):
            _exchange(volumes, domain.capacity_ml, excess, (high, low), share * seconds / steps)
        _mix(volumes, domain, seconds / steps)
    return volumes


@lru_cache(maxsize=4)
def _columns(domain: Domain) -> tuple[tuple[Index, Index, float], ...]:
    """Pairs of a cell and one below it: straight down, then aslant at a lower rate."""
    return tuple(_below(domain))


def _below(domain: Domain) -> Iterator[tuple[Index, Index, float]]:
    order = np.argsort(domain.key)
    keys = domain.key[order]
    for step in DOWN:
        shift = ((step[0] * 2**20 + step[1]) * 2**20 + step[2]) * 2
        at = np.minimum(np.searchsorted(keys, domain.key + shift), len(keys) - 1)
        high = np.flatnonzero(keys[at] == domain.key + shift)
        yield high, order[at[high]], 1.0 if step == DOWN[0] else 0.3


def _exchange(volumes: Array, capacity_ml: Array, excess: Array, pair: tuple[Index, Index], seconds: float) -> None:
    """Let dense fluid go down and light fluid up, each as far as there is cerebrospinal fluid to take its place; in place."""
    high, low = pair
    room_ml = np.minimum(capacity_ml[high], capacity_ml[low])
    for start, end, sign in ((high, low, 1.0), (low, high, -1.0)):
        fill = volumes[start] / capacity_ml[start, None]
        speed = np.clip(sign * SINK_MM_S * (fill @ excess), 0.0, FASTEST_MM_S)
        free = np.clip(1.0 - volumes[end].sum(axis=1) / capacity_ml[end], 0.0, 1.0)
        moved = fill * (np.minimum(speed * seconds, 0.5) * free * room_ml)[:, None]
        volumes[start] -= moved  # within a set of pairs each cell has one other above and one below it: none occurs twice
        volumes[end] += moved


def _mix(volumes: Array, domain: Domain, seconds: float) -> None:
    """Pulsation evens concentrations out across faces; in place."""
    a, b = domain.face_a, domain.face_b
    room = np.minimum(domain.capacity_ml[a], domain.capacity_ml[b]) * min(DISPERSION_MM2_S * seconds, 1 / 12)
    filled = volumes / domain.capacity_ml[:, None]
    for column in range(volumes.shape[1]):
        moved = room * (filled[a, column] - filled[b, column])
        volumes[:, column] += np.bincount(b, moved, minlength=len(volumes)) - np.bincount(a, moved, minlength=len(volumes))
