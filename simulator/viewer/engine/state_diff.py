"""What the page is told of an attempt under way: only what has changed, and not too often."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from simulator.observation import observe
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.messages import FactsNotice
from simulator.viewer.engine.held_controls import Held
from simulator.viewer.engine.serializers import describe_observation, find_changes

Facts = dict[str, Any]

FACTS_S = 0.1  # the page is told of changes this often
BEAM_ON_S = 0.25  # and this often while X-ray frames, which the same browser draws, go before


@dataclass(kw_only=True)
class StateDiff:
    """What one page knows; changes as it is told.

    Attributes
    ----------
    waits : bool
        Whether something may be untold because it came too soon after the last.
    """

    waits: bool = False
    _told: Facts = field(default_factory=dict)
    _told_s: float = -inf
    _state: ProcedureState | None = None

    def forget(self) -> None:
        """The page knows nothing: it is told everything next."""
        self._told, self._told_s, self._state = {}, -inf, None

    def collect_news(self, state: ProcedureState, status: Facts, now_s: float, *, feels: bool = False) -> Iterator[FactsNotice]:
        """What has changed.

        Parameters
        ----------
        state : ProcedureState
            At present.
        status : dict
            What is not of the procedure's state: what hands hold, the monitor's settings.
        now_s : float
            Of the machine's clock, s.
        feels : bool
            Whether a hand is on a plunger: what it feels does not wait for frames.
        """
        between_s = BEAM_ON_S if state.room.pedal and not feels else FACTS_S
        self.waits = now_s - self._told_s < between_s and state.over is None
        if self.waits:
            return
        now = (self._told.copy() if state is self._state else describe_observation(observe(state))) | status
        news = find_changes(self._told, now)
        self._told, self._told_s, self._state = now, now_s, state
        if news:
            yield FactsNotice(facts=news)


def describe_held(held: Held) -> Facts:
    """What hands and feet hold, for the page.

    Examples
    --------
    >>> describe_held(Held(pedal=True))["pedal"]
    True
    """
    return {
        "pedal": held.pedal,
        "thumb": held.thumb,
        "plunger": held.plunger_ml_s > 0,
        "carm": list(held.carm),
        "table": list(held.table),
    }
