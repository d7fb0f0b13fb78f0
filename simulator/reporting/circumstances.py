"""Who sat at an attempt, when, and with what help: what the states do not know and the report's first page says."""

from dataclasses import dataclass
from datetime import datetime

SCRIPTED = "script"
HELPED = "guided"
EXAM = "exam"
UNNAMED, UNDATED = "not named", "not recorded"
MODES = {
    "guided": "guided: hints, rings and target on the monitor, see-through patient, undo",
    "practice": "practice: hints on request, each costs points",
    "exam": "exam: no hints, no pause, no undo",
    SCRIPTED: "played by a script, not by a person",
    "": UNDATED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """Circumstances of an attempt.

    Attributes
    ----------
    trainee : str
        Name, pseudonym or seat; may be empty.
    started : str
        When, ISO 8601; may be empty.
    mode : str
        "guided", "practice", "exam", "script", or empty where it was not recorded.
    toured : bool
        Whether the tour led through it.
    """

    trainee: str = ""
    started: str = ""
    mode: str = ""
    toured: bool = False

    @property
    def helped(self) -> bool:
        """Whether the mode showed what others must find, so that the result does not stand beside theirs."""
        return self.mode == HELPED

    @property
    def date(self) -> str:
        """Day and time for people, of this machine's clock."""
        try:
            return f"{datetime.fromisoformat(self.started).astimezone():%Y-%m-%d %H:%M}"
        except ValueError:
            return self.started or UNDATED
