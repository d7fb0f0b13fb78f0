"""The tour: the guided lumbar interlaminar case step by step, each step with the place on the page and with what ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import dist
from typing import Any

Facts = Mapping[str, Any]
Done = Callable[[Facts, Facts], bool]
"""From what the page knows now, and what it knew when the step began."""

CASE = "lumbar-interlaminar-l4-l5"
OBLIQUE_DEG = 25.0  # of a contralateral oblique that counts as turned
SQUARE_DEG = 10.0  # up to which an obliquity counts as AP
MIDDLE = (30.0, 70.0)  # hundredths of the monitor's side
ONE_RING = 0.9  # hundredths of the monitor's side: two rings that lie over each other
DEEP_MM, CLOSE_MM = 30.0, 43.0  # of needle under the skin, in this patient: half way, and close behind the flavum
TEST_ML, LEFT_ML = 2.2, 0.3  # of 3 mL of contrast medium still there once enough was seen, and of a syringe that counts as empty
NEEDS = (
    *("chart", "scenario", "events", "readouts", "marked", "needle", "hub", "beliefs", "answers", "over"),
    *("guide", "slice_name", "saved"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TourStep:
    """One step.

    Attributes
    ----------
    key : str
        Of its words, ``tour.<key>``.
    at : str
        ``data-testid`` of the place on the page.
    done : callable or None
        Whether the step is done; None where it waits for "next".
    """

    key: str
    at: str
    done: Done | None = None

    @property
    def waits(self) -> bool:
        """Whether only "next" ends it."""
        return self.done is None


def _now(holds: Callable[[Facts], bool]) -> Done:
    return lambda now, _: bool(holds(now))


def _has_imaged(now: Facts, since: Facts) -> bool:
    """Whether there was beam since the step began."""
    return any(now["readouts"][name] > since["readouts"][name] for name in ("exposures", "fluoro_s"))


def _is_centred(facts: Facts) -> bool:
    """Whether the target stands in the middle of the monitor; not where the image is not of the present view."""
    marks, (low, high) = facts["guide"], MIDDLE
    return marks is not None and all(low < place < high for place in marks["target"])


def _one_ring(facts: Facts) -> bool:
    marks = facts["guide"]
    return marks is not None and dist(marks["target"], marks["entry"]) < ONE_RING


def _in_mm(facts: Facts) -> float:
    needle = facts["needle"]
    return 0.0 if needle is None else float(needle["length_mm"] - needle["outside_mm"])


def _oblique(facts: Facts) -> bool:
    return bool(facts["readouts"]["oblique_deg"] < -OBLIQUE_DEG)


def _holds(facts: Facts, part: str) -> bool:
    return any(part in agent for agent, _ in facts["hub"]["contents"])


def _count(facts: Facts, kind: str, part: str = "") -> int:
    return sum(item["kind"] == kind and part in item["text"] for item in facts["events"])


def _again(kind: str, part: str) -> Done:
    """Whether something was told once more since the step began."""
    return lambda now, since: _count(now, kind, part) > _count(since, kind, part)


STEPS = (
    TourStep(key="welcome", at="banner"),
    TourStep(key="record", at="step-record", done=_now(lambda facts: len(facts["chart"]["reviewed"]) >= len(facts["scenario"]["reviews"]))),
    TourStep(key="images", at="slices", done=_now(lambda facts: facts["slice_name"])),
    TourStep(
        key="examine",
        at="step-examination",
        done=_now(lambda facts: {"pain-score", "neurology"} <= set(facts["chart"]["examined"])),
    ),
    TourStep(key="decide", at="step-decision", done=_now(lambda facts: facts["chart"]["decision"] == "proceed")),
    TourStep(key="consent", at="step-consent", done=_now(lambda facts: facts["chart"]["consent"])),
    TourStep(
        key="protect", at="step-preparation", done=_now(lambda facts: facts["chart"]["monitored"] and len(facts["chart"]["protection"]) > 3)
    ),
    TourStep(key="position", at="step-preparation", done=_now(lambda facts: facts["chart"]["posture"] and facts["chart"]["time_out"])),
    TourStep(key="prepare", at="step-preparation", done=_now(lambda facts: facts["chart"]["antiseptic"])),
    TourStep(key="pedal", at="pedal", done=_has_imaged),
    TourStep(key="table", at="table-caudal", done=_now(_is_centred)),
    TourStep(key="collimate", at="tool-collimate", done=_now(lambda facts: any(facts["readouts"]["leaves_mm"]))),
    TourStep(key="barrel", at="carm", done=_now(_one_ring)),
    TourStep(key="mark", at="live", done=_now(lambda facts: facts["marked"])),
    TourStep(key="local", at="step-local", done=_again("voice", "")),
    TourStep(key="take", at="take-needle", done=_now(lambda facts: facts["needle"] is not None)),
    TourStep(key="aim", at="coaxial", done=_has_imaged),
    TourStep(key="advance", at="advance", done=_now(lambda facts: _in_mm(facts) >= DEEP_MM - 0.5)),
    TourStep(key="depth", at="preset-clo-left", done=_now(_oblique)),
    TourStep(key="lift", at="table-up", done=_now(lambda facts: _oblique(facts) and _is_centred(facts))),
    TourStep(key="close", at="advance", done=_now(lambda facts: _in_mm(facts) >= CLOSE_MM - 0.5)),
    TourStep(key="look", at="shot", done=_has_imaged),
    TourStep(key="stylet", at="stylet", done=_now(lambda facts: facts["needle"] is not None and not facts["needle"]["stylet"])),
    TourStep(key="syringe", at="lor-saline", done=_now(lambda facts: str(facts["hub"]["attached"]).startswith("lor"))),
    TourStep(key="loss", at="thumb", done=_now(lambda facts: _count(facts, "loss") > 0)),
    TourStep(key="confirm", at="shot", done=_has_imaged),
    TourStep(
        key="square",
        at="preset-ap",
        done=lambda now, since: abs(now["readouts"]["oblique_deg"]) < SQUARE_DEG and now["guide"] is not None and _has_imaged(now, since),
    ),
    TourStep(key="off", at="take-off", done=_now(lambda facts: facts["hub"]["attached"] == "nothing")),
    TourStep(key="contrast", at="hub", done=_now(lambda facts: _holds(facts, "iohexol"))),
    TourStep(key="aspirate", at="aspirate", done=_again("flow", "aspiration")),
    TourStep(key="live", at="plunger", done=lambda now, since: now["hub"]["left_ml"] < TEST_ML and _has_imaged(now, since)),
    TourStep(key="save", at="save-reference", done=_now(lambda facts: facts["saved"] > 0)),
    TourStep(key="belief", at="step-belief", done=_now(lambda facts: facts["beliefs"])),
    TourStep(key="drug", at="hub", done=_now(lambda facts: _holds(facts, "dexamethasone"))),
    TourStep(key="aspirate-again", at="aspirate", done=_again("flow", "aspiration")),
    TourStep(key="give", at="plunger", done=_now(lambda facts: facts["hub"]["left_ml"] < LEFT_ML)),
    TourStep(key="out", at="remove-needle", done=_now(lambda facts: facts["needle"] is None)),
    TourStep(
        key="after",
        at="step-after",
        done=lambda now, since: len(now["chart"]["examined"]) >= len(since["chart"]["examined"]) + 2,
    ),
    TourStep(key="advise", at="step-after", done=_now(lambda facts: len(facts["chart"]["advice"]) >= 5)),
    TourStep(key="questions", at="step-questions", done=_now(lambda facts: len(facts["answers"]) >= len(facts["scenario"]["questions"]))),
    TourStep(key="finish", at="finish", done=_now(lambda facts: facts["over"])),
    TourStep(key="score", at="debrief-score"),
    TourStep(key="replay", at="scrub"),
    TourStep(key="leave", at="leave"),
)


def advance_step(number: int, facts: Facts, since: Facts) -> int:
    """Number of the step that is due, from the one before; past the last where the tour is over.

    Parameters
    ----------
    number : int
        Of the step that was due, from 0.
    facts : mapping
        What the page knows.
    since : mapping
        What it knew when that step began; a step that is reached only now begins now.
    """
    while number < len(STEPS):
        done = STEPS[number].done
        if done is None or not done(facts, since):
            break
        number, since = number + 1, facts
    return number
