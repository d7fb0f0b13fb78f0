"""The beam in use: pulses at their times while the pedal is down, single exposures, what they cost, and what the controls may be set to."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, inf

from simulator.geometry.angle_text import describe_angle
from simulator.procedure.actions.actions import Collimate, LetGo, Magnify, MoveCArm, MoveTable, Pedal, SetMode, SetTechnique
from simulator.procedure.actions.held_parts import describe_held
from simulator.procedure.state.carm_state import ANGLES, Pose, Room, Shot, extend_shots, shift_pose, turn_pose
from simulator.procedure.state.collision import move_until_hit
from simulator.procedure.state.events import Datum, EventKind, make_event
from simulator.procedure.state.state import ProcedureState, add_events
from simulator.xray.image.modes import Mode
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import add_exposure, add_pulses
from simulator.xray.physics.technique import FIELDS_MM, DoseLevel, Technique

SINGLE_PULSES = 8  # averaged into a single exposure, as digital spots are (recalled, unverified)
ALARM_S = 300.0  # the timer sounds after each 5 minutes of fluoroscopy (FACTS.md 2.2: recalled, unverified)
TABLE_MM = 600.0  # how far the isocentre may be from the patient's origin
CONTROL_CELLS = 64
PULSE_ATOL_S = 1e-9  # pulses this near to a moment are given at it


def carm_range_deg(state: ProcedureState, name: str) -> tuple[float, float]:
    """Least and greatest angle of the case's C-arm about one axis, degrees.

    Parameters
    ----------
    state : ProcedureState
    name : str
        One of `simulator.procedure.state.carm_state.ANGLES`.
    """
    low, high = getattr(state.case.scenario.equipment.carm, name)
    return low, high


def clamp_angle_deg(state: ProcedureState, name: str, angle_deg: float) -> float:
    """Bring an angle within `carm_range_deg`, degrees: `move_carm` refuses any other."""
    low, high = carm_range_deg(state, name)
    return min(high, max(low, angle_deg))


def move_carm(state: ProcedureState, action: MoveCArm) -> ProcedureState:
    """The state with the C-arm turned, as far as patient and table let it.

    Raises
    ------
    ValueError
        If an angle is beyond what this C-arm reaches, or it stands against patient or table.
    """
    for name in ANGLES:
        wanted, (low, high) = getattr(action, name), carm_range_deg(state, name)
        if wanted is not None and not low <= wanted <= high:
            raise ValueError(f"move-carm.{name}: this C-arm reaches {low:g} to {high:g} degrees, got {wanted:g}")
    after = _drive(state, turn_pose(state.room.pose, action.oblique_deg, action.tilt_deg, action.swivel_deg), action.word)
    return add_events(after, *(make_event(state.time_s, EventKind.INFORMATION, text) for text in _list_stops(state, after)))


def move_table(state: ProcedureState, action: MoveTable) -> ProcedureState:
    """The state with the table moved, as far as the C-arm lets it.

    Raises
    ------
    ValueError
        If the table does not reach so far, or the C-arm stands against it or the patient.
    """
    pose = shift_pose(state.room.pose, action.left_mm, action.dorsal_mm, action.cranial_mm)
    farthest = max(pose.isocentre, key=abs)
    if abs(farthest) > TABLE_MM:
        raise ValueError(f"move-table: the table ends {TABLE_MM:g} mm from the middle, asked for {farthest:g} mm")
    return _drive(state, pose, action.word)


def collimate(state: ProcedureState, action: Collimate) -> ProcedureState:
    """The state with the leaves set; raises ValueError where they would meet."""
    leaves = {name: getattr(action, name) for name in ("left_mm", "right_mm", "top_mm", "bottom_mm")}
    opening = Collimator(**{name: inf if place is None else place for name, place in leaves.items()})
    return replace(state, room=replace(state.room, collimator=opening))


def magnify(state: ProcedureState, action: Magnify) -> ProcedureState:
    """The state with another detector field; raises ValueError where there is none such."""
    if action.field_mm not in FIELDS_MM:
        raise ValueError(f"magnify.field_mm: expected one of {', '.join(f'{side:g}' for side in FIELDS_MM)}, got {action.field_mm:g}")
    return _set_pose(state, replace(state.room.pose, field_mm=action.field_mm))


def set_technique(state: ProcedureState, action: SetTechnique) -> ProcedureState:
    """The state with rate, voltage, dose level, grid and filter as asked; raises ValueError where they cannot be had."""
    room, rates = state.room, state.case.scenario.equipment.pulses_per_s
    if action.pulses_per_s is not None and action.pulses_per_s not in rates:
        known = ", ".join(f"{rate:g}" for rate in rates)
        raise ValueError(f"set-technique.pulses_per_s: this unit has {known}, got {action.pulses_per_s:g}")
    asked = {name: getattr(action, name) for name in ("pulses_per_s", "dose_level", "grid", "copper_mm")}
    try:
        technique = replace(room.technique, **{name: value for name, value in asked.items() if value is not None})
        technique = replace(technique, kvp=technique.kvp if action.kvp is None else action.kvp)
    except ValueError as error:
        raise ValueError(f"set-technique: {error}") from None
    return replace(state, room=replace(state.room, technique=technique, kvp=action.kvp))


def set_mode(state: ProcedureState, action: SetMode) -> ProcedureState:
    """The state with another mode of the pedal.

    Raises
    ------
    ValueError
        If the mode is unknown, the unit lacks it, the pedal is down, or a roadmap has no run to be made of.
    """
    known = [str(mode) for mode in (Mode.FLUOROSCOPY, Mode.DSA, Mode.ROADMAP)]
    if action.mode not in known:
        raise ValueError(f"set-mode.mode: expected one of {', '.join(known)}, got {action.mode!r}")
    mode = Mode(action.mode)
    if mode is not Mode.FLUOROSCOPY and not state.case.scenario.equipment.dsa:
        raise ValueError(f"set-mode: this unit has no {mode}")
    if state.room.pedal:
        raise ValueError("set-mode: let go of the pedal first")
    if mode is Mode.ROADMAP and not any(shot.mode is Mode.DSA for shot in state.shots):
        raise ValueError("set-mode: a roadmap is made of a DSA run; there has been none")
    return replace(state, room=replace(state.room, mode=mode))


def press_pedal(state: ProcedureState, action: Pedal) -> ProcedureState:
    """The state with the pedal pressed, the first pulse due at once, or let go; raises ValueError in a posture that the beam cannot use."""
    room = state.room
    if action.down == room.pedal:
        return state
    if not action.down:
        return replace(state, room=replace(state.room, next_pulse_s=inf))
    _check_place(state, "pedal")
    dose = replace(room.dose, exposures=room.dose.exposures + 1) if room.mode is Mode.DSA else room.dose
    return give_pulses(replace(state, room=replace(state.room, next_pulse_s=state.time_s, run=room.run + 1, dose=dose)), state.time_s)


def let_go(state: ProcedureState, action: LetGo) -> ProcedureState:
    """The state with the pedal up, and told that nobody decided so; raises ValueError where nothing was held or the silence is below 0."""
    if not action.held or not 0 <= action.silent_s < inf:
        raise ValueError(f"let-go: expected what was held and a silence from 0 s, got {list(action.held)} and {action.silent_s:g} s")
    data: dict[str, Datum] = {"silent_s": action.silent_s, "held": ", ".join(action.held)}
    told = make_event(state.time_s, EventKind.INFORMATION, f"connection lost: {describe_held(action.held)} let go by the system", data=data)
    return add_events(press_pedal(state, Pedal(down=False)), told)


def shoot(state: ProcedureState) -> ProcedureState:
    """The state after a single exposure.

    Raises
    ------
    ValueError
        If the pedal is down, the patient does not lie prone, or the C-arm does not clear the body.
    """
    if state.room.pedal:
        raise ValueError("shoot: let go of the pedal first")
    _check_place(state, "shoot")
    room = replace(state.room, run=state.room.run + 1)
    technique = control_brightness(state)
    dose = add_exposure(room.dose, technique, room.pose.carm(CONTROL_CELLS), room.collimator, room.operator, SINGLE_PULSES)
    taken = _make_shot(state, room, technique, Mode.SINGLE, SINGLE_PULSES)
    return replace(state, room=replace(room, dose=dose, pulse=room.pulse + 1), shots=(*state.shots, taken))


def give_pulses(state: ProcedureState, until_s: float, *, injecting: bool = False) -> ProcedureState:
    """The state with the pulses that are due up to a time, s, and their dose; the time itself is not moved.

    Parameters
    ----------
    state : ProcedureState
    until_s : float
        Pulses at it are given.
    injecting : bool
        Whether something is being injected meanwhile.

    Raises
    ------
    ValueError
        If the C-arm does not clear the body.
    """
    room = state.room
    if room.next_pulse_s > until_s + PULSE_ATOL_S:
        return state
    technique, interval_s = control_brightness(state), 1.0 / room.technique.pulses_per_s
    pulses = ceil((until_s + PULSE_ATOL_S - room.next_pulse_s) / interval_s + PULSE_ATOL_S)
    dose = add_pulses(room.dose, technique, room.pose.carm(CONTROL_CELLS), room.collimator, room.operator, pulses)
    taken = _make_shot(state, room, technique, room.mode, pulses, injecting=injecting)
    room = replace(room, dose=dose, pulse=room.pulse + pulses, next_pulse_s=room.next_pulse_s + pulses * interval_s)
    return _sound_alarm(replace(state, room=room, shots=extend_shots(state.shots, taken)), state.room.dose.fluoro_s)


def control_brightness(state: ProcedureState) -> Technique:
    """What the brightness control gives the next pulse; DSA asks for the high dose level."""
    room = state.room
    technique = replace(room.technique, dose_level=DoseLevel.HIGH) if room.mode is Mode.DSA else room.technique
    return state.case.technique(room.pose, technique, room.collimator, room.kvp)


def save_reference(state: ProcedureState) -> ProcedureState:
    """Send the last image to the reference monitor; raises ValueError where there is none."""
    if not state.shots:
        raise ValueError("save-reference: there is no image yet; expose first")
    return replace(state, room=replace(state.room, reference=state.room.pulse - 1))


def _list_stops(before: ProcedureState, after: ProcedureState) -> Iterator[str]:
    """In words, the stops that the C-arm has come to: who drives it against one, or asks for a view beyond, is told."""
    for name in ANGLES:
        limits, angle_deg = carm_range_deg(before, name), getattr(after.room.pose, name)
        if angle_deg in limits and angle_deg != getattr(before.room.pose, name):
            yield f"The C-arm stands at its stop: it reaches {describe_angle(name, angle_deg)} and no more."


def _make_shot(state: ProcedureState, room: Room, technique: Technique, mode: Mode, pulses: int, *, injecting: bool = False) -> Shot:
    return Shot(
        time_s=room.next_pulse_s if room.pedal else state.time_s,
        index=room.pulse,
        pulses=pulses,
        interval_s=1.0 / room.technique.pulses_per_s,
        run=room.run,
        mode=mode,
        pose=room.pose,
        collimator=room.collimator,
        technique=technique,
        tip=tip_of(state),
        injecting=injecting,
    )


def tip_of(state: ProcedureState) -> tuple[float, float, float] | None:
    """Needle tip, world frame, mm; None without a needle."""
    if state.needle is None:
        return None
    x, y, z = (float(value) for value in state.needle.tip)
    return x, y, z


def _sound_alarm(state: ProcedureState, before_s: float) -> ProcedureState:
    sounded = int(state.room.dose.fluoro_s // ALARM_S)
    if sounded == int(before_s // ALARM_S):
        return state
    minutes = sounded * ALARM_S / 60
    return add_events(
        state, make_event(state.time_s, EventKind.ALARM, f"{minutes:g} minutes of fluoroscopy", data={"fluoro_s": state.room.dose.fluoro_s})
    )


def _set_pose(state: ProcedureState, pose: Pose) -> ProcedureState:
    return replace(state, room=replace(state.room, pose=pose))


def _drive(state: ProcedureState, wanted: Pose, word: str) -> ProcedureState:
    """The state with C-arm and table driven towards a pose; what they would hit stops them."""
    if not state.chart.prone:
        return _set_pose(state, wanted)
    start = state.room.pose
    pose, met = move_until_hit(start, wanted, state.case.meets)
    if not met:
        return _set_pose(state, pose)
    if pose == start:
        raise ValueError(f"{word}: {met}; drive another way")
    return add_events(_set_pose(state, pose), make_event(state.time_s, EventKind.ALARM, f"collision: {met}"))


def _check_place(state: ProcedureState, word: str) -> None:
    """Refuse to expose a patient who does not lie prone, or with a C-arm that cannot stand where it does."""
    if not state.chart.prone:
        raise ValueError(f"{word}: the patient lies {state.chart.posture}; position them prone first")
    met = state.case.meets(state.room.pose)
    if met:
        raise ValueError(f"{word}: {met} where the C-arm stands; move it away first")
