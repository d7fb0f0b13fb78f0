"""Fluid from the needle's opening: its site is opened, and its flow worked out in cells that hold all that lies there already."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phantoms.io import cache
from phantoms.io.code_hash import hash_code
from scenarios.names.compartments import Compartment
from simulator.contrast import domain as domains
from simulator.contrast import patient_variation as people
from simulator.contrast import spread as spreads
from simulator.contrast.bounds import BOUNDS, Bounds, can_grow, extend_bounds, extend_box
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.label_cache import LabelCache
from simulator.contrast.media import FluidSpace
from simulator.needle import NeedleState
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import Fluid, age, is_at_site
from simulator.procedure.state.opening_site import OpeningSite, compartment_of, find_site, site_number
from simulator.procedure.state.random_streams import RandomStream, make_generator
from simulator.procedure.state.state import ProcedureState

CROWDED = 0.002  # share of an injectate at the ends of its domain from which a larger one is made
CAUDAL_MM = 135.0  # reach of the domain of a caudal needle, through which 20 mL climb to L2 and above
VESSELS = (FluidSpace.VENOUS, FluidSpace.ARTERIAL)

Spreads = tuple[spreads.Spread, ...]


def open_site(state: ProcedureState, held: NeedleState) -> ProcedureState:
    """The state with the site of the needle's opening counted: the one before where the tip has hardly moved, else a new one.

    Parameters
    ----------
    state : ProcedureState
    held : NeedleState
        In the body.
    """
    fluid = state.fluid
    if is_at_site(fluid, held.tip):
        return state
    return replace(state, fluid=replace(fluid, site=site_number(fluid, held.tip), site_at=as_point(held.tip)))


def start_flow(state: ProcedureState, held: NeedleState) -> tuple[ProcedureState, Flow, spreads.Spread]:
    """The state with its site opened and its fluid aged to now, the flow from there, and the spread in its medium, which will grow.

    Raises
    ------
    ValueError
        If the needle's opening is outside the body.
    """
    state = open_site(state, held)
    site, fluid = find_site(state), age(state.fluid, state.time_s)
    if site is None or site.medium is None:
        raise ValueError("the needle's opening is not in the body; advance it first")
    crowded = _is_crowded(fluid, site.medium)
    if fluid.flow is not None and fluid.spread is not None and not crowded:
        return replace(state, fluid=fluid), fluid.flow, fluid.spread
    domain = _find_domain(state, site, site.medium, fluid)
    nicked = Compartment(site.vessel) if site.vessel and site.medium not in VESSELS else None
    own = compartment_of(site.tissue)
    entry = domains.place_entry(domain, site.point, own)
    found = solve_flow(domain, entry, held.notch, uptake=nicked, compartment=own)
    spread, elsewhere = _split_spreads(fluid.spreads, found)
    return replace(state, fluid=replace(fluid, domain=domain, flow=found, spread=spread, elsewhere=elsewhere)), found, spread


def _find_domain(state: ProcedureState, site: OpeningSite, medium: FluidSpace, fluid: Fluid) -> domains.Domain:
    """The domain around the needle's opening: the one before where it serves, else one that holds what lies in its medium already."""
    curve, who, tissue = state.case.patient.anatomy.curve, draw_fluid_variation(state), state.case.wide_tissue
    shelf = state.case.compute_once("shelf", lambda: _open_shelf(state.case))
    same = tuple(item for item in fluid.spreads if item.domain.medium is medium)
    outgrown = fluid.domain if _is_crowded(fluid, medium) else None
    return domains.build_domain(
        tissue,
        site.point,
        curve,
        individual=who,
        medium=medium,
        bounds=_set_bounds(state, site, same, BOUNDS[medium] if outgrown is None else outgrown.bounds, grow=outgrown is not None),
        previous=None if outgrown is not None else fluid.domain,
        shelf=shelf,
        holding=_list_held(same),
    )


def _set_bounds(state: ProcedureState, site: OpeningSite, same: Spreads, least: Bounds, *, grow: bool) -> Bounds:
    """How far to look: wide enough for the needle and for all that its medium holds near it."""
    if not least.along_canal:
        held = np.concatenate([np.zeros((0, 3)), *(item.domain.centres[spreads.find_filled(item)] for item in same)])
        return extend_box(least, site.point, held, grow=grow)
    if site.medium is FluidSpace.EPIDURAL and _is_below_sac(state, site.point):
        least = replace(least, half_length_mm=max(least.half_length_mm, CAUDAL_MM))
    curve = state.case.patient.anatomy.curve
    return extend_bounds(least, curve, site.point, [item.domain.place[spreads.find_filled(item)] for item in same])


def _list_held(same: Spreads) -> NDArray[np.int64]:
    """Keys of the cells that hold something, shape (k,)."""
    return np.concatenate([domains.NONE_HELD, *(item.domain.key[spreads.find_filled(item)] for item in same)])


def _is_below_sac(state: ProcedureState, point: NDArray[np.float64]) -> bool:
    anatomy = state.case.patient.anatomy
    return float(anatomy.curve.coordinates(point[None])[0, 2]) > anatomy.sac_end_mm


def _is_crowded(fluid: Fluid, medium: FluidSpace) -> bool:
    """Whether fluid in a medium has come near the ends of its domain, and a larger one can be made."""
    spread = fluid.spread
    return spread is not None and spread.domain.medium is medium and can_grow(spread.domain.bounds) and spreads.edge_share(spread) > CROWDED


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


def _split_spreads(every: Spreads, found: Flow) -> tuple[spreads.Spread, Spreads]:
    """The spread that a flow carries on, a new one where its domain holds none, and all others: they stay where they are."""
    medium = found.domain.medium
    own = next((item for item in every if item.domain.medium is medium and spreads.is_held(item, found.domain)), None)
    return spreads.empty(found.domain) if own is None else own, tuple(item for item in every if item is not own)
