"""The monitors' side of an attempt under way: when a pulse is drawn, how sharp, and what of it goes to the page."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from simulator.formats.images import jpeg
from simulator.observation import monitors
from simulator.observation.monitors import Monitor
from simulator.viewer.monitor.display_settings import set_as
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame

Message = dict[str, Any]

SIZES = (512, 1024)


@dataclass(kw_only=True)
class MonitorSide:
    """Live and reference monitor; changes as pulses come.

    Attributes
    ----------
    monitor : Monitor
        What is on them, and the images that the report will show.
    """

    monitor: Monitor = field(default_factory=lambda: Monitor(size=SIZES[0], depth=1))
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

    def set(self, said: object) -> None:
        """Set size and display as the page says.

        Raises
        ------
        ValueError
            If there is no such setting or size; nothing has changed then.
        """
        settings = {name: value for name, value in said.items() if name != "size"} if isinstance(said, dict) else said
        size = said.get("size", self.size) if isinstance(said, dict) else self.size
        if size not in SIZES:
            raise ValueError(f"screen.size: expected one of {', '.join(map(str, SIZES))}, got {size!r}")
        self.monitor = monitors.refresh(replace(self.monitor, display=set_as(self.display, settings), size=size))
        self._fresh = True

    def frames(self, *, moving: bool) -> Iterator[Message]:
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
            yield from self._frame("reference", self._sent)
        if self._fresh:
            self._fresh = False
            yield from self._frame("live", self.monitor.frame)

    def _frame(self, kind: str, frame: Frame | None) -> Iterator[Message]:
        if frame is not None:
            header = {"kind": kind, "pulse": frame.index, "mode": str(frame.mode), "size": frame.pixels.shape[0], "held": frame.held}
            yield {"frame": header | {"given": self.monitor.given, "delivered": self.monitor.delivered}, "jpeg": jpeg(frame.pixels)}
