"""What a hand does with a needle: place, aim, roll, advance, withdraw, redirect. Pure functions, a new state each.

Lengths are mm along the shaft, angles radians. A needle is steered by its bevel, by rolling it, and by tilting it while its tip is still
under the skin; deeper, tilting the hub only bends the shaft (`simulator.needle.lever`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.tissues import Tissue
from simulator.geometry.validate import as_between, as_vector
from simulator.needle.arcs import Frame, across, spun, turned
from simulator.needle.force import friction_n, pressed_force_n, tip_force_n
from simulator.needle.kit import NeedleKit
from simulator.needle.layers import UNDER_SKIN, layers
from simulator.needle.lever import bent
from simulator.needle.needle import SAME_MM, Front, NeedleState, Run, Track
from simulator.needle.passage import EventKind, NeedleEvent, Passage, Profile
from simulator.needle.variation import TYPICAL, Individual
from simulator.needle.walk import TissueField, Walk, begin, stride

__all__ = ["NeedleState", "Passage", "advance", "aim", "place", "redirect", "roll", "with_stylet", "withdraw"]

Floats = NDArray[np.float64]
CEPHALAD, DORSAL = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
MAX_TWIST_RAD_PER_MM = 2.0
PRESS_ROWS = 5


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
    point, forward = as_vector(entry, "entry"), _unit(direction, "direction")
    notch = spun(_notch_at_rest(forward), forward, _finite(roll_rad, "roll_rad"))
    return NeedleState(
        kit=kit,
        individual=individual,
        entry=point,
        tip=point,
        hub_direction=forward,
        direction=forward,
        notch=notch,
        roll_rad=float(roll_rad),
        track=_track([(0.0, Frame(point, forward, notch))]),
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
    angle = _finite(roll_rad, "roll_rad")
    return replace(state, notch=spun(state.notch, state.direction, angle), roll_rad=state.roll_rad + angle)


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
        Points, shape (n, 3), world frame, mm -> values of `Tissue`, shape (n,), uint8; as `Patient.tissue`.
    twist_rad_per_mm : float
        Roll while pushing, right-handed.

    Raises
    ------
    ValueError
        If the distance is not finite or below 0, the hub would meet the skin, or `tissue` returns what is no tissue.
    """
    distance = _distance(distance_mm)
    as_between(twist_rad_per_mm, -MAX_TWIST_RAD_PER_MM, MAX_TWIST_RAD_PER_MM, "twist_rad_per_mm")
    left_mm = state.kit.length_mm - state.depth_mm - state.pressed_mm
    if distance > left_mm + SAME_MM:
        raise ValueError(f"advance by {distance:g} mm would push the hub into the skin: {max(left_mm, 0.0):.1f} mm of shaft are left")
    if distance == 0:
        return Passage(state=state, events=(), profile=_here(state))
    walk, target_mm = begin(state, tissue, twist_rad_per_mm), state.depth_mm + distance
    walk.stopped = state.stopped
    while not walk.stopped and walk.depth_mm < target_mm:
        stride(walk, target_mm)
    return _arrived(state, walk, distance)


def withdraw(state: NeedleState, distance_mm: float) -> Passage:
    """Pull a needle back along its track.

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
    distance = _distance(distance_mm)
    inside_mm = state.depth_mm + state.pressed_mm
    if distance > inside_mm + SAME_MM:
        raise ValueError(f"withdraw by {distance:g} mm: only {inside_mm:.1f} mm are in the body")
    if distance == 0:
        return Passage(state=state, events=(), profile=_here(state))
    if distance <= state.pressed_mm:
        eased = _with_force(replace(state, pressed_mm=state.pressed_mm - distance, travelled_mm=state.travelled_mm + distance))
        return Passage(state=eased, events=(), profile=_here(eased))
    depth_mm = max(inside_mm - distance, 0.0)
    after = _pulled(state, depth_mm if depth_mm > SAME_MM else 0.0, distance)
    return Passage(state=after, events=_left(state, after), profile=_here(after))


def redirect(state: NeedleState, direction: ArrayLike) -> NeedleState:
    """Tilt a needle that is partly inserted, about where it pierces the skin.

    With its tip no deeper than the subcutaneous fat the whole needle turns; deeper, tissue holds it and the shaft bends.

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
    forward = _unit(direction, "direction")
    if state.depth_mm == 0:
        return replace(aim(state, forward), redirections=state.redirections + 1)
    if state.tissue not in UNDER_SKIN:
        return bent(state, forward)
    if state.hub_direction @ forward <= 0:
        raise ValueError(f"redirect can tilt a needle by less than 90 degrees, from {state.hub_direction} towards {forward}: place it anew")
    swung = Track(
        depth_mm=state.track.depth_mm.copy(),
        points=state.entry + turned(state.track.points - state.entry, state.hub_direction, forward),
        directions=turned(state.track.directions, state.hub_direction, forward),
        notches=turned(state.track.notches, state.hub_direction, forward),
    )
    return replace(
        state,
        tip=state.entry + turned(state.tip - state.entry, state.hub_direction, forward),
        hub_direction=forward,
        direction=turned(state.direction, state.hub_direction, forward),
        notch=turned(state.notch, state.hub_direction, forward),
        track=swung,
        walked_rad=0.0,
        side_force_n=0.0,
        redirections=state.redirections + 1,
    )


def _arrived(state: NeedleState, walk: Walk, distance_mm: float) -> Passage:
    frame = walk.frame
    pressed_mm = state.pressed_mm + distance_mm - (walk.depth_mm - state.depth_mm) if walk.stopped else 0.0
    after = _with_force(
        replace(
            state,
            tip=frame.point,
            direction=frame.direction,
            notch=frame.notch,
            depth_mm=walk.depth_mm,
            track=_longer(state.track, walk.nodes),
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


def _here(state: NeedleState) -> Profile:
    return Profile(
        travel_mm=np.zeros(1),
        depth_mm=np.array([state.depth_mm]),
        force_n=np.array([state.force_n]),
        tissue=np.array([state.tissue], dtype=np.uint8),
    )


def _with_force(state: NeedleState) -> NeedleState:
    """The state with the force of a hand that pushes."""
    if state.stopped:
        return replace(state, force_n=float(pressed_force_n(state, np.array([state.pressed_mm]))[0]))
    depth = np.array([state.depth_mm])
    tip, shaft = tip_force_n(state.front, depth, state.kit, state.individual), friction_n(state.runs, depth, state.kit, state.individual)
    return replace(state, force_n=float((tip + shaft)[0]))


def _pulled(state: NeedleState, depth_mm: float, distance_mm: float) -> NeedleState:
    frame = _at(state, depth_mm)
    runs = tuple(run for run in state.runs if run.from_mm < depth_mm) or state.runs[:1]
    tents = state.front.tents and depth_mm > state.front.from_mm
    front = state.front if tents else Front(tissue=runs[-1].tissue, from_mm=runs[-1].from_mm, cut=True, behind=runs[-1].tissue)
    friction = float(friction_n(runs, np.array([depth_mm]), state.kit, state.individual)[0])
    kept = state.track.depth_mm < depth_mm if depth_mm > 0 else state.track.depth_mm == 0
    track = state.track
    return replace(
        state,
        tip=frame.point,
        direction=frame.direction,
        notch=frame.notch,
        depth_mm=depth_mm,
        pressed_mm=0.0,
        runs=runs,
        front=front,
        track=Track(
            depth_mm=track.depth_mm[kept], points=track.points[kept], directions=track.directions[kept], notches=track.notches[kept]
        ),
        force_n=-friction,
        travelled_mm=state.travelled_mm + distance_mm,
    )


def _at(state: NeedleState, depth_mm: float) -> Frame:
    """The shaft's frame at a depth; it keeps the roll that the tip has now."""
    track = state.track
    keep = track.depth_mm < state.depth_mm - SAME_MM
    depths = np.append(track.depth_mm[keep], state.depth_mm)
    point, direction = (
        np.array([np.interp(depth_mm, depths, column) for column in np.vstack((rows[keep], last)).T])
        for rows, last in ((track.points, state.tip), (track.directions, state.direction))
    )
    direction = direction / np.linalg.norm(direction)
    return Frame(point, direction, across(direction, turned(state.notch, state.direction, direction)))


def _left(before: NeedleState, after: NeedleState) -> tuple[NeedleEvent, ...]:
    """What a tip leaves on its way out, the deepest first; what it had only tented it never entered."""
    front = before.front
    entered = [run for run in before.runs if not (front.tents and run.from_mm >= front.from_mm) and layers()[run.tissue].rule != "bone"]
    gone = [run for run in reversed(entered) if run.from_mm >= after.depth_mm and run.tissue is not Tissue.AIR]
    return tuple(
        NeedleEvent(
            kind=EventKind.LEAVES, tissue=run.tissue, point=_at(before, run.from_mm).point, depth_mm=run.from_mm, force_n=after.force_n
        )
        for run in gone
    )


def _track(nodes: Sequence[tuple[float, Frame]]) -> Track:
    return Track(
        depth_mm=np.array([depth for depth, _ in nodes], dtype=float),
        points=np.array([frame.point for _, frame in nodes]),
        directions=np.array([frame.direction for _, frame in nodes]),
        notches=np.array([frame.notch for _, frame in nodes]),
    )


def _longer(track: Track, nodes: Sequence[tuple[float, Frame]]) -> Track:
    if not nodes:
        return track
    more = _track(nodes)
    return Track(
        depth_mm=np.concatenate((track.depth_mm, more.depth_mm)),
        points=np.concatenate((track.points, more.points)),
        directions=np.concatenate((track.directions, more.directions)),
        notches=np.concatenate((track.notches, more.notches)),
    )


def _notch_at_rest(forward: Floats) -> Floats:
    return across(forward, CEPHALAD if abs(forward @ CEPHALAD) < 0.9 else DORSAL)


def _unit(value: ArrayLike, name: str) -> Floats:
    vector = as_vector(value, name)
    size = float(np.linalg.norm(vector))
    if not size > 0:
        raise ValueError(f"{name} must have a length above 0, got {vector}")
    return vector / size


def _distance(value: float) -> float:
    distance = _finite(value, "distance_mm")
    if distance < 0:
        raise ValueError(f"distance_mm must be 0 or above, got {distance:g}: use withdraw to pull, advance to push")
    return distance


def _finite(value: float, name: str) -> float:
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value}")
    return number
