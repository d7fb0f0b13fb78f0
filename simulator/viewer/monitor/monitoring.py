"""The monitors' side of an attempt under way: which pulse is shown, how, and what of it the report will keep."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulator.procedure.imaging import pulses_of
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.messages import FrameHeader, FrameNotice, Monitor, MonitorSettings
from simulator.viewer.monitor import album as albums
from simulator.viewer.monitor import screens
from simulator.viewer.monitor.album import Album
from simulator.viewer.monitor.screens import Screens
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame, Mode

SIZES = (512, 1024)
MOVING_SIZE = 512  # pixels while the C-arm moves, as real units bin


@dataclass(kw_only=True)
class MonitorSide:
    """Live and reference monitor; changes as pulses come.

    Attributes
    ----------
    size : int
        Pixels of the live monitor each way.
    display : Display
        Its settings.
    screens : Screens
        What is on them.
    album : Album
        Frames that the report will show.
    given, delivered : int
        Pulses given while the pedal was down, and frames that were shown of them.
    """

    size: int = SIZES[0]
    display: Display = field(default_factory=Display)
    screens: Screens = field(default_factory=Screens)
    album: Album = field(default_factory=Album)
    given: int = 0
    delivered: int = 0
    _pulse: tuple[ProcedureState, int] | None = None
    _saving: bool = False
    _fresh: bool = False

    @property
    def waits(self) -> bool:
        """Whether a pulse has been given and not yet shown."""
        return self._pulse is not None

    @property
    def unsharp(self) -> bool:
        """Whether the image held was made small or rough for a C-arm on the move."""
        frame, shown = self.screens.frame, self.screens.shown
        if frame is None or shown is None or frame.mode.subtracts:
            return False
        return shown.rough or frame.pixels.shape[0] < self.size

    def take(self, state: ProcedureState) -> None:
        """Take the pulses of an action; the newest is shown next."""
        pulses = pulses_of(state)
        self.given += len(pulses) if state.room.pedal else 0
        self._pulse = (state, pulses[-1]) if pulses else self._pulse

    def save(self) -> None:
        """Send what is shown next, or now, to the reference monitor."""
        self._saving = True

    def forget(self, state: ProcedureState) -> None:
        """Forget the pulses that an undo took back."""
        self.album = albums.forgotten(self.album, state.room.pulse)

    def set(self, settings: MonitorSettings) -> None:
        """Set size and display as the page says."""
        changes = settings.changes
        self.size = changes.pop("size", self.size)
        self.display = replace(self.display, **changes)
        self._show_again()

    def frames(self, *, moving: bool) -> Iterator[FrameNotice]:
        """The newest pulse; those before it in the same moment are not delivered. What was binned is sharpened once the C-arm stands.

        Parameters
        ----------
        moving : bool
            Whether the C-arm is on the move.
        """
        newest, self._pulse = self._pulse, None
        if newest is not None:
            self._show(*newest, moving=moving)
        elif self.unsharp and not moving:
            self._show_again()
            self.album = albums.retaken(self.album, self.screens.frame) if self.screens.frame is not None else self.album
        if self._saving:
            self._saving = False
            self.screens = screens.saved(self.screens)
            yield from self._frame(Monitor.REFERENCE, self.screens.saved[-1] if self.screens.saved else None)
        if self._fresh:
            self._fresh = False
            yield from self._frame(Monitor.LIVE, self.screens.frame)

    def _show(self, state: ProcedureState, index: int, *, moving: bool) -> None:
        binned = moving and state.room.mode is Mode.FLUOROSCOPY
        size = min(self.size, MOVING_SIZE) if binned else self.size
        self.screens = screens.exposed(self.screens, state, index, size, self.display, rough=binned)
        self.delivered += 1
        self.album = albums.seen(self.album, state, self.screens.frame) if self.screens.frame is not None else self.album
        self._fresh = True

    def _show_again(self) -> None:
        self.screens = screens.shown_again(self.screens, self.size, self.display)
        self._fresh = True

    def _frame(self, monitor: Monitor, frame: Frame | None) -> Iterator[FrameNotice]:
        if frame is not None:
            header = FrameHeader(
                kind=monitor,
                pulse=frame.index,
                mode=str(frame.mode),
                size=frame.pixels.shape[0],
                held=frame.held,
                given=self.given,
                delivered=self.delivered,
            )
            yield FrameNotice(header=header, jpeg=screens.jpeg(frame.pixels))
