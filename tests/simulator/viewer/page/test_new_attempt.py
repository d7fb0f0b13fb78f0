"""A new attempt is a fresh start: nothing of the attempt before is left in the page's state, in the engine or in what browsers are sent."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trame.app import get_server

from simulator.procedure.state.case import Case
from simulator.viewer.access.access import Access
from simulator.viewer.common.messages import FactsNotice, FrameHeader, FrameNotice, MonitorKind
from simulator.viewer.common.messages import Message as Known
from simulator.viewer.engine.worker import Engine
from simulator.viewer.page import app, library
from simulator.viewer.page.app import Trainer
from simulator.viewer.page.browser_socket import Viewer
from simulator.viewer.page.initial_state import FRESH
from simulator.viewer.page.options import Options
from tests.laws import count
from tests.simulator.procedure.toy import PLACED, read_scenario, toy_case
from tests.simulator.viewer.engined import CASE, Clock, admit, clock, engine, new_engine

__all__ = ["clock", "engine"]

SEED = 7
STEP_S = 0.13
MODES = ("exam", "practice", "guided")
NUMBERS = frozenset({"attempt"})
"""Of the page's state: a number that tells one attempt's part of the page from the next one's."""
SWITCHES = frozenset({"sound", "voice_on", "pedal_key"})
"""Of the page's state: switches of the browser, which knows the pedal's key and plays the sound, whoever lies on the table."""
LAYOUT = ("trame__inline_style", "trame__template_main")
IDENTITIES = frozenset({"folder", "started", "name", "writer", "path"})
"""Of the engine: an attempt's own folder, the moment at which it began, and its open log."""


class Desk:
    """A page without a server and an engine without a process."""

    def __init__(self, attempts: Path, clock: Clock, case: Case) -> None:
        self.clock = clock
        self.engine: Engine = new_engine(attempts, case)
        access = Access(token="a" * 32, port=1)
        self.trainer = Trainer(Options(access=access, attempts=attempts, database=str(attempts / "a.sqlite"), case=CASE))
        self.trainer.state.ready()  # from here on it knows its variables
        self.trainer.engine.send = self.hear  # type: ignore[method-assign]
        self.trainer.stream.send = self.hear
        self.viewer = Viewer(socket=None)  # type: ignore[arg-type]
        self.trainer.stream.viewers.append(self.viewer)
        self.pending: list[Known] = []

    def hear(self, message: Known) -> None:
        self.pending.append(message)

    def work(self, ticks: int = 3) -> None:
        """Let the engine answer what it was sent, and go on."""
        for _ in range(ticks):
            self.clock.now_s += STEP_S
            while self.pending:
                for notice in self.engine.take(self.pending.pop(0)):
                    self.tell(notice)
            for notice in self.engine.tick():
                self.tell(notice)

    def tell(self, notice: Any) -> None:  # noqa: ANN401
        self.trainer._receive(notice)

    def say(self, message: dict[str, Any]) -> None:
        """What a browser sends over the socket."""
        known = admit(message)
        if isinstance(known, Known) and not hasattr(known, "why"):
            self.hear(known)
        self.work(1)

    def begin(self, mode: str) -> None:
        self.trainer.state.mode_wanted = mode
        self.trainer._begin(CASE)
        self.work()
        assert self.trainer.state.stage == "suite", self.trainer.state.notice

    def leave(self) -> None:
        self.trainer._leave()
        self.work()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Desk]:  # noqa: ARG001
    """Make pages, each of a server of its own, over one folder of attempts and one patient."""
    case, scenario = toy_case(), read_scenario()
    monkeypatch.setattr(app, "_draw_seed", lambda: SEED)
    monkeypatch.setattr(library, "read", lambda _: ({CASE: scenario}, []))
    monkeypatch.setattr(app.asynchronous, "create_task", asyncio.run)
    names = iter(range(1000))
    wanted: list[str] = []
    monkeypatch.setattr(app, "get_server", lambda _name, **options: get_server(wanted[-1], **options))

    def make(name: str) -> Desk:
        wanted.append(f"{name}-{tmp_path.name}-{next(names)}")
        return Desk(tmp_path, clock, case)

    return make


def draw_message(rng: np.random.Generator) -> dict[str, Any]:
    """Something that a page may send."""
    share = float(np.round(rng.uniform(-1, 1), 2))
    drawn: list[dict[str, Any]] = [
        {"hold": {"carm": [share, 0.0, 0.0], "pedal": bool(rng.integers(2))}},
        {"hold": {"table": [0.0, share, 0.0], "thumb": bool(rng.integers(2))}},
        {"hold": {"plunger_ml_s": abs(share), "pedal": True}},
        {"screen": {"inverted": True, "contrast": 1.0 + abs(share), "quarter_turns": int(rng.integers(4))}},
        {"act": {"magnify": {"field_mm": float(rng.choice([300.0, 220.0, 170.0]))}}},
        {"act": {"collimate": {"left_mm": 60.0, "right_mm": 60.0, "top_mm": 70.0, "bottom_mm": 70.0}}},
        {"act": "shoot"},
        {"act": "save-reference"},
        {"act": {"review": {"item": "history"}}},
        {"act": {"mark-skin": {"across": 0.5, "down": 0.5}}},
        {"act": {"commit-belief": {"level": "L4-L5", "side": "left", "compartment": "epidural-dorsal", "confidence": 0.5}}},
        {"shaft_mm": 5.0 * abs(share)},
        {"roll_deg": 30.0 * share},
        {"pause": bool(rng.integers(2))},
        {"pace": 0.1 + abs(share)},
        {"undo": 1},
        {"beat": True},
        *({"act": said} for said in PLACED),
        {"act": {"stylet": {"inserted": False}}},
        {"act": {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 3.0}}}},
    ]
    return drawn[rng.integers(len(drawn))]


def touch_page(desk: Desk) -> None:
    """Let a browser set some of what it sets by itself: forms, tools, folds, the camera of the room."""
    state = desk.trainer.state
    news = {
        **{"tool": "measure", "step_mm": 5, "needle_choice": 1, "rate_ml_s": 1.5, "drawn": [["saline", 2]], "draw_ml": 9, "risks": ["x"]},
        **{"reason": "no", "said_patient": "Nobody", "belief_level": "L1-L2", "confidence": 0.1, "guide_on": False, "kvp_by_hand": 90},
        **{"room_camera": "head", "room_see": False, "help_open": True, "pedal_learning": True, "debrief_tab": "files", "refused": "no"},
        **{"slice_name": "x", "slice_src": "data:", "replay_s": 3, "notice": "told", "tour_at": "pedal", "sound": True},
    }
    assert set(news) <= set(state.to_dict())
    state.update(news)


def play_anything(desk: Desk, rng: np.random.Generator, messages: int) -> None:
    """A random part of an attempt, with images."""
    desk.say({"act": "shoot"})
    for _ in range(messages):
        desk.say(draw_message(rng))
        if rng.random() < 0.2:
            touch_page(desk)
    touch_page(desk)


@pytest.mark.laws
def test_page_and_engine_of_a_new_attempt_are_those_of_a_fresh_start(
    desk: Callable[[str], Desk], clock: Clock, rng: np.random.Generator
) -> None:
    for turn in range(count(2, 20)):
        used = desk("used")
        used.begin(str(rng.choice(["guided", "practice", "exam"])))
        play_anything(used, rng, count(int(rng.integers(5, 15)), int(rng.integers(5, 60))))
        used.leave()
        fresh = desk("fresh")
        for one in (used, fresh):
            asyncio.run(one.trainer._load_memory())
        assert_same_page(used, fresh)
        for one in (used, fresh):
            clock.now_s = 1000.0 + turn
            one.begin(MODES[turn % len(MODES)])
        assert_same_page(used, fresh)
        assert list(find_differences(used.engine, fresh.engine, "engine")) == []
        assert_same_answers(used, fresh, clock)
        used.leave()
        fresh.leave()


def test_after_a_debrief_too(desk: Callable[[str], Desk], clock: Clock, rng: np.random.Generator) -> None:
    used = desk("used")
    used.begin("practice")
    play_anything(used, rng, 10)
    used.say({"act": "finish"})
    used.work(4)
    assert used.trainer.state.debrief
    touch_page(used)
    used.leave()
    fresh = desk("fresh")
    for one in (used, fresh):
        asyncio.run(one.trainer._load_memory())
        clock.now_s = 1000.0
        one.begin("exam")
    assert_same_page(used, fresh)
    assert list(find_differences(used.engine, fresh.engine, "engine")) == []
    used.leave()
    fresh.leave()


def test_what_comes_late_of_an_attempt_that_was_left_is_for_nobody(desk: Callable[[str], Desk]) -> None:
    used = desk("used")
    used.begin("guided")
    used.say({"act": "shoot"})
    assert used.trainer.stream.latest
    used.leave()
    header = FrameHeader(kind=MonitorKind.LIVE, pulse=1, size=512, held=True)
    used.tell(FrameNotice(header=header, jpeg=b"late"))
    used.tell(FactsNotice(facts={"time": "9:99", "trouble": "late"}))
    assert not used.trainer.stream.latest
    assert used.viewer.waiting == {}
    assert used.trainer.state.time == "0:00"
    assert used.trainer.state.trouble == ""


def test_every_browser_is_told_to_forget(desk: Callable[[str], Desk]) -> None:
    used = desk("used")
    used.begin("guided")
    used.say({"act": "shoot"})
    assert used.viewer.waiting
    used.viewer.words.clear()
    used.leave()
    used.begin("exam")
    assert used.viewer.waiting == {}
    assert [word.to_wire() for word in used.viewer.words] == [{"blank": True}, {"blank": True}]


def test_the_fields_of_the_shaft_start_at_its_angles_and_keep_what_is_typed(desk: Callable[[str], Desk]) -> None:
    used = desk("used")
    used.begin("guided")
    state = used.trainer.state
    for said in (*PLACED[:2], {"aim-needle": {"oblique_deg": 12.0, "tilt_deg": -7.0}}):
        used.say({"act": said})
        used.work(2)
    assert (state.aim_oblique, state.aim_tilt) == (12, -7)
    state.aim_oblique = 20
    used.say({"act": {"advance": {"distance_mm": 5.0}}})
    used.work(2)
    assert (state.aim_oblique, state.aim_tilt) == (20, -7)
    used.say({"act": {"aim-needle": {"oblique_deg": 3.0, "tilt_deg": -7.0}}})
    used.work(2)
    assert (state.aim_oblique, state.aim_tilt) == (3, -7)


def assert_same_answers(used: Desk, fresh: Desk, clock: Clock) -> None:
    """The same first image, and the same page with it."""
    for one in (used, fresh):
        clock.now_s = 5000.0
        one.say({"act": "shoot"})
        one.work()
    assert used.trainer.stream.latest == fresh.trainer.stream.latest
    assert used.trainer.stream.latest
    assert_same_page(used, fresh)


def assert_same_page(used: Desk, fresh: Desk) -> None:
    """Every variable of the page, and every frame that browsers would be sent."""
    one, other = read_state(used), read_state(fresh)
    left = NUMBERS | SWITCHES
    assert sorted(one) == sorted(other)
    assert len(one) > len(FRESH)
    different = [
        name for name in sorted(one) if name not in left and name != "mode_wanted" and list(find_differences(one[name], other[name], name))
    ]
    assert different == []
    assert sorted(used.trainer.stream.latest) == sorted(fresh.trainer.stream.latest)


def read_state(desk: Desk) -> dict[str, Any]:
    """Every variable of the page; of its layout trame numbers the parts over all pages of a process."""
    return {name: value for name, value in desk.trainer.state.to_dict().items() if not name.startswith(LAYOUT)}


def find_differences(one: object, other: object, where: str) -> Iterator[str]:
    """Places at which two things differ, whatever they are made of."""
    if one is other or where.rpartition(".")[2] in IDENTITIES:
        return
    parts, others = take_apart(one), take_apart(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        if one != other:
            yield f"{where}: {one}, {other}"
    elif type(one) is not type(other):
        yield f"{where}: {type(one).__name__}, {type(other).__name__}"
    elif parts is None or others is None:
        if differ(one, other):
            yield f"{where}: {one!r}, {other!r}"
    elif set(parts) != set(others):
        yield f"{where}: other parts: {set(parts) ^ set(others)}"
    else:
        for name in parts:
            yield from find_differences(parts[name], others[name], f"{where}.{name}")


def take_apart(thing: object) -> dict[str, object] | None:
    """What a thing is made of; None where it is one number or word, or not ours."""
    if isinstance(thing, dict):
        return {str(key): value for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return {str(number): value for number, value in enumerate(thing)}
    if is_dataclass(thing):
        return {item.name: getattr(thing, item.name) for item in fields(thing)}
    ours = hasattr(thing, "__dict__") and type(thing).__module__.startswith("simulator")
    return dict(vars(thing)) if ours else None


def differ(one: object, other: object) -> bool:
    """Whether two numbers, words or arrays differ; what says nothing of equality does not."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return not np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return type(one).__eq__ is not object.__eq__ and one != other
