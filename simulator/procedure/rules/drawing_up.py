"""What is drawn up, what primes the tubing, and what never leaves syringe and tubing, told in volume and dose."""

from scenarios.names.agents import Agent
from scenarios.names.enums import Attachment
from scenarios.names.strengths import Amounts, describe_doses, describe_volumes
from simulator.procedure.state.events import Datum, EventKind, make_event
from simulator.procedure.state.state import ProcedureState, add_events
from simulator.procedure.state.syringe import ROUNDING_ML, Volumes, add_volumes, total_ml


def tell_drawn_up(state: ProcedureState) -> ProcedureState:
    """The state with what is in the syringe that was just put on the hub told, and what of it fills the tubing."""
    tray, strengths = state.tray, _find_strengths(state)
    if tray.attached is not Attachment.SYRINGE:
        return state
    primed = _without_air(tray.in_tubing)
    text = f"drawn up in a {tray.size_ml:g} mL syringe: {describe_volumes(add_volumes(tray.syringe_ml, primed), strengths)}"
    if primed:
        text += f"; {_describe_part(primed, strengths)} fill the tubing"
    elif tray.tubing_ml is not None:
        text += f"; the tubing is full of air, {total_ml(tray.in_tubing):g} mL"
    data: dict[str, Datum] = {"what": "drawn-up", "size_ml": tray.size_ml, "primed_ml": total_ml(primed)}
    return add_events(state, make_event(state.time_s, EventKind.FLOW, text, data=data))


def tell_emptied(state: ProcedureState) -> ProcedureState:
    """The state with what stays in the tubing told, where the plunger has come to its end."""
    tray = state.tray
    kept = _without_air(tray.in_tubing)
    if tray.left_ml > ROUNDING_ML or not kept:
        return state
    text = f"the syringe is empty; {_describe_part(kept, _find_strengths(state))} stay in the tubing"
    return add_events(state, make_event(state.time_s, EventKind.FLOW, text, data={"what": "kept", "tubing_ml": total_ml(kept)}))


def tell_left(state: ProcedureState) -> ProcedureState:
    """The state with what comes off the hub unused told; what an empty syringe left in its tubing was told before."""
    tray, strengths = state.tray, _find_strengths(state)
    if tray.attached is not Attachment.SYRINGE or tray.left_ml <= ROUNDING_ML:
        return state
    kept = _without_air(tray.in_tubing)
    text = f"not given: {_describe_part(tray.syringe_ml, strengths)} in the syringe"
    text += f" and {_describe_part(kept, strengths)} in the tubing" if kept else ""
    data: dict[str, Datum] = {"what": "left", "syringe_ml": tray.left_ml, "tubing_ml": total_ml(kept)}
    return add_events(state, make_event(state.time_s, EventKind.FLOW, text, data=data))


def _find_strengths(state: ProcedureState) -> Amounts:
    return state.case.scenario.equipment.set_strengths


def _without_air(volumes: Volumes) -> Volumes:
    return tuple((agent, volume) for agent, volume in volumes if agent is not Agent.AIR)


def _describe_part(volumes: Volumes, strengths: Amounts) -> str:
    """Part of what was drawn up: "0.7 mL of it, 2.8 mg dexamethasone,"."""
    carried = describe_doses(volumes, strengths)
    return f"{total_ml(volumes):.2g} mL of it" + (f", {carried}," if carried else "")
