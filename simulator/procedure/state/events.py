"""What happens in a procedure, as a list that grows: what was felt, seen, said and measured, and the truth that only the score may read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

Datum = float | int | str | bool
NOTHING: Mapping[str, Datum] = MappingProxyType({})


class EventKind(StrEnum):
    """Kinds of events."""

    CONTACT = "contact"
    PUNCTURE = "puncture"
    LOSS = "loss"
    FLOW = "flow"
    VOICE = "voice"
    INFORMATION = "information"
    MONITOR = "monitor"
    ALARM = "alarm"
    COMPLICATION = "complication"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened.

    Attributes
    ----------
    time_s : float
        Simulated time, s.
    kind : EventKind
        What sort of thing.
    text : str
        In words, as the actor perceives it (or as the report tells it, where hidden).
    data : tuple of (str, value)
        Particulars by name, units in the names.
    hidden : bool
        Whether it is truth that no actor perceives; the observation leaves it out.
    """

    time_s: float
    kind: EventKind
    text: str
    data: tuple[tuple[str, Datum], ...] = ()
    hidden: bool = False

    def get(self, name: str) -> Datum | None:
        """A particular by its name; None where the event has none of that name."""
        return next((value for key, value in self.data if key == name), None)


def make_event(time_s: float, kind: EventKind, text: str, *, hidden: bool = False, data: Mapping[str, Datum] = NOTHING) -> Event:
    """An event with its particulars by name.

    Parameters
    ----------
    time_s : float
        Simulated time, s.
    kind, text, hidden
        As in `Event`.
    data : mapping of str to value
        Particulars, units in their names.

    Examples
    --------
    >>> make_event(3.0, EventKind.FLOW, "blood", data={"tip": "vein"}).get("tip")
    'vein'
    """
    return Event(time_s=time_s, kind=kind, text=text, data=tuple(sorted(data.items())), hidden=hidden)
