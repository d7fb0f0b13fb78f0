"""Images of an attempt that are worth keeping: every single exposure, and of every run its last pulse and, live, some between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.procedure.actions import actions as do
from simulator.procedure.attempt.movement_merging import wholes
from simulator.procedure.imaging import Carry, develop, expose, pulses_of
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.report import Picture
from simulator.xray.image.modes import Mode

SIZE = 512
LIVE_FRAMES = 4  # kept of an injection under live imaging
LAST_SHOTS = 4  # among which those of one action are


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    state: ProcedureState
    pulse: int


def pictures(states: Sequence[ProcedureState], *, size: int = SIZE, threads: int = 2) -> Iterator[Picture]:
    """Develop the kept images of an attempt, one by one.

    Parameters
    ----------
    states : sequence of ProcedureState
        From the first, one for each action.
    size : int
        Pixels each way.
    threads : int
        1 or 2; the bits do not depend on it.
    """
    carry = Carry()
    for group in _movements(states):
        kept = _kept(group)
        for state in group:
            for pulse in _developed(state, kept):
                exposure = expose(state, pulse, size=size)
                carry, frame = develop(carry, exposure, threads=threads)
                if pulse in kept:
                    yield Picture(
                        caption=caption(exposure.shot, state), time_s=exposure.shot.pulse_s(pulse), pulse=pulse, pixels=frame.pixels
                    )


def caption(shot: Shot, state: ProcedureState) -> str:
    """What an image is: view, technique, mode, what went on."""
    pose = shot.pose
    angles = [
        f"oblique {pose.oblique_deg:.0f}",
        f"tilt {pose.tilt_deg:.0f}",
        *([f"swivel {pose.swivel_deg:.0f}"] if pose.swivel_deg else []),
    ]
    what = "injecting" if shot.injecting else "" if shot.mode is Mode.SINGLE else "live"
    kind = {Mode.DSA: "DSA", Mode.ROADMAP: "roadmap"}.get(shot.mode, "")
    after = state.done[-1].action.word if state.done and not what else ""
    extra = ", ".join(word for word in (kind, what, "" if after in ("shoot", "") else after) if word)
    return f"{', '.join(angles)}; {shot.technique.kvp:.0f} kV" + (f"; {extra}" if extra else "")


def _movements(states: Sequence[ProcedureState]) -> Iterator[Sequence[ProcedureState]]:
    """States after the pieces of one movement, together."""
    if states:
        yield from (states[one.first + 1 : one.last + 2] for one in wholes(states[-1].done))


def _kept(group: Sequence[ProcedureState]) -> set[int]:
    """Pulses of a movement that are kept."""
    own = [pulse for state in group for pulse in pulses_of(state)]
    if not own:
        return set()
    if len(own) > 1 and any(isinstance(state.done[-1].action, do.Inject) for state in group):
        return {own[(len(own) - 1) * part // LIVE_FRAMES] for part in range(1, LIVE_FRAMES + 1)}
    return {own[-1]}


def _developed(state: ProcedureState, kept: set[int]) -> Iterator[int]:
    """Pulses that must be developed for the kept ones: in DSA the run's first, which is its mask; else only the kept."""
    own = pulses_of(state)
    masks = {shot.index for shot in reversed(state.shots[-LAST_SHOTS:]) if shot.mode is Mode.DSA and shot.index in own}
    yield from sorted((kept & set(own)) | masks)
