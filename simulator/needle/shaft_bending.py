"""A needle levered at its hub: a beam that tissue grips along its length.

The shaft is an Euler-Bernoulli beam on a Winkler foundation, pinned where it pierces the skin, turned there by the hub, free at its tip:
EI w'''' + k(x) w = 0. Where tissue is soft against the steel it turns as a whole; where it is gripped it bends and the tip hardly moves.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from simulator.needle.constant_curvature import across
from simulator.needle.needle_spec import bending_stiffness_n_mm2
from simulator.needle.needle_state import NeedleState
from simulator.needle.tip_trajectory import Track
from simulator.needle.tissue_mechanics import layers

Floats = NDArray[np.float64]
MAX_LEVER_RAD = np.deg2rad(30.0)
CELLS = 120


def bend_shaft(state: NeedleState, direction: Floats) -> NeedleState:
    """The needle with its shaft at the skin brought into a direction while tissue grips it.

    Parameters
    ----------
    state : NeedleState
        In the body.
    direction : ndarray, shape (3,)
        Unit vector, into the body, dimensionless.

    Raises
    ------
    ValueError
        If it is farther from the present one than a needle can be levered.
    """
    tilt = float(np.arctan2(np.linalg.norm(np.cross(state.hub_direction, direction)), state.hub_direction @ direction))
    if tilt > MAX_LEVER_RAD:
        raise ValueError(f"a gripped needle can be levered by at most 30 degrees, got {np.rad2deg(tilt):.0f}: withdraw it to the fat first")
    if tilt < 1e-9:
        return state
    side = across(state.hub_direction, direction)
    x_mm, shift_mm, slope, moment_n_mm = deflection(state, tilt)
    return _shift_shaft(state, side, x_mm, shift_mm, slope, direction, moment_n_mm)


def deflection(state: NeedleState, tilt_rad: float) -> tuple[Floats, Floats, Floats, float]:
    """Deflection of the shaft when the hub is tilted.

    Parameters
    ----------
    state : NeedleState
        In the body.
    tilt_rad : float
        Of the shaft where it pierces the skin.

    Returns
    -------
    x_mm, shift_mm, slope : ndarray, shape (n,)
        Along the shaft from the skin, sideways, and its slope.
    moment_n_mm : float
        That the hub must bear, N mm.
    """
    x_mm = np.linspace(0.0, state.depth_mm, CELLS + 1)
    h = state.depth_mm / CELLS
    stiffness = bending_stiffness_n_mm2(state.kit, stylet_in=state.stylet_in)
    shift = _solve(stiffness / h**3, _grip(state, x_mm) * h, np.tan(tilt_rad) * h)
    slope = np.gradient(shift, x_mm)
    slope[0] = np.tan(tilt_rad)
    return x_mm, shift, slope, abs(stiffness * (shift[1] - np.tan(tilt_rad) * h) * 2 / h**2)


def _grip(state: NeedleState, x_mm: Floats) -> Floats:
    """Sideways stiffness of the tissue along the shaft, N/mm2."""
    starts = np.array([run.from_mm for run in state.runs])
    grip = np.array([layers()[run.tissue].grip_n_per_mm2 for run in state.runs])
    return grip[np.clip(np.searchsorted(starts, x_mm, side="right") - 1, 0, None)]


def _solve(bending: float, springs: Floats, rise: float) -> Floats:
    """Least energy of nodes 1..n: bending at every node but the tip, springs, with node 0 at 0 and its slope given."""
    n = len(springs) - 1
    # Rows of second differences at nodes 0..n-1 over the unknown nodes 1..n.
    # At node 0 the slope given makes it 2 (w1 - rise), over half a cell.
    diagonal, next_one, next_two, load = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    pattern = ((0.0, 0.0, 1.0), (0.0, -2.0, 1.0))
    for node in range(n):
        row = pattern[node] if node < 2 else (1.0, -2.0, 1.0)
        given, weight = (-rise, 2.0) if node == 0 else (0.0, 1.0)
        places = [(node - 2 + k, value) for k, value in enumerate(row) if value]
        for place, value in places:
            diagonal[place] += weight * value * value
            load[place] -= weight * value * given
        for (a, va), (b, vb) in ((p, q) for i, p in enumerate(places) for q in places[i + 1 :]):
            (next_one if b - a == 1 else next_two)[b] += weight * va * vb
    share = np.append(np.ones(n - 1), 0.5)
    bands = np.stack((bending * next_two, bending * next_one, bending * diagonal + springs[1:] * share))
    return np.concatenate(([0.0], solveh_banded(bands, bending * load)))


def _shift_shaft(
    state: NeedleState, side: Floats, x_mm: Floats, shift_mm: Floats, slope: Floats, direction: Floats, moment_n_mm: float
) -> NeedleState:
    track, tip_slope = state.track, float(slope[-1])
    at = np.interp(track.depth_mm, x_mm, shift_mm)[:, None] * side
    tilted = track.directions + np.interp(track.depth_mm, x_mm, slope)[:, None] * side
    tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
    forward = state.direction + tip_slope * side
    forward = forward / np.linalg.norm(forward)
    return replace(
        state,
        tip=state.tip + shift_mm[-1] * side,
        hub_direction=direction,
        direction=forward,
        notch=across(forward, state.notch),
        track=Track(depth_mm=track.depth_mm.copy(), points=track.points + at, directions=tilted, notches=track.notches.copy()),
        side_force_n=moment_n_mm / state.outside_mm,
        redirections=state.redirections + 1,
    )
