"""Images of an attempt that are kept, by the rule of `simulator.observation.pulses`: of one attempt every face keeps the same."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.observation.captions import caption
from simulator.observation.pulses import Due
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Frame

MOST = 80  # of an attempt; beyond it the last of each run make way for later ones


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Picture:
    """A kept image.

    Attributes
    ----------
    caption : str
        View and technique.
    time_s : float
        When it was taken, simulated, s.
    pulse : int
        Number of the pulse.
    pixels : ndarray, shape (rows, columns), uint8
        As on the monitor.
    """

    caption: str
    time_s: float
    pulse: int
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Kept:
    """A picture, the run that it is of, whether it stays when a later one of its run comes, and whether something was injected."""

    picture: Picture
    run: int
    stays: bool
    injecting: bool = False


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


def insert(album: Album, state: ProcedureState, due: Due, frame: Frame) -> Album:
    """The album with the image of a pulse.

    Parameters
    ----------
    album : Album
    state : ProcedureState
        After the action that gave the pulse.
    due : Due
        The pulse.
    frame : Frame
        As the monitor shows it.
    """
    picture = Picture(caption=caption(due.shot, state), time_s=due.time_s, pulse=due.pulse, pixels=frame.pixels)
    return _add(album, Kept(picture=picture, run=due.shot.run, stays=due.stays, injecting=due.shot.injecting))


def truncate(album: Album, pulse: int) -> Album:
    """The album without pulses from a number on, which an undo took back."""
    return Album(kept=tuple(item for item in album.kept if item.picture.pulse < pulse), since=min(album.since, pulse))


def concatenate(before: Album, after: Album) -> Album:
    """One album of two, the second of which goes on where it is complete."""
    found = truncate(before, after.since)
    for item in after.kept:
        if item.picture.pulse >= after.since:
            found = _add(found, item)
    return found


def retake(album: Album, frame: Frame) -> Album:
    """The album with its last picture as sharp as the monitor shows it once the C-arm stands."""
    if not album.kept or album.kept[-1].picture.pulse != frame.index:
        return album
    last = album.kept[-1]
    return replace(album, kept=(*album.kept[:-1], replace(last, picture=replace(last.picture, pixels=frame.pixels))))


def _add(album: Album, item: Kept) -> Album:
    """The album with one more picture, in the place of the one before it where that does not stay."""
    if not album.kept or album.kept[-1].run != item.run or album.kept[-1].stays:
        return replace(album, kept=_trim((*album.kept, item)))
    *before, last = album.kept
    if item.injecting and not last.injecting:  # the view without contrast medium
        return replace(album, kept=_trim((*before, replace(last, stays=True), item)))
    return replace(album, kept=(*before, item))


def _trim(kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
    if len(kept) <= MOST:
        return kept
    worst = next((number for number, item in enumerate(kept) if not item.stays), 0)
    return (*kept[:worst], *kept[worst + 1 :])
