"""What a syringe holds: properties of each agent, and mixtures of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from scenarios.names.agents import Agent
from scenarios.names.strengths import Substance, carries, strength_per_ml
from simulator.contrast.data_tables import read_rows

Mixture = Mapping[Agent, float]
"""Volume fraction by agent; the fractions add up to 1."""

SUM_ATOL = 1e-9  # departure of a mixture's sum from 1 that is taken for rounding


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentProperties:
    """An agent as drawn up, at 37 C (``data/agents.csv`` gives each row's source); `scenarios.names.strengths` says what it carries.

    Attributes
    ----------
    iodine_mg_ml : float
        Per mL; 0 where it carries none.
    steroid, anaesthetic : bool
        Whether it is a corticosteroid, or a local anaesthetic.
    viscosity_mpa_s, density_g_ml, osmolality_mosm_kg : float
        How it flows, sinks and draws water.
    particulate : bool
        Whether its particles may block an arteriole.
    particle_um : float
        Largest usual particle or aggregate, 0 for a solution.
    """

    iodine_mg_ml: float
    steroid: bool
    anaesthetic: bool
    viscosity_mpa_s: float
    density_g_ml: float
    osmolality_mosm_kg: float
    particulate: bool
    particle_um: float


def properties(agent: Agent) -> AgentProperties:
    """Properties of an agent.

    Raises
    ------
    ValueError
        For a name that is none of `Agent`.
    """
    return _read_table()[Agent(agent)]


def mix(volumes_ml: Mapping[Agent, float]) -> Mixture:
    """A mixture from the volumes drawn up; agents without volume are left out.

    Raises
    ------
    ValueError
        If a volume is negative or not finite, or all are 0.

    Examples
    --------
    >>> mix({Agent.DEXAMETHASONE: 1.0, Agent.SALINE: 3.0})[Agent.SALINE]
    0.75
    """
    total_ml = sum(volumes_ml.values())
    if not all(np.isfinite(volume) and volume >= 0 for volume in volumes_ml.values()) or total_ml <= 0:
        raise ValueError(f"a mixture needs volumes >= 0 mL with a sum above 0, got {dict(volumes_ml)}")
    return {Agent(agent): volume / total_ml for agent, volume in volumes_ml.items() if volume > 0}


def check_mixture(mixture: Mixture) -> Mixture:
    """The mixture itself where its fractions are in [0, 1] and add up to 1.

    Raises
    ------
    ValueError
        Where they do not.
    """
    fractions = list(mixture.values())
    if not fractions or min(fractions) < 0 or abs(sum(fractions) - 1) > SUM_ATOL:
        raise ValueError(f"a mixture's volume fractions must be >= 0 and add up to 1, got {dict(mixture)}; make one with mix()")
    return {Agent(agent): float(fraction) for agent, fraction in mixture.items()}


def iodine_mg_ml(mixture: Mixture) -> float:
    """Iodine of a mixture, mg/mL."""
    return sum(fraction * properties(agent).iodine_mg_ml for agent, fraction in mixture.items())


def density_g_ml(mixture: Mixture) -> float:
    """Density of a mixture, g/mL."""
    return sum(fraction * properties(agent).density_g_ml for agent, fraction in mixture.items())


def viscosity_mpa_s(mixture: Mixture) -> float:
    """Viscosity of a mixture at 37 C, mPa s, by Arrhenius' rule: logarithms mix by volume."""
    return float(np.exp(sum(fraction * np.log(properties(agent).viscosity_mpa_s) for agent, fraction in mixture.items())))


@cache
def _read_table() -> Mapping[Agent, AgentProperties]:
    return {Agent(row["agent"]): _parse_properties(row) for row in read_rows("agents.csv")}


def _parse_properties(row: Mapping[str, str]) -> AgentProperties:
    agent = Agent(row["agent"])
    return AgentProperties(
        iodine_mg_ml=strength_per_ml(agent) if carries(agent, Substance.IODINE) else 0.0,
        steroid=carries(agent, Substance.STEROID),
        anaesthetic=carries(agent, Substance.ANAESTHETIC),
        viscosity_mpa_s=float(row["viscosity_mpa_s"]),
        density_g_ml=float(row["density_g_ml"]),
        osmolality_mosm_kg=float(row["osmolality_mosm_kg"]),
        particulate=row["particulate"] == "yes",
        particle_um=float(row["particle_um"]),
    )
