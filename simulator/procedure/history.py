"""The way back: the states before the last decision points."""

from dataclasses import dataclass

from simulator.procedure.actions import Action, Wait, continues
from simulator.procedure.state import ProcedureState

KEPT = 20


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class History:
    """A state, and those before each of the last 20 decision points, the oldest first."""

    state: ProcedureState
    past: tuple[ProcedureState, ...] = ()


def went_on(history: History, action: Action, after: ProcedureState) -> History:
    """The history after an action; waiting is no decision, and a movement in pieces is one."""
    past = history.past if isinstance(action, Wait) or _goes_on(history, action) else (*history.past, history.state)[-KEPT:]
    return History(state=after, past=past)


def _goes_on(history: History, action: Action) -> bool:
    """Whether an action is a piece of the movement that was under way, though time may have passed between."""
    before = next((item.action for item in reversed(history.state.done) if not isinstance(item.action, Wait)), None)
    return continues(action) and type(before) is type(action)


def undone(history: History, points: int) -> History:
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
