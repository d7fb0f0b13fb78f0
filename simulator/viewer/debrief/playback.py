"""What was on the live monitor, and where everything stood, at any moment of an attempt that is over."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.procedure.imaging import Carry, develop, expose
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.report import Picture
from simulator.viewer.debrief.state_archive import Course
from simulator.xray.image.modes import Mode

SIZE = 512


def state_at(states: Sequence[ProcedureState], time_s: float) -> ProcedureState:
    """The last state not later than a time, s; the first where all are later."""
    return states[max(0, bisect_right(states, time_s, key=lambda state: state.time_s) - 1)]


def pulse_at(shots: Sequence[Shot], time_s: float) -> int | None:
    """Number of the last pulse not later than a time, s; None where there was none."""
    number = bisect_right(shots, time_s, key=lambda shot: shot.time_s) - 1
    if number < 0:
        return None
    shot = shots[number]
    passed = int((time_s - shot.time_s) / shot.interval_s + 1e-9) if shot.interval_s > 0 else 0
    return shot.index + min(passed, shot.frames - 1)


def image_of(course: Course, pulse: int, pictures: Sequence[Picture] = (), *, size: int = SIZE) -> NDArray[np.uint8]:
    """The frame of a pulse, made again; a roadmap, which stands on a whole run before it, comes from the album.

    Parameters
    ----------
    course : Course
        The attempt.
    pulse : int
        One that was given.
    pictures : sequence of Picture
        Those that were kept.
    size : int
        Pixels each way.

    Returns
    -------
    ndarray, shape (rows, columns), uint8
    """
    shots = course.states[-1].shots
    shot = _shot_of(shots, pulse)
    if shot.mode is Mode.ROADMAP:
        kept = [item for item in pictures if item.pulse <= pulse]
        return kept[-1].pixels if kept else np.zeros((size, size), dtype=np.uint8)
    carry = Carry()
    if shot.mode is Mode.DSA:
        mask = next(item.index for item in shots if item.run == shot.run)
        if mask < pulse:
            carry, _ = develop(carry, expose(_lit(course, mask), mask, size=size))
    _, frame = develop(carry, expose(_lit(course, pulse), pulse, size=size))
    return frame.pixels


def _shot_of(shots: Sequence[Shot], pulse: int) -> Shot:
    return shots[bisect_right(shots, pulse, key=lambda shot: shot.index) - 1]


def _lit(course: Course, pulse: int) -> ProcedureState:
    """The state after the action that gave a pulse, with the iodine of that moment."""
    states = course.states
    state = states[bisect_right(states, pulse, key=lambda item: item.room.pulse)]
    if state is states[-1]:
        return state
    number = bisect_right(course.iodine, state.time_s, key=lambda item: item[0]) - 1
    if number < 0:
        return state
    grids = tuple(item.grid() for item in course.iodine[number][1])
    return replace(state, fluid=replace(state.fluid, moments=((-1.0, grids),)))
