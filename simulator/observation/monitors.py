"""The monitors: the live image, the last one held, and the reference."""

from dataclasses import dataclass, field, replace

from simulator.procedure.imaging import SIZE, Carry, develop, expose, pulses_of
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Frame

KEPT = 64


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Watching:
    """What the monitors show.

    Attributes
    ----------
    carry : Carry
        The unit's memory.
    frames : tuple of Frame
        The last 64, the newest last.
    reference : Frame or None
        On the reference monitor.
    """

    carry: Carry = field(default_factory=Carry)
    frames: tuple[Frame, ...] = ()
    reference: Frame | None = None


def watched(watching: Watching, state: ProcedureState, *, size: int = SIZE, every: int = 1) -> Watching:
    """What the monitors show after an action: its pulses are developed in their order.

    Parameters
    ----------
    watching : Watching
        Before.
    state : ProcedureState
        After the action.
    size : int
        Pixels each way.
    every : int
        Show only each so-many-th pulse of a run, and always the last; the state does not depend on it.

    Raises
    ------
    ValueError
        If a roadmap's run was not watched.
    """
    numbers = pulses_of(state)
    for number in numbers:
        if (number - numbers.start) % every == 0 or number == numbers.stop - 1:
            carry, frame = develop(watching.carry, expose(state, number, size=size))
            watching = replace(watching, carry=carry, frames=(*watching.frames, frame)[-KEPT:])
    wanted = state.room.reference
    if wanted is None or (watching.reference is not None and watching.reference.index == wanted):
        return watching
    found = next((frame for frame in watching.frames if frame.index == wanted), watching.reference)
    return replace(watching, reference=found)
