"""What can be done: one small frozen value per action, and its plain form for logs and scripts.

This is a door: angles here are in degrees, as on the C-arm's scales, in scripts and in logs. In plain form an action is a mapping with one
key, its word, e.g. ``{"advance": {"distance_mm": 5.0}}``; fields at their defaults may be left out.

A movement may come in pieces, as a hand that holds a key or a plunger gives them: all pieces but the first say ``continued: true``.

Examples
--------
>>> Advance(distance_mm=5.0)
Advance(continued=False, distance_mm=5.0, until_loss=False)
>>> ACTIONS["move-carm"](oblique_deg=25.0).word
'move-carm'
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

from scenarios.names.agents import Agent
from scenarios.names.enums import (
    Advice,
    Antiseptic,
    Attachment,
    Compartment,
    Decision,
    Examination,
    HeldPart,
    OrderedTest,
    Party,
    PatientQuestion,
    Posture,
    Protection,
    ReviewItem,
    Risk,
)
from scenarios.names.needles import Bevel


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Anything that takes the procedure from one state to the next."""

    word: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement(Action):
    """What a hand does for as long as it likes, and what may come in pieces: a C-arm that is driven, a plunger that is held.

    Attributes
    ----------
    continued : bool
        A piece of a movement that is already under way: no time to begin it, no new decision point, and to the score the same movement.
    """

    continued: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Review(Action):
    """Read a part of the patient's record; imaging shows slices and the written report."""

    word: ClassVar[str] = "review"
    item: ReviewItem


@dataclass(frozen=True, kw_only=True, slots=True)
class Examine(Action):
    """Pain score, neurological check or vital signs, before or after."""

    word: ClassVar[str] = "examine"
    item: Examination


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTest(Action):
    """Have a test done at the bedside and wait for its result; a pregnancy test in women of child-bearing age only."""

    word: ClassVar[str] = "order-test"
    test: OrderedTest


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact(Action):
    """Speak with another clinician about this patient; the answer is in the case."""

    word: ClassVar[str] = "contact"
    party: Party


@dataclass(frozen=True, kw_only=True, slots=True)
class StopDrug(Action):
    """Tell the patient to stop a drug, by the name in the medication list."""

    word: ClassVar[str] = "stop-drug"
    drug: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decide(Action):
    """Accept, postpone, refuse or refer the case; anything but proceed ends the procedure after advice and finish.

    `particulate_reason` says why a particulate steroid is to be given where the safeguards ask for a non-particulate one first: through a
    lumbar or sacral foramen.
    """

    word: ClassVar[str] = "decide"
    decision: Decision
    reason: str = ""
    particulate_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent(Action):
    """Take consent, naming risks."""

    word: ClassVar[str] = "consent"
    risks: tuple[Risk, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOut(Action):
    """Say aloud who the patient is, the level ("L4-L5") and the side ("left", "right", "midline")."""

    word: ClassVar[str] = "time-out"
    patient: str
    level: str
    side: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Position(Action):
    """Lay the patient down."""

    word: ClassVar[str] = "position"
    posture: Posture


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepare(Action):
    """Clean the skin and drape it."""

    word: ClassVar[str] = "prepare"
    antiseptic: Antiseptic
    drape: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Protect(Action):
    """Put protective equipment on."""

    word: ClassVar[str] = "protect"
    items: tuple[Protection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorVitals(Action):
    """Attach the patient's monitor (pulse oximeter, blood pressure)."""

    word: ClassVar[str] = "monitor"


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalAnaesthetic(Action):
    """Infiltrate at the skin mark, or round the needle's entry, with a fine needle."""

    word: ClassVar[str] = "local-anaesthetic"
    agent: Agent
    volume_ml: float
    depth_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveCArm(Movement):
    """Turn the C-arm to these angles, degrees; what is left out (None) stays."""

    word: ClassVar[str] = "move-carm"
    oblique_deg: float | None = None
    tilt_deg: float | None = None
    swivel_deg: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveTable(Movement):
    """Move the table so that the isocentre shifts in the patient, mm: + to the patient's left, dorsally, cranially."""

    word: ClassVar[str] = "move-table"
    left_mm: float = 0.0
    dorsal_mm: float = 0.0
    cranial_mm: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Collimate(Action):
    """Set the leaves, distances from the detector's centre, mm; None opens a leaf."""

    word: ClassVar[str] = "collimate"
    left_mm: float | None = None
    right_mm: float | None = None
    top_mm: float | None = None
    bottom_mm: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Magnify(Action):
    """Choose the detector field, side in mm: one of `simulator.xray.physics.technique.FIELDS_MM`."""

    word: ClassVar[str] = "magnify"
    field_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SetTechnique(Action):
    """Set pulse rate, voltage (None: automatic), dose level, grid and copper; what is left out (None) stays, save `kvp`."""

    word: ClassVar[str] = "set-technique"
    pulses_per_s: float | None = None
    kvp: float | None = None
    dose_level: str | None = None
    grid: bool | None = None
    copper_mm: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetMode(Action):
    """Choose "fluoroscopy", "dsa" or "roadmap"."""

    word: ClassVar[str] = "set-mode"
    mode: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pedal(Action):
    """Press the pedal or let it go; time passes by `Wait` and by other actions, and pulses with it."""

    word: ClassVar[str] = "pedal"
    down: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shoot(Action):
    """Take a single exposure."""

    word: ClassVar[str] = "shoot"


@dataclass(frozen=True, kw_only=True, slots=True)
class SaveReference(Action):
    """Send the last image to the reference monitor."""

    word: ClassVar[str] = "save-reference"


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkSkin(Action):
    """Lay the pointer on the skin and mark it, where the ray of an image point enters it: fractions 0-1 from the left and the top.

    Or `at` a point that a hand shows, world frame, mm. The mark stays on the skin, however the C-arm is turned.
    """

    word: ClassVar[str] = "mark-skin"
    across: float = 0.5
    down: float = 0.5
    at: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceNeedle(Action):
    """Take a needle and set its tip on the skin: on the mark, or at a point, world frame, mm.

    It is held along the present beam, and square to the skin where that beam does not enter it there.
    """

    word: ClassVar[str] = "place-needle"
    bevel: Bevel
    gauge: int
    length_mm: float
    bend_deg: float = 0.0
    bend_mm: float = 0.0
    entry: tuple[float, float, float] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AimNeedle(Action):
    """Point the needle as a beam of these C-arm angles would run back, from detector to source; None for both: along the present beam."""

    word: ClassVar[str] = "aim-needle"
    oblique_deg: float | None = None
    tilt_deg: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Advance(Movement):
    """Push the needle in. With a loss-of-resistance syringe on and `until_loss`, stop where the plunger gives."""

    word: ClassVar[str] = "advance"
    distance_mm: float
    until_loss: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdraw(Movement):
    """Pull the needle back."""

    word: ClassVar[str] = "withdraw"
    distance_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Roll(Movement):
    """Turn the needle about its shaft, clockwise seen from the hub, degrees."""

    word: ClassVar[str] = "roll"
    angle_deg: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveNeedle(Action):
    """Take the needle out."""

    word: ClassVar[str] = "remove-needle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stylet(Action):
    """Put the stylet in or take it out."""

    word: ClassVar[str] = "stylet"
    inserted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Attach(Action):
    """Put a syringe on the hub (the stylet must be out). A plain syringe holds a mixture of agents, mL each; tubing may be between.

    `primed` tubing is full of what the syringe holds; unprimed it holds air, which goes in first. `size_ml` is the syringe's, 3, 5, 10 or
    20 mL: the smaller, the more pressure a thumb makes; None: the smallest that holds the contents.
    """

    word: ClassVar[str] = "attach"
    what: Attachment
    contents_ml: tuple[tuple[Agent, float], ...] = ()
    tubing: bool = False
    primed: bool = True
    size_ml: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PressPlunger(Action):
    """Press the loss-of-resistance plunger once and feel it."""

    word: ClassVar[str] = "press-plunger"


@dataclass(frozen=True, kw_only=True, slots=True)
class Aspirate(Action):
    """Draw back and look: nothing, blood, cerebrospinal fluid or air."""

    word: ClassVar[str] = "aspirate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inject(Movement):
    """Inject from the syringe on the hub; with the pedal down it is seen live."""

    word: ClassVar[str] = "inject"
    volume_ml: float
    rate_ml_s: float = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitBelief(Action):
    """Say where the tip is believed to lie, before the truth is shown, with a confidence from 0 to 1 for each part that is stated."""

    word: ClassVar[str] = "commit-belief"
    level: str | None = None
    side: str | None = None
    compartment: Compartment | None = None
    vascular: bool | None = None
    confidence: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask(Action):
    """Ask the patient."""

    word: ClassVar[str] = "ask"
    question: PatientQuestion


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait(Action):
    """Let time pass; with the pedal down pulses come."""

    word: ClassVar[str] = "wait"
    duration_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Advise(Action):
    """Give one piece of advice."""

    word: ClassVar[str] = "advise"
    item: Advice


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer(Action):
    """Answer a question of the case (follow-up, epidurogram reading), by its id."""

    word: ClassVar[str] = "answer"
    question: str
    choice: str
    confidence: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hint(Action):
    """Ask what comes next: the hint of a teaching step of the case. `costed` where the attempt is to pay for it."""

    word: ClassVar[str] = "hint"
    step: str
    costed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LetGo(Action):
    """The system lets go of what is held, for nothing was heard of the hands: nobody's decision. `silent_s` is how long nothing was."""

    word: ClassVar[str] = "let-go"
    held: tuple[HeldPart, ...]
    silent_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Finish(Action):
    """End the attempt."""

    word: ClassVar[str] = "finish"


ACTIONS: dict[str, type[Action]] = {kind.word: kind for parent in (Action, Movement) for kind in parent.__subclasses__() if kind.word}

__all__ = sorted(kind.__name__ for kind in ACTIONS.values())


def __dir__() -> list[str]:
    """Names of the actions alone: what a notebook offers after ``actions.``."""
    return __all__


if not TYPE_CHECKING:  # a type checker knows the names, and refuses others itself

    def __getattr__(name: str) -> object:
        known = {kind.lower(): kind for kind in __all__}
        close = get_close_matches(name.lower().replace("_", ""), known, n=1)
        hint = f"did you mean '{known[close[0]]}'?" if close else f"there are {', '.join(__all__)}"
        raise AttributeError(f"there is no action '{name}'; {hint}")


def continues(action: Action) -> bool:
    """Whether an action is a piece of a movement that is already under way."""
    return isinstance(action, Movement) and action.continued
