"""The needle in the hand and in the body: one frozen value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from simulator.geometry.tube import PolylineTube
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.tip_trajectory import SAME_MM, Track
from simulator.needle.tissue_mechanics import Rule, layers
from simulator.needle.variation import Individual

Floats = NDArray[np.float64]
RELAX_MM = 25.0  # over which the shaft behind a bent tip settles into the tip's track; recalled, unverified
LEAST_OUTSIDE_MM = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A stretch of one tissue along the shaft, and the depth at which it begins, mm."""

    tissue: Tissue
    from_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What resists the tip.

    Attributes
    ----------
    tissue : Tissue
        The layer that the tip presses on or cuts.
    from_mm : float
        Depth at which the tip met it.
    floor_n : float
        Tip force below which it does not fall before the layer gives way: what the tip brought along, N.
    cut : bool
        Whether it has given way.
    behind : Tissue
        What lies before it.
    """

    tissue: Tissue
    from_mm: float
    floor_n: float = 0.0
    cut: bool = False
    behind: Tissue = Tissue.AIR

    @property
    def tents(self) -> bool:
        """Whether it is a membrane that is being pushed ahead."""
        return layers()[self.tissue].rule is Rule.MEMBRANE and not self.cut


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Hole:
    """Where a needle went through a layer, shape (3,), mm; one that comes back to it goes through without a puncture."""

    tissue: Tissue
    point: Floats

    def __post_init__(self) -> None:
        self.point.setflags(write=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenting:
    """A membrane pushed ahead of the tip, and how far, mm."""

    tissue: Tissue
    by_mm: float


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class NeedleState:
    """A needle on or in the body; made by `place` and changed by the functions of `simulator.needle.handling` only.

    Attributes
    ----------
    kit : NeedleKit
        The needle.
    individual : Individual
        How this patient's tissues differ from the table's.
    entry, tip : ndarray, shape (3,)
        Where it pierces the skin, and its point, world frame, mm.
    hub_direction, direction, notch : ndarray, shape (3,)
        Unit vectors: of the shaft at the entry, of the shaft at the tip, and across the tip towards the hub's notch, to which the
        bevel opens.
    roll_rad : float
        By how much the notch was turned about the shaft, right-handed: clockwise seen from the hub. 0 has it cephalad.
    depth_mm : float
        Along the shaft from entry to tip.
    track : Track
        Where the tip went.
    runs : tuple of Run
        Tissues along the shaft as they lay before the needle came, the last that of the tip.
    front : Front
        What resists the tip.
    holes : tuple of Hole
        What it pierced so far, withdrawn or not.
    pressed_mm : float
        By how much the hub was pushed on after bone stopped the tip.
    force_n : float
        Axial force on the hub, positive when pushed.
    side_force_n : float
        Force across the hub that holds it levered.
    walked_rad : float
        By how much bone turned the needle aside since it was last withdrawn or turned.
    redirections : int
        How often it was tilted or levered.
    travelled_mm : float
        All that the hub moved, in and out.
    stylet_in : bool
        Whether the stylet is in.
    """

    kit: NeedleKit
    individual: Individual
    entry: Floats
    tip: Floats
    hub_direction: Floats
    direction: Floats
    notch: Floats
    track: Track
    runs: tuple[Run, ...]
    front: Front
    holes: tuple[Hole, ...] = ()
    roll_rad: float = 0.0
    depth_mm: float = 0.0
    pressed_mm: float = 0.0
    force_n: float = 0.0
    side_force_n: float = 0.0
    walked_rad: float = 0.0
    redirections: int = 0
    travelled_mm: float = 0.0
    stylet_in: bool = True

    def __post_init__(self) -> None:
        for vector in (self.entry, self.tip, self.hub_direction, self.direction, self.notch):
            vector.setflags(write=False)

    @property
    def tissue(self) -> Tissue:
        """Tissue that the tip is in: before a membrane that it tents, and bone where bone stopped it."""
        return self.front.behind if self.front.tents else self.front.tissue

    @property
    def tenting(self) -> Tenting | None:
        """The membrane that the tip pushes ahead, if any."""
        if not self.front.tents:
            return None
        return Tenting(tissue=self.front.tissue, by_mm=max(self.depth_mm - self.front.from_mm, 0.0))

    @property
    def stopped(self) -> bool:
        """Whether the tip stands on bone."""
        return layers()[self.front.tissue].rule is Rule.BONE

    @property
    def shaft(self) -> Floats:
        """Polyline from the entry to the tip, shape (n, 3), mm; one point while the needle is outside."""
        inside = self.track.depth_mm < self.depth_mm - SAME_MM
        return np.concatenate((self.track.points[inside], self.tip[None]))

    @property
    def outside_mm(self) -> float:
        """Length of the shaft outside the body, mm."""
        return max(self.kit.length_mm - self.depth_mm - self.pressed_mm, LEAST_OUTSIDE_MM)

    @property
    def hub(self) -> Floats:
        """Where the shaft leaves the hub, shape (3,), mm."""
        return self.entry - self.outside_mm * self.hub_direction

    def lengths_mm(self) -> dict[Tissue, float]:
        """Length of the shaft in each tissue, mm."""
        ends = [run.from_mm for run in self.runs[1:]] + [self.depth_mm]
        lengths: dict[Tissue, float] = {}
        for run, end in zip(self.runs, ends, strict=True):
            lengths[run.tissue] = lengths.get(run.tissue, 0.0) + max(end - run.from_mm, 0.0)
        return {tissue: length for tissue, length in lengths.items() if length > 0}

    def tube(self) -> PolylineTube:
        """The whole shaft for drawing, from the hub to the tip, bent tip included."""
        axis = np.concatenate((self.hub[None], self.shaft))
        return PolylineTube(axis=axis if self.kit.bend_mm == 0 else _with_knee(axis, self), radius_mm=self.kit.outer_mm / 2)


def _with_knee(axis: Floats, state: NeedleState) -> Floats:
    """An axis whose shaft stands aside of the tip's track by the bend, most at the knee, settling towards the hub."""
    from_tip_mm = np.concatenate((np.cumsum(np.linalg.norm(np.diff(axis, axis=0), axis=1)[::-1])[::-1], [0.0]))
    knee_mm, radians = state.kit.bend_mm, np.deg2rad(state.kit.bend_deg)
    places = np.unique(np.append(from_tip_mm, knee_mm))[::-1]
    points = np.stack([np.interp(-places, -from_tip_mm, axis[:, i]) for i in range(3)], axis=1)
    share = np.where(places < knee_mm, places / knee_mm, np.exp((knee_mm - places) / RELAX_MM))
    return points - knee_mm * np.sin(radians) * share[:, None] * state.kit.steers * state.notch
