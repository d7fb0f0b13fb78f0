"""Injected fluid at one moment: the site of the needle's opening, the cells around it, and what lies in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import cast

import numpy as np
from numpy.typing import NDArray

from simulator.contrast import spread as spreads
from simulator.contrast.domain import Domain
from simulator.contrast.flow import Flow
from simulator.contrast.spread import Spread
from simulator.geometry.grid import Grid
from simulator.procedure.state.carm_state import Point

SAME_SITE_MM = 1.0  # a tip that has moved by more is at another site, where chance is drawn anew


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Fluid:
    """Everything that a state holds of injected fluid; `NO_FLUID` before the first injection.

    Attributes
    ----------
    site : int
        Counts the places at which something was aspirated or injected; chance is drawn by it.
    site_at : (float, float, float) or None
        Needle tip at the last of them, world frame, mm; None after the tip has left it.
    domain : Domain or None
        Cells around the site, without a nicked vessel; shared, read-only.
    flow : Flow or None
        From the site, once something was injected; shared, read-only.
    spread : Spread or None
        Where injected fluid was at `spread_s`, in the medium injected last; shared, read-only.
    elsewhere : tuple of Spread
        The same in other media.
    spread_s : float
        The time of the spreads, s; `age` brings them to a later one.
    moments : tuple of (float, tuple of Grid)
        Iodine during the last action by its time, s, for its pulses, mg/mL.
    """

    site: int = 0
    site_at: Point | None = None
    domain: Domain | None = None
    flow: Flow | None = None
    spread: Spread | None = None
    elsewhere: tuple[Spread, ...] = ()
    spread_s: float = 0.0
    moments: tuple[tuple[float, tuple[Grid, ...]], ...] = ()

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """Where injected fluid was at `spread_s` in every medium, the one injected last first."""
        return () if self.spread is None else (self.spread, *self.elsewhere)


NO_FLUID = Fluid()


class FluidReset(Enum):
    """What makes a part of the fluid's record void."""

    ACTION_BEGINS = auto()
    NEEDLE_MOVED = auto()
    SITE_LEFT = auto()
    STATE_ARCHIVED = auto()


VOID: Mapping[FluidReset, tuple[str, ...]] = {
    FluidReset.ACTION_BEGINS: ("moments",),  # they belong to the pulses of one action
    FluidReset.NEEDLE_MOVED: ("flow",),  # it leaves from another place, or from a bevel that faces another way
    FluidReset.SITE_LEFT: ("site_at", "flow"),  # the number of the site stays: the next one is drawn anew
    FluidReset.STATE_ARCHIVED: ("moments", "domain", "flow", "spread", "elsewhere"),  # they fill the memory
}
"""Fields of `Fluid` that each cause puts back to those of `NO_FLUID`; all others stay."""


def reset(fluid: Fluid, cause: FluidReset) -> Fluid:
    """Return the fluid without the fields that a cause makes void.

    Parameters
    ----------
    fluid : Fluid
    cause : FluidReset

    Returns
    -------
    Fluid
        The same object where no such field holds anything.

    Examples
    --------
    >>> left = reset(Fluid(site=2, site_at=(0.0, 30.0, -60.0)), FluidReset.SITE_LEFT)
    >>> left.site, left.site_at
    (2, None)
    """
    void = {name: getattr(NO_FLUID, name) for name in VOID[cause] if getattr(fluid, name) != getattr(NO_FLUID, name)}
    return replace(fluid, **void) if void else fluid


def is_at_site(fluid: Fluid, tip: NDArray[np.float64]) -> bool:
    """Whether a tip, shape (3,), mm, is still at the last site: no farther from it than `SAME_SITE_MM`."""
    return fluid.site_at is not None and float(np.linalg.norm(tip - fluid.site_at)) <= SAME_SITE_MM


def follow_tip(fluid: Fluid, tip: NDArray[np.float64]) -> Fluid:
    """Return the fluid after the needle has moved: without its flow, and without its site where the tip has left it.

    Parameters
    ----------
    fluid : Fluid
    tip : ndarray, shape (3,)
        Where the tip is now, world frame, mm.
    """
    return reset(fluid, FluidReset.NEEDLE_MOVED if fluid.site_at is None or is_at_site(fluid, tip) else FluidReset.SITE_LEFT)


def age(fluid: Fluid, time_s: float) -> Fluid:
    """Return the fluid with every spread as it is at a later time.

    Parameters
    ----------
    fluid : Fluid
    time_s : float
        Simulated time, s; one before `spread_s` changes nothing.
    """
    seconds = max(time_s - fluid.spread_s, 0.0)
    if fluid.spread is None or seconds == 0:
        return fluid
    spread, *others = (_settle(item, seconds) for item in fluid.spreads)
    return replace(fluid, spread=spread, elsewhere=tuple(others), spread_s=time_s)


def iodine_at(fluid: Fluid, time_s: float) -> tuple[Grid, ...]:
    """Iodine at a time during or after the last action.

    Parameters
    ----------
    fluid : Fluid
    time_s : float
        Simulated time, s.

    Returns
    -------
    tuple of Grid
        Iodine, mg/mL, one grid for each medium that holds some.
    """
    during = [grids for moment_s, grids in fluid.moments if moment_s <= time_s]
    return during[-1] if during else iodine_grids(age(fluid, time_s))


def iodine_grids(fluid: Fluid) -> tuple[Grid, ...]:
    """Iodine at `spread_s`, mg/mL, one grid for each medium that holds some."""
    return tuple(grid for grid in map(spreads.iodine, fluid.spreads) if grid.values.any())


class _StillFlow:
    """A flow in which nothing moves."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain


def _settle(spread: Spread, seconds: float) -> Spread:
    return spreads.settle(spread, cast(Flow, _StillFlow(spread.domain)), seconds)
