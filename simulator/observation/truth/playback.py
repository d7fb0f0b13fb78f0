"""What was on the live monitor at any moment of an attempt that is over."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.observation.album import Picture
from simulator.observation.monitors import Monitor, show_pulse
from simulator.observation.pulses import mask_of, shot_of
from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Mode

SIZE = 512


def image_of(course: StateArchive, pulse: int, pictures: Sequence[Picture] = (), *, size: int = SIZE) -> NDArray[np.uint8]:
    """The frame of a pulse, made again; a roadmap, which stands on a whole run before it, comes from the album.

    Parameters
    ----------
    course : StateArchive
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
    shots = course.shots
    shot = shot_of(shots, pulse)
    if shot is not None and shot.mode is Mode.ROADMAP:
        kept = [item for item in pictures if item.pulse <= pulse]
        return kept[-1].pixels if kept else np.zeros((size, size), dtype=np.uint8)
    monitor, mask = Monitor(size=size), mask_of(shots, pulse)
    if mask is not None and mask < pulse:
        monitor = show_pulse(monitor, _restore_iodine(course, mask), mask)
    frame = show_pulse(monitor, _restore_iodine(course, pulse), pulse).frame
    if frame is None:
        raise ValueError(f"expected the number of a pulse that was given, got {pulse}")
    return frame.pixels


def _restore_iodine(course: StateArchive, pulse: int) -> ProcedureState:
    """The state after the action that gave a pulse, with the iodine of that moment."""
    states = course.states
    state = states[bisect_right(states, pulse, key=lambda item: item.room.pulse)]
    if state is states[-1]:
        return state
    number = bisect_right(course.iodine, state.time_s, key=lambda item: item[0]) - 1
    if number < 0:
        return state
    grids = tuple(item.to_grid() for item in course.iodine[number][1])
    return replace(state, fluid=replace(state.fluid, moments=((-1.0, grids),)))
