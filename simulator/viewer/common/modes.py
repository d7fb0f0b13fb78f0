"""Modes of training: what each allows."""

from dataclasses import dataclass
from enum import StrEnum


class TrainingMode(StrEnum):
    """How an attempt is helped."""

    GUIDED = "guided"
    PRACTICE = "practice"
    EXAM = "exam"


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowed:
    """What a mode allows.

    Attributes
    ----------
    hints : bool
        Whether hints may be asked for.
    costed : bool
        Whether a hint costs points.
    reveal : bool
        Whether target, corridor and inner anatomy may be shown before the end.
    undo : bool
        Whether decisions may be taken back.
    pause : bool
        Whether the clock may be stopped.
    """

    hints: bool
    costed: bool
    reveal: bool
    undo: bool
    pause: bool


ALLOWED = {
    TrainingMode.GUIDED: Allowed(hints=True, costed=False, reveal=True, undo=True, pause=True),
    TrainingMode.PRACTICE: Allowed(hints=True, costed=True, reveal=False, undo=False, pause=True),
    TrainingMode.EXAM: Allowed(hints=False, costed=False, reveal=False, undo=False, pause=False),
}
"""An educator's case may forbid more (``help`` in the case file), never allow more."""
