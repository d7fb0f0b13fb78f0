"""Which pulses of an action are worth an image: a rule that every face of the toolkit shares.

The rule: every single exposure; of every run the last pulse; while something is injected the first pulse, about one a second, and the
last of each push; and the pulse before the injection, which shows the view without contrast medium. A DSA run's first pulse is developed
too, for it is the mask.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from simulator.procedure.imaging import pulses_of
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Mode

INJECTING_S = 1.0  # between kept images of an injection under live imaging
EVEN_S = 1e-9  # rounding of a pulse's time


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A pulse that is to be developed.

    Attributes
    ----------
    pulse : int
        Its number.
    shot : Shot
        The exposure or stretch of a run that it belongs to.
    stays : bool
        Whether its image is kept whatever follows; else a later one of the same run takes its place.
    needed : bool
        Whether it must be developed even where a later pulse is there already: its image stays, or it is a mask.
    filed : bool
        Whether its image goes into the album.
    """

    pulse: int
    shot: Shot
    stays: bool = False
    needed: bool = False
    filed: bool = True

    @property
    def time_s(self) -> float:
        """When it was given, s."""
        return self.shot.pulse_s(self.pulse)


def due_pulses(state: ProcedureState, last: tuple[int, float] | None = None) -> tuple[Due, ...]:
    """Pulses of the last action that are worth an image, in order.

    Parameters
    ----------
    state : ProcedureState
        After the action.
    last : (int, float), optional
        Run and time, s, of the last image of an injection that stays.
    """
    own = pulses_of(state)
    if not own:
        return ()
    found: dict[int, Due] = {}
    for shot, part in _stretches(state.shots, own):
        for item in _of_stretch(state, shot, part, last):
            found[item.pulse] = item
            last = (shot.run, item.time_s) if shot.injecting and item.stays else last
    newest = Due(pulse=own[-1], shot=state.shots[-1])
    return tuple(item for _, item in sorted((found if newest.pulse in found else found | {newest.pulse: newest}).items()))


def shot_of(shots: Sequence[Shot], pulse: int) -> Shot | None:
    """The exposure or stretch of a run that a pulse belongs to, by its number; None before the first.

    Parameters
    ----------
    shots : sequence of Shot
        In order.
    pulse : int
        Number of the pulse.
    """
    place = bisect_right(shots, pulse, key=lambda shot: shot.index)
    return shots[place - 1] if place else None


def pulse_at(shots: Sequence[Shot], time_s: float) -> int | None:
    """Number of the last pulse not later than a time, s; None where there was none."""
    number = bisect_right(shots, time_s, key=lambda shot: shot.time_s) - 1
    if number < 0:
        return None
    shot = shots[number]
    passed = int((time_s - shot.time_s) / shot.interval_s + EVEN_S) if shot.interval_s > 0 else 0
    return shot.index + min(passed, shot.frames - 1)


def mask_of(shots: Sequence[Shot], pulse: int) -> int | None:
    """Number of the pulse that is the mask of a DSA pulse; None for a pulse of another mode.

    Parameters
    ----------
    shots : sequence of Shot
        In order.
    pulse : int
        Number of the pulse.
    """
    shot = shot_of(shots, pulse)
    return next(item.index for item in shots if item.run == shot.run) if shot is not None and shot.mode is Mode.DSA else None


def _stretches(shots: Sequence[Shot], own: range) -> Iterator[tuple[Shot, range]]:
    """Stretches of an action, each with those of its pulses that the action gave."""
    first = bisect_right(shots, own.start, key=lambda shot: shot.index) - 1
    for shot in shots[max(first, 0) :]:
        yield shot, range(max(shot.index, own.start), min(shot.index + shot.frames, own.stop))


def _of_stretch(state: ProcedureState, shot: Shot, part: range, last: tuple[int, float] | None) -> Iterator[Due]:
    """Pulses of a stretch whose images stay, and the mask of a DSA run."""
    if shot.mode is Mode.SINGLE:
        yield from (Due(pulse=pulse, shot=shot, stays=True, needed=True) for pulse in part)
        return
    if part and mask_of(state.shots, part.start) == part.start:
        yield Due(pulse=part.start, shot=shot, needed=True)
    if shot.injecting:
        yield from (Due(pulse=pulse, shot=shot, stays=True, needed=True) for pulse in _space(shot, part, last))


def _space(shot: Shot, part: range, last: tuple[int, float] | None) -> list[int]:
    """Pulses about a second apart, the first of a run's injection among them; the stretch's last takes the place of the one before it."""
    begin = part.start
    if last is not None and last[0] == shot.run:
        begin += max(0, ceil((last[1] + INJECTING_S - shot.pulse_s(begin)) / shot.interval_s - EVEN_S))
    step = max(1, ceil(INJECTING_S / shot.interval_s - EVEN_S))
    found = list(range(begin, part.stop, step))
    return [*found[:-1], part[-1]] if found else []
