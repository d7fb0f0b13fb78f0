"""Steroids by name: what a dose is worth, and which doses are ordinary; one table, which rules, score, lint and report read.

The equivalence is that of the British National Formulary, systemic: prednisolone 5 mg = betamethasone 0.75 mg = dexamethasone 0.75 mg =
methylprednisolone 4 mg = triamcinolone 4 mg (read as copied by gpnotebook.com, last reviewed there 2021-09). It was made for tablets; what
a suspension in the epidural space is worth is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scenarios.names.agents import Agent

EQUIVALENCE = "4 mg of methylprednisolone or triamcinolone count as 0.75 mg of dexamethasone or betamethasone (British National Formulary)"
"""The equivalence and its source, as a report says it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrdinaryDose:
    """What is ordinary of one steroid in one epidural injection of an adult, lumbar or caudal.

    Attributes
    ----------
    low_mg, high_mg : float
        Ordinary range, mg of this steroid, inclusive.
    dexamethasone_mg : float
        Milligrams of dexamethasone that one milligram counts as.
    source : str
        Where the range is from.
    """

    low_mg: float
    high_mg: float
    dexamethasone_mg: float
    source: str


STEROIDS: Mapping[Agent, OrdinaryDose] = MappingProxyType(
    {
        Agent.DEXAMETHASONE: OrdinaryDose(
            low_mg=4.0,
            high_mg=15.0,
            dexamethasone_mg=1.0,
            source="wikimsk, lumbar transforaminal injection: 4-12 mg, 8-10 usual; 15 mg: recalled, unverified",
        ),
        Agent.METHYLPREDNISOLONE: OrdinaryDose(low_mg=40.0, high_mg=80.0, dexamethasone_mg=0.75 / 4, source="recalled, unverified"),
        Agent.TRIAMCINOLONE: OrdinaryDose(
            low_mg=20.0,
            high_mg=80.0,
            dexamethasone_mg=0.75 / 4,
            source="20 to 80 mg, 40 usual: recalled, unverified",
        ),
        Agent.BETAMETHASONE: OrdinaryDose(low_mg=6.0, high_mg=12.0, dexamethasone_mg=1.0, source="recalled, unverified"),
    }
)
"""Every steroid that a syringe may hold."""


def sum_dexamethasone_mg(given_mg: Mapping[Agent, float]) -> float:
    """Doses of steroids, mg by agent, as mg of dexamethasone; other agents count nothing.

    Examples
    --------
    >>> sum_dexamethasone_mg({Agent.METHYLPREDNISOLONE: 80.0})
    15.0
    """
    return sum(milligrams * STEROIDS[agent].dexamethasone_mg for agent, milligrams in given_mg.items() if agent in STEROIDS)


def times_ordinary(given_mg: Mapping[Agent, float]) -> float:
    """How a dose stands to what is ordinary of its steroid: 1 within the range, less below it, more above.

    Each steroid is judged by its own range. Below it the value is the share of the least ordinary dose, above it the multiple of the
    largest; of a mixture the shares of its steroids are added, so that half a dose of one and half a dose of another are one dose.

    Parameters
    ----------
    given_mg : mapping of Agent to float
        Milligrams by agent; agents that are no steroid count nothing.

    Returns
    -------
    float
        0 where no steroid was given.

    Examples
    --------
    >>> times_ordinary({Agent.METHYLPREDNISOLONE: 80.0}), times_ordinary({Agent.METHYLPREDNISOLONE: 20.0})
    (1.0, 0.5)
    >>> times_ordinary({Agent.METHYLPREDNISOLONE: 80.0, Agent.DEXAMETHASONE: 15.0})
    2.0
    """
    doses = [(milligrams, STEROIDS[agent]) for agent, milligrams in given_mg.items() if agent in STEROIDS]
    of_least = sum(milligrams / dose.low_mg for milligrams, dose in doses)
    of_most = sum(milligrams / dose.high_mg for milligrams, dose in doses)
    return max(of_most, min(of_least, 1.0))


def describe_dose(given_mg: Mapping[Agent, float]) -> str:
    """Steroids with milligrams, ordinary ranges, and what they count as; empty where none was given.

    Examples
    --------
    >>> describe_dose({Agent.METHYLPREDNISOLONE: 80.0})
    'methylprednisolone 80 mg (ordinary: 40 to 80 mg), as much as dexamethasone 15 mg'
    """
    doses = [(agent, milligrams, STEROIDS[agent]) for agent, milligrams in given_mg.items() if agent in STEROIDS and milligrams > 0]
    said = ", ".join(f"{agent} {milligrams:.3g} mg (ordinary: {dose.low_mg:g} to {dose.high_mg:g} mg)" for agent, milligrams, dose in doses)
    if not said or all(agent is Agent.DEXAMETHASONE for agent, _, _ in doses):
        return said
    return f"{said}, as much as dexamethasone {sum_dexamethasone_mg(given_mg):.2g} mg"
