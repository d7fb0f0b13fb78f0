"""What a hand does with a needle: place, aim, roll, advance, withdraw, redirect. Pure functions, a new state each.

Lengths are mm along the shaft, angles radians. A needle is steered by its bevel, by rolling it, and by tilting it while its tip is still
under the skin; deeper, tilting the hub only bends the shaft (`simulator.needle.shaft_bending`).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.terms.tissues import Tissue
from simulator.geometry.validate import as_vector
from simulator.needle.advancing import advance
from simulator.needle.checks import as_direction, as_finite
from simulator.needle.constant_curvature import TipFrame, across, rotate_about, rotate_onto
from simulator.needle.insertion_record import Passage
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import Front, NeedleState, Run
from simulator.needle.shaft_bending import bend_shaft
from simulator.needle.tip_trajectory import move_track, track_of
from simulator.needle.tissue_mechanics import UNDER_SKIN
from simulator.needle.variation import TYPICAL, Individual
from simulator.needle.withdrawing import withdraw

__all__ = ["NeedleState", "Passage", "advance", "aim", "place", "redirect", "roll", "with_stylet", "withdraw"]

Floats = NDArray[np.float64]
OFF_BONE_MM = 0.05
CEPHALAD, DORSAL = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])


def place(
    kit: NeedleKit, entry: ArrayLike, direction: ArrayLike, *, roll_rad: float = 0.0, individual: Individual = TYPICAL
) -> NeedleState:
    """Set a needle's tip on the skin.

    Parameters
    ----------
    kit : NeedleKit
        The needle; its stylet is in.
    entry : array_like, shape (3,)
        On the skin, world frame, mm.
    direction : array_like, shape (3,)
        Into the body; of any length above 0.
    roll_rad : float
        0 has the notch cephalad (dorsal for a needle that points along the body); positive is clockwise seen from the hub.
    individual : Individual
        How this patient's tissues differ from the table's.

    Raises
    ------
    ValueError
        If a number is not finite or the direction has no length.
    """
    point, forward = as_vector(entry, "entry"), as_direction(direction, "direction")
    notch = rotate_about(_notch_at_rest(forward), forward, as_finite(roll_rad, "roll_rad"))
    return NeedleState(
        kit=kit,
        individual=individual,
        entry=point,
        tip=point,
        hub_direction=forward,
        direction=forward,
        notch=notch,
        roll_rad=float(roll_rad),
        track=track_of([(0.0, TipFrame(point, forward, notch))]),
        runs=(Run(tissue=Tissue.AIR, from_mm=0.0),),
        front=Front(tissue=Tissue.AIR, from_mm=0.0, cut=True),
    )


def aim(state: NeedleState, direction: ArrayLike) -> NeedleState:
    """Point a needle that is still on the skin elsewhere; its roll stays.

    Parameters
    ----------
    state : NeedleState
        Not yet in the skin.
    direction : array_like, shape (3,)
        Into the body.

    Raises
    ------
    ValueError
        If the needle is in the skin already, or the direction has no length.
    """
    if state.depth_mm > 0:
        raise ValueError(f"aim wants the needle on the skin, it is {state.depth_mm:.1f} mm in: use redirect, or withdraw it")
    fresh = place(state.kit, state.entry, direction, roll_rad=state.roll_rad, individual=state.individual)
    return replace(fresh, holes=state.holes, stylet_in=state.stylet_in, redirections=state.redirections, travelled_mm=state.travelled_mm)


def roll(state: NeedleState, roll_rad: float) -> NeedleState:
    """Turn a needle about its shaft, right-handed about its direction: clockwise seen from the hub.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    roll_rad : float
        By how much.

    Raises
    ------
    ValueError
        If the angle is not finite.
    """
    angle = as_finite(roll_rad, "roll_rad")
    return replace(state, notch=rotate_about(state.notch, state.direction, angle), roll_rad=state.roll_rad + angle)


def with_stylet(state: NeedleState, stylet_in: bool) -> NeedleState:
    """The needle with its stylet in, or out.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    stylet_in : bool
        Whether it is in.
    """
    return replace(state, stylet_in=stylet_in)


def redirect(state: NeedleState, direction: ArrayLike) -> NeedleState:
    """Tilt a needle that is partly inserted, about where it pierces the skin.

    With its tip no deeper than the subcutaneous fat the whole needle turns; deeper, tissue holds it and the shaft bends. A tip that stands
    on bone is lifted off it first, by 0.05 mm.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    direction : array_like, shape (3,)
        Of the shaft at the skin afterwards, into the body.

    Raises
    ------
    ValueError
        If the direction has no length, or is farther from the present one than the hub can be levered.
    """
    forward = as_direction(direction, "direction")
    if state.depth_mm == 0:
        return replace(aim(state, forward), redirections=state.redirections + 1)
    if state.stopped:
        state = withdraw(state, min(state.pressed_mm + OFF_BONE_MM, state.pressed_mm + state.depth_mm)).state
    if state.tissue not in UNDER_SKIN:
        return bend_shaft(state, forward)
    if state.hub_direction @ forward <= 0:
        raise ValueError(f"redirect can tilt a needle by less than 90 degrees, from {state.hub_direction} towards {forward}: place it anew")
    entry, old = state.entry, state.hub_direction

    def swing(vectors: Floats) -> Floats:
        return rotate_onto(vectors, old, forward)

    return replace(
        state,
        tip=entry + swing(state.tip - entry),
        hub_direction=forward,
        direction=swing(state.direction),
        notch=swing(state.notch),
        track=move_track(state.track, entry + swing(state.track.points - entry), swing),
        walked_rad=0.0,
        side_force_n=0.0,
        redirections=state.redirections + 1,
    )


def _notch_at_rest(forward: Floats) -> Floats:
    return across(forward, CEPHALAD if abs(forward @ CEPHALAD) < 0.9 else DORSAL)
