"""Pulling a needle back along its track."""

from dataclasses import replace

import numpy as np

from phantoms.terms.tissues import Tissue
from simulator.needle.checks import as_distance
from simulator.needle.constant_curvature import TipFrame, across, rotate_onto
from simulator.needle.force import apply_push, friction_n
from simulator.needle.insertion_record import NeedleEvent, NeedleEventKind, Passage, make_resting_profile
from simulator.needle.needle_state import Front, NeedleState
from simulator.needle.tip_trajectory import SAME_MM, shorten
from simulator.needle.tissue_mechanics import BONE, UNDER_SKIN


def withdraw(state: NeedleState, distance_mm: float) -> Passage:
    """Pull a needle back along its track. What it leaves are its events, the deepest first.

    Parameters
    ----------
    state : NeedleState
        In the body.
    distance_mm : float
        By which the hub moves; 0 changes nothing.

    Raises
    ------
    ValueError
        If the distance is not finite, below 0, or more than is in the body.
    """
    distance = as_distance(distance_mm)
    inside_mm = state.depth_mm + state.pressed_mm
    if distance > inside_mm + SAME_MM:
        raise ValueError(f"withdraw by {distance:g} mm: only {inside_mm:.1f} mm are in the body")
    if distance == 0:
        return Passage(state=state, events=(), profile=make_resting_profile(state))
    if distance <= state.pressed_mm:
        eased = apply_push(replace(state, pressed_mm=state.pressed_mm - distance, travelled_mm=state.travelled_mm + distance))
        return Passage(state=eased, events=(), profile=make_resting_profile(eased))
    depth_mm = max(inside_mm - distance, 0.0)
    after = _pull(state, depth_mm if depth_mm > SAME_MM else 0.0, distance)
    return Passage(state=after, events=_find_left(state, after), profile=make_resting_profile(after))


def _pull(state: NeedleState, depth_mm: float, distance_mm: float) -> NeedleState:
    frame = frame_at_depth(state, depth_mm)
    runs = tuple(run for run in state.runs if run.from_mm < depth_mm) or state.runs[:1]
    tents = state.front.tents and depth_mm > state.front.from_mm
    front = state.front if tents else Front(tissue=runs[-1].tissue, from_mm=runs[-1].from_mm, cut=True, behind=runs[-1].tissue)
    friction = float(friction_n(runs, np.array([depth_mm]), state.kit, state.individual)[0])
    return replace(
        state,
        tip=frame.point,
        direction=frame.direction,
        notch=frame.notch,
        depth_mm=depth_mm,
        pressed_mm=0.0,
        runs=runs,
        front=front,
        track=shorten(state.track, depth_mm),
        force_n=-friction,
        side_force_n=0.0 if runs[-1].tissue in UNDER_SKIN else state.side_force_n,
        walked_rad=0.0,
        travelled_mm=state.travelled_mm + distance_mm,
    )


def frame_at_depth(state: NeedleState, depth_mm: float) -> TipFrame:
    """The shaft's frame at a depth, mm; it keeps the roll that the tip has now."""
    track = state.track
    keep = track.depth_mm < state.depth_mm - SAME_MM
    depths = np.append(track.depth_mm[keep], state.depth_mm)
    point, direction = (
        np.array([np.interp(depth_mm, depths, column) for column in np.vstack((rows[keep], last)).T])
        for rows, last in ((track.points, state.tip), (track.directions, state.direction))
    )
    direction = direction / np.linalg.norm(direction)
    return TipFrame(point, direction, across(direction, rotate_onto(state.notch, state.direction, direction)))


def _find_left(before: NeedleState, after: NeedleState) -> tuple[NeedleEvent, ...]:
    """What a tip leaves on its way out, the deepest first; what it had only tented it never entered."""
    front = before.front
    entered = [run for run in before.runs if not (front.tents and run.from_mm >= front.from_mm) and run.tissue not in BONE]
    gone = [run for run in reversed(entered) if run.from_mm >= after.depth_mm and run.tissue is not Tissue.AIR]
    return tuple(
        NeedleEvent(
            kind=NeedleEventKind.LEAVES,
            tissue=run.tissue,
            point=frame_at_depth(before, run.from_mm).point,
            depth_mm=run.from_mm,
            force_n=after.force_n,
        )
        for run in gone
    )
