"""How strong each agent is as it is sold: the one table of strengths, which a case may change (`equipment.strengths`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scenarios.names.agents import Agent


class Substance(StrEnum):
    """What an agent carries, and the unit in which it is counted."""

    IODINE = "mg iodine"
    ANAESTHETIC = "mg anaesthetic"
    STEROID = "mg steroid"
    GADOLINIUM = "mmol"

    @property
    def unit(self) -> str:
        """As it is written behind a number: "mg" for a drug, whose name says of what."""
        return {Substance.IODINE: "mg iodine", Substance.GADOLINIUM: "mmol"}.get(self, "mg")

    @property
    def drug(self) -> bool:
        """Whether it is a drug, whose strength a case may set; contrast media have theirs in their names."""
        return self in (Substance.ANAESTHETIC, Substance.STEROID)


@dataclass(frozen=True, kw_only=True, slots=True)
class Strength:
    """How much of a substance an agent carries.

    Attributes
    ----------
    substance : Substance
        Of what.
    per_ml : float
        Amount per mL of what is drawn up, where a case says nothing else.
    sold_per_ml : tuple of float
        Amounts per mL of the preparations that are sold.
    source : str
        Where that is from.
    """

    substance: Substance
    per_ml: float
    sold_per_ml: tuple[float, ...]
    source: str


def _strength(substance: Substance, sold_per_ml: tuple[float, ...], source: str, per_ml: float | None = None) -> Strength:
    return Strength(substance=substance, per_ml=sold_per_ml[0] if per_ml is None else per_ml, sold_per_ml=sold_per_ml, source=source)


_NAMED = "the name says it: Omnipaque label (FACTS.md 5 [86])"
_RECALLED = "recalled, unverified"

STRENGTHS: Mapping[Agent, Strength] = {
    Agent.IOHEXOL_180: _strength(Substance.IODINE, (180.0,), _NAMED),
    Agent.IOHEXOL_240: _strength(Substance.IODINE, (240.0,), _NAMED),
    Agent.IOHEXOL_300: _strength(Substance.IODINE, (300.0,), _NAMED),
    Agent.LIDOCAINE: _strength(Substance.ANAESTHETIC, (5.0, 10.0, 20.0), f"1 % plain; {_RECALLED}", 10.0),
    Agent.BUPIVACAINE: _strength(Substance.ANAESTHETIC, (1.25, 2.5, 5.0, 7.5), f"0.25 % plain; {_RECALLED}", 2.5),
    Agent.ROPIVACAINE: _strength(Substance.ANAESTHETIC, (2.0, 5.0, 7.5, 10.0), f"0.2 % plain; {_RECALLED}"),
    Agent.DEXAMETHASONE: _strength(Substance.STEROID, (3.3, 4.0, 8.0, 10.0), f"sodium phosphate; {_RECALLED}", 10.0),
    Agent.METHYLPREDNISOLONE: _strength(Substance.STEROID, (20.0, 40.0, 80.0), f"acetate; {_RECALLED}", 40.0),
    Agent.TRIAMCINOLONE: _strength(Substance.STEROID, (10.0, 40.0), f"acetonide; {_RECALLED}", 40.0),
    Agent.BETAMETHASONE: _strength(Substance.STEROID, (4.0, 5.7, 6.0), f"sodium phosphate and acetate; {_RECALLED}", 6.0),
    Agent.GADOLINIUM: _strength(Substance.GADOLINIUM, (0.5, 1.0), f"gadobutrol; {_RECALLED}", 1.0),
}
"""Strength of every agent that carries something; saline and air carry nothing."""

HALF_UP = 1e-9
Amounts = tuple[tuple[Agent, float], ...]
"""Pairs of agent and a number: volumes in mL, doses in the agent's unit, or strengths per mL."""


def strength_per_ml(agent: Agent, strengths: Amounts = ()) -> float:
    """How much of its substance a mL of an agent carries; 0 where it carries none.

    Parameters
    ----------
    agent : Agent
    strengths : pairs of agent and number
        What a case sets, per mL; `STRENGTHS` counts for the others.

    Examples
    --------
    >>> strength_per_ml(Agent.DEXAMETHASONE), strength_per_ml(Agent.DEXAMETHASONE, ((Agent.DEXAMETHASONE, 4.0),))
    (10.0, 4.0)
    """
    known = STRENGTHS.get(agent)
    return dict(strengths).get(agent, 0.0 if known is None else known.per_ml)


def carries(agent: Agent, substance: Substance) -> bool:
    """Whether an agent carries a substance."""
    return agent in STRENGTHS and STRENGTHS[agent].substance is substance


def doses(volumes_ml: Iterable[tuple[Agent, float]], strengths: Amounts = ()) -> Amounts:
    """What volumes carry of each agent's substance, in the agent's unit; agents that carry nothing are left out.

    Parameters
    ----------
    volumes_ml : pairs of agent and volume
        One pair for each agent, mL.
    strengths : pairs of agent and number
        As for `strength_per_ml`.

    Examples
    --------
    >>> doses(((Agent.DEXAMETHASONE, 0.5), (Agent.SALINE, 2.0)))
    ((<Agent.DEXAMETHASONE: 'dexamethasone'>, 5.0),)
    """
    return tuple((agent, volume * strength_per_ml(agent, strengths)) for agent, volume in volumes_ml if agent in STRENGTHS)


def describe_agent(agent: Agent, strengths: Amounts = (), brand: str = "") -> str:
    """An agent with its brand and strength, as a menu shows it.

    Examples
    --------
    >>> describe_agent(Agent.DEXAMETHASONE, brand="Decadron")
    'dexamethasone (Decadron) 10 mg/mL'
    >>> describe_agent(Agent.IOHEXOL_240), describe_agent(Agent.SALINE)
    ('iohexol 240, 240 mg iodine/mL', 'saline')
    """
    name = f"{agent} ({brand})" if brand else str(agent)
    if agent not in STRENGTHS:
        return name
    substance = STRENGTHS[agent].substance
    return f"{name}{' ' if substance.drug else ', '}{strength_per_ml(agent, strengths):g} {substance.unit}/mL"


def describe_volumes(volumes_ml: Iterable[tuple[Agent, float]], strengths: Amounts = ()) -> str:
    """Volumes with what they carry, in words.

    Examples
    --------
    >>> describe_volumes(((Agent.DEXAMETHASONE, 1.0), (Agent.SALINE, 3.0)), ((Agent.DEXAMETHASONE, 4.0),))
    '1 mL dexamethasone (4 mg), 3 mL saline'
    """
    return ", ".join(f"{_digits(volume)} mL {agent}{_bracket(agent, volume, strengths)}" for agent, volume in volumes_ml)


def describe_doses(volumes_ml: Iterable[tuple[Agent, float]], strengths: Amounts = ()) -> str:
    """What volumes carry of drugs, in words; empty where they carry none.

    Examples
    --------
    >>> describe_doses(((Agent.DEXAMETHASONE, 0.7), (Agent.SALINE, 3.0)), ((Agent.DEXAMETHASONE, 4.0),))
    '2.8 mg dexamethasone'
    """
    found = ((agent, dose) for agent, dose in doses(volumes_ml, strengths) if STRENGTHS[agent].substance.drug)
    return ", ".join(f"{_digits(dose)} mg {agent}" for agent, dose in found)


def _bracket(agent: Agent, volume_ml: float, strengths: Amounts) -> str:
    found = doses(((agent, volume_ml),), strengths)
    return f" ({_digits(found[0][1])} {STRENGTHS[agent].substance.unit})" if found else ""


def _digits(value: float) -> str:
    """A number with the digits that a syringe and a vial give: one decimal from 1 on, none from 100 on, two digits below 1."""
    near = value + HALF_UP  # so that the last bits of a sum do not show
    if near < 0.95:
        return f"{near:.2g}"
    return f"{near:.0f}" if near >= 99.95 else f"{near:.1f}".removesuffix(".0")
