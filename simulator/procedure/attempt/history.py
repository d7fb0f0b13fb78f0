"""The way back: the states before the last decision points."""

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.procedure.actions.actions import Action, LetGo, Wait, continues
from simulator.procedure.state.state import Done, ProcedureState

KEPT = 20


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class History:
    """A state, and those before each of the last 20 decision points, the oldest first."""

    state: ProcedureState
    past: tuple[ProcedureState, ...] = ()


def decides(action: Action, before: Iterable[Done]) -> bool:
    """Whether an action is a decision point: waiting is none, nor what the system lets go, nor a piece of a movement under way.

    Parameters
    ----------
    action : Action
    before : iterable of Done
        What was done before it, the last first.
    """
    if isinstance(action, Wait | LetGo):
        return False
    last = next((item.action for item in before if not isinstance(item.action, Wait)), None)
    return not (continues(action) and type(last) is type(action))


def advance(history: History, action: Action, after: ProcedureState) -> History:
    """The history after an action."""
    past = (*history.past, history.state)[-KEPT:] if decides(action, reversed(history.state.done)) else history.past
    return History(state=after, past=past)


def take_back(history: History, points: int) -> History:
    """The history with some decision points taken back.

    Raises
    ------
    ValueError
        If the number is not above 0, or so many are not kept.
    """
    if isinstance(points, bool) or not isinstance(points, int) or points < 1:
        raise ValueError(f"undo: expected a whole number above 0, got {points!r}")
    if points > len(history.past):
        raise ValueError(f"undo: {len(history.past)} decision points can be taken back, got {points}")
    return History(state=history.past[-points], past=history.past[:-points])
