"""What the needle's opening is in now: the one answer for all that flows in or out of it.

Drip, aspiration, the plunger's feel, injection, belief, complications and score ask here and nowhere else. The answer follows the way that
the needle took (`NeedleState.runs` and `front`) and not where a point lies in undeformed anatomy: a tented membrane lies before the
opening, not around it, and what a levered shaft drags along stays round it. Of several tissues along the opening the one through which
most would flow counts: its share over the pressure that it holds, as two pipes in parallel.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import IN_SAC, Tissue
from simulator.needle.insertion_record import NeedleEventKind, Passage
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import NeedleState, Run
from simulator.needle.tissue_mechanics import BONE, Rule, layers
from simulator.needle.variation import Individual
from simulator.needle.withdrawing import frame_at_depth

Floats = NDArray[np.float64]

OPEN_KPA = 0.05  # least pressure counted: an opening in air
ARACHNOID_MM = 0.4  # beyond a dura that was gone through: so far it is split from the arachnoid, and no fluid of the sac comes
BACK_STEP_MM = 0.1
ALL_BEFORE = (Run(tissue=Tissue.AIR, from_mm=0.0),)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningPart:
    """A stretch of one tissue along the needle's opening, by the depths of its ends, mm, and its share of the opening."""

    tissue: Tissue
    from_mm: float
    to_mm: float
    share: float


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Opening:
    """Where a needle's opening lies.

    Attributes
    ----------
    tissue : Tissue
        That takes what is injected and gives what is drawn back; the dura stands for the space between it and the arachnoid.
    shares : mapping of Tissue to float
        Share of the opening in each tissue; they add up to 1.
    point : ndarray, shape (3,)
        Middle of the opening's part in that tissue, world frame, mm. It lies in front of a tented membrane as that lay before the needle
        came.
    """

    tissue: Tissue
    shares: Mapping[Tissue, float]
    point: Floats

    def __post_init__(self) -> None:
        self.point.setflags(write=False)


def find_opening(state: NeedleState) -> Opening:
    """What the opening of a needle is in, displaced tissue included.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    """
    stretches = _list_stretches(state.kit, state.runs, _face_mm(state), state.depth_mm)
    shares = _sum_shares(stretches)
    tissue = _choose_tissue(shares, state.individual)
    longest = max((item for item in stretches if item.tissue is tissue), key=lambda item: item.share)
    middle_mm = min(max((longest.from_mm + longest.to_mm) / 2, 0.0), state.depth_mm)
    return Opening(tissue=tissue, shares=shares, point=frame_at_depth(state, middle_mm).point.copy())


def opening_shares(state: NeedleState) -> dict[Tissue, float]:
    """Share of the needle's opening in each tissue; they add up to 1.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    """
    return _sum_shares(_list_stretches(state.kit, state.runs, _face_mm(state), state.depth_mm))


def shares_along(start: NeedleState, passage: Passage) -> Iterator[dict[Tissue, float]]:
    """Shares of the opening all along a passage: one for each row of its profile, on the way out every `BACK_STEP_MM`.

    Parameters
    ----------
    start : NeedleState
        From which the needle was advanced.
    passage : Passage
        What `simulator.needle.handling.advance` or `withdraw` returned.
    """
    if passage.state.depth_mm < start.depth_mm:
        depths = np.arange(passage.state.depth_mm, start.depth_mm, BACK_STEP_MM).tolist()
        yield from (_sum_shares(_list_stretches(start.kit, start.runs, _face_mm(start), depth_mm)) for depth_mm in depths)
        return
    tents, runs = _tents(start, passage), passage.state.runs
    for depth_mm in passage.profile.depth_mm.tolist():
        face_mm = next((low for low, high in tents if low <= depth_mm < high), np.inf)
        yield _sum_shares(_list_stretches(start.kit, runs, face_mm, depth_mm))


def tissues_along(start: NeedleState, passage: Passage) -> Iterator[Tissue]:
    """What the opening was in all along a passage, as by `shares_along`; parameters as for `shares_along`."""
    return (_choose_tissue(shares, start.individual) for shares in shares_along(start, passage))


def held_kpa(individual: Individual, tissue: Tissue) -> float:
    """Pressure that a tissue holds against a plunger with the whole opening in it, kPa (``data/layers.csv``)."""
    besides = individual.muscle_factor if tissue is Tissue.MUSCLE else 1.0
    return max(individual.pressure_factor * besides * layers()[tissue].loss_kpa, OPEN_KPA)


def _choose_tissue(shares: Mapping[Tissue, float], individual: Individual) -> Tissue:
    return max(shares, key=lambda tissue: shares[tissue] / held_kpa(individual, tissue))


def _face_mm(state: NeedleState) -> float:
    """Depth at which a tented membrane lay before the needle came, mm; infinite where none is tented."""
    return state.front.from_mm if state.front.tents else np.inf


def _sum_shares(stretches: Sequence[OpeningPart]) -> dict[Tissue, float]:
    shares: dict[Tissue, float] = {}
    for item in stretches:
        shares[item.tissue] = shares.get(item.tissue, 0.0) + item.share
    return shares


def _list_stretches(kit: NeedleKit, runs: Sequence[Run], face_mm: float, depth_mm: float) -> list[OpeningPart]:
    """Stretches of tissue along the opening with the tip at a depth, mm; what lies beyond a tented face is pushed ahead."""
    if runs[-1].tissue in BONE and depth_mm >= runs[-1].from_mm:  # it stands on bone, which closes it
        return [OpeningPart(tissue=runs[-1].tissue, from_mm=depth_mm, to_mm=depth_mm, share=1.0)]
    near_mm, far_mm = kit.opening_mm
    low, high = depth_mm - far_mm, depth_mm - near_mm
    before = _split_dura([run for run in runs if run.from_mm < face_mm and run.tissue not in BONE] or list(ALL_BEFORE))
    starts, ends = [-np.inf] + [run.from_mm for run in before[1:]], [run.from_mm for run in before[1:]] + [np.inf]
    found: list[OpeningPart] = []
    for run, start, end in zip(before, starts, ends, strict=True):
        part = (min(end, high) - max(start, low)) / (high - low)
        if part > 0:
            inner, outer = min(max(start, low), face_mm), min(end, high, face_mm)
            found.append(OpeningPart(tissue=run.tissue, from_mm=inner, to_mm=outer, share=part))
    return found


def _split_dura(runs: list[Run]) -> list[Run]:
    """Runs with the first of the sac behind a dura counted to the dura: there it is split from the arachnoid, which is not broken yet."""
    ends = [run.from_mm for run in runs[1:]] + [np.inf]
    split = list(runs)
    for number, (before, run) in enumerate(pairwise(runs), start=1):
        if before.tissue is Tissue.DURA and run.tissue in IN_SAC:
            split[number] = replace(run, from_mm=min(run.from_mm + ARACHNOID_MM, ends[number]))
    return split


def _tents(start: NeedleState, passage: Passage) -> list[tuple[float, float]]:
    """Stretches of depth over which a membrane was tented, mm."""
    tents = [(start.front.from_mm, np.inf)] if start.front.tents else []
    for event in passage.events:
        if layers()[event.tissue].rule is not Rule.MEMBRANE:
            continue
        if event.kind is NeedleEventKind.CONTACTS:
            tents.append((event.depth_mm, np.inf))
        elif event.kind in (NeedleEventKind.PUNCTURES, NeedleEventKind.RELEASES):
            tents[-1] = (tents[-1][0], event.depth_mm)
    return tents
