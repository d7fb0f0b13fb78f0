"""What comes out of an open hub: cerebrospinal fluid, from a needle at rest and from one on its way."""

from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Attachment
from simulator.contrast.media import FluidSpace, medium_of
from simulator.needle import Passage
from simulator.needle.opening import tissues_along
from simulator.procedure.state.events import EventKind, make_event
from simulator.procedure.state.opening_site import find_site
from simulator.procedure.state.state import ProcedureState, add_events

SPINAL_FLUID = "cerebrospinal fluid"


def drips(state: ProcedureState) -> bool:
    """Whether cerebrospinal fluid drips from the hub now: it is open, and the needle's opening lies in the sac."""
    site = find_site(state)
    return _is_open(state) and site is not None and site.in_sac


def tell_drip(before: ProcedureState, after: ProcedureState, passage: Passage | None = None) -> ProcedureState:
    """The state after with the event that fluid drips, where it has begun to: a hub that drips on says so no second time.

    Parameters
    ----------
    before, after : ProcedureState
        Around what was done at needle or hub.
    passage : Passage, optional
        How the needle moved in between: one that goes through the sac drips on its way.
    """
    if not _is_open(after) or drips(before) or not (drips(after) or _passes_sac(before, passage)):
        return after
    return add_events(after, make_event(after.time_s, EventKind.FLOW, "clear fluid drips from the hub", data={"fluid": SPINAL_FLUID}))


def _is_open(state: ProcedureState) -> bool:
    return state.needle is not None and not state.needle.stylet_in and state.tray.attached is Attachment.NOTHING


def _passes_sac(before: ProcedureState, passage: Passage | None) -> bool:
    if passage is None or before.needle is None or not any(run.tissue is Tissue.CSF for run in (*before.needle.runs, *passage.state.runs)):
        return False  # most movements never come near it
    return any(medium_of(tissue) is FluidSpace.INTRATHECAL for tissue in tissues_along(before.needle, passage))
