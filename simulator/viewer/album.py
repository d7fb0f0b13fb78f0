"""Frames that were seen and are worth keeping for the report: every single exposure, the last of every run, and some while injecting."""

from dataclasses import dataclass, replace

from simulator.procedure.state import ProcedureState
from simulator.reporting.pictures import caption
from simulator.reporting.report import Picture
from simulator.xray.modes import Frame, Mode

LIVE_S = 1.0  # between kept frames of an injection
MOST = 80  # of an attempt; beyond it the last of each run make way for later ones


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Kept:
    """A picture, and whether a later one of its run takes its place."""

    picture: Picture
    run: int
    stays: bool


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Album:
    """Pictures of an attempt in order of time."""

    kept: tuple[Kept, ...] = ()

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
    time_s = shot.time_s + (frame.index - shot.index) * shot.interval_s
    picture = Picture(caption=caption(shot, state), time_s=time_s, pulse=frame.index, pixels=frame.pixels)
    last = album.kept[-1] if album.kept else None
    flowing = shot.injecting and (last is None or last.run != shot.run or time_s - last.picture.time_s >= LIVE_S)
    item = Kept(picture=picture, run=shot.run, stays=frame.mode is Mode.SINGLE or flowing)
    before = album.kept[:-1] if last is not None and last.run == shot.run and not last.stays else album.kept
    return replace(album, kept=_trimmed((*before, item)))


def retaken(album: Album, frame: Frame) -> Album:
    """The album with the last picture as sharp as the monitor shows it once the C-arm stands."""
    if not album.kept or album.kept[-1].picture.pulse != frame.index:
        return album
    last = album.kept[-1]
    return replace(album, kept=(*album.kept[:-1], replace(last, picture=replace(last.picture, pixels=frame.pixels))))


def _trimmed(kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
    if len(kept) <= MOST:
        return kept
    worst = next((number for number, item in enumerate(kept) if not item.stays), 0)
    return (*kept[:worst], *kept[worst + 1 :])
