"""The engine without its process, on the toy patient: messages in and out, and a clock that the test moves."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.procedure.state.case import Case
from simulator.viewer.common.messages import REQUESTS, EngineNotice, LeaveRequest, RefusedNotice
from simulator.viewer.common.messages import Message as Known
from simulator.viewer.common.wire import Refusal, read
from simulator.viewer.debrief.expert import Expert
from simulator.viewer.engine import worker
from simulator.viewer.engine.worker import Engine, Setup
from simulator.viewer.room import scene
from tests.simulator.procedure.toy import read_scenario, toy_case

Message = dict[str, Any]
CASE = read_scenario().id


class Clock:
    """The machine's clock, which goes where the test says."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Engine]:
    """An engine whose clock stands, whose expert never plays and whose room shows no anatomy, for the toy patient has too little of it."""
    monkeypatch.setattr(worker, "perf_counter", clock)
    monkeypatch.setattr(worker.expert, "begin", lambda *_: Expert(path=tmp_path / "none.json"))
    whole = scene.build
    monkeypatch.setattr(worker, "find_case_target", lambda _: None)
    monkeypatch.setattr(scene, "build", lambda seen, skin, **_: whole(seen, skin))
    found = new_engine(tmp_path)
    yield found
    list(found.take(LeaveRequest()))


def new_engine(attempts: Path, case: Case | None = None) -> Engine:
    """As after a start of the trainer."""
    return Engine(setup=Setup(attempts=attempts, database=str(attempts / "a.sqlite")), cases={CASE: case or toy_case()})


def to_wires(notices: Iterable[EngineNotice]) -> list[Message]:
    """Messages of the engine in their wire form."""
    return [notice.to_wire() for notice in notices]


def admit(message: Message) -> Known | EngineNotice:
    """A message as the page's server checks it where it arrives; what it tells where that refuses it."""
    try:
        return read(message, REQUESTS)
    except Refusal as error:
        return RefusedNotice(why=str(error))


def take(engine: Engine, message: Message) -> list[Message]:
    """What is said at once to a message in its wire form."""
    known = admit(message)
    return to_wires([known] if isinstance(known, EngineNotice) else engine.take(known))


def say(engine: Engine, *messages: Message) -> list[Message]:
    """Messages taken and worked off, each before the next."""
    found: list[Message] = []
    for message in messages:
        found += [*take(engine, message), *to_wires(engine.tick()), *to_wires(engine.tick())]
    return found


def act(engine: Engine, *actions: object) -> list[Message]:
    """Actions in plain form, one by one."""
    return say(engine, *({"act": action} for action in actions))


def run(engine: Engine, clock: Clock, seconds: float, tick_s: float = 0.0625) -> None:
    """Let the clock go on, with the page's heartbeat."""
    for _ in range(round(seconds / tick_s)):
        clock.now_s += tick_s
        say(engine, {"beat": 1})


def until(engine: Engine, message: Message, word: str, *, most: int = 2000) -> list[Message]:
    """A message, and ticks until an answer of a kind has come."""
    found = take(engine, message)
    for _ in range(most):
        found += to_wires(engine.tick())
        if any(word in message for message in found):
            return found
    raise AssertionError(f"no {word!r} came")


def folder_of(engine: Engine) -> Path:
    """Of the attempt in hand."""
    assert engine.dossier is not None
    return engine.dossier.folder


def read_messages(messages: list[Message], word: str) -> list[Any]:
    """What messages of a kind said."""
    return [message[word] for message in messages if word in message]
