"""The tour goes on by what was done, never by what was only begun; every step has its words."""

from typing import Any

import pytest

from simulator.viewer.page.tour import CLOSE_MM, STEPS, advance_step
from simulator.viewer.text.strings import text

NUMBER = {step.key: number for number, step in enumerate(STEPS)}
LEAVES = (None, None, None, None)


def facts(**said: Any) -> dict[str, Any]:  # noqa: ANN401
    """What the page knows before anything was done, but for what is said."""
    chart = {"reviewed": [], "examined": [], "decision": None, "consent": False, "protection": [], "monitored": False}
    chart |= {"posture": None, "time_out": None, "antiseptic": None, "advice": []}
    known = {
        "chart": chart,
        "scenario": {"reviews": ["history", "medication"], "questions": [{}, {}]},
        "readouts": {"exposures": 0, "fluoro_s": 0.0, "oblique_deg": 0.0, "leaves_mm": LEAVES},
        "needle": None,
        "hub": {"attached": "nothing", "contents": [], "left_ml": 0},
        **{"events": [], "beliefs": [], "answers": {}, "marked": False, "over": False, "saved": 0, "guide": None, "slice_name": ""},
    }
    return {name: value | said.get(name, {}) if isinstance(value, dict) else said.get(name, value) for name, value in known.items()}


def draw_rings(target: tuple[float, float], entry: tuple[float, float]) -> dict[str, Any]:
    return {"target": list(target), "entry": list(entry), "ring": 1.0}


def at(key: str, now: dict[str, Any], since: dict[str, Any] | None = None) -> str:
    """The step that is due, from one that was."""
    return STEPS[advance_step(NUMBER[key], now, since or facts())].key


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.key)
def test_every_step_has_words(step: Any) -> None:  # noqa: ANN401
    assert len(text(f"tour.{step.key}")) > 10


def test_a_step_that_waits_is_never_done_by_itself() -> None:
    assert at("welcome", facts(over=True)) == "welcome"


def test_reading_all_of_the_record_is_a_step_and_half_of_it_is_none() -> None:
    assert at("record", facts(chart={"reviewed": ["history"]})) == "record"
    assert at("record", facts(chart={"reviewed": ["history", "medication"]})) == "images"


def test_only_beam_since_the_step_began_counts() -> None:
    shot = facts(readouts={"exposures": 3})
    assert at("look", shot, since=shot) == "look"
    assert at("look", facts(readouts={"exposures": 4}), since=shot) == "stylet"


def test_rings_are_centred_and_over_each_other() -> None:
    assert at("table", facts(guide=draw_rings((49.1, 72.0), (48.0, 71.0)))) == "table"
    assert at("table", facts(guide=draw_rings((49.1, 52.0), (48.0, 51.0)))) == "collimate"
    assert at("barrel", facts(guide=draw_rings((50.0, 50.0), (51.3, 50.0)))) == "barrel"
    assert at("barrel", facts(guide=draw_rings((50.0, 50.0), (50.4, 50.2)))) == "mark"
    assert at("barrel", facts(guide=None)) == "barrel"


def test_the_needle_stops_close_behind_the_ligament() -> None:
    needle = {"length_mm": 89, "outside_mm": 89 - CLOSE_MM + 2, "stylet": True}
    assert at("close", facts(needle=needle)) == "close"
    assert at("close", facts(needle=needle | {"outside_mm": 89 - CLOSE_MM})) == "look"


def test_an_aspiration_before_the_step_does_not_count() -> None:
    event, full = {"kind": "flow", "text": "aspiration: nothing"}, {"left_ml": 5.0}
    once, twice = facts(events=[event], hub=full), facts(events=[event, event], hub=full)
    assert at("aspirate-again", once, since=once) == "aspirate-again"
    assert at("aspirate-again", twice, since=once) == "give"
