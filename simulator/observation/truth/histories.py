"""An attempt's quantities over simulated time: what was felt and given, and how deep the needle truly lay."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.observation.truth.state_archive import StateArchive

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Histories:
    """Quantities after every action, each of shape (n,).

    Attributes
    ----------
    time_s : ndarray
        Simulated time, s.
    dap_gy_cm2 : ndarray
        Dose-area product so far, Gy cm2.
    depth_mm : ndarray
        How deep the tip lay along the needle's course, mm; 0 without a needle.
    force_n, pressure_kpa : ndarray
        What the hand felt, N and kPa; 0 where it felt none.
    """

    time_s: Floats
    dap_gy_cm2: Floats
    depth_mm: Floats
    force_n: Floats
    pressure_kpa: Floats


def read_histories(course: StateArchive) -> Histories:
    """Read the quantities off an attempt's states."""
    states = course.states
    return Histories(
        time_s=np.array([state.time_s for state in states]),
        dap_gy_cm2=np.array([state.room.dose.dap_gy_cm2 for state in states]),
        depth_mm=np.array([0.0 if state.needle is None else max(state.needle.depth_mm, 0.0) for state in states]),
        force_n=np.array([state.feel.force_n for state in states]),
        pressure_kpa=np.array([state.feel.pressure_kpa or 0.0 for state in states]),
    )
