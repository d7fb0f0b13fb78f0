"""The needle in the operator's hand: mark, local anaesthetic, place, aim, push, pull, roll, and what that brings about."""

from collections.abc import Callable
from dataclasses import replace
from math import radians
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Attachment
from scenarios.names.needles import LorMedium
from simulator import needle as steel
from simulator.contrast.plunger_pressure import effort_n
from simulator.geometry.carm import world_from_carm
from simulator.needle.loss_of_resistance import syringe_pressure_kpa
from simulator.needle.variation import draw
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.drawing_up import tell_left
from simulator.procedure.rules.dripping import tell_drip
from simulator.procedure.rules.pain import hurt
from simulator.procedure.state.carm_state import as_point
from simulator.procedure.state.events import Event, EventKind, make_event
from simulator.procedure.state.field import find_inward, find_nearest_skin, find_skin
from simulator.procedure.state.fluid import FluidReset, follow_tip, reset
from simulator.procedure.state.random_streams import RandomStream, make_generator
from simulator.procedure.state.state import Feel, ProcedureState, add_events
from simulator.procedure.state.syringe import Tray

Floats = NDArray[np.float64]
Result = TypeVar("Result")

ON_SKIN_MM = 10.0  # a point that is given for the skin lies no farther from it
FLATTEST_COSINE = 0.17  # of a needle held along the beam to the skin's normal: 10 degrees to the skin
LONGEST_MM = 250.0  # of one push or pull
MEDIUM = {Attachment.LOR_SALINE: LorMedium.SALINE, Attachment.LOR_AIR: LorMedium.AIR}


def mark_skin(state: ProcedureState, action: do.MarkSkin) -> ProcedureState:
    """The state with the skin marked where the ray of an image point enters it on the detector's side, or at a point shown by hand.

    Raises
    ------
    ValueError
        If the point is outside the image, its ray misses the patient, or the point shown is not on the skin.
    """
    found = _cast_to_skin(state, action) if action.at is None else _find_on_skin(state, "mark-skin.at", action.at)
    return replace(state, room=replace(state.room, mark=as_point(found)))


def _cast_to_skin(state: ProcedureState, action: do.MarkSkin) -> Floats:
    for name in ("across", "down"):
        if not 0 <= getattr(action, name) <= 1:
            raise ValueError(f"mark-skin.{name}: expected a share of the image from 0 to 1, got {getattr(action, name):g}")
    carm = state.room.pose.carm(2)
    at = carm.at_pixels(2 * action.across - 0.5, 2 * action.down - 0.5)
    towards = (carm.source - at) / np.linalg.norm(carm.source - at)
    found = find_skin(state.case.inside, at, towards, float(np.linalg.norm(carm.source - at)))
    if found is None:
        raise ValueError("mark-skin: the ray of this image point misses the patient")
    return found


def _find_on_skin(state: ProcedureState, what: str, point: tuple[float, float, float]) -> Floats:
    found = find_nearest_skin(state.case.from_skin_mm, np.array(point), ON_SKIN_MM)
    if found is None:
        raise ValueError(f"{what}: no skin within {ON_SKIN_MM:g} mm of {point}; give a point on the skin, or mark one")
    return found


def place_needle(state: ProcedureState, action: do.PlaceNeedle) -> ProcedureState:
    """The state with a needle's tip on the skin.

    Raises
    ------
    ValueError
        If the patient does not lie prone, a needle is in, it is not on the tray, there is no mark, or the point is not on the skin.
    """
    if not state.chart.prone:
        raise ValueError(f"place-needle: the patient lies {state.chart.posture}; position them prone first")
    if state.needle is not None:
        raise ValueError("place-needle: there is a needle; remove it first")
    kit = _choose_kit(state, action)
    if action.entry is None and state.room.mark is None:
        raise ValueError("place-needle.entry: there is no mark on the skin; mark it, or give a point")
    tip = np.array(state.room.mark) if action.entry is None else _find_on_skin(state, "place-needle.entry", action.entry)
    held = steel.place(kit, tip, _hold_along_beam(state, tip), individual=draw_individual(state))
    return replace(state, needle=held, tray=Tray(), feel=Feel())


def _hold_along_beam(state: ProcedureState, tip: Floats) -> Floats:
    """Direction of a needle just taken: along the beam, square to the skin where the beam only grazes it or comes from within."""
    beam, inward = along_beam(state, tip), find_inward(state.case.from_skin_mm, tip)
    return beam if beam @ inward > FLATTEST_COSINE else inward


def aim_needle(state: ProcedureState, action: do.AimNeedle) -> ProcedureState:
    """The state with the needle pointed: on the skin freely, in the fat about its entry, deeper by levering its hub.

    Raises
    ------
    ValueError
        If there is no needle, it cannot be turned so far, or on the skin it would point out of the body.
    """
    held = require_needle(state, "aim-needle")
    if action.oblique_deg is None and action.tilt_deg is None:
        direction = along_beam(state, held.entry)
    else:
        try:
            direction = -world_from_carm(action.oblique_deg or 0.0, action.tilt_deg or 0.0, 0.0)[:, 1]
        except ValueError as error:
            raise ValueError(f"aim-needle.{error}") from None
    if held.depth_mm == 0 and direction @ find_inward(state.case.from_skin_mm, held.entry) <= 0:
        raise ValueError("aim-needle: so the needle would not enter the skin where its tip stands; turn the C-arm, or give other angles")
    turned = steel.aim(held, direction) if held.depth_mm == 0 else _try_action("aim-needle", lambda: steel.redirect(held, direction))
    return tell_drip(state, replace(state, needle=turned, feel=Feel(), fluid=follow_tip(state.fluid, turned.tip)))


def push_needle(state: ProcedureState, action: do.Advance) -> ProcedureState:
    """The state with the needle pushed in, as far as asked, as bone lets it, or until the plunger gives.

    Raises
    ------
    ValueError
        If there is no needle, the distance is not above 0, the hub would meet the skin, or there is no loss-of-resistance syringe to feel.
    """
    held = require_needle(state, "advance")
    check_distance("advance", action.distance_mm)
    if not action.until_loss:
        passage = _try_action("advance", lambda: steel.advance(held, action.distance_mm, state.case.tissue))
        return _feel(_ease_thumb(state), passage)
    medium, peak_kpa = lor_medium(state, "advance.until_loss"), state.tray.peak_kpa
    passage, peak_kpa = _try_action(
        "advance", lambda: steel.push_until_loss(held, action.distance_mm, state.case.tissue, medium, peak_kpa=peak_kpa)
    )
    pushing = replace(state, tray=replace(state.tray, peak_kpa=peak_kpa))
    return _feel(pushing, passage, gave=peak_kpa == 0)


def withdraw_needle(state: ProcedureState, action: do.Withdraw) -> ProcedureState:
    """The state with the needle pulled back.

    Raises
    ------
    ValueError
        If there is no needle, the distance is not above 0, or less is in the body.
    """
    held = require_needle(state, "withdraw")
    check_distance("withdraw", action.distance_mm)
    return _feel(_ease_thumb(state), _try_action("withdraw", lambda: steel.withdraw(held, action.distance_mm)))


def roll_needle(state: ProcedureState, action: do.Roll) -> ProcedureState:
    """The state with the needle turned about its shaft; raises ValueError where there is none."""
    rolled_needle = steel.roll(require_needle(state, "roll"), radians(action.angle_deg))
    return replace(state, needle=rolled_needle, feel=Feel(), fluid=reset(state.fluid, FluidReset.NEEDLE_MOVED))


def remove_needle(state: ProcedureState) -> ProcedureState:
    """The state with the needle out; raises ValueError where there is none."""
    held = require_needle(state, "remove-needle")
    out = add_events(tell_left(state), *_hide_events(state, steel.withdraw(held, held.depth_mm + held.pressed_mm).events))
    return replace(out, needle=None, tray=Tray(), feel=Feel(), fluid=reset(state.fluid, FluidReset.SITE_LEFT))


def require_needle(state: ProcedureState, word: str) -> steel.NeedleState:
    """The needle; raises ValueError, naming the action, where there is none."""
    if state.needle is None:
        raise ValueError(f"{word}: there is no needle; place one first")
    return state.needle


def lor_medium(state: ProcedureState, word: str) -> LorMedium:
    """What the loss-of-resistance syringe on the hub holds; raises ValueError, naming the action, where there is none."""
    if state.tray.attached not in MEDIUM:
        raise ValueError(f"{word}: there is no loss-of-resistance syringe on the hub; attach one first")
    return MEDIUM[state.tray.attached]


def pressure_kpa(state: ProcedureState) -> float | None:
    """Pressure that the thumb feels in the loss-of-resistance syringe, kPa; None without one."""
    if state.tray.attached not in MEDIUM or state.needle is None:
        return None
    return syringe_pressure_kpa(state.needle, MEDIUM[state.tray.attached])


def plunger_effort_n(state: ProcedureState) -> float | None:
    """Force of the thumb on the loss-of-resistance plunger, N; None without one."""
    pressure = pressure_kpa(state)
    return None if pressure is None else effort_n(pressure, state.tray.size_ml)


def along_beam(state: ProcedureState, point: Floats) -> Floats:
    """Unit vector along the present beam's ray through a point, from the detector towards the source, shape (3,).

    Parameters
    ----------
    state : ProcedureState
    point : ndarray, shape (3,)
        World frame, mm.
    """
    away = state.room.pose.carm(2).source - point
    return away / float(np.linalg.norm(away))


def draw_individual(state: ProcedureState) -> steel.Individual:
    """How this patient's tissues differ from the table's, drawn once from the seed."""
    params = state.case.patient.params
    return draw(make_generator(state.seed, RandomStream.INDIVIDUAL), age_years=params.age_years, bmi=params.bmi)


def check_distance(word: str, distance_mm: float) -> None:
    """Refuse a push or pull that is not above 0 or longer than any needle."""
    if not 0 < distance_mm <= LONGEST_MM:
        raise ValueError(f"{word}.distance_mm: expected more than 0 and at most {LONGEST_MM:g} mm, got {distance_mm:g}")


def _feel(state: ProcedureState, passage: steel.Passage, *, gave: bool = False) -> ProcedureState:
    """The state after a movement: what the hand felt, what the patient said, and the truth for the score."""
    before, after = require_needle(state, "needle"), passage.state
    moved = replace(state, needle=after, fluid=follow_tip(state.fluid, after.tip))
    feel = Feel(
        force_n=float(np.abs(passage.profile.force_n).max()),
        pressure_kpa=pressure_kpa(moved),
        effort_n=plunger_effort_n(moved),
        gave=gave,
        moved_mm=abs(after.depth_mm - before.depth_mm),
    )
    told_state = add_events(replace(moved, feel=feel), *_hide_events(moved, passage.events))
    return tell_drip(state, hurt(told_state, passage.events), passage)


def _ease_thumb(state: ProcedureState) -> ProcedureState:
    """The state with the thumb off the plunger: the next push begins anew."""
    return state if state.tray.peak_kpa == 0 else replace(state, tray=replace(state.tray, peak_kpa=0.0))


def _try_action(word: str, attempt: Callable[[], Result]) -> Result:
    """What an attempt gives; its ValueError with the action's name before it."""
    try:
        return attempt()
    except ValueError as error:
        raise ValueError(f"{word}: {error}") from None


def _hide_events(state: ProcedureState, events: tuple[steel.NeedleEvent, ...]) -> list[Event]:
    kinds = {steel.NeedleEventKind.PUNCTURES: EventKind.PUNCTURE}
    return [
        make_event(
            state.time_s,
            kinds.get(item.kind, EventKind.CONTACT),
            f"{item.kind} {Tissue(item.tissue).name.lower().replace('_', ' ')}",
            hidden=True,
            data={
                "what": str(item.kind),
                "tissue": int(item.tissue),
                "depth_mm": float(item.depth_mm),
                "force_n": float(item.force_n),
                "x_mm": float(item.point[0]),
                "y_mm": float(item.point[1]),
                "z_mm": float(item.point[2]),
            },
        )
        for item in events
    ]


def _choose_kit(state: ProcedureState, action: do.PlaceNeedle) -> steel.NeedleKit:
    on_tray = state.case.scenario.equipment.needles
    wanted = action.bevel, action.gauge, action.length_mm
    if wanted not in [(item.bevel, item.gauge, item.length_mm) for item in on_tray]:
        known = ", ".join(f"{item.bevel} {item.gauge} G {item.length_mm:g} mm" for item in on_tray)
        raise ValueError(f"place-needle: the tray has {known}; got {action.bevel} {action.gauge} G {action.length_mm:g} mm")
    return _try_action(
        "place-needle",
        lambda: steel.NeedleKit(
            bevel=action.bevel, gauge=action.gauge, length_mm=action.length_mm, bend_deg=action.bend_deg, bend_mm=action.bend_mm
        ),
    )
