"""An attempt laid out for measuring: its states in order, and the moments on which most quantities hang."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenarios.names.agents import Agent
from simulator.contrast.agents import properties
from simulator.geometry.targets import NeedleTarget
from simulator.procedure.actions import actions as do
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.state import Done, Injection, ProcedureState
from simulator.procedure.state.syringe import Volumes

Floats = NDArray[np.float64]

DRUG_ML = 0.05  # of a steroid or an anaesthetic: less is what a syringe left in the hub
CONTRAST_ML = 0.2  # of contrast medium that shows anything


@dataclass(frozen=True, kw_only=True, eq=False)
class AttemptStates:
    """States of an attempt, the first before anything was done, the last at its end.

    Attributes
    ----------
    states : tuple of ProcedureState
        One more than there were actions.
    """

    states: tuple[ProcedureState, ...]

    @property
    def last(self) -> ProcedureState:
        """The state at the end."""
        return self.states[-1]

    @property
    def done(self) -> Sequence[Done]:
        """Every action with its times."""
        return self.last.done

    def find_actions(self, *kinds: type[do.Action]) -> Iterator[Done]:
        """Actions of some kinds, in order."""
        return (item for item in self.done if isinstance(item.action, kinds))

    def before(self, time_s: float) -> ProcedureState:
        """The last state not later than a time, s."""
        found = self.states[0]
        for state in self.states:
            if state.time_s > time_s:
                break
            found = state
        return found

    @cached_property
    def punctured_s(self) -> float:
        """When the skin was first punctured, s; infinite where it never was."""
        for before, after in zip(self.states[:-1], self.states[1:], strict=True):
            pushed = after.needle is not None and after.needle.depth_mm > 0
            if pushed or isinstance(after.done[-1].action, do.LocalAnaesthetic):
                return before.time_s
        return float("inf")

    @property
    def entered(self) -> bool:
        """Whether the skin was ever punctured."""
        return self.punctured_s < float("inf")

    @cached_property
    def first_contrast(self) -> Injection | None:
        """The first injection that shows anything."""
        return next((item for item in self.last.injections if contrast_ml(item) >= CONTRAST_ML), None)

    @cached_property
    def drugs(self) -> tuple[Injection, ...]:
        """Injections of steroid or anaesthetic through the needle; small ones count where they add up."""
        given = tuple(item for item in self.last.injections if drug_ml(item) > 0)
        small_ml = sum(volume for volume in map(drug_ml, given) if volume < DRUG_ML)
        return given if small_ml >= DRUG_ML else tuple(item for item in given if drug_ml(item) >= DRUG_ML)

    @cached_property
    def decisive(self) -> Injection | None:
        """The injection at which placement is judged: the first of a drug, else the last of contrast medium."""
        if self.drugs:
            return self.drugs[0]
        shown = [item for item in self.last.injections if contrast_ml(item) >= CONTRAST_ML]
        return shown[-1] if shown else None

    @cached_property
    def target(self) -> NeedleTarget:
        """Where the case wants the tip."""
        return find_case_target(self.last.case)


def attempt_of(states: Sequence[ProcedureState]) -> AttemptStates:
    """An attempt from its states.

    Parameters
    ----------
    states : sequence of ProcedureState
        As `begin` and every `step` gave them.

    Raises
    ------
    ValueError
        If there is no state, or they are not one step apart each.
    """
    if not states:
        raise ValueError("an attempt needs at least the state that begin gives, got none")
    for number, state in enumerate(states):
        if len(state.done) != number:
            advice = "give the states in order from begin on, none left out"
            raise ValueError(f"expected {number} actions behind state {number}, got {len(state.done)}; {advice}")
    return AttemptStates(states=tuple(states))


def contrast_ml(given: Injection) -> float:
    """Iodinated contrast medium in an injection, mL."""
    return _volume(given.delivered_ml, shows_on_xray)


def live_contrast_ml(given: Injection) -> float:
    """Iodinated contrast medium that went in with the pedal down, mL."""
    return _volume(given.live_ml, shows_on_xray)


def drug_ml(given: Injection) -> float:
    """Steroid and local anaesthetic in an injection, mL."""
    return _volume(given.delivered_ml, is_drug)


def is_drug(agent: Agent) -> bool:
    """Whether an agent is a steroid or a local anaesthetic."""
    found = properties(agent)
    return found.steroid or found.anaesthetic


def shows_on_xray(agent: Agent) -> bool:
    """Whether an agent holds iodine."""
    return properties(agent).iodine_mg_ml > 0


def _volume(volumes: Volumes, wanted: Callable[[Agent], bool]) -> float:
    return sum(volume for agent, volume in volumes if wanted(agent))
