"""Messages between browser, page and engine: each kind has a handler and a wire form; whatever else arrives is refused in one line."""

import json
import pickle
import re
from dataclasses import fields
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from simulator.procedure.actions.action_codec import parse_action as read_action
from simulator.procedure.actions.actions import ACTIONS, Shoot
from simulator.viewer.common.messages import (
    BROWSER_NOTICES,
    ENGINE_NOTICES,
    HAND_REQUESTS,
    LET_GO,
    PAGE_REQUESTS,
    REQUESTS,
    ActRequest,
    FrameNotice,
    Hands,
    MonitorSettings,
    Trigger,
)
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.common.wire import Message, Refusal, WireRecord, find_first_field, parse, read
from simulator.viewer.engine import runtime, worker
from simulator.viewer.engine.held_controls import Held
from simulator.viewer.engine.runtime import Runtime
from simulator.xray.image.display import Display
from tests.simulator.procedure.toy import begin_toy

EVERY = REQUESTS | {f"engine {kind}": found for kind, found in ENGINE_NOTICES.items()} | BROWSER_NOTICES
PANELS = resources.files("simulator.viewer.page").joinpath("panels")
SCRIPT = resources.files("simulator.viewer.page").joinpath("static", "suite.js").read_text(encoding="utf-8")

EXAMPLES: dict[str, Any] = {
    "act": "shoot",
    "hold": {"carm": [1, 0, -0.5], "pedal": True},
    "shaft_mm": -1.5,
    "roll_deg": 15,
    "screen": {"size": 1024, "contrast": 1.2},
    "undo": 1,
    "pause": False,
    "slice": "axial-disc",
    "pace": 0.25,
    "replay": 12.5,
    "begin": {"case": "caudal", "mode": "exam", "seed": 3},
    "resume": "/attempts/one",
    "review": "/attempts/\udcff",  # as the disk gives a name that is no text
    "click": {
        "camera": {"position": [0, 1, 2], "focalPoint": [0, 0, 0], "viewUp": [0, 1, 0], "viewAngle": 30},
        "across": 0.5,
        "down": 0.25,
        "aspect": 1.5,
    },
    "export": "images-png.zip",
}
"""What a valid message of each kind says; those that are not here say nothing."""

ANSWERS: dict[str, dict[str, Any]] = {
    "frame": {
        "frame": {"kind": "live", "pulse": 3, "size": 512, "held": False, "mode": "dsa", "given": 4, "delivered": 3},
        "jpeg": b"jpeg",
    },
    "facts": {"facts": {"time": "0:01", "guide": None}},
    "case": {"case": {"id": "caudal"}, "mode": "guided", "folder": "/attempts/one", "past": True},
    "refused": {"refused": "undo: the attempt is over; begin another"},
    "failed": {"failed": "no \udcff", "during": "review"},
    "image": {"image": "axial-disc", "png": b"png"},
    "room": {"room": {"trunk": {"mesh": {}}}, "see_through": True},
    "placements": {"placements": {"carm": {"visibility": True}}, "beam": {"mesh": {}}, "cameras": {"operator": {}}},
    "log": {"log": b"{}"},
    "finished": {"finished": "/attempts/one"},
    "opening": {"opening": 0.5},
    "verified": {"verified": "Replayed to the bit."},
    "debrief": {"debrief": {"grade": 80}},
    "replay": {"replay": {"time": "0:10", "readings": []}},
    "compared": {"compared": [{"name": "needle passes", "own": "2", "expert": ""}], "playing": True},
    "track": {"track": None},
    "exported": {"exported": "images-png.zip", "path": "/attempts/one/images-png.zip"},
    "reported": {"reported": "/attempts/one", "passed": True, "grade": 0.8, "axes": {"safety": 1.0}},
    "restarted": {"restarted": None},
    "role": {"role": "watch"},
    "blank": {"blank": True},
    "here": {"here": True},
}


def scalars() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([19, 63, 400, 5000]).map(lambda digits: 10**digits),
        st.just(5000).map(lambda digits: -(10**digits)),
        st.floats(allow_nan=True, allow_infinity=True),
        st.text(max_size=20),
        st.sampled_from(["\ud800", "\x00", "\n", "live", "true", "1e999", "a" * 1000, b"bytes"]),
    )


def values() -> st.SearchStrategy[Any]:
    names = st.one_of(st.text(max_size=8), st.sampled_from([*REQUESTS, *Hands.model_fields, "settings", "kind", "__class__"]))
    nested = st.recursive(
        scalars(), lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)), max_leaves=12
    )
    return st.one_of(nested, st.just(3000).map(deep), st.sampled_from([object(), {1, 2}, 1 + 2j]))


def deep(levels: int) -> dict[str, Any]:
    """A mapping nested further than Python follows."""
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"act": found}
    return found


def keys() -> st.SearchStrategy[Any]:
    strange = st.one_of(st.sampled_from([5, None, b"act", (1,)]), st.just(5000).map(lambda digits: 10**digits))
    return st.one_of(st.sampled_from([*REQUESTS, *Hands.model_fields]), st.text(max_size=8), strange)


def find_refusal(said: Any, kinds: dict[str, type[Message]], *, text: bool = False) -> str:  # noqa: ANN401
    """The line by which it is refused; nothing where it is a message of those kinds."""
    try:
        message = read(parse(said) if text else said, kinds)
    except Refusal as error:
        return str(error)
    assert type(message) in kinds.values()
    return ""


@seed(20261130)
@settings(max_examples=600, deadline=None)
@given(st.one_of(values(), st.dictionaries(keys(), values(), max_size=3)))
def test_whatever_arrives_is_a_message_or_the_one_refusal(said: Any) -> None:  # noqa: ANN401
    line = find_refusal(said, REQUESTS)
    assert line.isprintable()
    assert len(line) < 500


@seed(20261130)
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(REQUESTS)), values())
def test_any_value_of_a_known_kind_is_a_message_or_the_one_refusal(kind: str, said: Any) -> None:  # noqa: ANN401
    line = find_refusal({kind: said}, REQUESTS)
    assert line.startswith(kind if line else "")
    assert line.isprintable()


@seed(20261130)
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.binary(max_size=40), st.sampled_from(["[", "9", '{"act":']).map(lambda part: part * 9000)))
def test_any_text_is_data_or_the_one_refusal(text: str | bytes) -> None:
    assert find_refusal(text, HAND_REQUESTS, text=True).isprintable()


NO_MESSAGES = ('{"act": "\\ud800"}', '{"undo": NaN}', '{"replay": Infinity}', '{"replay": 1e999}', "", "null", '{"hold": {"pedal": null}}')


@pytest.mark.parametrize("text", NO_MESSAGES)
def test_text_that_is_no_message_is_refused(text: str) -> None:
    assert find_refusal(text, HAND_REQUESTS, text=True)


@seed(20261130)
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ACTIONS)), st.dictionaries(st.text(max_size=8), scalars(), max_size=3))
def test_an_action_that_cannot_be_is_refused_by_the_attempt_and_nothing_else_happens(word: str, said: dict[str, Any]) -> None:
    from simulator.procedure.attempt.attempt import Attempt
    from simulator.procedure.attempt.history import History

    hands = Runtime(attempt=Attempt(history=History(state=begin_toy())))
    try:
        read_action({word: said})
    except ValueError:
        answers = list(hands.take(ActRequest(action={word: said}), 1.0))
        assert [answer.kind for answer in answers] == ["refused"]


@pytest.mark.parametrize("kind", sorted(REQUESTS))
def test_a_request_comes_back_from_its_wire_form(kind: str) -> None:
    said = {kind: EXAMPLES.get(kind, True)}
    message = read(said, REQUESTS)
    assert kind in EXAMPLES or find_first_field(type(message)) is None
    assert set(message.to_wire()) == {kind}
    assert read(message.to_wire(), REQUESTS) == message
    assert pickle.loads(pickle.dumps(message)) == message  # as the pipe to the engine takes it
    if kind in HAND_REQUESTS:
        assert read(parse(json.dumps(message.to_wire())), HAND_REQUESTS) == message


@pytest.mark.parametrize("kind", sorted(ENGINE_NOTICES | BROWSER_NOTICES))
def test_an_answer_comes_back_from_its_wire_form(kind: str) -> None:
    message = read(ANSWERS[kind], ENGINE_NOTICES | BROWSER_NOTICES)
    assert message.to_wire() == ANSWERS[kind]
    assert pickle.loads(pickle.dumps(message)) == message


@pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY)
def test_a_message_is_frozen_and_has_one_word(kind: type[Message]) -> None:
    assert kind.model_config["frozen"]
    assert kind.model_config["extra"] == "forbid"
    assert re.fullmatch(r"[a-z_]+", kind.kind)
    assert kind.__doc__


def test_only_what_hands_do_may_come_from_a_browser() -> None:
    assert set(HAND_REQUESTS) == {"act", "hold", "beat", "shaft_mm", "roll_deg", "screen", "undo", "pause", "slice", "pace", "replay"}
    for kind in PAGE_REQUESTS:
        with pytest.raises(Refusal, match=f"^{kind}: no message of this kind is known"):
            read({kind: EXAMPLES.get(kind, True)}, HAND_REQUESTS)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ({"hold": {"carm": [2, 0, 0]}}, "hold.carm.0: expected less than or equal to 1, got 2"),
        ({"hold": {"pedal": True, "tail": 1}}, "hold.tail: unknown key; did you mean 'table'?"),
        ({"hold": 5}, "hold: expected keys and values, got 5"),
        ({"shaft_mm": 1e9}, "shaft_mm: expected less than or equal to 250, got 1000000000.0"),
        ({"shaft_mm": True}, "shaft_mm: expected a number, got True"),
        ({"undo": -4}, "undo: expected greater than or equal to 1, got -4"),
        ({"act": None}, "act: expected an action's word, or one key with its values, got None"),
        ({"act": "monitor", "hold": {}}, "act: a message says one thing, got 'hold' too; send that apart"),
        ({"begin": {"mode": "exam"}}, "begin.case: is missing; send it too"),
        ({"beat": 0}, "beat: expected true, got 0"),
        ({"shaft": 1}, "shaft: no message of this kind is known; did you mean 'shaft_mm'?"),
        ([], "expected a message such as {act: ...}, got []"),
    ],
)
def test_a_refusal_says_what_was_expected_and_what_came(said: object, line: str) -> None:
    with pytest.raises(Refusal, match=f"^{re.escape(line)}$"):
        read(said, REQUESTS)


def test_what_may_be_held_and_set_is_what_there_is() -> None:
    assert set(Hands.model_fields) == {item.name for item in fields(Held)} - {"beat_s"}
    assert set(MonitorSettings.model_fields) - {"size"} == {item.name for item in fields(Display)}
    assert Display(**{name: value for name, value in MonitorSettings().model_dump().items() if name != "size"}) == Display()
    assert set(LET_GO.hands.changes) == set(Hands.model_fields)
    assert Held(**LET_GO.hands.changes) == Held()


def test_each_request_has_its_handler_in_the_engine() -> None:
    assert set(worker.HANDLERS) == set(REQUESTS.values())
    assert set(runtime.HANDLERS) <= set(REQUESTS.values())


def test_each_answer_and_each_call_has_its_handler_on_the_page() -> None:
    pytest.importorskip("trame", reason="pip install 'epifluoro[viewer]'")
    from simulator.viewer.page import app

    assert set(app.HANDLERS) | {FrameNotice} == set(ENGINE_NOTICES.values())
    trainer = app.Trainer.__new__(app.Trainer)
    trainer.touring = app.Touring(state=None)
    assert set(trainer._list_triggers()) == set(Trigger)


def test_a_message_that_nobody_knows_leaves_the_engine_alive(tmp_path: Path) -> None:
    from simulator.viewer.common.engine_config import Setup

    engine = worker.Engine(setup=Setup(attempts=tmp_path))
    for said in (Message(), {"act": "shoot"}, None):
        (answer,) = engine.take(said)  # type: ignore[arg-type]
        assert answer.kind == "failed"
    assert [mode.value for mode in TrainingMode] == ["guided", "practice", "exam"]


# the page's script and panels


def test_the_script_takes_every_word_from_the_messages() -> None:
    sent = re.findall(r"\bSEND\.(\w+)\(", SCRIPT)
    assert set(sent) <= set(HAND_REQUESTS)
    assert {"act", "hold", "beat", "shaft_mm", "roll_deg", "replay", "pace"} <= set(sent)
    assert set(re.findall(r"\bSEND\b", SCRIPT)) == {"SEND"}
    assert not re.findall(r"say\(\s*\{", SCRIPT)
    assert not re.findall(rf"\{{\s*['\"]?(?:{'|'.join(HAND_REQUESTS)})['\"]?\s*:", SCRIPT)
    assert not re.findall(r"trigger\(\s*['\"]", SCRIPT)
    assert not re.findall(r"'(?:drive|watch|live|reference)'", SCRIPT)
    for name, known in (
        ("TRIGGER", Trigger.__members__),
        ("ROLE", ("DRIVE", "WATCH")),
        ("MONITOR", ("LIVE",)),
        ("NOTICE", ("ROLE", "BLANK")),
    ):
        assert set(re.findall(rf"\b{name}\.(\w+)", SCRIPT)) <= set(known)


def test_each_action_of_the_script_is_one() -> None:
    words = re.findall(r"\bact\(\s*(?:\{\s*)?'?([a-z][a-z-]*)'?", SCRIPT)
    assert len(words) > 5
    assert set(words) - {"action"} <= set(ACTIONS)


def test_no_panel_writes_a_message_by_hand() -> None:
    kinds = "|".join([*REQUESTS, *BROWSER_NOTICES])
    for file in PANELS.iterdir():
        if file.name.endswith(".py"):
            text = file.read_text(encoding="utf-8")
            assert not re.findall(rf"says=[f]?['\"]+\{{+(?:{kinds})\b", text), file.name
            assert not re.findall(rf"\{{(?:{kinds}): ", text), file.name
            assert not re.findall(r"suite\.say\(|trigger\('", text), file.name


def test_every_message_that_a_panel_sends_is_one() -> None:
    pytest.importorskip("trame", reason="pip install 'epifluoro[viewer]'")
    from html import unescape

    from trame.app import get_server

    from simulator.viewer.page.layout import lay_out

    server = get_server("messages", client_type="vue3")
    lay_out(server, lambda *_: None)
    page = unescape(server.state["trame__template_main"])
    assert set(re.findall(r"\btrigger\('([a-z_]+)'", page)) == set(map(str, Trigger))
    sent = re.findall(r"\{(\w+): ", " ".join(re.findall(r'utils\.suite\.say\([^"]*', page)))
    assert {"act", "screen", "undo", "pause", "slice", "shaft_mm", "roll_deg"} <= set(sent)
    acts = re.findall(r"\{act: (?:\{'?([a-z-]+)'?: \{([^}]*)\}|'([a-z-]+)')", page)
    assert len(acts) > 30
    for word, said, bare in acts:
        given = set(re.findall(r"(\w+): ", said))
        assert given <= {item.name for item in fields(ACTIONS[word or bare])}
    for held in re.findall(r"data-hold=\"(\{.*?\})\"", page):
        hands = json.loads(held)
        assert hands == {"plunger": True} or Hands.model_validate(hands).changes


def test_the_script_in_front_makes_each_message() -> None:
    from simulator.viewer.page.script import build_page_script, name_messages

    front = name_messages()
    assert "\n" not in front
    assert build_page_script() == f"{front}\n{SCRIPT}"
    for kind, found in HAND_REQUESTS.items():
        assert (
            f"{kind}: () => ({{{kind}: true}})" if find_first_field(found) is None else f"{kind}: value => ({{{kind}: value}})"
        ) in front


def test_a_misspelt_name_fails_where_it_is_written() -> None:
    from simulator.viewer.common.messages import BeatRequest, ScreenRequest, UndoRequest
    from simulator.viewer.text.expressions import express, express_hold, express_settings

    for wrong in (
        lambda: express(UndoRequest),
        lambda: express(BeatRequest, "1"),
        lambda: express_settings(ScreenRequest, "contast", "it"),
        lambda: express_hold({"peddle": True}),
        lambda: express_hold({"carm": [2, 0, 0]}),
    ):
        with pytest.raises(ValueError, match="expected"):
            wrong()


def test_actions_in_messages_are_read_as_scripts_have_them() -> None:
    message = read({"act": "shoot"}, HAND_REQUESTS)
    assert isinstance(message, ActRequest)
    assert read_action(message.action) == Shoot()
    assert issubclass(ActRequest, WireRecord)


def test_the_page_knows_each_fact_from_the_beginning() -> None:
    from simulator.viewer.common.messages import FACTS
    from simulator.viewer.page.initial_state import NOTHING_YET
    from simulator.viewer.page.tour import NEEDS

    own = {"scenario", "slice_name"}  # of messages beside the facts
    assert FACTS - {"mode"} <= set(NOTHING_YET)
    assert set(NEEDS) - own <= FACTS
    with pytest.raises(Refusal, match="^facts: expected known facts, not 'stage', got"):
        read({"facts": {"stage": "start"}}, ENGINE_NOTICES)
