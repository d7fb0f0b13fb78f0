"""The tour: the guided lumbar interlaminar case step by step, each step with the place on the page and with what ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = Mapping[str, Any]

CASE = "lumbar-interlaminar-l4-l5"
OBLIQUE_DEG = 25.0  # of a contralateral oblique that counts as turned
NEEDS = ("chart", "scenario", "events", "readouts", "marked", "needle", "hub", "beliefs", "answers", "over")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step.

    Attributes
    ----------
    key : str
        Of its words, ``tour.<key>``.
    at : str
        ``data-testid`` of the place on the page.
    done : callable
        From what the page knows to whether the step is done; a step that is never done by itself waits for "next".
    """

    key: str
    at: str
    done: Callable[[Facts], bool] = lambda _: False


def _reviewed(facts: Facts) -> bool:
    return len(facts["chart"]["reviewed"]) >= len(facts["scenario"]["reviews"])


def _held(facts: Facts) -> str:
    return str(facts["hub"]["attached"])


def _holds(facts: Facts, part: str) -> bool:
    return any(part in agent for agent, _ in facts["hub"]["contents"])


def _said(facts: Facts, kind: str, part: str = "") -> bool:
    return any(item["kind"] == kind and part in item["text"] for item in facts["events"])


STEPS = (
    Step(key="welcome", at="banner"),
    Step(key="record", at="step-record", done=_reviewed),
    Step(key="examine", at="step-examination", done=lambda facts: len(set(facts["chart"]["examined"])) > 1),
    Step(key="decide", at="step-decision", done=lambda facts: facts["chart"]["decision"] == "proceed"),
    Step(key="consent", at="step-consent", done=lambda facts: facts["chart"]["consent"]),
    Step(key="prepare", at="step-preparation", done=lambda facts: bool(facts["chart"]["antiseptic"] and facts["chart"]["time_out"])),
    Step(key="pedal", at="pedal", done=lambda facts: facts["readouts"]["fluoro_s"] > 0 or facts["readouts"]["exposures"] > 0),
    Step(key="table", at="table-caudal", done=lambda facts: abs(facts["readouts"]["table_cranial_mm"]) > 20),
    Step(key="collimate", at="tool-collimate", done=lambda facts: any(facts["readouts"]["leaves_mm"])),
    Step(key="barrel", at="tilt-more"),
    Step(key="mark", at="live", done=lambda facts: facts["marked"]),
    Step(key="local", at="step-local", done=lambda facts: _said(facts, "voice")),
    Step(key="take", at="take-needle", done=lambda facts: facts["needle"] is not None),
    Step(key="aim", at="coaxial"),
    Step(key="advance", at="advance", done=lambda facts: facts["needle"] is not None and facts["needle"]["outside_mm"] <= 60),
    Step(key="depth", at="preset-clo-left", done=lambda facts: facts["readouts"]["oblique_deg"] < -OBLIQUE_DEG),
    Step(key="syringe", at="lor-saline", done=lambda facts: _held(facts).startswith("lor")),
    Step(key="loss", at="thumb", done=lambda facts: _said(facts, "loss")),
    Step(key="contrast", at="draw-attach", done=lambda facts: _holds(facts, "iohexol")),
    Step(key="aspirate", at="aspirate", done=lambda facts: _said(facts, "flow", "aspiration")),
    Step(key="live", at="plunger", done=lambda facts: _holds(facts, "iohexol") and facts["hub"]["left_ml"] < 2.2),
    Step(key="belief", at="step-belief", done=lambda facts: bool(facts["beliefs"])),
    Step(key="drug", at="draw-attach", done=lambda facts: _holds(facts, "dexamethasone")),
    Step(key="give", at="plunger", done=lambda facts: _holds(facts, "dexamethasone") and facts["hub"]["left_ml"] < 1),
    Step(key="out", at="remove-needle", done=lambda facts: facts["needle"] is None),
    Step(key="after", at="step-after", done=lambda facts: len(facts["chart"]["advice"]) >= 3),
    Step(key="questions", at="step-questions", done=lambda facts: len(facts["answers"]) >= len(facts["scenario"]["questions"])),
    Step(key="finish", at="finish", done=lambda facts: bool(facts["over"])),
)


def advanced(number: int, facts: Facts) -> int:
    """Number of the step that is due, from the one before; past the last where the tour is over.

    Parameters
    ----------
    number : int
        Of the step that was due, from 0.
    facts : mapping
        What the page knows.
    """
    while number < len(STEPS) and STEPS[number].done(facts):
        number += 1
    return number
