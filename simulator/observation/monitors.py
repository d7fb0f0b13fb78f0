"""The monitors of the unit: live image, last-image hold, reference, and the images that are kept of an attempt.

Page, report, replay, album, command line and operators all watch an attempt through one `Monitor`: `watch` after every action, or `take`
after every action and `show` when there is time to draw, as the page does. Of a log both keep the same images, bit for bit, as long as
size and display are the same and no pulse is left out for lack of time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from simulator.observation import album as albums
from simulator.observation.album import Album
from simulator.observation.pulses import Due, due_pulses, shot_of
from simulator.procedure.actions.actions import SaveReference
from simulator.procedure.imaging import SIZE, RunMemory, develop, expose, pulses_of
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image import modes
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame, Mode

DEPTH = 64
MOST_REFERENCES = 24
MOVING_SIZE = 512  # pixels each way while the C-arm moves, as real units bin


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Source:
    """What a frame was developed from, so that it can be developed again otherwise.

    Attributes
    ----------
    state : ProcedureState
        After the action that gave the pulse.
    index : int
        Number of the pulse.
    before : RunMemory
        What the unit remembered then.
    rough : bool
        Whether it was drawn roughly, because the C-arm moved.
    """

    state: ProcedureState
    index: int
    before: RunMemory
    rough: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Monitor:
    """What is on the monitors, and what the unit remembers.

    Attributes
    ----------
    size : int
        Pixels each way.
    display : Display
        Settings of the screen.
    every : int or None
        Develop each so-many-th pulse of an action besides those that are kept: 1 develops all. None leaves out pulses that nobody sees,
        which is what keeps a page at speed.
    depth : int
        How many of the last frames are at hand.
    carry : RunMemory
        The unit's memory: lag, recursive filter, mask of DSA and roadmap.
    frames : tuple of Frame
        The last ones, the newest last.
    source : Source or None
        What the newest was made from.
    references : tuple of Frame
        What was sent to the reference monitor, the newest last.
    album : Album
        Images that are kept.
    waiting : tuple of (ProcedureState, Due)
        Pulses to be developed next, each with the state after its action.
    saving : bool
        Whether the live image goes to the reference monitor next.
    stayed : (int, float) or None
        Run and time, s, of the last image of an injection that stays.
    memories : tuple of (int, RunMemory)
        Of every run its first pulse that was developed, and what the unit remembered before it.
    seen : int
        How many actions the last state taken had; -1 before the first.
    given, delivered : int
        Pulses given while the pedal was down, and frames that were shown.
    """

    size: int = SIZE
    display: Display = field(default_factory=Display)
    every: int | None = None
    depth: int = DEPTH
    carry: RunMemory = field(default_factory=RunMemory)
    frames: tuple[Frame, ...] = ()
    source: Source | None = None
    references: tuple[Frame, ...] = ()
    album: Album = field(default_factory=Album)
    waiting: tuple[tuple[ProcedureState, Due], ...] = ()
    saving: bool = False
    stayed: tuple[int, float] | None = None
    memories: tuple[tuple[int, RunMemory], ...] = ()
    seen: int = -1
    given: int = 0
    delivered: int = 0

    @property
    def frame(self) -> Frame | None:
        """The live image, or the last one held."""
        return self.frames[-1] if self.frames else None

    @property
    def reference(self) -> Frame | None:
        """The image on the reference monitor."""
        return self.references[-1] if self.references else None

    @property
    def waits(self) -> bool:
        """Whether there is something to show."""
        return bool(self.waiting) or self.saving

    @property
    def unsharp(self) -> bool:
        """Whether the image held was made small or rough for a C-arm on the move."""
        frame, source = self.frame, self.source
        if frame is None or source is None or frame.mode.subtracts:
            return False
        return source.rough or frame.pixels.shape[0] < self.size


def watch(monitor: Monitor, state: ProcedureState) -> Monitor:
    """The monitors after an action, or after an undo: the pulses that are worth an image are developed in their order.

    Parameters
    ----------
    monitor : Monitor
        Before.
    state : ProcedureState
        After the action; one with no more actions than the monitor has seen is one to which an undo went back.

    Raises
    ------
    ValueError
        If a roadmap's run was not watched.
    """
    return show(take(monitor, state))


def watch_all(states: Iterable[ProcedureState], monitor: Monitor | None = None) -> Monitor:
    """The monitors after a whole attempt.

    Parameters
    ----------
    states : iterable of ProcedureState
        From the first, one for each action, and one for each undo.
    monitor : Monitor, optional
        Before; a fresh one where left out.
    """
    found = monitor or Monitor()
    for state in states:
        found = watch(found, state)
    return found


def take(monitor: Monitor, state: ProcedureState) -> Monitor:
    """Note what an action gave to show; a pulse that only closes its action makes way for a later one of its run.

    Parameters
    ----------
    monitor : Monitor
    state : ProcedureState
        After the action, or after an undo.
    """
    if len(state.done) <= monitor.seen:
        return rewind(monitor, state)
    due = due_pulses(state, monitor.stayed)
    extra = _every(state, monitor.every, {item.pulse for item in due})
    last = next((item for item in reversed(due) if item.stays and item.shot.injecting), None)
    runs = {item.shot.run for item in due}
    waiting = tuple((after, item) for after, item in monitor.waiting if item.needed or item.shot.run not in runs)
    return replace(
        monitor,
        waiting=(*waiting, *((state, item) for item in sorted((*due, *extra), key=lambda item: item.pulse))),
        stayed=monitor.stayed if last is None else (last.shot.run, last.time_s),
        saving=monitor.saving or bool(state.done and isinstance(state.done[-1].action, SaveReference)),
        seen=len(state.done),
        given=monitor.given + (len(pulses_of(state)) if state.room.pedal else 0),
    )


def rewind(monitor: Monitor, state: ProcedureState) -> Monitor:
    """The monitors without the pulses that an undo took back; the unit's memory is as it was before the first run among them.

    Parameters
    ----------
    monitor : Monitor
    state : ProcedureState
        To which the undo went back.
    """
    end = state.room.pulse
    album = albums.truncate(monitor.album, end)
    gone = [carry for first, carry in monitor.memories if first >= end]
    references = tuple(frame for frame in monitor.references if frame.index < end)
    while references and references[-1].index != state.room.reference:
        references = references[:-1]
    return replace(
        monitor,
        carry=gone[0] if gone else monitor.carry,
        album=album,
        references=references,
        waiting=tuple((after, item) for after, item in monitor.waiting if item.pulse < end),
        stayed=next(((item.run, item.picture.time_s) for item in reversed(album.kept) if item.stays and item.injecting), None),
        saving=False,
        seen=len(state.done),
        memories=tuple((first, carry) for first, carry in monitor.memories if first < end),
    )


def join(monitor: Monitor, state: ProcedureState) -> Monitor:
    """The monitors of an attempt that is gone on with: what was given before is not in the album.

    Parameters
    ----------
    monitor : Monitor
    state : ProcedureState
        At present.
    """
    return replace(monitor, album=replace(monitor.album, since=state.room.pulse), seen=len(state.done))


def show(monitor: Monitor, *, binned: bool = False) -> Monitor:
    """The monitors once everything that was taken has been developed.

    Parameters
    ----------
    monitor : Monitor
    binned : bool
        Whether fluoroscopy is drawn small and rough, because the C-arm moves; `sharpen` makes it good.

    Raises
    ------
    ValueError
        If a roadmap's run was not watched.
    """
    waiting, monitor = monitor.waiting, replace(monitor, waiting=())
    for state, due in waiting:
        monitor = _develop(monitor, state, due, binned=binned and due.shot.mode is Mode.FLUOROSCOPY)
        frame = monitor.frame
        if frame is not None and due.filed:
            monitor = replace(monitor, album=albums.insert(monitor.album, state, due, frame))
    saved = (monitor.frame,) if monitor.saving and monitor.frame is not None else ()
    references = (*monitor.references, *saved)[-MOST_REFERENCES:]
    return replace(monitor, references=references, delivered=monitor.delivered + len(waiting), saving=False)


def show_pulse(monitor: Monitor, state: ProcedureState, pulse: int) -> Monitor:
    """The monitors with one pulse of an action developed, which is kept nowhere.

    Parameters
    ----------
    monitor : Monitor
    state : ProcedureState
        After the action that gave the pulse.
    pulse : int
        Its number.

    Raises
    ------
    ValueError
        If there was no such pulse, or a roadmap's run was not watched.
    """
    shot = shot_of(state.shots, pulse)
    if shot is None:
        raise ValueError(f"expected the number of a pulse that was given, got {pulse}; press the pedal or shoot first")
    return _develop(monitor, state, Due(pulse=pulse, shot=shot))


def refresh(monitor: Monitor) -> Monitor:
    """The monitors with the last image held as size and settings are now, the beam off.

    The unit's memory is of the size at which the run was watched: a subtracted image, whose mask is of that size, stays as it is.
    """
    frame, last = monitor.frame, monitor.source
    if frame is None or last is None:
        return monitor
    subtracted = frame.mode.subtracts
    wanted = frame.pixels.shape[0] if subtracted else monitor.size
    carry, again = develop(last.before, expose(last.state, last.index, size=wanted), display=monitor.display)
    return replace(
        monitor,
        carry=monitor.carry if subtracted else carry,
        frames=(*monitor.frames[:-1], replace(again, held=True)),
        source=replace(last, rough=False),
    )


def sharpen(monitor: Monitor) -> Monitor:
    """The monitors with an image that was binned for a C-arm on the move at full size, in the album too."""
    found = refresh(monitor)
    return found if found.frame is None else replace(found, album=albums.retake(found.album, found.frame))


def _develop(monitor: Monitor, state: ProcedureState, due: Due, *, binned: bool = False) -> Monitor:
    """The one place at which a pulse becomes a frame."""
    size = min(monitor.size, MOVING_SIZE) if binned else _size(monitor, due.shot)
    before = monitor.carry
    carry, frame = develop(before, expose(state, due.pulse, size=size, rough=binned), display=monitor.display)
    begins = carry.run != before.run
    return replace(
        monitor,
        carry=carry,
        frames=(*monitor.frames, frame)[-monitor.depth :],
        source=Source(state=state, index=due.pulse, before=before, rough=binned),
        memories=(*monitor.memories, (due.pulse, _between_runs(before))) if begins else monitor.memories,
    )


def _size(monitor: Monitor, shot: Shot) -> int:
    """Pixels each way of a pulse: an image from which a mask is subtracted is of the mask's size, whatever was set since."""
    mask = monitor.carry.memory.mask
    subtracted = shot.mode is Mode.ROADMAP or (shot.mode is Mode.DSA and shot.run == monitor.carry.run)
    return mask.shape[0] if subtracted and mask is not None else monitor.size


def _between_runs(carry: RunMemory) -> RunMemory:
    """Of the unit's memory what outlasts a run: its masks. Lag and filter begin anew with the next run."""
    memory = modes.ImageMemory(mask=carry.memory.mask, darkest=carry.memory.darkest)
    return RunMemory(memory=memory, run=carry.run, mode=carry.mode)


def _every(state: ProcedureState, every: int | None, due: set[int]) -> list[Due]:
    """Pulses of an action that are watched and not kept."""
    if every is None:
        return []
    numbers = [number for number in pulses_of(state)[::every] if number not in due]
    return [
        Due(pulse=number, shot=shot, needed=True, filed=False) for number in numbers if (shot := shot_of(state.shots, number)) is not None
    ]
