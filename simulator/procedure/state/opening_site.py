"""Where fluid from the needle goes now, chance included: the needle's opening as every rule and measure asks for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast.media import COMPARTMENTS, FluidSpace, medium_of, tissue_table
from simulator.needle.opening import find_opening
from simulator.procedure.state.fluid import Fluid, is_at_site
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import Injection, ProcedureState

GASES = (Tissue.AIR, Tissue.BOWEL_GAS)
LABELLED = {Tissue.EPIDURAL_VEIN: Compartment.VENOUS, Tissue.RADICULAR_ARTERY: Compartment.ARTERIAL}


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OpeningSite:
    """The place of a needle's opening.

    Attributes
    ----------
    tissue : Tissue
        That gives and takes fluid (`simulator.needle.opening`).
    medium : FluidSpace or None
        In which that fluid moves; None outside the body.
    compartment : Compartment
        As a radiologist names it: the vessel where the opening lies in one or has nicked one.
    vessel : str
        "venous" or "arterial" there, else empty.
    point : ndarray, shape (3,)
        Where fluid comes out, world frame, mm.
    number : int
        Counts the sites; chance is drawn by it.
    """

    tissue: Tissue
    medium: FluidSpace | None
    compartment: Compartment
    vessel: str
    point: NDArray[np.float64]
    number: int

    @property
    def in_sac(self) -> bool:
        """Whether cerebrospinal fluid comes from it."""
        return self.medium is FluidSpace.INTRATHECAL


def find_site(state: ProcedureState) -> OpeningSite | None:
    """The site of the needle's opening now, whether or not anything was drawn back or injected there; None without a needle.

    Parameters
    ----------
    state : ProcedureState
    """
    held = state.needle
    if held is None:
        return None
    opening, number = find_opening(held), site_number(state.fluid, held.tip)
    vessel = _find_vessel(state, opening.tissue, number)
    return OpeningSite(
        tissue=opening.tissue,
        medium=medium_of(opening.tissue),
        compartment=compartment_of(opening.tissue, vessel),
        vessel=vessel,
        point=opening.point,
        number=number,
    )


def require_site(state: ProcedureState) -> OpeningSite:
    """The site of the needle's opening; raises ValueError where there is no needle."""
    site = find_site(state)
    if site is None:
        raise ValueError("there is no needle; place one first")
    return site


def is_in_body(state: ProcedureState) -> bool:
    """Whether a needle's opening is in the body, so that something can be injected."""
    site = find_site(state)
    return site is not None and site.medium is not None


def site_number(fluid: Fluid, tip: NDArray[np.float64]) -> int:
    """Number of the site at a tip, shape (3,), mm: the last one's where the tip has hardly moved since, else the next."""
    return fluid.site if is_at_site(fluid, tip) else fluid.site + 1


def compartment_of(tissue: Tissue, vessel: str = "") -> Compartment:
    """Compartment of a tissue at a needle's opening, or of the vessel that it has nicked there."""
    return Compartment(vessel) if vessel else COMPARTMENTS[int(tissue_table().compartment[int(tissue)])]


def compartment_given(given: Injection) -> Compartment:
    """Compartment of the needle's opening at an injection."""
    return compartment_of(Tissue(given.tissue), given.vessel)


def _find_vessel(state: ProcedureState, tissue: Tissue, number: int) -> str:
    """The vessel in which the opening lies: by anatomy, else by the chance that the case gives an epidural tip."""
    if tissue in LABELLED:
        return str(LABELLED[tissue])
    uptake = state.case.scenario.complications.vascular_uptake
    if uptake is None or tissue not in EPIDURAL:
        return ""
    return str(uptake.kind) if happens(uptake.chance, state.seed, RandomStream.VESSEL, number) else ""
