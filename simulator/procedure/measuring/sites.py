"""Where the tip lay: at which level, on which side; in which compartment, `simulator.procedure.state.opening_site` says."""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level, Side
from scenarios.names.approaches import RULES, Approach
from simulator.geometry.approaches import APPROACHES, textbook
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.state.carm_state import Point
from simulator.procedure.state.state import Injection, ProcedureState

SAME_SITE_MM = 0.5  # a tip that moved less is at the same site
SIDE_FREE_MM = 1.0  # off the midline that counts as the midline
WRONG_SIDE_MM = 3.0  # beyond it on the other side: the wrong side


def same_site(first: Injection, second: Injection) -> bool:
    """Whether two injections came out at the same place."""
    return float(np.linalg.norm(np.subtract(first.tip, second.tip))) < SAME_SITE_MM


def place_of(state: ProcedureState, tip: Point, free_mm: float = SIDE_FREE_MM) -> tuple[Level, Side | None]:
    """Level and side at which a tip lies, as the case's approach counts them: that of the nearest textbook tip, the side by the midline.

    For the sacral routes the level is the task's where the tip lies below the last interspace's targets.
    """
    task, marks = state.case.scenario.task, state.case.patient.landmarks
    sides: tuple[Side | None, ...] = tuple(Side) if RULES[task.approach].sided else (None,)
    approaches = {task.approach, APPROACHES[task.approach].elsewhere}
    alike = [level for level in marks.region.of_part(task.level.part) if level in marks.interspaces]
    places: list[tuple[float, Level, Side | None]] = []
    for approach in approaches:
        for level in (task.level,) if RULES[approach].only_level else alike:
            for side in sides:
                goal, _ = textbook(approach, marks, level, side)
                own = level if approach in (task.approach,) else _other(level, task.level, task.approach)
                places.append((float(np.linalg.norm(goal - tip)), own, side))
    _, level, side = min(places, key=lambda found: found[0])
    return level, side if side is not None else _side_by_midline(state, np.array(tip), level, free_mm)


def describe_wrong_place(attempt: AttemptStates, given: Injection) -> str:
    """What is wrong with the level or the side of an injection, in words; empty where they are right."""
    state = attempt.before(given.start_s)
    task = state.case.scenario.task
    level, side = place_of(state, given.tip, WRONG_SIDE_MM)
    if level is not task.level:
        return f"at {level.interspace} instead of {task.interspace}"
    wanted = task.side.lateral
    if wanted is not None and side is not None and side is not wanted:
        return f"on the {side} instead of the {wanted}"
    return ""


def _other(level: Level, own: Level, approach: Approach) -> Level:
    """A lumbar place stands for a wrong level in a sacral case, even that of the last interspace."""
    return level.above or level if RULES[approach].only_level and level is own else level


def _side_by_midline(state: ProcedureState, tip: NDArray[np.float64], level: Level, free_mm: float) -> Side | None:
    """Side of the midline on which a tip lies; None within a few mm of it."""
    marks = state.case.patient.landmarks
    frame = APPROACHES[state.case.scenario.task.approach].frame
    left_mm = float((tip - frame.midline(marks, level)) @ frame.axes(marks, level)[:, 0])
    return None if abs(left_mm) <= free_mm else Side.LEFT if left_mm > 0 else Side.RIGHT
