"""The tour as it goes on: which step the page speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.viewer.page.tour import NEEDS, STEPS, advance_step
from simulator.viewer.text.strings import text

Plain = dict[str, Any]

OVER: Plain = {"tour_at": "", "tour_text": "", "tour_count": "", "tour_waits": False}


@dataclass(kw_only=True)
class Touring:
    """A tour beside an attempt; changes as its steps are done.

    Attributes
    ----------
    state : trame state
        The page's.
    step : int or None
        The step that is due; None where there is no tour.
    """

    state: Any
    step: int | None = None
    _since: Mapping[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Speak of the first step."""
        self._go_to(0)

    def skip(self) -> None:
        """Speak of the next step, whether the one that is due is done or not."""
        self._go_to((self.step or 0) + 1)

    def end(self) -> None:
        """Say no more."""
        self._go_to(len(STEPS))

    def go_on(self) -> None:
        """Speak of the next step once the one that is due is done."""
        if self.step is not None and self.state.stage == "suite":
            self._go_to(advance_step(self.step, self._read_facts(), self._since))

    def _read_facts(self) -> Plain:
        return {name: self.state[name] for name in NEEDS}

    def _go_to(self, number: int) -> None:
        if number == self.step:
            return
        self.step = number if number < len(STEPS) else None
        if self.step is None:
            self.state.update(OVER)
            return
        step, self._since = STEPS[number], self._read_facts()
        count = text("tour.of", {"number": number + 1, "count": len(STEPS)})
        self.state.update({"tour_at": step.at, "tour_text": text(f"tour.{step.key}"), "tour_count": count, "tour_waits": step.waits})
