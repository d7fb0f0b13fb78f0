"""What the system let go because nothing was heard of the page, until hands hold something again: so the page can say why."""

from dataclasses import dataclass, replace

from scenarios.names.enums import HeldPart
from simulator.procedure.actions.held_parts import describe_held
from simulator.viewer.text.strings import text


@dataclass(frozen=True, kw_only=True, slots=True)
class LostHands:
    """What was let go in one silence.

    Attributes
    ----------
    parts : tuple of HeldPart
        What it was; empty where nothing is.
    since_s : float
        When the page was last heard, s of the machine's clock.
    silent_s : float or None
        How long it was silent, s; None as long as it is.
    """

    parts: tuple[HeldPart, ...] = ()
    since_s: float = 0.0
    silent_s: float | None = None

    @property
    def is_silent(self) -> bool:
        """Whether something was let go and the page has not been heard since."""
        return bool(self.parts) and self.silent_s is None

    @property
    def words(self) -> str:
        """For the page; empty where nothing was let go."""
        if not self.parts:
            return ""
        key = "banner.lost" if self.silent_s is None else "banner.lost_for"
        return text(key, {"held": describe_held(self.parts), "seconds": f"{self.silent_s or 0.0:.1f}"})

    def add(self, parts: tuple[HeldPart, ...], since_s: float) -> "LostHands":
        """The same with more that was let go in this silence, or what was in a new one."""
        before = self.parts if self.is_silent else ()
        return LostHands(parts=(*before, *parts), since_s=since_s)

    def hear(self, now_s: float) -> "LostHands":
        """The same once the page is heard again."""
        return replace(self, silent_s=now_s - self.since_s) if self.is_silent else self
