"""What hands and feet hold down, and what that becomes while the clock runs: C-arm and table on the move, needle, plunger, pedal.

What is held lasts only as long as heartbeats come: of a page that falls silent, pedal, plunger and thumb are let go at once, for a plunger
that runs on without its pedal injects what nobody sees; then the drives.
"""

from dataclasses import dataclass
from math import inf

from scenarios.names.enums import HeldPart
from simulator.procedure.actions.actions import Action, Advance, Inject, MoveCArm, MoveTable, Roll, Withdraw
from simulator.procedure.rules.clock import CARM_DEG_PER_S, TABLE_MM_PER_S
from simulator.procedure.rules.fluoroscopy_controls import clamp_angle_deg
from simulator.procedure.state.carm_state import ANGLES
from simulator.procedure.state.state import ProcedureState

Three = tuple[float, float, float]

STILL: Three = (0.0, 0.0, 0.0)
BEAT_S = 0.5  # pedal, plunger and thumb are let go where no heartbeat came for so long
DRIVE_BEAT_S = 1.5  # and the drives, which neither radiate nor inject: a browser without a graphics card may be busy drawing
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


def find_end_s(held: Held) -> float:
    """When the first of what is held ends unless a heartbeat comes, s of the machine's clock; infinite where nothing is held."""
    if held.pedal or held.thumb or held.plunger_ml_s > 0:
        return held.beat_s + BEAT_S
    return held.beat_s + DRIVE_BEAT_S if held.anything else inf


def drop(held: Held) -> tuple[Held, tuple[HeldPart, ...]]:
    """What is still held once a silence has come to its `find_end_s`, and what is not any more."""
    silent = Held(carm=held.carm, table=held.table, beat_s=held.beat_s)
    left = let_go(held) if held == silent else silent
    still = name_parts(left)
    return left, tuple(part for part in name_parts(held) if part not in still)


def name_parts(held: Held) -> tuple[HeldPart, ...]:
    """What is held, by name."""
    parts = {
        HeldPart.PEDAL: held.pedal,
        HeldPart.PLUNGER: held.plunger_ml_s > 0,
        HeldPart.THUMB: held.thumb,
        HeldPart.CARM: held.carm != STILL,
        HeldPart.TABLE: held.table != STILL,
    }
    return tuple(part for part, is_held in parts.items() if is_held)


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
        For how long, s. C-arm, table and plunger take their time one after the other: together they share it.
    """
    actions: list[Action] = []
    turn = _turn_angles(state, held.carm, seconds)
    if turn:
        actions.append(MoveCArm(**turn, continued=True))
    if held.table != STILL:
        left, dorsal, cranial = (round(drive * TABLE_MM_PER_S * seconds, 3) for drive in held.table)
        actions.append(MoveTable(left_mm=left, dorsal_mm=dorsal, cranial_mm=cranial, continued=True))
    return actions


def count_shares(held: Held) -> int:
    """Among how many movements that take time of their own the time is shared; at least 1."""
    return max(1, sum((held.carm != STILL, held.table != STILL, held.plunger_ml_s > 0)))


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


def press_plunger(state: ProcedureState, held: Held, volume_ml: float, *, continued: bool) -> Action | None:
    """A push of the plunger by a volume, mL, at the rate that is wanted; None for nothing, or when the syringe is empty."""
    pushed_ml = min(volume_ml, state.tray.left_ml)
    if pushed_ml < LEAST_ML:
        return None
    return Inject(volume_ml=round(pushed_ml, 6), rate_ml_s=held.plunger_ml_s, continued=continued)


def _turn_angles(state: ProcedureState, drive: Three, seconds: float) -> dict[str, float]:
    """Angles that change, within what the C-arm reaches, degrees."""
    found = {}
    for name, share in zip(ANGLES, drive, strict=True):
        before = getattr(state.room.pose, name)
        after = round(clamp_angle_deg(state, name, before + share * CARM_DEG_PER_S * seconds), 3)
        if share and after != before:
            found[name] = after
    return found
