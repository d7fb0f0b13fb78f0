"""What hands and feet hold down, and what that becomes while the clock runs: C-arm and table on the move, needle, plunger, pedal.

A page that falls silent lets go of everything: what is held lasts only as long as heartbeats come.
"""

from dataclasses import dataclass, replace

from simulator.procedure.actions.actions import Action, Advance, Inject, MoveCArm, MoveTable, Roll, Withdraw
from simulator.procedure.rules.clock import CARM_DEG_PER_S, TABLE_MM_PER_S
from simulator.procedure.rules.fluoroscopy_controls import clamp_angle_deg
from simulator.procedure.state.carm_state import ANGLES
from simulator.procedure.state.state import ProcedureState

Three = tuple[float, float, float]

STILL: Three = (0.0, 0.0, 0.0)
BEAT_S = 0.5  # the pedal is let go where no heartbeat came for so long
DRIVE_BEAT_S = 1.5  # and everything that does not radiate: a browser without a graphics card may be busy drawing
LEAST_MM = 1e-6
LEAST_ML = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What is held at one moment.

    Attributes
    ----------
    carm : (float, float, float)
        Orbital, tilt and swivel drive, each -1 to 1 of full speed.
    table : (float, float, float)
        Left, dorsal and cranial drive, each -1 to 1.
    plunger_ml_s : float
        Rate at which the plunger of a plain syringe is pressed, mL/s.
    thumb : bool
        Whether the thumb is on a loss-of-resistance plunger.
    pedal : bool
        Whether the pedal is down.
    beat_s : float
        When the last heartbeat came, s of the machine's clock.
    """

    carm: Three = STILL
    table: Three = STILL
    plunger_ml_s: float = 0.0
    thumb: bool = False
    pedal: bool = False
    beat_s: float = 0.0

    @property
    def anything(self) -> bool:
        """Whether something is held that moves, flows or radiates."""
        return self.pedal or self.plunger_ml_s > 0 or self.carm != STILL or self.table != STILL


def release_silent(held: Held, silent_s: float) -> Held:
    """What is still held after so many seconds without a heartbeat."""
    if silent_s > DRIVE_BEAT_S:
        return let_go(held)
    return replace(held, pedal=False) if silent_s > BEAT_S else held


def let_go(held: Held) -> Held:
    """Nothing held."""
    return Held(beat_s=held.beat_s)


def drive(state: ProcedureState, held: Held, seconds: float) -> list[Action]:
    """Actions by which C-arm and table move while their buttons are held, as far as they reach.

    Every piece is a continued one, the first too: the time that a hand takes to begin passes by the clock.

    Parameters
    ----------
    state : ProcedureState
    held : Held
    seconds : float
        For how long, s.
    """
    actions: list[Action] = []
    turn = _turn_angles(state, held.carm, seconds)
    if turn:
        actions.append(MoveCArm(**turn, continued=True))
    if held.table != STILL:
        left, dorsal, cranial = (round(drive * TABLE_MM_PER_S * seconds, 3) for drive in held.table)
        actions.append(MoveTable(left_mm=left, dorsal_mm=dorsal, cranial_mm=cranial, continued=True))
    return actions


def move_shaft(distance_mm: float, *, thumb: bool) -> Action | None:
    """The push or pull of a needle by some millimetres, a thumb perhaps on the plunger; None for nothing."""
    if abs(distance_mm) < LEAST_MM:
        return None
    if distance_mm < 0:
        return Withdraw(distance_mm=-distance_mm, continued=True)
    return Advance(distance_mm=distance_mm, until_loss=thumb, continued=True)


def turn_needle(angle_deg: float) -> Action | None:
    """The turn of a needle about its shaft; None for nothing."""
    return Roll(angle_deg=angle_deg, continued=True) if abs(angle_deg) > LEAST_MM else None


def press_plunger(state: ProcedureState, held: Held, seconds: float, *, continued: bool) -> Action | None:
    """What leaves the syringe while its plunger is held; None for nothing, or when it is empty."""
    volume_ml = min(held.plunger_ml_s * seconds, state.tray.left_ml)
    if volume_ml < LEAST_ML:
        return None
    return Inject(volume_ml=round(volume_ml, 6), rate_ml_s=held.plunger_ml_s, continued=continued)


def _turn_angles(state: ProcedureState, drive: Three, seconds: float) -> dict[str, float]:
    """Angles that change, within what the C-arm reaches, degrees."""
    found = {}
    for name, share in zip(ANGLES, drive, strict=True):
        before = getattr(state.room.pose, name)
        after = round(clamp_angle_deg(state, name, before + share * CARM_DEG_PER_S * seconds), 3)
        if share and after != before:
            found[name] = after
    return found
