"""Actions as plain data: there and back, and one line for everything that cannot be read."""

import json
from dataclasses import MISSING, fields
from typing import Any

import pytest

from simulator.procedure.actions.action_codec import check_action, parse_action, to_plain
from simulator.procedure.actions.actions import ACTIONS, Action, Advance, Attach, Wait

SAMPLES: dict[str, Any] = {
    "item": {"review": "imaging", "examine": "neurology", "advise": "driver"},
    "party": "prescriber",
    "test": "pregnancy",
    "drug": "amlodipine",
    "decision": "proceed",
    "posture": "prone",
    "antiseptic": "povidone-iodine",
    "items": ["apron", "mask"],
    "agent": "lidocaine",
    "field_mm": 230.0,
    "mode": "dsa",
    "down": True,
    "bevel": "tuohy",
    "gauge": 18,
    "inserted": False,
    "what": "syringe",
    "question": {"ask": "legs", "answer": "epidurogram"},
    "patient": "Ms A. Berg",
    "level": "L4-L5",
    "side": "left",
    "choice": "muscle",
    "step": "record",
    "held": ["pedal", "plunger"],
}


def sample(kind: type[Action]) -> dict[str, Any]:
    """Plain fields of an action, those without a default only."""
    said = {}
    for item in fields(kind):
        if item.default is MISSING:
            known = SAMPLES.get(item.name, 2.5)
            said[item.name] = known.get(kind.word) if isinstance(known, dict) else known
    return said


@pytest.mark.parametrize("word", ACTIONS)
def test_every_action_comes_back_from_its_plain_form(word: str) -> None:
    read = parse_action({word: sample(ACTIONS[word])})
    assert type(read) is ACTIONS[word]
    assert parse_action(json.loads(json.dumps(to_plain(read)))) == read
    assert check_action(read) == read


def test_defaults_are_left_out_and_bare_words_are_read() -> None:
    assert to_plain(Advance(distance_mm=5.0)) == {"advance": {"distance_mm": 5.0}}
    assert to_plain(parse_action("shoot")) == {"shoot": {}}


def test_whole_numbers_become_lengths_so_that_a_log_reads_back_the_same_bits() -> None:
    assert isinstance(check_action(Wait(duration_s=2)).duration_s, float)  # type: ignore[attr-defined]


def test_a_syringe_may_be_a_mapping_of_agents() -> None:
    pairs = parse_action({"attach": {"what": "syringe", "contents_ml": {"saline": 3}}})
    assert isinstance(pairs, Attach)
    assert pairs.contents_ml == (("saline", 3.0),)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"advnce": {}}, "advnce: unknown action; did you mean 'advance'?"),
        ({"advance": {"distance": 1}}, "advance.distance: unknown key; did you mean 'distance_mm'?"),
        ({"advance": {}}, "advance.distance_mm: is missing"),
        ({"advance": {"distance_mm": "far"}}, "advance.distance_mm: expected a number, got 'far'"),
        ({"advance": {"distance_mm": float("nan")}}, "advance.distance_mm: expected a finite number, got nan"),
        ({"advance": {"distance_mm": True}}, "advance.distance_mm: expected a number, got True"),
        ({"ask": {"question": "leg"}}, "ask.question: no 'leg'; did you mean 'legs'?"),
        (
            {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89, "entry": [1, 2]}},
            "place-needle.entry: expected 3 values, got 2",
        ),
        ({"advance": {}, "shoot": {}}, "expected an action as a mapping with one key"),
        (7, "expected an action as a mapping with one key"),
        ({"shoot": 3}, "shoot: expected keys and values, got 3"),
    ],
)
def test_what_cannot_be_read_is_named(said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?").replace("[", r"\[")):
        parse_action(said)
