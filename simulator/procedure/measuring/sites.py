"""Where the tip lay: at which level, on which side; in which compartment, `simulator.procedure.state.opening_site` says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level, Side
from scenarios.names.approaches import RULES, Approach
from simulator.geometry.approaches import APPROACHES, textbook
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.state.carm_state import Point
from simulator.procedure.state.state import Injection, ProcedureState

SIDE_FREE_MM = 1.0  # off the midline that counts as the midline
WRONG_SIDE_MM = 3.0  # beyond it on the other side: the wrong side


def place_of(state: ProcedureState, tip: Point, free_mm: float = SIDE_FREE_MM) -> tuple[Level, Side | None]:
    """Level and side at which a tip lies, as the case's approach counts them: that of the nearest textbook tip, the side by the midline.

    For the sacral routes the level is the task's where the tip lies below the last interspace's targets.
    """
    found = _find_nearest(state, tip)
    task = state.case.scenario.task
    level = found.level if found.approach is task.approach else _other(found.level, task.level, task.approach)
    return level, found.side if found.side is not None else _side_by_midline(state, np.array(tip), level, free_mm)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """The textbook tip nearest to a needle's: its approach, level and side, and how far away it is, mm."""

    approach: Approach
    level: Level
    side: Side | None
    away_mm: float

    @property
    def root(self) -> Level:
        """Root that leaves there."""
        return self.level.below or self.level if RULES[self.approach].only_level else self.level


def _find_nearest(state: ProcedureState, tip: Point) -> _Place:
    task, marks = state.case.scenario.task, state.case.patient.landmarks
    sides: tuple[Side | None, ...] = tuple(Side) if RULES[task.approach].sided else (None,)
    alike = [level for level in marks.region.of_part(task.level.part) if level in marks.interspaces]
    places = [
        _Place(
            approach=approach,
            level=level,
            side=side,
            away_mm=float(np.linalg.norm(textbook(approach, marks, level, side)[0] - tip)),
        )
        for approach in dict.fromkeys((task.approach, APPROACHES[task.approach].elsewhere))
        for level in ((task.level,) if RULES[approach].only_level else alike)
        for side in sides
    ]
    return min(places, key=lambda found: found.away_mm)


def describe_other_place(attempt: AttemptStates, given: Injection) -> str:
    """How the level or the side of an injection differs from those that were named, in words; empty where they are the same."""
    state = attempt.before(given.start_s)
    task = state.case.scenario.task
    level, side = place_of(state, given.tip, WRONG_SIDE_MM)
    if level is not task.level:
        return f"at {level.interspace} instead of {task.interspace}"
    return _describe_other_side(task.side.lateral, side)


def describe_wrong_place(attempt: AttemptStates, given: Injection) -> str:
    """What is dangerously wrong with the level or the side of an injection, in words; empty where it is within what is tolerated.

    Between the laminae two levels from the named one are, at a foramen the named root and its neighbours; a caudal needle may stand at the
    sacrum or the lumbar spine, whatever the level. The side must be right.
    """
    state = attempt.before(given.start_s)
    task = state.case.scenario.task
    most, found = RULES[task.approach].levels_off, _find_nearest(state, given.tip)
    here, named = (found.root, task.root) if RULES[task.approach].sided else (found.level, task.level)
    order = list(Level)
    if most is not None and abs(order.index(here) - order.index(named)) > most:
        return f"at {found.level.interspace} instead of {task.interspace}"
    _, side = place_of(state, given.tip, WRONG_SIDE_MM)
    return _describe_other_side(task.side.lateral, side)


def _describe_other_side(wanted: Side | None, side: Side | None) -> str:
    return f"on the {side} instead of the {wanted}" if wanted is not None and side is not None and side is not wanted else ""


def _other(level: Level, own: Level, approach: Approach) -> Level:
    """A lumbar place stands for a wrong level in a sacral case, even that of the last interspace."""
    return level.above or level if RULES[approach].only_level and level is own else level


def _side_by_midline(state: ProcedureState, tip: NDArray[np.float64], level: Level, free_mm: float) -> Side | None:
    """Side of the midline on which a tip lies; None within a few mm of it."""
    marks = state.case.patient.landmarks
    frame = APPROACHES[state.case.scenario.task.approach].frame
    left_mm = float((tip - frame.midline(marks, level)) @ frame.axes(marks, level)[:, 0])
    return None if abs(left_mm) <= free_mm else Side.LEFT if left_mm > 0 else Side.RIGHT
