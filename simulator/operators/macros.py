"""What a script may say besides plain actions; each becomes plain actions while it runs, and only those are logged.

`see` turns C-arm and table to a view squared to this patient. `needle` takes a needle and sets it on the skin on the approach's course,
with an offset for those who err. `steer` pushes it towards the target, rolling it so that its bevel carries it there. `advance-until`
pushes step by step until something is felt. `when` and `repeat` look at what has happened. `see`, `needle` and `steer` use landmarks that
no trainee sees: they stand for the eye of an expert, who reads them off the image.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from phantoms.terms.levels import Level
from phantoms.terms.serialization import refuse_unknown
from scenarios.names.enums import Approach
from scenarios.names.needles import Bevel
from scenarios.schema.base_model import upper_level
from scenarios.schema.task import TargetSide
from simulator.geometry.views import View

if TYPE_CHECKING:
    from simulator.operators.script import Step

Offset = tuple[float, float, float]
ALONG_NEEDLE = "needle"


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
    view: str
    level: Level | None = None
    centre: str = "target"
    off_deg: float = 0.0
    """How far the oblique is off, for those who err."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeNeedle(Macro):
    """Take a needle and set it on the skin at the entry of a course, aimed along it; what is left out is the case's."""

    word: ClassVar[str] = "needle"
    bevel: Bevel
    gauge: int
    length_mm: float
    bend_deg: float = 0.0
    bend_mm: float = 0.0
    approach: Approach | None = None
    level: Level | None = None
    side: TargetSide | None = None
    offset_mm: Offset = (0.0, 0.0, 0.0)
    """By which entry and target are moved to the patient's left, dorsally, cranially, mm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Steer(Macro):
    """Push the needle in steps until its tip is `short_mm` before the target along the course, rolling the bevel towards it."""

    word: ClassVar[str] = "steer"
    short_mm: float = 0.0
    step_mm: float = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AdvanceUntil(Macro):
    """Push in steps until an event: `loss` (a loss-of-resistance syringe is on), `bone`, or `depth` (all of `most_mm`)."""

    word: ClassVar[str] = "advance-until"
    event: str
    step_mm: float = 1.0
    most_mm: float = 40.0


@dataclass(frozen=True, kw_only=True, slots=True)
class When(Macro):
    """Do steps where something is seen, and others where it is not."""

    word: ClassVar[str] = "when"
    seen: Seen
    do: "tuple[Step, ...]" = field(default=())
    otherwise: "tuple[Step, ...]" = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat(Macro):
    """Do steps again as long as something is seen after them, or so many times."""

    word: ClassVar[str] = "repeat"
    most: int
    do: "tuple[Step, ...]" = field(default=())
    seen: Seen | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOutAsAsked(Macro):
    """Say patient, level and side as the case has them."""

    word: ClassVar[str] = "time-out-as-asked"


MACROS: dict[str, type[Macro]] = {kind.word: kind for kind in (TimeOutAsAsked, See, TakeNeedle, Steer, AdvanceUntil, When, Repeat)}
EVENTS = ("loss", "bone", "depth")
MOST_TIMES = 200


def read_macro(word: str, values: Mapping[str, Any]) -> Macro:
    """Macro of a word from its keys and values, blocks of steps already read.

    Raises
    ------
    ValueError
        Where a key is unknown or missing, or a value cannot be: one line that names it.
    """
    kind = MACROS[word]
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    refuse_unknown(values, known, f"{word}.")
    missing = [name for name, item in known.items() if item.default is MISSING and name not in values]
    if missing:
        raise ValueError(f"{word}.{missing[0]}: is missing")
    return kind(**{name: READERS[name](value, f"{word}.{name}") for name, value in values.items()})


def _number(low: float, high: float) -> Any:  # noqa: ANN401, a reader
    def read(value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{where}: expected a number from {low:g} to {high:g}, got {value!r}")
        return float(value)

    return read


def _whole(low: int, high: int) -> Any:  # noqa: ANN401, a reader
    def read(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{where}: expected a whole number from {low} to {high}, got {value!r}")
        return value

    return read


def _word(kind: type[StrEnum], *others: str) -> Any:  # noqa: ANN401, a reader
    def read(value: object, where: str) -> Any:  # noqa: ANN401
        refuse_unknown([value], [*kind, *others], f"{where}: ")
        return str(value) if value in others else kind(str(value))

    return read


def _one_of(*words: str) -> Any:  # noqa: ANN401, a reader
    def read(value: object, where: str) -> str:
        refuse_unknown([value], words, f"{where}: ")
        return str(value)

    return read


def _level(value: object, where: str) -> Level:
    upper = upper_level(value)
    refuse_unknown([upper], list(Level), f"{where}: ")
    return Level(str(upper))


def _offset(value: object, where: str) -> Offset:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError(f"{where}: expected [left, dorsal, cranial] in mm, got {value!r}")
    left, dorsal, cranial = (_number(-100, 100)(part, where) for part in value)
    return left, dorsal, cranial


def _steps(value: Any, where: str) -> Any:  # noqa: ANN401, read before
    if not isinstance(value, tuple):
        raise ValueError(f"{where}: expected a list of steps, got {value!r}")
    return value


READERS: dict[str, Any] = {
    "view": _word(View, ALONG_NEEDLE),
    "level": _level,
    "centre": _one_of("target", "tip"),
    "off_deg": _number(-60, 60),
    "bevel": _word(Bevel),
    "gauge": _whole(16, 27),
    "length_mm": _number(20, 250),
    "bend_deg": _number(0, 30),
    "bend_mm": _number(0, 15),
    "approach": _word(Approach),
    "side": _word(TargetSide),
    "offset_mm": _offset,
    "short_mm": _number(-30, 60),
    "step_mm": _number(0.1, 50),
    "most_mm": _number(0.1, 200),
    "event": _one_of(*EVENTS),
    "seen": _word(Seen),
    "do": _steps,
    "otherwise": _steps,
    "most": _whole(1, MOST_TIMES),
}
