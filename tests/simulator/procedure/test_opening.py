"""One truth for what the needle's opening is in: whatever the needle did, all that flows, is felt, believed, scored and suffered agrees."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.compartments import EPIDURAL, Compartment
from scenarios.names.enums import Attachment
from scenarios.names.needles import LorMedium
from scenarios.names.quantities import BeliefPart, Quantity
from simulator.contrast.media import COMPARTMENTS, FluidSpace
from simulator.needle import syringe_pressure_kpa
from simulator.needle.loss_of_resistance import STRONGEST_KPA, bore_pressure_kpa
from simulator.needle.opening import held_kpa, opening_shares
from simulator.needle.tissue_mechanics import INSIDE_DURA
from simulator.observation.truth.state_archive import measure_extent
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.measuring.interpretation import judge_beliefs
from simulator.procedure.measuring.placement import measure_placement
from simulator.procedure.rules.dripping import drips
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.opening_site import OpeningSite, compartment_of, require_site
from simulator.procedure.state.physiology import EffectKind
from simulator.procedure.state.state import ProcedureState
from tests.laws import count
from tests.simulator.procedure.random_needles import draw_state

AGREEING, INJECTABLE = count(20, 500), count(15, 300)
PATIENTS = count(2, 6)
FIRST_ML = 0.3
CONSERVED_ML = 1e-6
MOST = 0.5  # of what was injected
VESSELS = (Compartment.VENOUS, Compartment.ARTERIAL)
SPINAL_FLUID, BLOOD = "cerebrospinal fluid", "blood"
GROUPS: Mapping[FluidSpace, frozenset[Compartment]] = {
    FluidSpace.EPIDURAL: EPIDURAL,
    FluidSpace.INTRATHECAL: frozenset({Compartment.INTRATHECAL}),
    FluidSpace.SUBDURAL: frozenset({Compartment.SUBDURAL}),
    FluidSpace.DISC: frozenset({Compartment.DISC}),
    FluidSpace.BONE: frozenset({Compartment.BONE, Compartment.VENOUS}),  # marrow drains into veins
    FluidSpace.NEURAL: frozenset({Compartment.NEURAL}),
    FluidSpace.SOFT: frozenset(
        {
            Compartment.MUSCLE,
            Compartment.SUBCUTANEOUS,
            Compartment.VISCERAL,
            Compartment.INTERSPINOUS,
            Compartment.RETRODURAL,
            Compartment.FLAVUM,
            Compartment.FACET,
        }
    ),
}


def with_syringe(state: ProcedureState, agent: Agent = Agent.IOHEXOL_240, volume_ml: float = 3.0) -> ProcedureState:
    state = step(step(state, do.Stylet(inserted=False)), do.Attach(what=Attachment.NOTHING))
    return step(state, do.Attach(what=Attachment.SYRINGE, contents_ml=((agent, volume_ml),)))


def agent_ml(state: ProcedureState) -> float:
    """All that was injected, wherever it is now, mL."""
    return sum(sum(volumes.values()) for spread in state.fluid.spreads for volumes in (spread.in_tissue, spread.leaked, spread.washed_out))


def punctured(state: ProcedureState) -> bool:
    return any(item.kind is EventKind.PUNCTURE and item.get("tissue") == int(Tissue.DURA) for item in state.events)


def check_what_flows(state: ProcedureState, site: OpeningSite) -> None:
    """Drip, aspiration and feel."""
    bare = step(replace(state, needle=replace(state.needle, stylet_in=True)), do.Stylet(inserted=False))
    dripping = [item for item in bare.events[len(state.events) :] if item.get("fluid") == SPINAL_FLUID]
    assert bool(dripping) is drips(bare) is site.in_sac
    seen = step(with_syringe(state), do.Aspirate()).events[-1].get("fluid")
    assert (seen == SPINAL_FLUID) is site.in_sac
    assert (seen == "air") is (site.tissue in (Tissue.AIR, Tissue.BOWEL_GAS))
    assert seen != BLOOD or site.vessel
    check_feel(bare, site)


def check_feel(bare: ProcedureState, site: OpeningSite) -> None:
    """Most of what the plunger lets go would go into the tissue that is named."""
    held = bare.needle
    assert held is not None
    shares = opening_shares(held)
    through = {tissue: share / held_kpa(held.individual, tissue) for tissue, share in shares.items()}
    assert max(through.values()) == through[site.tissue]
    felt = syringe_pressure_kpa(held, LorMedium.SALINE)
    bore = bore_pressure_kpa(held.kit, LorMedium.SALINE, 0.1)
    assert felt == pytest.approx(min(1.0 / sum(through.values()) + bore, STRONGEST_KPA))
    assert site.in_sac is (site.tissue in (Tissue.CSF, Tissue.CAUDA_EQUINA))


def check_fluid(after: ProcedureState, site: OpeningSite) -> None:
    """Injection, where it went, and what a debrief draws of it."""
    given = after.injections[-1]
    assert (given.tissue, given.medium, given.vessel) == (site.tissue, site.medium, site.vessel)
    flow, spread = after.fluid.flow, after.fluid.spread
    assert flow is not None
    assert spread is not None
    by_chance = VESSELS if site.medium not in VESSELS else ()
    own = {COMPARTMENTS[code] for code in flow.domain.compartment[flow.entry]} - set(by_chance)
    assert own <= GROUPS.get(site.medium, frozenset(VESSELS))
    near = np.linalg.norm(flow.domain.centres - site.point, axis=1) < 2.0
    named = flow.domain.compartment == COMPARTMENTS.index(compartment_of(site.tissue))
    if (near & named).any():  # a sheet thinner than a cell may have none
        assert own == {compartment_of(site.tissue)}
    found = measure_extent(after).ml
    in_vessel = sum(found.get(place, 0.0) for place in VESSELS)
    gone = sum(spread.washed_out.values()) + sum(spread.leaked.values())
    total = sum(found.values()) + gone
    assert total == pytest.approx(FIRST_ML, abs=CONSERVED_ML)
    if site.compartment in VESSELS:
        assert in_vessel + gone > MOST * total
    else:
        assert sum(found.get(place, 0.0) for place in GROUPS[site.medium]) + gone >= total - CONSERVED_ML
        assert max(found, key=lambda place: found[place]) in GROUPS[site.medium]


def check_belief(after: ProcedureState, before: ProcedureState, site: OpeningSite) -> None:
    """The truth of a belief, and the compartment that is scored."""
    said = step(after, do.CommitBelief(compartment=Compartment.MUSCLE, vascular=False))
    attempt = AttemptStates(states=(before, after, said))
    truth = {item.part: item.truth for item in judge_beliefs(attempt)}
    assert truth == {BeliefPart.COMPARTMENT: str(site.compartment), BeliefPart.VASCULAR: "yes" if site.compartment in VESSELS else "no"}
    if after.injections:
        measured = measure_placement(attempt)
        right = site.compartment in attempt.target.compartments
        assert bool(measured[Quantity.COMPARTMENT_RIGHT].value) is right
        assert right or measured[Quantity.COMPARTMENT_RIGHT].note == f"it was in: {str(site.compartment).replace('-', ' ')}"


def check_harm(state: ProcedureState, site: OpeningSite) -> None:
    """Drug in the sac takes the legs, drug in the epidural space numbs, and nobody is in the sac without a hole in the dura."""
    assert site.tissue not in INSIDE_DURA or punctured(state)
    after = step(with_syringe(state, Agent.LIDOCAINE), do.Inject(volume_ml=2.0))
    if after.injections == state.injections:
        return
    kinds = {effect.kind for effect in after.body.effects}
    assert (EffectKind.INTRATHECAL_BLOCK in kinds) is (site.medium in (FluidSpace.INTRATHECAL, FluidSpace.SUBDURAL))
    assert (EffectKind.NUMBNESS in kinds) is (site.medium is FluidSpace.EPIDURAL and not site.vessel)


@pytest.mark.parametrize("number", range(AGREEING))
def test_all_agree_about_what_the_opening_is_in(number: int) -> None:
    state = draw_state(number % PATIENTS, 1000 + number)
    site = require_site(state)
    check_what_flows(state, site)
    assert site.tissue not in INSIDE_DURA or punctured(state)
    if site.medium is None:
        with pytest.raises(ValueError, match="not in the body"):
            step(with_syringe(state), do.Inject(volume_ml=FIRST_ML))
        return
    ready = with_syringe(state)
    after = step(ready, do.Inject(volume_ml=FIRST_ML))
    if len(after.injections) > len(ready.injections):  # else the plunger did not move
        check_fluid(after, site)
    check_belief(after, ready, site)
    check_harm(state, site)


@pytest.mark.parametrize("number", range(INJECTABLE))
def test_no_needle_and_no_volume_makes_an_injection_fail(number: int) -> None:
    rng = np.random.default_rng(5000 + number)
    state = with_syringe(draw_state(number % PATIENTS, 5000 + number), volume_ml=20.0)
    outside = require_site(state).medium is None
    for _ in range(rng.integers(1, 4)):
        given = do.Inject(volume_ml=float(np.exp(rng.uniform(np.log(0.05), np.log(6.0)))), rate_ml_s=float(np.exp(rng.uniform(-4.5, 1.38))))
        if outside:
            with pytest.raises(ValueError, match="not in the body"):
                step(state, given)
            return
        state = step(state, given)
        injected = sum(volume for item in state.injections for _, volume in item.delivered_ml)
        assert agent_ml(state) == pytest.approx(injected, abs=CONSERVED_ML)
        for spread in state.fluid.spreads:
            assert np.isfinite(spread.ml).all()
            assert (spread.ml >= 0).all()
        if rng.random() < 0.5:
            state = step(state, do.Withdraw(distance_mm=min(float(rng.exponential(3.0)) + 0.01, state.needle.depth_mm)))
            outside = require_site(state).medium is None
