"""The teaching step that is due, by what was done and perceived."""

from collections.abc import Callable

from scenarios.names.enums import ReviewItem
from scenarios.schema.decisions import Teaching
from simulator.procedure.actions import actions as do
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState


def _did(*kinds: type[do.Action]) -> Callable[[ProcedureState], bool]:
    return lambda state: any(isinstance(item.action, kinds) for item in state.done)


def _has_turned_with_needle(state: ProcedureState) -> bool:
    placed = next((item.end_s for item in state.done if isinstance(item.action, do.PlaceNeedle)), None)
    return placed is not None and any(isinstance(item.action, do.MoveCArm) and item.start_s >= placed for item in state.done)


DONE: dict[str, Callable[[ProcedureState], bool]] = {
    "record": lambda state: len(state.chart.reviewed) >= len(ReviewItem),
    "time-out": _did(do.TimeOut),
    "ap-view": _did(do.Shoot, do.Pedal),
    "view": _did(do.PlaceNeedle),
    "entry": _did(do.PlaceNeedle),
    "needle": _did(do.PlaceNeedle),
    "course": _did(do.Aspirate),
    "depth-view": _has_turned_with_needle,
    "loss": lambda state: any(event.kind is EventKind.LOSS for event in state.events),
    "contrast": lambda state: bool(state.injections),
    "drug": lambda state: len(state.injections) > 1,
    "after": _did(do.Advise),
}
"""Whether the teaching step of a name was taken; a step of another name counts as taken once a later one was."""


def find_due(state: ProcedureState) -> Teaching | None:
    """Find the teaching step that is due: the one after the last that was taken; None where the case has none.

    Parameters
    ----------
    state : ProcedureState
    """
    steps = state.case.scenario.teaching
    taken = [number for number, item in enumerate(steps) if item.step in DONE and DONE[item.step](state)]
    after = taken[-1] + 1 if taken else 0
    return steps[min(after, len(steps) - 1)] if steps else None
