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
from simulator.contrast.bounds import BOUNDS, FARTHEST_MM, reaching
from simulator.contrast.flow import Flow, flow
from simulator.contrast.label_cache import Shelf
from simulator.contrast.media import Medium
from simulator.needle import NeedleState
from simulator.needle.resistance import opening
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import Fluid, age, leave_site
from simulator.procedure.state.random_streams import Stream, generator, happens
from simulator.procedure.state.state import ProcedureState

EPIDURAL = frozenset((Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL))
CROWDED = 0.002  # share of an injectate at the ends of its domain from which a larger one is made
CAUDAL_MM = 100.0  # reach of the domain of a caudal needle, through which 10 mL and more climb
LABELLED = {Tissue.EPIDURAL_VEIN: Compartment.VENOUS, Tissue.RADICULAR_ARTERY: Compartment.ARTERIAL}


def opened(state: ProcedureState, held: NeedleState) -> ProcedureState:
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
        fluid = replace(fluid, site=number, site_at=as_point(held.tip), vessel=_vessel(state, held, number))
    return replace(state, fluid=fluid)


def flowing(state: ProcedureState, held: NeedleState) -> tuple[ProcedureState, Flow, spreads.Spread]:
    """The state with its site opened and its fluid aged to now, the flow from there, and the spread in its medium, which will grow.

    Raises
    ------
    ValueError
        If nothing takes fluid at the tip.
    """
    state = opened(state, held)
    fluid = age(state.fluid, state.time_s)
    crowded = _crowded(fluid)
    if fluid.flow is not None and fluid.spread is not None and not crowded:
        return replace(state, fluid=fluid), fluid.flow, fluid.spread
    every = fluid.spreads
    domain = _domain(state, held, every, None if crowded else fluid.domain)
    nicked = fluid.vessel if domain.medium not in (Medium.VENOUS, Medium.ARTERIAL) else ""
    found = flow(domain, held.tip, held.notch, uptake=Compartment(nicked) if nicked else None)
    spread, elsewhere = _in_medium(every, found)
    return replace(state, fluid=replace(fluid, domain=domain, flow=found, spread=spread, elsewhere=elsewhere)), found, spread


def _domain(state: ProcedureState, held: NeedleState, every: tuple[spreads.Spread, ...], previous: domains.Domain | None) -> domains.Domain:
    """The domain around the needle's opening: the one before where it serves, else one that holds all that lies in its medium already."""
    curve, who, tissue = state.case.patient.anatomy.curve, fluid_individual(state), state.case.wide_tissue
    shelf = state.case.kept("shelf", lambda: _shelf(state.case))
    medium = domains.medium_at(tissue, held.tip)
    bounds = BOUNDS[medium]
    if medium is Medium.EPIDURAL and _below_sac(state, held):
        bounds = replace(bounds, half_length_mm=CAUDAL_MM)
    if bounds.along_canal:
        bounds = reaching(bounds, curve, held.tip, [_holding(item) for item in every if item.domain.medium is medium])
    return domains.domain(tissue, held.tip, curve, individual=who, medium=medium, bounds=bounds, previous=previous, shelf=shelf)


def _below_sac(state: ProcedureState, held: NeedleState) -> bool:
    anatomy = state.case.patient.anatomy
    return float(anatomy.curve.coordinates(held.tip[None])[0, 2]) > anatomy.sac_end_mm


def _crowded(fluid: Fluid) -> bool:
    """Whether fluid has come near the ends of its domain, and a larger one can be made."""
    spread = fluid.spread
    return spread is not None and spread.domain.bounds.half_length_mm < FARTHEST_MM and spreads.edge_share(spread) > CROWDED


def _holding(spread: spreads.Spread) -> NDArray[np.float64]:
    """Places along the canal of all that a spread holds, mm."""
    return np.asarray(spread.domain.place[(spread.ml > 0).any(axis=1), 2])


def _shelf(case: Case) -> Shelf:
    """Where the labels along a case's canal are kept: on disk under all that makes them."""
    complications, record = case.scenario.complications, case.scenario.record
    gap = str(case.scenario.task.level) if complications.false_loss_of_resistance else ""
    found = [repr(lesion) for lesion in record.imaging.lesions if lesion.blocks_contrast]
    code = hash_code("simulator.procedure.state.lesions") if gap or found else ""
    return Shelf(name=cache.key(case.patient.params, gap, found, code))


def fluid_individual(state: ProcedureState) -> people.Individual:
    """How this patient's tissues take fluid, drawn once from the seed."""
    return people.drawn(generator(state.seed, Stream.FLUID))


def _vessel(state: ProcedureState, held: NeedleState, number: int) -> str:
    """The vessel in which the opening lies: by anatomy, else by the chance that the case gives an epidural tip."""
    shares = opening(held)
    labelled = next((vessel for tissue, vessel in LABELLED.items() if tissue in shares), None)
    if labelled is not None:
        return str(labelled)
    uptake = state.case.scenario.complications.vascular_uptake
    if uptake is None or not EPIDURAL.intersection(shares):
        return ""
    return str(uptake.kind) if happens(uptake.chance, state.seed, Stream.VESSEL, number) else ""


def _in_medium(every: tuple[spreads.Spread, ...], found: Flow) -> tuple[spreads.Spread, tuple[spreads.Spread, ...]]:
    """The spread in the flow's medium, a new one where there is none, and those in others."""
    same = [item for item in every if item.domain.medium is found.domain.medium]
    others = tuple(item for item in every if item.domain.medium is not found.domain.medium)
    return same[0] if same else spreads.empty(found.domain), others
