"""Hub and plunger: stylet, syringes, the loss-of-resistance plunger, aspiration, and injection with everything that it brings about."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from scenarios.names.enums import Attachment
from simulator import needle as steel
from simulator.contrast.media import tissue_table
from simulator.contrast.plunger_pressure import FIRM_N, PlungerLoad, effort_n
from simulator.needle.loss_of_resistance import LOSS_FROM_KPA
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.drawing_up import tell_drawn_up, tell_emptied, tell_left
from simulator.procedure.rules.dripping import SPINAL_FLUID, tell_drip
from simulator.procedure.rules.drugs import apply_drugs
from simulator.procedure.rules.fluoroscopy_controls import give_pulses
from simulator.procedure.rules.needle_opening import open_site, start_flow
from simulator.procedure.rules.needling import lor_medium, plunger_effort_n, pressure_kpa, push_needle, require_needle
from simulator.procedure.rules.pain import feel_pressure
from simulator.procedure.rules.plunger import Push, Stroke, find_taking, move_plunger, press
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.deposits import measure_deposits
from simulator.procedure.state.events import Datum, EventKind, make_event
from simulator.procedure.state.fluid import iodine_grids
from simulator.procedure.state.opening_site import GASES, is_in_body, require_site
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import Feel, Injection, ProcedureState, add_events, join_injections
from simulator.procedure.state.syringe import ROUNDING_ML, Tray, Volumes, add_volumes, attach, check_volume, push_plunger, total_ml

RATES_ML_S = (0.01, 4.0)  # FACTS.md 4.1: below 4 mL/s
STUCK_S = 3.0  # for which a plunger that does not move is tried
LOSS_ML = 1.0  # that a loss-of-resistance syringe lets go as it gives (recalled, unverified)
LOSS_RATE_ML_S = 1.0
BLOOD_SEEN = 0.447  # share of vascular tips that aspiration shows (FACTS.md 3.5 [137])
PUSH_APART_S = 1.0  # pieces of a push that follow each other sooner are one
AT_NEEDLE = (do.Advance, do.Withdraw, do.Roll, do.AimNeedle, do.Stylet, do.Attach, do.PressPlunger, do.Aspirate)


def advance_needle(state: ProcedureState, action: do.Advance) -> ProcedureState:
    """Push the needle in, and inject what the plunger lets go where it gives; raises ValueError as `needling.push_needle` does."""
    return give_way(push_needle(state, action))


def set_stylet(state: ProcedureState, action: do.Stylet) -> ProcedureState:
    """The state with the stylet in or out; what drips from an open hub is seen.

    Raises
    ------
    ValueError
        If there is no needle, or something is on the hub.
    """
    held = require_needle(state, "stylet")
    if state.tray.attached is not Attachment.NOTHING:
        raise ValueError(f"stylet: the {state.tray.attached} is on the hub; take it off first")
    after = replace(state, needle=steel.with_stylet(held, action.inserted), tray=replace(state.tray, stylet=action.inserted))
    return tell_drip(state, after)


def attach_to_hub(state: ProcedureState, action: do.Attach) -> ProcedureState:
    """The state with something put on the hub, or taken off; raises ValueError where it cannot be."""
    if action.what is not Attachment.NOTHING:
        require_needle(state, "attach")
    tools = state.case.scenario.equipment
    tray = attach(state.tray, action, tools.agents, tools.describe)
    return tell_drip(state, tell_drawn_up(replace(tell_left(state), tray=tray)))


def press_plunger(state: ProcedureState) -> ProcedureState:
    """The state after the loss-of-resistance plunger was pressed once.

    Raises
    ------
    ValueError
        If there is no needle, or no such syringe on it.
    """
    require_needle(state, "press-plunger")
    lor_medium(state, "press-plunger")
    pressure = pressure_kpa(state)
    gave = pressure is not None and pressure < LOSS_FROM_KPA
    return give_way(
        replace(
            state, tray=replace(state.tray, peak_kpa=0.0), feel=Feel(pressure_kpa=pressure, effort_n=plunger_effort_n(state), gave=gave)
        )
    )


def give_way(state: ProcedureState) -> ProcedureState:
    """The state after the plunger gave way: what it let go has gone in."""
    if not state.feel.gave or state.needle is None:
        return state
    volume_ml = min(LOSS_ML, state.tray.left_ml)
    told_state = add_events(
        state, make_event(state.time_s, EventKind.LOSS, "the plunger gives way", data={"pressure_kpa": state.feel.pressure_kpa or 0.0})
    )
    if volume_ml <= 0 or not is_in_body(state):
        return told_state
    lost = _deliver(told_state, state.needle, volume_ml, LOSS_RATE_ML_S)
    return replace(lost, feel=replace(state.feel, lost_ml=state.tray.left_ml - lost.tray.left_ml), time_s=state.time_s)


def aspirate(state: ProcedureState) -> ProcedureState:
    """The state after drawing back: blood, cerebrospinal fluid, air or nothing is seen.

    Raises
    ------
    ValueError
        If there is no needle, or no syringe on it.
    """
    held = require_needle(state, "aspirate")
    if state.tray.attached is Attachment.NOTHING:
        raise ValueError("aspirate: there is no syringe on the hub; attach one first")
    state = open_site(state, held)
    fluid = _draw_back(state)
    return add_events(state, make_event(state.time_s, EventKind.FLOW, f"aspiration: {fluid}", data={"fluid": fluid}))


def inject(state: ProcedureState, action: do.Inject) -> ProcedureState:
    """The state after an injection, with the time that it took; with the pedal down its pulses were given.

    Raises
    ------
    ValueError
        If there is no needle in the body, no syringe on it, or volume or rate cannot be.
    """
    held = require_needle(state, "inject")
    if state.tray.attached is Attachment.NOTHING:
        raise ValueError("inject: there is no syringe on the hub; attach one first")
    if not is_in_body(state):
        raise ValueError("inject: the needle is not in the body; advance it first")
    check_volume(state.tray, action.volume_ml, state.case.scenario.equipment.set_strengths)
    if not RATES_ML_S[0] <= action.rate_ml_s <= RATES_ML_S[1]:
        raise ValueError(f"inject.rate_ml_s: expected {RATES_ML_S[0]:g} to {RATES_ML_S[1]:g} mL/s, got {action.rate_ml_s:g}")
    after = _deliver(state, held, action.volume_ml, action.rate_ml_s, continued=action.continued)
    return after if after.injections is state.injections else tell_emptied(apply_drugs(after, after.injections[-1]))


def _deliver(
    state: ProcedureState, held: steel.NeedleState, volume_ml: float, rate_ml_s: float, *, continued: bool = False
) -> ProcedureState:
    """The state after a volume has gone through the needle as fast as thumb and tissue let it."""
    try:
        state, flow, spread = start_flow(state, held)
    except ValueError as error:
        raise ValueError(f"inject: {error}") from None
    push = Push(
        held=held,
        flow=flow,
        spread=spread,
        tissue=find_taking(flow, require_site(state).tissue),
        volume_ml=volume_ml,
        rate_ml_s=rate_ml_s,
        continued=continued,
    )
    since_s = _find_start_s(state, push)
    tray, strokes = move_plunger(state.tray, push, live=state.room.pedal)
    done = _run(state, push, tray, strokes) if strokes else state
    left_ml = volume_ml - sum(total_ml(stroke.out_ml) for stroke in strokes)
    if left_ml > ROUNDING_ML:
        spread = strokes[-1].spread if strokes else spread
        done = _press_in_vain(done, replace(push, spread=spread, volume_ml=left_ml), since_s)
    return _tell_pressure(done, push, since_s)


def _find_start_s(state: ProcedureState, push: Push) -> float:
    """When the push began of which this is perhaps a piece, s."""
    start_s = state.time_s
    for item in reversed(state.done) if push.continued else ():
        if isinstance(item.action, AT_NEEDLE):
            break
        if isinstance(item.action, do.Inject):
            start_s = item.start_s
            if not item.action.continued:
                break
    return start_s


def _press_in_vain(state: ProcedureState, push: Push, since_s: float) -> ProcedureState:
    """The state after a thumb pressed in vain; one that presses on says so no second time."""
    _, out_ml = push_plunger(state.tray, push.volume_ml)
    load = press(state.tray, push, push.spread, out_ml)
    feel = _feel(state.tray, [load], gave=False)
    if not _was_told(state, "stuck", since_s):
        data: dict[str, Datum] = {
            "what": "stuck",
            "pressure_kpa": load.hub_kpa,
            "tip_kpa": load.tip_kpa,
            "effort_n": feel.effort_n or 0.0,
        }
        state = add_events(state, make_event(state.time_s, EventKind.FLOW, "the plunger does not move", data=data))
    until_s = state.time_s + (push.volume_ml / push.rate_ml_s if push.continued else STUCK_S)
    return replace(give_pulses(state, until_s), time_s=until_s, feel=feel)


def _tell_pressure(state: ProcedureState, push: Push, since_s: float) -> ProcedureState:
    """The state with a hard push told, and what it was felt by: hand and patient, each once in a push."""
    feel, given = state.feel, state.injections[-1] if state.injections else None
    gone = given is not None and given.end_s > since_s
    rate_ml_s, volume_ml = (given.rate_ml_s, total_ml(given.delivered_ml)) if gone and given else (0.0, 0.0)
    effort, tip_kpa = feel.effort_n or 0.0, feel.tip_kpa or 0.0
    data: dict[str, Datum] = {"pressure_kpa": feel.pressure_kpa or 0.0, "effort_n": effort, "rate_ml_s": rate_ml_s, "volume_ml": volume_ml}
    went = f"{rate_ml_s:.2g} mL/s, {volume_ml:.2g} mL so far" if volume_ml > 0 else "nothing goes in"
    if effort > FIRM_N and volume_ml > 0 and not _was_told(state, "hard", since_s):
        text = f"the plunger is hard to push: {effort:.0f} N, {went}"
        state = add_events(state, make_event(state.time_s, EventKind.FLOW, text, data=data | {"what": "hard"}))
    if tip_kpa >= tissue_table().felt_kpa[push.tissue] and not _was_told(state, "tip-pressure", since_s):
        where = push.tissue.name.lower().replace("_", " ")
        text = f"high pressure at the tip, in {where}: {tip_kpa:.0f} kPa, {went}"
        more: dict[str, Datum] = {"what": "tip-pressure", "tip_kpa": tip_kpa, "tissue": int(push.tissue)}
        state = add_events(state, make_event(state.time_s, EventKind.FLOW, text, hidden=True, data=data | more))
        state = feel_pressure(state, push.tissue, as_point(push.held.tip))
    return state


def _was_told(state: ProcedureState, what: str, since_s: float) -> bool:
    """Whether an event of a push was told since a time, s."""
    recent = takewhile(lambda item: item.time_s >= since_s, reversed(state.events))
    return any(item.get("what") == what for item in recent)


def _feel(tray: Tray, loads: Sequence[PlungerLoad], *, gave: bool) -> Feel:
    """What the hand feels of a push: the hardest of it."""
    hub_kpa = max(load.hub_kpa for load in loads)
    return Feel(pressure_kpa=hub_kpa, effort_n=effort_n(hub_kpa, tray.size_ml), tip_kpa=max(load.tip_kpa for load in loads), gave=gave)


def _run(state: ProcedureState, push: Push, tray: Tray, strokes: Sequence[Stroke]) -> ProcedureState:
    """The state after the plunger has run; live, the iodine is kept at moments for the pulses."""
    live, fluid, end_s = state.room.pedal, state.fluid, state.time_s
    moments = [(state.time_s, iodine_grids(fluid))] if live else []
    out: Volumes = ()
    for stroke in strokes:
        end_s, out = end_s + stroke.duration_s, add_volumes(out, stroke.out_ml)
        if live:
            moments.append((end_s, iodine_grids(replace(fluid, spread=stroke.spread))))
    feel, site = _feel(tray, [load for stroke in strokes for load in (stroke.load, stroke.end)], gave=True), require_site(state)
    injection = Injection(
        start_s=state.time_s,
        end_s=end_s,
        delivered_ml=out,
        rate_ml_s=total_ml(out) / (end_s - state.time_s),
        tip=as_point(push.held.tip),
        tissue=int(site.tissue),
        medium=str(push.flow.domain.medium),
        vessel=site.vessel,
        live_ml=out if live else (),
        peak_kpa=feel.pressure_kpa or 0.0,
        tip_kpa=feel.tip_kpa or 0.0,
        effort_n=feel.effort_n or 0.0,
        wanted_ml_s=push.rate_ml_s,
        syringe_ml=tray.size_ml,
        strengths=state.case.scenario.equipment.set_strengths,
        deposits=measure_deposits(push.spread, strokes[-1].spread, [agent for agent, _ in out], site.vessel),
    )
    every = _append_injection(state, injection, continued=push.continued)
    fluid = replace(fluid, spread=strokes[-1].spread, spread_s=end_s, moments=tuple(moments))
    done = replace(state, tray=tray, fluid=fluid, injections=every, feel=feel)
    return replace(give_pulses(done, end_s, injecting=True), time_s=end_s)


def _append_injection(state: ProcedureState, given: Injection, *, continued: bool) -> tuple[Injection, ...]:
    """All injections with one more, which a piece of the push under way makes longer instead."""
    if continued and state.injections and _goes_on(state, state.injections[-1], given):
        return (*state.injections[:-1], join_injections(state.injections[-1], given))
    return (*state.injections, given)


def _goes_on(state: ProcedureState, last: Injection, given: Injection) -> bool:
    """Whether a piece follows the last one at once, at the same place, with nothing done at needle or hub between them."""
    if given.start_s - last.end_s > PUSH_APART_S or given.tip != last.tip or given.vessel != last.vessel:
        return False
    since = takewhile(lambda item: not isinstance(item.action, do.Inject), reversed(state.done))
    return not any(isinstance(item.action, AT_NEEDLE) for item in since)


def _draw_back(state: ProcedureState) -> str:
    site = require_site(state)
    if site.tissue in GASES:
        return "air"
    if site.in_sac:
        return SPINAL_FLUID
    return "blood" if site.vessel and happens(BLOOD_SEEN, state.seed, RandomStream.ASPIRATION, site.number) else "nothing"
