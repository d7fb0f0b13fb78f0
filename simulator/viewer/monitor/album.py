"""Frames that were seen and are worth keeping for the report: every single exposure, the last of every run, and some while injecting.

What was seen before an attempt was broken off is developed again from its log: noise comes from seed and number of the pulse, so that the
frames are those that were seen, with the monitor's settings as they are at first.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf

from simulator.procedure.imaging import Carry, develop, expose, pulses_of
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.pictures import caption
from simulator.reporting.report import Picture
from simulator.xray.image.modes import Frame, Mode

LIVE_S = 1.0  # between kept frames of an injection
SIZE = 512  # pixels each way of what is developed again
MOST = 80  # of an attempt; beyond it the last of each run make way for later ones


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Kept:
    """A picture, and whether a later one of its run takes its place."""

    picture: Picture
    run: int
    stays: bool


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Album:
    """Pictures of an attempt in order of time.

    Attributes
    ----------
    kept : tuple of Kept
        The pictures.
    since : int
        Number of the pulse from which on nothing is missing; above 0 where the attempt was gone on with.
    """

    kept: tuple[Kept, ...] = ()
    since: int = 0

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All of them."""
        return tuple(item.picture for item in self.kept)


def seen(album: Album, state: ProcedureState, frame: Frame) -> Album:
    """The album once a frame was on the live monitor.

    Parameters
    ----------
    album : Album
    state : ProcedureState
        After the action that gave the pulse.
    frame : Frame
    """
    shot = next((item for item in reversed(state.shots) if item.index <= frame.index), None)
    if shot is None:
        return album
    time_s = shot.pulse_s(frame.index)
    picture = Picture(caption=caption(shot, state), time_s=time_s, pulse=frame.index, pixels=frame.pixels)
    last = next((item for item in reversed(album.kept) if item.stays), None)
    flowing = shot.injecting and (last is None or last.run != shot.run or time_s - last.picture.time_s >= LIVE_S)
    return _added(album, Kept(picture=picture, run=shot.run, stays=frame.mode is Mode.SINGLE or flowing))


def forgotten(album: Album, pulse: int) -> Album:
    """The album without pulses from a number on, which an undo took back."""
    return Album(kept=tuple(item for item in album.kept if item.picture.pulse < pulse), since=min(album.since, pulse))


def whole(before: Album, after: Album) -> Album:
    """One album of two, the second of which goes on where it is complete."""
    found = forgotten(before, after.since)
    for item in after.kept:
        if item.picture.pulse >= after.since:
            found = _added(found, item)
    return found


def retaken(album: Album, frame: Frame) -> Album:
    """The album with the last picture as sharp as the monitor shows it once the C-arm stands."""
    if not album.kept or album.kept[-1].picture.pulse != frame.index:
        return album
    last = album.kept[-1]
    return replace(album, kept=(*album.kept[:-1], replace(last, picture=replace(last.picture, pixels=frame.pixels))))


@dataclass(kw_only=True)
class Developing:
    """Frames of an attempt that is played again, developed as they come; changes as it is played.

    Attributes
    ----------
    before : float
        Only pulses below this number are wanted.
    album : Album
        What is worth keeping of them.
    carry : Carry
        The unit's memory.
    """

    before: float
    album: Album = field(default_factory=Album)
    carry: Carry = field(default_factory=Carry)

    def add(self, state: ProcedureState, *, back: bool = False) -> None:
        """Take the next state, or one to which an undo went back. Of the pulses of an action the last one was seen."""
        pulses = pulses_of(state)
        if back:
            self.album = forgotten(self.album, state.room.pulse)
        elif pulses and pulses[-1] < self.before:
            self.carry, frame = develop(self.carry, expose(state, pulses[-1], size=SIZE))
            self.album = seen(self.album, state, frame)


def developed(states: Iterable[ProcedureState]) -> Developing:
    """Every frame of an attempt so far, developed again: what is worth keeping, and the unit's memory after the last one."""
    found, count = Developing(before=inf), -1
    for state in states:
        found.add(state, back=len(state.done) <= count)
        count = len(state.done)
    return found


def _added(album: Album, item: Kept) -> Album:
    """The album with one more picture, in the place of the one before it where that does not stay."""
    last = album.kept[-1] if album.kept else None
    before = album.kept[:-1] if last is not None and last.run == item.run and not last.stays else album.kept
    return replace(album, kept=_trimmed((*before, item)))


def _trimmed(kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
    if len(kept) <= MOST:
        return kept
    worst = next((number for number, item in enumerate(kept) if not item.stays), 0)
    return (*kept[:worst], *kept[worst + 1 :])
