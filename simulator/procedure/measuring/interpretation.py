"""Beliefs against the truth, and answers to the case's questions."""

from collections.abc import Iterator
from dataclasses import dataclass

from phantoms.terms.levels import Level
from scenarios.names.enums import Compartment
from scenarios.names.quantities import BeliefPart, Quantity
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.measuring.sites import place_of
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.opening_site import require_site
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.measured import Measured


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One part of a committed belief against the truth: what was said, what was so, how sure, and when, s."""

    part: BeliefPart
    believed: str
    truth: str
    confidence: float
    time_s: float

    @property
    def right(self) -> bool:
        """Whether it was so."""
        return self.believed == self.truth

    @property
    def brier(self) -> float:
        """(confidence - 1 if right else 0) squared, 0 to 1."""
        return (self.confidence - float(self.right)) ** 2


def measure_interpretation(attempt: AttemptStates) -> dict[str, Measured]:
    """Brier scores, mean over all that was committed of a part, and answers."""
    found: dict[str, Measured] = {}
    all_judged = list(judge_beliefs(attempt))
    for part in BeliefPart:
        own = [item for item in all_judged if item.part is part]
        if own:
            worst = max(own, key=lambda item: item.brier)
            note = "" if worst.right else f"believed: {_spell(part, worst.believed)}; true: {_spell(part, worst.truth)}"
            mean = sum(item.brier for item in own) / len(own)
            found[f"{Quantity.BRIER}:{part}"] = Measured(value=mean, time_s=worst.time_s, note=note)
    return {**found, **_answers(attempt)}


def judge_beliefs(attempt: AttemptStates) -> Iterator[Judged]:
    """Every part of every belief that was committed with a needle in the body."""
    for belief in attempt.last.beliefs:
        state = attempt.before(belief.time_s)
        truth = _truth(state)
        said = {
            BeliefPart.LEVEL: None if belief.said.level is None else _level_word(belief.said.level),
            BeliefPart.SIDE: belief.said.side,
            BeliefPart.COMPARTMENT: None if belief.said.compartment is None else str(belief.said.compartment),
            BeliefPart.VASCULAR: None if belief.said.vascular is None else _yes_no(belief.said.vascular),
        }
        for part, word in said.items():
            if word is not None and part in truth:
                yield Judged(part=part, believed=word, truth=truth[part], confidence=belief.said.confidence, time_s=belief.time_s)


def _truth(state: ProcedureState) -> dict[BeliefPart, str]:
    needle = state.needle
    if needle is None or needle.depth_mm <= 0:
        return {}
    level, side = place_of(state, as_point(needle.tip))
    place = require_site(state).compartment
    task = state.case.scenario.task
    sacral = task.interspace if level is task.level else level.interspace
    return {
        BeliefPart.LEVEL: _level_word(sacral),
        BeliefPart.SIDE: "midline" if side is None else str(side),
        BeliefPart.COMPARTMENT: str(place),
        BeliefPart.VASCULAR: _yes_no(place in (Compartment.VENOUS, Compartment.ARTERIAL)),
    }


def _level_word(said: str) -> str:
    """One spelling for an interspace: L4-5, L4-L5 and l4-l5 are the same."""
    upper, _, lower = said.strip().upper().partition("-")
    if upper in list(Level) and lower and Level(upper).below is not None:
        below = str(Level(upper).below)
        return f"{upper}-{below}" if lower in (below, below[1:]) else said.strip()
    return said.strip()


def _spell(part: BeliefPart, word: str) -> str:
    """A part of a belief in words."""
    if part is BeliefPart.VASCULAR:
        return "in a vessel" if word == _yes_no(True) else "in no vessel"
    return Compartment(word).words if part is BeliefPart.COMPARTMENT else word


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _answers(attempt: AttemptStates) -> dict[str, Measured]:
    chosen = {question: choice for question, choice, _ in attempt.last.answers}
    return {
        f"{Quantity.ANSWER_RIGHT}:{question.id}": measure_yes_no(
            chosen[question.id] == question.right, note="" if chosen[question.id] == question.right else question.why
        )
        for question in attempt.last.case.scenario.questions
        if question.id in chosen
    }
