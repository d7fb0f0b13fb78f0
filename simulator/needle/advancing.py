"""Pushing a needle on."""

from dataclasses import replace

import numpy as np

from simulator.geometry.validate import as_between
from simulator.needle.checks import as_distance
from simulator.needle.force import apply_push, pressed_force_n
from simulator.needle.insertion import Walk, begin, stride
from simulator.needle.insertion_record import Passage, Profile, make_resting_profile
from simulator.needle.needle_state import NeedleState
from simulator.needle.path_sampling import TissueField
from simulator.needle.tip_trajectory import SAME_MM, lengthen

MAX_TWIST_RAD_PER_MM = 2.0
PRESS_ROWS = 5


def advance(state: NeedleState, distance_mm: float, tissue: TissueField, *, twist_rad_per_mm: float = 0.0) -> Passage:
    """Push a needle on.

    Any cutting of a distance into steps ends in the same state, to rounding. Tissue is asked once for each stretch over which the needle
    curves alike, at most 10 mm, at 40 places per mm.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    distance_mm : float
        By which the hub moves; 0 changes nothing.
    tissue : callable
        Points, shape (n, 3), world frame, mm -> values of `Tissue`, shape (n,), uint8; as `Patient.tissue`, or that of `Patient.near` a
        box: points along the way to the end of the step are asked, and 0.5 mm about a contact with bone.
    twist_rad_per_mm : float
        Roll while pushing, right-handed.

    Raises
    ------
    ValueError
        If the distance is not finite or below 0, the hub would meet the skin, or `tissue` returns what is no tissue.
    """
    distance = as_distance(distance_mm)
    as_between(twist_rad_per_mm, -MAX_TWIST_RAD_PER_MM, MAX_TWIST_RAD_PER_MM, "twist_rad_per_mm")
    left_mm = state.kit.length_mm - state.depth_mm - state.pressed_mm
    if distance > left_mm + SAME_MM:
        raise ValueError(f"advance by {distance:g} mm would push the hub into the skin: {max(left_mm, 0.0):.1f} mm of shaft are left")
    if distance == 0:
        return Passage(state=state, events=(), profile=make_resting_profile(state))
    walk, target_mm = begin(state, tissue, twist_rad_per_mm), state.depth_mm + distance
    walk.stopped = state.stopped
    while not walk.stopped and walk.depth_mm < target_mm:
        stride(walk, target_mm)
    return _finish_passage(state, walk, distance)


def _finish_passage(state: NeedleState, walk: Walk, distance_mm: float) -> Passage:
    frame = walk.frame
    pressed_mm = state.pressed_mm + distance_mm - (walk.depth_mm - state.depth_mm) if walk.stopped else 0.0
    after = apply_push(
        replace(
            state,
            tip=frame.point,
            direction=frame.direction,
            notch=frame.notch,
            depth_mm=walk.depth_mm,
            track=lengthen(state.track, walk.nodes),
            runs=tuple(walk.runs),
            front=walk.front,
            holes=tuple(walk.holes),
            pressed_mm=pressed_mm,
            walked_rad=walk.walked_rad,
            roll_rad=state.roll_rad + walk.twist * (walk.depth_mm - state.depth_mm),
            travelled_mm=state.travelled_mm + distance_mm,
        )
    )
    return Passage(state=after, events=tuple(walk.events), profile=_profile(state, walk, after))


def _profile(state: NeedleState, walk: Walk, after: NeedleState) -> Profile:
    parts = list(walk.profile)
    travel = [depths - state.depth_mm for depths, _, _ in parts]
    if walk.stopped:
        pressed = np.linspace(state.pressed_mm, after.pressed_mm, PRESS_ROWS)
        parts.append((np.full(PRESS_ROWS, walk.depth_mm), pressed_force_n(after, pressed), np.full(PRESS_ROWS, after.tissue, np.uint8)))
        travel.append(walk.depth_mm - state.depth_mm + pressed - state.pressed_mm)
    depth, force, tissue = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Profile(travel_mm=np.concatenate(travel), depth_mm=depth, force_n=force, tissue=tissue)
