"""What a script may say besides plain actions; each becomes plain actions while it runs, and only those are logged.

`see` turns C-arm and table to a view squared to this patient. `needle` takes a needle and sets it on the skin on the approach's course,
with an offset for those who err. `steer` pushes it towards the target, rolling it so that its bevel carries it there. `advance-until`
pushes step by step until something is felt. `when` and `repeat` look at what has happened. `see`, `needle` and `steer` use landmarks that
no trainee sees: they stand for the eye of an expert, who reads them off the image. `due-tests` orders a pregnancy test for those who may be
pregnant, in whichever patient the script is played.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from phantoms.terms.levels import Level
from phantoms.terms.record_reader import Convert, Within, read_record
from scenarios.names.enums import Approach
from scenarios.names.needles import Bevel
from scenarios.schema.base_model import upper_level
from scenarios.schema.task import TargetSide
from simulator.geometry.views import View

if TYPE_CHECKING:
    from simulator.operators.script import ScriptStep

ALONG_NEEDLE = "needle"
MOST_TIMES = 200


def _check_offset(value: object) -> object:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"expected [left, dorsal, cranial] in mm, got {value!r}")
    return value


Millimetres = Annotated[float, Within(-100, 100)]
Offset = Annotated[tuple[Millimetres, Millimetres, Millimetres], Convert(_check_offset)]
LevelOrInterspace = Annotated[Level | None, Convert(upper_level)]


class Seen(StrEnum):
    """What a script can ask about what has happened so far."""

    LOSS = "loss"
    """The plunger gave at the last action."""
    BONE = "bone"
    """The patient told of an ache on the bone since the last movement."""
    VESSEL = "vessel"
    """The last contrast ran off in a vessel, or blood came back."""
    CSF = "csf"
    """Cerebrospinal fluid came back."""
    NERVE = "nerve"
    """The patient told of an electric shock since the last movement."""
    SHORT = "short"
    """The tip lies more than 3 mm short of the target."""


class Macro:
    """Base of all macros."""

    word: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class See(Macro):
    """Turn to a view squared to this patient, or `needle`: down the course of the approach; `centre` on the view's target or the tip."""

    word: ClassVar[str] = "see"
    view: View | Literal["needle"]
    level: LevelOrInterspace = None
    centre: Literal["target", "tip"] = "target"
    off_deg: Annotated[float, Within(-60, 60)] = 0.0
    """How far the oblique is off, for those who err."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeNeedle(Macro):
    """Take a needle and set it on the skin at the entry of a course, aimed along it; what is left out is the case's."""

    word: ClassVar[str] = "needle"
    bevel: Bevel
    gauge: Annotated[int, Within(16, 27)]
    length_mm: Annotated[float, Within(20, 250)]
    bend_deg: Annotated[float, Within(0, 30)] = 0.0
    bend_mm: Annotated[float, Within(0, 15)] = 0.0
    approach: Approach | None = None
    level: LevelOrInterspace = None
    side: TargetSide | None = None
    offset_mm: Offset = (0.0, 0.0, 0.0)
    """By which entry and target are moved to the patient's left, dorsally, cranially, mm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Steer(Macro):
    """Push the needle in steps until its tip is `short_mm` before the target along the course, rolling the bevel towards it."""

    word: ClassVar[str] = "steer"
    short_mm: Annotated[float, Within(-30, 60)] = 0.0
    step_mm: Annotated[float, Within(0.1, 50)] = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AdvanceUntil(Macro):
    """Push in steps until an event: `loss` (a loss-of-resistance syringe is on), `bone`, or `depth` (all of `most_mm`)."""

    word: ClassVar[str] = "advance-until"
    event: Literal["loss", "bone", "depth"]
    step_mm: Annotated[float, Within(0.1, 50)] = 1.0
    most_mm: Annotated[float, Within(0.1, 200)] = 40.0


@dataclass(frozen=True, kw_only=True, slots=True)
class When(Macro):
    """Do steps where something is seen, and others where it is not."""

    word: ClassVar[str] = "when"
    seen: Seen
    do: "tuple[ScriptStep, ...]" = field(default=())
    otherwise: "tuple[ScriptStep, ...]" = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat(Macro):
    """Do steps again as long as something is seen after them, or so many times."""

    word: ClassVar[str] = "repeat"
    most: Annotated[int, Within(1, MOST_TIMES)]
    do: "tuple[ScriptStep, ...]" = field(default=())
    seen: Seen | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOutAsAsked(Macro):
    """Say patient, level and side as the case has them."""

    word: ClassVar[str] = "time-out-as-asked"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueTests(Macro):
    """Order a pregnancy test where the patient is of child-bearing age; do nothing in others."""

    word: ClassVar[str] = "due-tests"


MACROS: dict[str, type[Macro]] = {
    kind.word: kind for kind in (TimeOutAsAsked, DueTests, See, TakeNeedle, Steer, AdvanceUntil, When, Repeat)
}
STEPS = (("ScriptStep", object),)
"""Blocks of steps were read before: nothing is known of them here."""


def read_macro(word: str, values: Mapping[str, Any]) -> Macro:
    """Macro of a word from its keys and values, blocks of steps already read.

    Raises
    ------
    ValueError
        Where a key is unknown or missing, or a value cannot be: one line that names it.
    """
    return read_record(MACROS[word], values, f"{word}.", STEPS)
