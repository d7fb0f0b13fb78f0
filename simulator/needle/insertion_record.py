"""What a needle met on its way: events, and force and tissue over depth."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from simulator.needle.needle_state import NeedleState

Floats = NDArray[np.float64]


class NeedleEventKind(StrEnum):
    """What happened to the tip."""

    CONTACTS = "contacts"
    """It touches nerve, bone, vessel, disc, or a membrane that it now tents."""
    ENTERS = "enters"
    PUNCTURES = "punctures"
    """A layer gives way."""
    LEAVES = "leaves"
    RELEASES = "releases"
    """A tented membrane springs back unharmed."""
    WALKS_OFF = "walks off"
    """A glancing bone turns it aside."""
    STOPS = "stops"
    """Bone holds it."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class NeedleEvent:
    """One event at the tip.

    Attributes
    ----------
    kind : NeedleEventKind
        What happened.
    tissue : Tissue
        To what.
    point : ndarray, shape (3,)
        Where the tip was, world frame, mm.
    depth_mm : float
        Along the shaft.
    force_n : float
        On the hub just then.
    """

    kind: NeedleEventKind
    tissue: Tissue
    point: Floats
    depth_mm: float
    force_n: float

    def __post_init__(self) -> None:
        self.point.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Profile:
    """Force and tissue over a passage, one row for each place at which the tissue was asked.

    Attributes
    ----------
    travel_mm : ndarray, shape (n,)
        How far the hub had moved.
    depth_mm : ndarray, shape (n,)
        Of the tip along the shaft; it stays while bone holds it.
    force_n : ndarray, shape (n,)
        On the hub.
    tissue : ndarray, shape (n,), uint8
        In which the tip was.
    """

    travel_mm: Floats
    depth_mm: Floats
    force_n: Floats
    tissue: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for column in (self.travel_mm, self.depth_mm, self.force_n, self.tissue):
            column.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Passage:
    """State after a movement, events in their order, and the profile."""

    state: NeedleState
    events: tuple[NeedleEvent, ...]
    profile: Profile


def make_resting_profile(state: NeedleState) -> Profile:
    """Profile of a needle that does not move."""
    return Profile(
        travel_mm=np.zeros(1),
        depth_mm=np.array([state.depth_mm]),
        force_n=np.array([state.force_n]),
        tissue=np.array([state.tissue], dtype=np.uint8),
    )
