"""The monitors' side of an attempt under way: when a pulse is drawn, how sharp, and what of it goes to the page."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simulator.formats.images import jpeg
from simulator.observation import monitors
from simulator.observation.monitors import Monitor
from simulator.viewer.common.messages import FrameHeader, FrameNotice, MonitorKind, MonitorSettings
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame

SIZE = 512  # pixels each way, until the page asks for another


@dataclass(kw_only=True)
class MonitorSide:
    """Live and reference monitor; changes as pulses come.

    Attributes
    ----------
    monitor : Monitor
        What is on them, and the images that the report will show.
    """

    monitor: Monitor = field(default_factory=lambda: Monitor(size=SIZE, depth=1))
    _sent: Frame | None = None
    _fresh: bool = False

    @property
    def size(self) -> int:
        """Pixels of the live monitor each way."""
        return self.monitor.size

    @property
    def display(self) -> Display:
        """Settings of the live monitor."""
        return self.monitor.display

    def set(self, settings: MonitorSettings) -> None:
        """Set size and display as the page says."""
        changes = settings.changes
        size = changes.pop("size", self.size)
        self.monitor = monitors.refresh(replace(self.monitor, display=replace(self.display, **changes), size=size))
        self._fresh = True

    def deliver_frames(self, *, moving: bool) -> Iterator[FrameNotice]:
        """The newest pulse; those before it in the same moment are not delivered. What was binned is sharpened once the C-arm stands.

        Parameters
        ----------
        moving : bool
            Whether the C-arm is on the move.
        """
        if self.monitor.waiting:
            self._fresh = True
        elif self.monitor.unsharp and not moving:
            self.monitor, self._fresh = monitors.sharpen(self.monitor), True
        if self.monitor.waits:
            taken, self.monitor = self.monitor, replace(self.monitor, waiting=(), saving=False)  # a pulse that cannot be drawn fails once
            self.monitor = monitors.show(taken, binned=moving)
        if self.monitor.reference is not self._sent:
            self._sent = self.monitor.reference
            yield from self._send_frame(MonitorKind.REFERENCE, self._sent)
        if self._fresh:
            self._fresh = False
            yield from self._send_frame(MonitorKind.LIVE, self.monitor.frame)

    def _send_frame(self, monitor: MonitorKind, frame: Frame | None) -> Iterator[FrameNotice]:
        if frame is not None:
            header = FrameHeader(
                kind=monitor,
                pulse=frame.index,
                mode=str(frame.mode),
                size=frame.pixels.shape[0],
                held=frame.held,
                given=self.monitor.given,
                delivered=self.monitor.delivered,
            )
            yield FrameNotice(header=header, jpeg=jpeg(frame.pixels))
