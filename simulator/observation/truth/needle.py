"""Where a needle is and was under the skin."""

import numpy as np
from numpy.typing import NDArray

from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.state import ProcedureState

Floats = NDArray[np.float64]

STEP_MM = 1.0  # between points of a track


def shaft_axis(state: ProcedureState) -> Floats | None:
    """The shaft's course from hub to tip, shape (n, 3), world frame, mm; None without a needle."""
    return None if state.needle is None else state.needle.tube().axis


def measure_tip(state: ProcedureState) -> tuple[float, float] | tuple[None, None]:
    """Depth under the skin and distance from the case's target, mm; None of either without a needle in the body."""
    held = state.needle
    if held is None or held.depth_mm <= 0:
        return None, None
    return float(held.depth_mm), float(np.linalg.norm(held.tip - find_case_target(state.case).point))


def tip_tracks(course: StateArchive) -> list[Floats]:
    """Way of the tip in the body, one array of shape (n, 3) for each needle, world frame, mm; a needle that never went in has none."""
    found: list[list[Floats]] = []
    inside = False
    for state in course.states:
        held = state.needle
        if held is None or held.depth_mm <= 0:
            inside = False
            continue
        if not inside:
            found.append([np.array(held.entry, dtype=float)])
            inside = True
        if np.linalg.norm(held.tip - found[-1][-1]) >= STEP_MM:
            found[-1].append(np.array(held.tip, dtype=float))
    return [np.stack(points) for points in found if len(points) > 1]
