"""Where the needle's opening lies, as fluid and luck see it: its tissue, whether a vessel was nicked, and how fluid flows from there."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phantoms.io import cache
from phantoms.io.code_hash import hash_code
from phantoms.terms.tissues import Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast import domain as domains
from simulator.contrast import patient_variation as people
from simulator.contrast import spread as spreads
from simulator.contrast.bounds import BOUNDS, FARTHEST_MM, extend_bounds
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.label_cache import LabelCache
from simulator.contrast.media import FluidSpace
from simulator.needle import NeedleState
from simulator.needle.loss_of_resistance import opening_shares
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import Fluid, age, leave_site
from simulator.procedure.state.random_streams import RandomStream, happens, make_generator
from simulator.procedure.state.state import ProcedureState

EPIDURAL = frozenset((Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL))
CROWDED = 0.002  # share of an injectate at the ends of its domain from which a larger one is made
CAUDAL_MM = 100.0  # reach of the domain of a caudal needle, through which 10 mL and more climb
LABELLED = {Tissue.EPIDURAL_VEIN: Compartment.VENOUS, Tissue.RADICULAR_ARTERY: Compartment.ARTERIAL}


def open_site(state: ProcedureState, held: NeedleState) -> ProcedureState:
    """The state with the site of the needle's opening: the one before where the tip has hardly moved, else a new one.

    Parameters
    ----------
    state : ProcedureState
    held : NeedleState
        In the body.
    """
    fluid = leave_site(state.fluid, held.tip)
    if fluid.site_at is None:
        number = fluid.site + 1
        fluid = replace(fluid, site=number, site_at=as_point(held.tip), vessel=_find_vessel(state, held, number))
    return replace(state, fluid=fluid)


def start_flow(state: ProcedureState, held: NeedleState) -> tuple[ProcedureState, Flow, spreads.Spread]:
    """The state with its site opened and its fluid aged to now, the flow from there, and the spread in its medium, which will grow.

    Raises
    ------
    ValueError
        If nothing takes fluid at the tip.
    """
    state = open_site(state, held)
    fluid = age(state.fluid, state.time_s)
    crowded = _is_crowded(fluid)
    if fluid.flow is not None and fluid.spread is not None and not crowded:
        return replace(state, fluid=fluid), fluid.flow, fluid.spread
    every = fluid.spreads
    domain = _domain(state, held, every, None if crowded else fluid.domain)
    nicked = fluid.vessel if domain.medium not in (FluidSpace.VENOUS, FluidSpace.ARTERIAL) else ""
    found = solve_flow(domain, held.tip, held.notch, uptake=Compartment(nicked) if nicked else None)
    spread, elsewhere = _split_by_medium(every, found)
    return replace(state, fluid=replace(fluid, domain=domain, flow=found, spread=spread, elsewhere=elsewhere)), found, spread


def _domain(state: ProcedureState, held: NeedleState, every: tuple[spreads.Spread, ...], previous: domains.Domain | None) -> domains.Domain:
    """The domain around the needle's opening: the one before where it serves, else one that holds all that lies in its medium already."""
    curve, who, tissue = state.case.patient.anatomy.curve, draw_fluid_variation(state), state.case.wide_tissue
    shelf = state.case.compute_once("shelf", lambda: _open_shelf(state.case))
    medium = domains.medium_at(tissue, held.tip)
    bounds = BOUNDS[medium]
    if medium is FluidSpace.EPIDURAL and _is_below_sac(state, held):
        bounds = replace(bounds, half_length_mm=CAUDAL_MM)
    if bounds.along_canal:
        bounds = extend_bounds(bounds, curve, held.tip, [_find_filled(item) for item in every if item.domain.medium is medium])
    return domains.build_domain(tissue, held.tip, curve, individual=who, medium=medium, bounds=bounds, previous=previous, shelf=shelf)


def _is_below_sac(state: ProcedureState, held: NeedleState) -> bool:
    anatomy = state.case.patient.anatomy
    return float(anatomy.curve.coordinates(held.tip[None])[0, 2]) > anatomy.sac_end_mm


def _is_crowded(fluid: Fluid) -> bool:
    """Whether fluid has come near the ends of its domain, and a larger one can be made."""
    spread = fluid.spread
    return spread is not None and spread.domain.bounds.half_length_mm < FARTHEST_MM and spreads.edge_share(spread) > CROWDED


def _find_filled(spread: spreads.Spread) -> NDArray[np.float64]:
    """Places along the canal of all that a spread holds, mm."""
    return np.asarray(spread.domain.place[(spread.ml > 0).any(axis=1), 2])


def _open_shelf(case: Case) -> LabelCache:
    """Where the labels along a case's canal are kept: on disk under all that makes them."""
    complications, record = case.scenario.complications, case.scenario.record
    gap = str(case.scenario.task.level) if complications.false_loss_of_resistance else ""
    found = [repr(lesion) for lesion in record.imaging.lesions if lesion.blocks_contrast]
    code = hash_code("simulator.procedure.state.lesions") if gap or found else ""
    return LabelCache(name=cache.make_key(case.patient.params, gap, found, code))


def draw_fluid_variation(state: ProcedureState) -> people.FluidVariation:
    """How this patient's tissues take fluid, drawn once from the seed."""
    return people.draw_variation(make_generator(state.seed, RandomStream.FLUID))


def _find_vessel(state: ProcedureState, held: NeedleState, number: int) -> str:
    """The vessel in which the opening lies: by anatomy, else by the chance that the case gives an epidural tip."""
    shares = opening_shares(held)
    labelled = next((vessel for tissue, vessel in LABELLED.items() if tissue in shares), None)
    if labelled is not None:
        return str(labelled)
    uptake = state.case.scenario.complications.vascular_uptake
    if uptake is None or not EPIDURAL.intersection(shares):
        return ""
    return str(uptake.kind) if happens(uptake.chance, state.seed, RandomStream.VESSEL, number) else ""


def _split_by_medium(every: tuple[spreads.Spread, ...], found: Flow) -> tuple[spreads.Spread, tuple[spreads.Spread, ...]]:
    """The spread in the flow's medium, a new one where there is none, and those in others."""
    same = [item for item in every if item.domain.medium is found.domain.medium]
    others = tuple(item for item in every if item.domain.medium is not found.domain.medium)
    return same[0] if same else spreads.empty(found.domain), others
