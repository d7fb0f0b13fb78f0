"""The record of injected fluid: what each cause makes void, what stays, and what a digest reads of it."""

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.state.fluid import NO_FLUID, SAME_SITE_MM, VOID, Fluid, FluidReset, age, follow_tip, iodine_at, iodine_grids, reset
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural

NAMES = tuple(item.name for item in fields(Fluid))
FOLLOWS_FROM_THE_REST = {"domain", "flow", "moments"}
OTHER: dict[str, Any] = {"site": 7, "site_at": (1.0, 2.0, 3.0), "spread": None, "spread_s": 1e6}
"""Another value of each part that a digest reads; that of `elsewhere` is made in the test."""


@cache
def injected() -> ProcedureState:
    """After contrast medium was seen to go into the epidural space, so that every field but `elsewhere` holds something."""
    return do(place_in_epidural(begin_toy()), *SYRINGE, {"pedal": {"down": True}}, {"inject": {"volume_ml": 1.0}})


def full() -> Fluid:
    """A record in which no field is that of `NO_FLUID`."""
    fluid = injected().fluid
    assert fluid.spread is not None
    return replace(fluid, elsewhere=(fluid.spread,))


def test_nothing_is_there_before_the_first_injection() -> None:
    assert begin_toy().fluid is NO_FLUID
    assert NO_FLUID.spreads == iodine_at(NO_FLUID, 1e3) == ()
    assert not any(getattr(NO_FLUID, name) for name in NAMES)


@pytest.mark.parametrize("cause", FluidReset)
def test_a_cause_puts_its_own_fields_back_and_keeps_the_others(cause: FluidReset) -> None:
    fluid = full()
    left = reset(fluid, cause)
    for name in NAMES:
        kept = NO_FLUID if name in VOID[cause] else fluid
        assert getattr(left, name) is getattr(kept, name), name
    assert reset(left, cause) is left
    assert reset(NO_FLUID, cause) is NO_FLUID


def test_a_step_resets_what_its_action_makes_void() -> None:
    state = injected()
    assert state.fluid.moments
    assert do(state, {"wait": {"duration_s": 1.0}}).fluid.moments == ()
    turned = do(state, {"roll": {"angle_deg": 90.0}}).fluid
    assert (turned.flow, turned.site, turned.site_at) == (None, state.fluid.site, state.fluid.site_at)
    gone = do(state, "remove-needle").fluid
    assert (gone.site_at, gone.flow) == (None, None)
    assert gone.spread is state.fluid.spread
    assert gone.site == state.fluid.site


def test_a_site_is_left_beyond_its_radius_and_no_sooner() -> None:
    fluid = full()
    assert fluid.site_at is not None
    place = np.array(fluid.site_at)
    near, far = place + [0.0, 0.0, 0.99 * SAME_SITE_MM], place + [0.0, 0.0, 1.01 * SAME_SITE_MM]
    still = follow_tip(fluid, near)
    assert (still.site, still.site_at, still.flow) == (fluid.site, fluid.site_at, None)
    gone = follow_tip(fluid, far)
    assert (gone.site, gone.site_at, gone.flow) == (fluid.site, None, None)
    assert gone.spread is still.spread is fluid.spread
    assert follow_tip(gone, place) is gone


def test_fluid_ages_forwards_only_and_shows_its_iodine_by_the_moment() -> None:
    fluid = injected().fluid
    assert age(fluid, fluid.spread_s) is age(fluid, fluid.spread_s - 5.0) is fluid
    assert age(fluid, fluid.spread_s + 60.0).spread_s == fluid.spread_s + 60.0
    during = fluid.moments[1][0]
    assert iodine_at(fluid, during) is fluid.moments[1][1]
    rested = reset(fluid, FluidReset.ACTION_BEGINS)
    later = iodine_at(rested, fluid.spread_s + 60.0)
    assert [grid.values.sum() for grid in later] == [grid.values.sum() for grid in iodine_grids(age(rested, fluid.spread_s + 60.0))]
    assert sum(grid.values.sum() for grid in later) < sum(grid.values.sum() for grid in iodine_grids(rested))


@pytest.mark.parametrize("name", NAMES)
def test_a_digest_reads_what_does_not_follow_from_the_rest(name: str) -> None:
    state, known = injected(), Known()
    before = digest(state, known)
    assert state.fluid.spread is not None
    other = {"elsewhere": (state.fluid.spread,)} | OTHER
    changed = replace(state, fluid=replace(state.fluid, **{name: other.get(name, getattr(NO_FLUID, name))}))
    assert (digest(changed, known) == before) is (name in FOLLOWS_FROM_THE_REST)
    assert digest(changed, known) == digest(changed)
