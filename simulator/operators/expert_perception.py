"""What an expert sees in the images: the course that the approach takes in this patient, and how the tip stands to it.

It reads landmarks, which an observation does not show. What is felt, heard and drawn back is taken from the observation.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.clear_path import Course
from simulator.geometry.views import DEPTH_VIEWS, SACRAL_VIEWS, View, aim, angles_of, lateral_angles
from simulator.observation import observe
from simulator.operators.macros import ALONG_NEEDLE, See, Seen, TakeNeedle
from simulator.procedure.actions.actions import Action, AimNeedle, MoveCArm, MoveTable, PlaceNeedle
from simulator.procedure.rules.fluoroscopy_controls import clamp_angle_deg
from simulator.procedure.state.case import Case
from simulator.procedure.state.case_target import Aimed, find_case_target, read_aim
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState

Vector = NDArray[np.float64]

SHORT_MM = 3.0
MOVES = ("advance", "withdraw", "place-needle")
SAID = {Seen.NERVE: "nerve", Seen.BONE: "periosteum"}
FLUIDS = {Seen.CSF: "cerebrospinal fluid", Seen.VESSEL: "blood"}


def choose_aim(case: Case, macro: TakeNeedle | None = None) -> Aimed:
    """What the case asks for, changed by what a `needle` says."""
    wanted = read_aim(case)
    if macro is None:
        return wanted
    left, dorsal, cranial = (a + b for a, b in zip(wanted.offset_mm, macro.offset_mm, strict=True))
    return Aimed(
        approach=macro.approach or wanted.approach,
        level=macro.level or wanted.level,
        side=macro.side or wanted.side,
        offset_mm=(left, dorsal, cranial),
    )


def turn_to(state: ProcedureState, macro: See, aimed: Aimed) -> list[Action]:
    """Actions that bring C-arm and table to a view."""
    case = state.case
    beam, isocentre, lateral = _beam(case, macro, aimed)
    if macro.centre == "tip" and state.needle is not None:
        isocentre = state.needle.tip
    angles = lateral_angles(beam) if lateral else angles_of(beam)
    turn = MoveCArm(
        oblique_deg=_clamp(state, "oblique_deg", angles.oblique_deg + macro.off_deg),
        tilt_deg=_clamp(state, "tilt_deg", angles.tilt_deg),
        swivel_deg=_clamp(state, "swivel_deg", angles.swivel_deg),
    )
    left, dorsal, cranial = (round(float(value), 1) for value in isocentre - np.array(state.room.pose.isocentre))
    return [turn, MoveTable(left_mm=left, dorsal_mm=dorsal, cranial_mm=cranial)]


def take(case: Case, macro: TakeNeedle, aimed: Aimed) -> list[Action]:
    """Actions that set a needle on the skin, aimed along its course."""
    course = find_case_target(case, aimed).course
    left, dorsal, cranial = (round(float(value), 1) for value in course.entry)
    angles = angles_of(course.outward)
    kit = PlaceNeedle(
        bevel=macro.bevel,
        gauge=macro.gauge,
        length_mm=macro.length_mm,
        bend_deg=macro.bend_deg,
        bend_mm=macro.bend_mm,
        entry=(left, dorsal, cranial),
    )
    return [kit, AimNeedle(oblique_deg=round(angles.oblique_deg, 2), tilt_deg=round(angles.tilt_deg, 2))]


def short_mm(state: ProcedureState, aimed: Aimed) -> float:
    """How far the tip lies before the target along the course, mm; negative beyond it, infinite without a needle."""
    return np.inf if state.needle is None else -find_case_target(state.case, aimed).along_mm(state.needle.tip)


def perceive(state: ProcedureState, what: Seen, aimed: Aimed) -> bool:
    """Whether something is the case now, as an attentive operator perceives it.

    What is felt, heard and drawn back comes from the observation. How far the tip stands before the target, and that contrast medium runs
    off in a vessel under live imaging, are read off the image by an expert's eye, which here looks at the truth.
    """
    if what is Seen.SHORT:
        return short_mm(state, aimed) > SHORT_MM
    view = observe(state)
    if what is Seen.LOSS:
        return view.feel.gave
    now = [event for event in view.events if event.time_s >= _last_move_s(state)]
    if what in SAID:
        return any(event.kind is EventKind.VOICE and event.get("about") == SAID[what] for event in now)
    return any(event.get("fluid") == FLUIDS[what] for event in now) or (what is Seen.VESSEL and _runs_off(state))


def _runs_off(state: ProcedureState) -> bool:
    """Whether the last injection, seen live and at the tip's present place, went into a vessel."""
    given = state.injections[-1] if state.injections else None
    tip = None if state.needle is None else tuple(float(value) for value in state.needle.tip)
    return given is not None and bool(given.vessel) and given.live and given.tip == tip


def _last_move_s(state: ProcedureState) -> float:
    """When the needle was moved last, s."""
    return next((done.start_s for done in reversed(state.done) if done.action.word in MOVES), 0.0)


def _beam(case: Case, macro: See, aimed: Aimed) -> tuple[Vector, Vector, bool]:
    """Beam, isocentre and whether the C-arm is turned as for a lateral."""
    if macro.view == ALONG_NEEDLE:
        found: Course = find_case_target(case, aimed).course
        return found.outward, found.tip, False
    level = macro.level or aimed.level
    view = aim(View(macro.view), case.patient.landmarks, level)
    sacral_lateral = macro.view == View.SACRUM_LATERAL
    centred = macro.view in DEPTH_VIEWS and level is aimed.level
    isocentre = find_case_target(case, aimed).point if centred else view.isocentre
    return view.beam, isocentre, sacral_lateral or (macro.view not in SACRAL_VIEWS and "lateral" in macro.view)


def _clamp(state: ProcedureState, name: str, angle_deg: float) -> float:
    """An angle as near as the C-arm reaches, to a tenth of a degree."""
    return round(float(clamp_angle_deg(state, name, angle_deg)), 1)
