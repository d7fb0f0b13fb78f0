"""The tip on its way: where it meets what, at which depth, whatever the step.

The tip meets a tissue at the first depth of a fixed lattice that lies in it (`simulator.needle.path_sampling`), and layers give way at
depths that follow in closed form. Both depend on the way behind the tip and not on how it was cut into steps, so that one long step and
many short ones end in the same state.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from simulator.needle.bevel_steering import curvature_per_mm
from simulator.needle.bone import face, glance
from simulator.needle.constant_curvature import TipFrame, orthonormalise
from simulator.needle.force import cutting_force_n, friction_n, gives_way_mm, tip_force_n
from simulator.needle.insertion_record import NeedleEvent, NeedleEventKind
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import Front, Hole, NeedleState, Run
from simulator.needle.path_sampling import PathSamples, TissueField, frame_at, frame_of, look, name_tissue
from simulator.needle.tissue_mechanics import BONE, DISC, INSIDE_DURA, NERVE, VESSEL, Rule, layers
from simulator.needle.variation import Individual

Floats = NDArray[np.float64]
AHEAD_MM = 10.0  # looked ahead at once
NODE_EVERY = 40  # lattice depths between the nodes of the track: 1 mm
FELT = (NERVE, VESSEL, DISC)


@dataclass(kw_only=True, eq=False, slots=True)
class Walk:
    """A tip under way; for the length of one movement only."""

    kit: NeedleKit
    individual: Individual
    twist: float
    tissue: TissueField
    frame: TipFrame
    depth_mm: float
    front: Front
    runs: list[Run]
    holes: list[Hole]
    walked_rad: float
    stopped: bool = False
    turned: bool = False
    nodes: list[tuple[float, TipFrame]] = field(default_factory=list)
    events: list[NeedleEvent] = field(default_factory=list)
    profile: list[tuple[Floats, Floats, NDArray[np.uint8]]] = field(default_factory=list)


def begin(state: NeedleState, tissue: TissueField, twist: float) -> Walk:
    """Set out from a state."""
    return Walk(
        kit=state.kit,
        individual=state.individual,
        twist=twist,
        tissue=tissue,
        frame=TipFrame(state.tip, state.direction, state.notch),
        depth_mm=state.depth_mm,
        front=state.front,
        runs=list(state.runs),
        holes=list(state.holes),
        walked_rad=state.walked_rad,
    )


def stride(walk: Walk, target_mm: float) -> None:
    """Go on until the target, or until something turns or stops the needle."""
    end_mm, first = min(target_mm, walk.depth_mm + AHEAD_MM), 0
    ahead = look(walk.tissue, (walk.frame, walk.depth_mm, end_mm), _curvature(walk), walk.twist)
    walk.turned = False
    while not (walk.turned or walk.stopped):
        change = first + int(np.argmax(np.append(ahead.labels[first:] != walk.runs[-1].tissue, True)))
        meets_mm = ahead.depth_mm[change] if change < len(ahead.depth_mm) else np.inf
        gives_mm = max(gives_way_mm(walk.front, walk.kit), walk.depth_mm)
        stop_mm = min(meets_mm, gives_mm, end_mm)
        passed = int(np.searchsorted(ahead.depth_mm, stop_mm, side="right"))
        upto = max(first, min(passed, change if gives_mm <= meets_mm else change + 1))
        _go(walk, ahead, slice(first, upto), stop_mm)
        first = upto
        if gives_mm <= min(meets_mm, end_mm):
            _give_way(walk)
        elif meets_mm <= end_mm:
            _meet(walk, name_tissue(int(ahead.labels[change])))
        else:
            return
        walk.turned |= _curvature(walk) != ahead.curvature


def _curvature(walk: Walk) -> float:
    """Curvature that the tissue around the tip makes the bevel take, 1/mm."""
    front = walk.front
    return curvature_per_mm(walk.kit) * layers()[front.behind if front.tents else front.tissue].steer


def _go(walk: Walk, ahead: PathSamples, rows: slice, stop_mm: float) -> None:
    """Move to a depth within one layer; note forces and nodes on the way."""
    depths = np.append(ahead.depth_mm[rows], stop_mm)
    held = walk.front.behind if walk.front.tents else walk.front.tissue
    walk.profile.append((depths, _force_n(walk, depths), np.full(len(depths), held, dtype=np.uint8)))
    for row in np.flatnonzero(ahead.index[rows] % NODE_EVERY == 0) + rows.start:
        walk.nodes.append((float(ahead.depth_mm[row]), frame_of(ahead.frames, row)))
    walk.frame = orthonormalise(frame_at(ahead, stop_mm, rows.stop - 1))
    walk.depth_mm = float(stop_mm)


def _force_n(walk: Walk, depths: Floats) -> Floats:
    tip = tip_force_n(walk.front, depths, walk.kit, walk.individual)
    return tip + friction_n(walk.runs, depths, walk.kit, walk.individual)


def _tip_n(walk: Walk) -> float:
    return float(tip_force_n(walk.front, np.array([walk.depth_mm]), walk.kit, walk.individual)[0])


def _note(walk: Walk, kind: NeedleEventKind, tissue: Tissue) -> None:
    force_n = float(_force_n(walk, np.array([walk.depth_mm]))[0])
    walk.events.append(NeedleEvent(kind=kind, tissue=tissue, point=walk.frame.point, depth_mm=walk.depth_mm, force_n=force_n))


def _give_way(walk: Walk) -> None:
    """The layer in front gives way; behind a membrane the tip finds itself where it is."""
    front, here = walk.front, walk.runs[-1].tissue
    _pierce(walk)
    if front.tents and here is not front.tissue:
        _enter(walk, here, front.behind)
        return
    if front.tents:
        _pass(walk, front.behind, front.tissue)
    walk.front = replace(front, cut=True)


def _pierce(walk: Walk) -> None:
    """Note the puncture, and the hole where the layer's face lies once it has sprung back."""
    _note(walk, NeedleEventKind.PUNCTURES, walk.front.tissue)
    back_mm = walk.depth_mm - walk.front.from_mm
    walk.holes.append(Hole(tissue=walk.front.tissue, point=walk.frame.point - back_mm * walk.frame.direction))


def _is_at_hole(walk: Walk, tissue: Tissue) -> bool:
    """Whether the tip is back at a hole that it made in a layer: no farther from it than the shaft is wide."""
    near = (hole for hole in walk.holes if hole.tissue is tissue)
    return any(np.linalg.norm(hole.point - walk.frame.point) < walk.kit.outer_mm for hole in near)


def _meet(walk: Walk, tissue: Tissue) -> None:
    """The tip comes to where another tissue lay."""
    if tissue in BONE:
        _meet_bone(walk, tissue)
        return
    front = walk.front
    if _is_past_dura(front, tissue):
        tissue = Tissue.DURA
    walk.runs.append(Run(tissue=tissue, from_mm=walk.depth_mm))
    if not front.tents:
        if layers()[front.tissue].gives_way and not front.cut:
            _pierce(walk)
        _enter(walk, tissue, front.tissue)
    elif _is_beyond(front, tissue):
        if _find_touch_group(tissue) is not None:
            _note(walk, NeedleEventKind.CONTACTS, tissue)
    else:
        _note(walk, NeedleEventKind.RELEASES, front.tissue)
        _enter(walk, tissue, front.behind)


def _is_past_dura(front: Front, tissue: Tissue) -> bool:
    """Whether a tissue lies on the other side of a dura that no lattice depth met, as after a shaft was levered: the dura is met first."""
    known = front.tents or Tissue.DURA in (front.tissue, tissue) or Tissue.AIR in (front.tissue, tissue)
    return not known and (tissue in INSIDE_DURA) != (front.tissue in INSIDE_DURA)


def _is_beyond(front: Front, tissue: Tissue) -> bool:
    """Whether a tissue is the tented membrane or on its far side."""
    inside = INSIDE_DURA if front.tissue is Tissue.DURA else frozenset(Tissue) - {Tissue.AIR}
    return tissue is front.tissue or (tissue in inside) != (front.behind in inside)


def _enter(walk: Walk, tissue: Tissue, before: Tissue) -> None:
    floor_n = min(_tip_n(walk), cutting_force_n(tissue, walk.kit, walk.individual))
    front = Front(tissue=tissue, from_mm=walk.depth_mm, floor_n=floor_n, cut=_is_at_hole(walk, tissue), behind=before)
    if front.tents:
        _note(walk, NeedleEventKind.CONTACTS, tissue)
    elif tissue is not before:
        _pass(walk, before, tissue)
        if _find_touch_group(tissue) not in (None, _find_touch_group(before)):
            _note(walk, NeedleEventKind.CONTACTS, tissue)
    walk.front = front if tissue is not before else replace(front, cut=True)


def _pass(walk: Walk, before: Tissue, tissue: Tissue) -> None:
    if before is not Tissue.AIR:
        _note(walk, NeedleEventKind.LEAVES, before)
    _note(walk, NeedleEventKind.ENTERS, tissue)


def _find_touch_group(tissue: Tissue) -> int | None:
    """Which group of structures that answer a touch a tissue belongs to, if any."""
    return next((number for number, group in enumerate(FELT) if tissue in group), None)


def _meet_bone(walk: Walk, tissue: Tissue) -> None:
    """Bone turns the needle aside where it comes at a glance, else it stops it."""
    _note(walk, NeedleEventKind.CONTACTS, tissue)
    outward = face(walk.tissue, walk.frame.point)
    aside = None if outward is None else glance(walk.frame, outward, walk.walked_rad)
    if aside is not None:
        walk.frame, walk.walked_rad = aside
        walk.turned = True
        walk.nodes.append((walk.depth_mm, walk.frame))
        _note(walk, NeedleEventKind.WALKS_OFF, tissue)
        return
    if walk.front.tents:  # pinned between tip and bone it gives way
        _give_way(walk)
    floor_n = _tip_n(walk)
    walk.runs.append(Run(tissue=tissue, from_mm=walk.depth_mm))
    before = walk.front.tissue
    walk.front = Front(tissue=tissue, from_mm=walk.depth_mm, floor_n=floor_n, behind=before)
    walk.stopped = layers()[tissue].rule is Rule.BONE
    _note(walk, NeedleEventKind.STOPS, tissue)
