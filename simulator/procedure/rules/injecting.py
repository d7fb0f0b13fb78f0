"""Hub and plunger: stylet, syringes, the loss-of-resistance plunger, aspiration, and injection with everything that it brings about."""

from dataclasses import dataclass, replace
from itertools import takewhile

from scenarios.names.enums import Attachment
from simulator import needle as steel
from simulator.contrast import spread as spreads
from simulator.contrast.agents import mix
from simulator.contrast.flow import Flow
from simulator.contrast.plunger_pressure import hub_pressure_kpa
from simulator.needle.loss_of_resistance import LOSS_FROM_KPA
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.dripping import SPINAL_FLUID, tell_drip
from simulator.procedure.rules.drugs import apply_drugs
from simulator.procedure.rules.fluoroscopy_controls import give_pulses
from simulator.procedure.rules.needle_opening import open_site, start_flow
from simulator.procedure.rules.needling import lor_medium, pressure_kpa, push_needle, require_needle
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.events import EventKind, make_event
from simulator.procedure.state.fluid import iodine_grids
from simulator.procedure.state.opening_site import GASES, is_in_body, require_site
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import Feel, Injection, ProcedureState, add_events, join_injections
from simulator.procedure.state.syringe import attach, push_in_steps, push_plunger

RATES_ML_S = (0.01, 4.0)  # FACTS.md 4.1: below 4 mL/s
THUMB_KPA = 700.0  # of a thumb on a 3 mL syringe (recalled, unverified)
STUCK_ML_S = 0.005  # a plunger that moves more slowly does not move
STUCK_S = 3.0  # for which it is tried
LOSS_ML = 1.0  # that a loss-of-resistance syringe lets go as it gives (recalled, unverified)
LOSS_RATE_ML_S = 1.0
BLOOD_SEEN = 0.447  # share of vascular tips that aspiration shows (FACTS.md 3.5 [137])
LIVE_STEP_S, BLIND_STEP_S = 0.25, 1.0
MOST_MOMENTS = 60
FIRST_ML = 0.05  # the first of a push, by which its pressure is worked out
LEAST_KPA = 1e-6
PUSH_APART_S = 1.0  # pieces of a push that follow each other sooner are one
AT_NEEDLE = (do.Advance, do.Withdraw, do.Roll, do.AimNeedle, do.Stylet, do.Attach, do.PressPlunger, do.Aspirate)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Push:
    """A push on the plunger: needle, flow from its opening, what lies there already, how much and how fast, and whether it goes on."""

    held: steel.NeedleState
    flow: Flow
    spread: spreads.Spread
    volume_ml: float
    rate_ml_s: float
    continued: bool = False


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
    return tell_drip(state, replace(state, tray=attach(state.tray, action, state.case.scenario.equipment.agents)))


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
    return give_way(replace(state, tray=replace(state.tray, peak_kpa=0.0), feel=Feel(pressure_kpa=pressure, gave=gave)))


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
    return replace(lost, feel=replace(state.feel, lost_ml=volume_ml), time_s=state.time_s)


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
    if not 0 < action.volume_ml <= state.tray.left_ml + 1e-9:
        raise ValueError(f"inject.volume_ml: the syringe holds {state.tray.left_ml:.2f} mL, got {action.volume_ml:g}")
    if not RATES_ML_S[0] <= action.rate_ml_s <= RATES_ML_S[1]:
        raise ValueError(f"inject.rate_ml_s: expected {RATES_ML_S[0]:g} to {RATES_ML_S[1]:g} mL/s, got {action.rate_ml_s:g}")
    after = _deliver(state, held, action.volume_ml, action.rate_ml_s, continued=action.continued)
    return after if after.injections is state.injections else apply_drugs(after, after.injections[-1])


def _deliver(
    state: ProcedureState, held: steel.NeedleState, volume_ml: float, rate_ml_s: float, *, continued: bool = False
) -> ProcedureState:
    """The state after a volume has gone through the needle as fast as thumb and tissue let it."""
    try:
        state, flow, spread = start_flow(state, held)
    except ValueError as error:
        raise ValueError(f"inject: {error}") from None
    push = Push(held=held, flow=flow, spread=spread, volume_ml=volume_ml, rate_ml_s=rate_ml_s, continued=continued)
    pressure = _pressure_kpa(state, push)
    rate = rate_ml_s * min(1.0, THUMB_KPA / pressure)
    if rate < STUCK_ML_S:
        return _press_in_vain(state, push)
    felt = Feel(pressure_kpa=min(pressure, THUMB_KPA), gave=True)
    return _run(replace(state, feel=felt), replace(push, rate_ml_s=rate))


def _press_in_vain(state: ProcedureState, push: Push) -> ProcedureState:
    """The state after a thumb pressed in vain; one that presses on says so no second time."""
    until_s = state.time_s + (push.volume_ml / push.rate_ml_s if push.continued else STUCK_S)
    if not push.continued:
        state = add_events(state, make_event(state.time_s, EventKind.FLOW, "the plunger does not move", data={"pressure_kpa": THUMB_KPA}))
    return replace(give_pulses(state, until_s), time_s=until_s, feel=Feel(pressure_kpa=THUMB_KPA))


def _run(state: ProcedureState, push: Push) -> ProcedureState:
    """The state after the plunger has run; live, the iodine is kept at moments for the pulses."""
    live, duration_s = state.room.pedal, push.volume_ml / push.rate_ml_s
    steps = max(1, round(duration_s / max(LIVE_STEP_S if live else BLIND_STEP_S, duration_s / MOST_MOMENTS)))
    fluid, spread = state.fluid, push.spread
    tray, parts, out = push_in_steps(state.tray, push.volume_ml, steps)
    moments = [(state.time_s, iodine_grids(fluid))] if live else []
    for number, part in enumerate(parts):
        spread = spreads.inject(spread, push.flow, mix(dict(part)), push.rate_ml_s, duration_s / steps)
        if live:
            moments.append((state.time_s + (number + 1) * duration_s / steps, iodine_grids(replace(fluid, spread=spread))))
    end_s, site = state.time_s + duration_s, require_site(state)
    injection = Injection(
        start_s=state.time_s,
        end_s=end_s,
        delivered_ml=out,
        rate_ml_s=push.rate_ml_s,
        tip=as_point(push.held.tip),
        tissue=int(site.tissue),
        medium=str(push.flow.domain.medium),
        vessel=site.vessel,
        live_ml=out if live else (),
        peak_kpa=state.feel.pressure_kpa or 0.0,
    )
    every = _append_injection(state, injection, continued=push.continued)
    fluid = replace(fluid, spread=spread, spread_s=end_s, moments=tuple(moments))
    done = replace(state, tray=tray, fluid=fluid, injections=every)
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


def _pressure_kpa(state: ProcedureState, push: Push) -> float:
    """What the thumb must press at the rate that is wanted, kPa."""
    _, first = push_plunger(state.tray, min(FIRST_ML, push.volume_ml))
    bore_mm, length_mm = push.held.kit.inner_mm, push.held.kit.length_mm
    tubing = state.tray.tubing_ml is not None
    mixture = mix(dict(first))
    return max(hub_pressure_kpa(push.flow, bore_mm, length_mm, mixture, push.rate_ml_s, spread=push.spread, tubing=tubing), LEAST_KPA)


def _draw_back(state: ProcedureState) -> str:
    site = require_site(state)
    if site.tissue in GASES:
        return "air"
    if site.in_sac:
        return SPINAL_FLUID
    return "blood" if site.vessel and happens(BLOOD_SEEN, state.seed, RandomStream.ASPIRATION, site.number) else "nothing"
