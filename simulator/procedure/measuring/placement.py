"""Where the tip lay when it mattered, and what its way there cost."""

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import walk
from scenarios.names.quantities import Quantity
from simulator.contrast.epidurogram import share_near
from simulator.needle import NeedleState
from simulator.needle.tissue_mechanics import BONE
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import AttemptStates, is_drug
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.opening_site import compartment_given
from simulator.procedure.state.state import Injection
from simulator.scoring.measured import Measured

Floats = NDArray[np.float64]

NEAR_ROOT_MM = 12.0  # of a root's course: drug so near bathes it within the minutes that follow (recalled, unverified)
POINTS = 8  # on each piece of a root's polyline
SAMPLES = 40  # along a shaft, for the area that it sweeps
DURA = "dura"


def measure_placement(attempt: AttemptStates) -> dict[str, Measured]:
    """Quantities of the needle's place and path."""
    found = _measure_path(attempt)
    given = attempt.decisive
    return found if given is None else {**found, **_measure_tip(attempt, given), **_measure_reach(attempt)}


def _measure_tip(attempt: AttemptStates, given: Injection) -> dict[str, Measured]:
    goal, tip, patient = attempt.target, np.array(given.tip), attempt.last.case.patient
    place = compartment_given(given)
    right = place in goal.compartments
    dura = next((node for node, _ in walk(patient.compartments) if node.name == DURA), None)
    found: dict[str, Measured] = {
        Quantity.TIP_TO_TARGET_MM: Measured(value=float(np.linalg.norm(tip - goal.point)), time_s=given.start_s),
        Quantity.TIP_ALONG_MM: Measured(value=goal.along_mm(tip), time_s=given.start_s),
        Quantity.TIP_ACROSS_MM: Measured(value=goal.across_mm(tip), time_s=given.start_s),
        Quantity.COMPARTMENT_RIGHT: measure_yes_no(right, given.start_s, "" if right else f"it was in: {place.words}"),
    }
    if dura is not None:
        found[Quantity.TIP_TO_DURA_MM] = Measured(value=float(dura.shape(tip[None])[0]), time_s=given.start_s)
    return found


def _measure_reach(attempt: AttemptStates) -> dict[str, Measured]:
    """Share of the drug that came to lie along the case's root, from where it leaves the sac to beyond its ganglion."""
    last, task = attempt.last, attempt.last.case.scenario.task
    side = task.side.lateral or last.case.scenario.record.pain.side
    roots = [root for root in last.case.patient.roots if root.level is task.root and side in (None, root.side)]
    shares = [
        share_near(spread, _densify(root.nerve.path), tuple(filter(is_drug, spread.agents)), NEAR_ROOT_MM)
        for spread in last.fluid.spreads
        for root in roots
    ]
    return {Quantity.DRUG_AT_TARGET_SHARE: Measured(value=max(shares, default=0.0))} if attempt.drugs else {}


def _densify(path: Floats) -> Floats:
    """Points of a polyline a few mm apart, shape (k, 3), mm."""
    return np.concatenate([np.linspace(start, end, POINTS) for start, end in zip(path[:-1], path[1:], strict=True)])


def _measure_path(attempt: AttemptStates) -> dict[str, Measured]:
    needles = [state.needle for state in attempt.states if state.needle is not None]
    if not any(needle.depth_mm > 0 for needle in needles):
        return {}
    events = attempt.last.events
    bone = [item for item in events if item.kind is EventKind.CONTACT and item.get("what") == "contacts" and item.get("tissue") in BONE]
    pushes = {item.time_s for item in bone}
    return {
        Quantity.PUNCTURES: Measured(value=_punctures(attempt)),
        Quantity.REDIRECTIONS: Measured(value=sum(needle.redirections for needle in _last_of_each(attempt))),
        Quantity.BONE_CONTACTS: Measured(value=len(pushes), time_s=min(pushes, default=None)),
        Quantity.TISSUE_DAMAGE_MM2: Measured(value=_swept_mm2(attempt)),
        Quantity.PATH_INEFFICIENCY_PERCENT: Measured(value=_inefficiency(attempt)),
    }


def _punctures(attempt: AttemptStates) -> int:
    """Times that the procedure needle went through the skin."""
    inside = [state.needle is not None and state.needle.depth_mm > 0 for state in attempt.states]
    return sum(after and not before for before, after in zip(inside[:-1], inside[1:], strict=True))


def _last_of_each(attempt: AttemptStates) -> list[NeedleState]:
    """The last state of every needle that was taken."""
    found: list[NeedleState] = []
    for before, after in zip(attempt.states[:-1], attempt.states[1:], strict=True):
        if before.needle is not None and after.needle is None:
            found.append(before.needle)
    return [*found, attempt.last.needle] if attempt.last.needle is not None else found


def _swept_mm2(attempt: AttemptStates) -> float:
    """Area that the shaft swept sideways inside the body, summed over the steps of the attempt, mm2 (PEERS.md 4a [6c])."""
    total = 0.0
    for before, after in zip(attempt.states[:-1], attempt.states[1:], strict=True):
        if before.needle is None or after.needle is None or min(before.needle.depth_mm, after.needle.depth_mm) <= 0:
            continue
        if before.needle is not after.needle:
            total += _between_mm2(before.needle, after.needle)
    return total


def _between_mm2(first: NeedleState, second: NeedleState) -> float:
    """Area between two shafts over the depth that both reach, as two triangles per sample."""
    depth_mm = np.linspace(0.0, min(first.depth_mm, second.depth_mm), SAMPLES)
    a, b = (_at_depth(needle, depth_mm) for needle in (first, second))
    low = np.linalg.norm(np.cross(a[1:] - a[:-1], b[:-1] - a[:-1]), axis=1) / 2
    high = np.linalg.norm(np.cross(b[1:] - b[:-1], a[1:] - b[:-1]), axis=1) / 2
    return float((low + high).sum())


def _at_depth(needle: NeedleState, depth_mm: Floats) -> Floats:
    """Points of a shaft at depths from its entry, shape (n, 3), mm."""
    line = needle.shaft
    reach = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))))
    return np.stack([np.interp(depth_mm, reach, line[:, axis]) for axis in range(3)], axis=1)


def _inefficiency(attempt: AttemptStates) -> float:
    """How much farther the tip went inside the body than from its entry to its deepest point, percent."""
    needles = _last_of_each(attempt)
    travelled = sum(_travelled_mm(attempt))
    straight = sum(_deepest_mm(attempt, needle) for needle in needles)
    return max(100.0 * (travelled / straight - 1.0), 0.0) if straight > 0 else 0.0


def _travelled_mm(attempt: AttemptStates) -> list[float]:
    """Every movement of a tip inside the body but the last way out of each needle, mm."""
    moves: list[float] = []
    out: list[float] = []
    for before, after in zip(attempt.states[:-1], attempt.states[1:], strict=True):
        if before.needle is None or after.needle is None:
            out = []
            continue
        moved = abs(after.needle.depth_mm - before.needle.depth_mm)
        if isinstance(after.done[-1].action, do.Withdraw):
            out.append(moved)
        elif moved > 0:
            moves += [*out, moved]
            out = []
    return moves


def _deepest_mm(attempt: AttemptStates, needle: NeedleState) -> float:
    """How deep a needle was at its deepest, mm."""
    held = (state.needle for state in attempt.states if state.needle is not None)
    return max((one.depth_mm for one in held if one.kit == needle.kit and (one.entry == needle.entry).all()), default=0.0)
