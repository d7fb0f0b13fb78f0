"""The clock: simulated time and the machine's agree, idle and busy, and what is held ends when nothing is heard of the page."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from scenarios.names.enums import HeldPart
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import Advance, LetGo, Pedal, Wait
from simulator.procedure.attempt.attempt import Attempt
from simulator.procedure.attempt.history import History
from simulator.procedure.measuring.measure import measure
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.messages import DropRequest
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.engine.held_controls import BEAT_S, DRIVE_BEAT_S, name_parts
from simulator.viewer.engine.runtime import IDLE_S, MOST_BEHIND_S, Runtime
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, do, place_in_epidural
from tests.simulator.viewer.engined import admit, to_wires

Message = dict[str, Any]

AGREES = 0.01  # simulated time against the machine's
MINUTE_S = 60.0
BEAT_EVERY_S = 0.15  # as the page's script beats
FOREVER_S = 1e9
SETTLES: Message = {"act": {"commit-belief": {"level": "L4-L5", "side": "left", "compartment": "epidural-dorsal", "confidence": 0.5}}}
CONTRAST = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 10.0}}}


@dataclass(kw_only=True)
class Machine:
    """An engine's loop on a clock that the test moves: it waits as long as it may, takes what has come, and ticks, which takes time."""

    runtime: Runtime
    rng: np.random.Generator
    busy_s: float = 0.0
    now_s: float = 100.0
    post: list[tuple[float, Message]] = field(default_factory=list)
    told: list[Message] = field(default_factory=list)

    def send(self, at_s: float, message: Message) -> None:
        """What a page will send then."""
        self.post.append((at_s, message))
        self.post.sort(key=lambda item: item[0])

    def run(self, until_s: float) -> None:
        """Go on until a moment; a tick takes up to `busy_s`, seldom a hundred times as long as it should."""
        while self.now_s < until_s:
            wakes_s = self.now_s + self.runtime.wait_s(self.now_s)
            self.now_s = max(self.now_s, min(wakes_s, self.post[0][0] if self.post else FOREVER_S, until_s))
            came = [item for item in self.post if item[0] <= self.now_s]
            self.post = self.post[len(came) :]
            for at_s, message in came:
                self.told += to_wires(self.runtime.take(admit(message), at_s))  # type: ignore[arg-type]
            self.told += to_wires(self.runtime.tick(self.now_s))
            self.now_s += float(self.rng.uniform(0.0, self.busy_s)) if self.rng.random() < 0.5 else 0.001

    @property
    def state(self) -> ProcedureState:
        return self.runtime.state


def make_machine(rng: np.random.Generator, busy_s: float = 0.0, *, back_mm: float = 0.0) -> Machine:
    """With a needle in the epidural space or so far short of it, contrast medium on it, and nobody at the monitor."""
    back = ({"withdraw": {"distance_mm": back_mm}},) if back_mm else ()
    state = do(place_in_epidural(begin_toy()), *back, CONTRAST, {"move-carm": {"oblique_deg": 0.0}})
    runtime = Runtime(attempt=Attempt(history=History(state=state)), mode=TrainingMode.PRACTICE)
    runtime.monitors.deliver_frames = lambda **_: iter(())  # type: ignore[method-assign]
    machine = Machine(runtime=runtime, rng=rng, busy_s=busy_s)
    machine.told += to_wires(runtime.tick(machine.now_s))
    return machine


def draw_hands(rng: np.random.Generator) -> Message:
    """What may be held at once, at random; the thumb is for another syringe."""
    held: Message = {}
    if rng.random() < 0.5:
        held["pedal"] = True
    if rng.random() < 0.4:
        held["plunger_ml_s"] = float(np.round(rng.uniform(0.02, 0.2), 3))
    if rng.random() < 0.4:
        held["carm"] = [float(np.round(rng.uniform(-1, 1), 2)), float(np.round(rng.uniform(-1, 1), 2)), 0.0]
    if rng.random() < 0.3:
        held["table"] = [0.0, 0.0, float(np.round(rng.uniform(-1, 1), 2))]
    return held


LET: Message = {"pedal": False, "plunger_ml_s": 0.0, "carm": [0, 0, 0], "table": [0, 0, 0], "thumb": False}


def plan_holds(machine: Machine, rng: np.random.Generator, seconds: float) -> None:
    """A page on which one thing after another is held for a while, with its heartbeats."""
    at_s, end_s = machine.now_s + 0.01, machine.now_s + seconds
    while at_s < end_s:
        held_s = float(rng.uniform(0.1, 4.0))
        machine.send(at_s, {"hold": LET | draw_hands(rng)})
        for number in range(1, int(held_s / BEAT_EVERY_S) + 1):
            machine.send(at_s + number * BEAT_EVERY_S, {"beat": True})
        machine.send(at_s + held_s, {"hold": LET})
        at_s += held_s + float(rng.uniform(0.0, 3.0))


def take_time(machine: Machine, seconds: float) -> float:
    """How long it was in the room while the machine went on for so long, s."""
    before_s = machine.state.time_s
    machine.run(machine.now_s + seconds)
    return machine.state.time_s - before_s


def test_an_idle_minute_is_a_minute(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    assert take_time(machine, MINUTE_S) == pytest.approx(MINUTE_S, rel=AGREES)


@pytest.mark.laws
@pytest.mark.parametrize("busy_s", [0.0, 0.5, 3.0])
def test_simulated_time_agrees_with_the_machines_whatever_is_held_and_however_busy_it_is(rng: np.random.Generator, busy_s: float) -> None:
    for _ in range(count(1, 20)):
        machine = make_machine(rng, busy_s, back_mm=float(rng.choice([0.0, 3.0, 6.0])))
        began_s, before_s = machine.now_s, machine.state.time_s
        plan_holds(machine, rng, MINUTE_S - 5.0)
        machine.run(began_s + MINUTE_S)
        machine.send(machine.now_s, SETTLES)
        machine.run(machine.now_s + 0.01)
        found_s = [message["refused"] for message in machine.told if "refused" in message]
        assert [line for line in found_s if not line.startswith(("move-", "the C-arm"))] == []
        beliefs = [item for item in machine.state.done if item.action.word == "commit-belief"]
        assert beliefs[-1].start_s - before_s == pytest.approx(machine.runtime._now_s - began_s, rel=AGREES)


@pytest.mark.laws
@pytest.mark.parametrize("busy_s", [0.0, 2.0])
def test_a_plunger_gives_what_it_was_held_for_not_what_the_machine_was_late_by(rng: np.random.Generator, busy_s: float) -> None:
    for _ in range(count(4, 60)):
        machine = make_machine(rng, busy_s)
        held_s, rate = float(rng.uniform(1.0, 4.0)), 0.1
        machine.send(machine.now_s + 0.5, {"hold": {"plunger_ml_s": rate}})
        for number in range(1, int(held_s / BEAT_EVERY_S) + 1):
            machine.send(machine.now_s + 0.5 + number * BEAT_EVERY_S, {"beat": True})
        machine.send(machine.now_s + 0.5 + held_s, {"hold": {"plunger_ml_s": 0.0}})
        machine.run(machine.now_s + 12.0)
        assert 10.0 - machine.state.tray.left_ml == pytest.approx(rate * held_s, abs=rate * 0.16)


@pytest.mark.parametrize("back_mm", [3.0, 6.0])
def test_a_plunger_that_goes_hard_takes_no_longer_than_it_is_held(rng: np.random.Generator, back_mm: float) -> None:
    machine = make_machine(rng, back_mm=back_mm)
    began_s, before_s, held_s = machine.now_s, machine.state.time_s, 3.0
    machine.send(began_s, {"hold": {"pedal": True, "plunger_ml_s": 1.0}})
    for number in range(1, int(held_s / BEAT_EVERY_S) + 1):
        machine.send(began_s + number * BEAT_EVERY_S, {"beat": True})
    machine.run(began_s + held_s)
    assert machine.state.time_s - before_s == pytest.approx(held_s, abs=0.2)
    assert machine.state.room.dose.fluoro_s == pytest.approx(held_s, abs=0.3)


def test_time_before_the_pedal_gives_no_pulses(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    machine.run(machine.now_s + 0.9 * IDLE_S)
    machine.send(machine.now_s, {"hold": {"pedal": True}})
    machine.run(machine.now_s + 0.2)
    dose = machine.state.room.dose
    assert dose.fluoro_s <= 0.2 + 2 / machine.state.room.technique.pulses_per_s


def test_a_machine_that_was_asleep_drops_the_rest(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    machine.now_s += 3600.0
    before_s = machine.state.time_s
    machine.told += to_wires(machine.runtime.tick(machine.now_s))
    assert machine.state.time_s - before_s == pytest.approx(MOST_BEHIND_S, abs=IDLE_S)


def test_drives_together_share_the_time_so_that_dose_is_that_of_the_clock(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    held = {"pedal": True, "carm": [1.0, 0.0, 0.0], "table": [0.0, 0.0, 1.0], "plunger_ml_s": 0.05}
    began_s = machine.now_s
    machine.send(began_s, {"hold": held})
    for number in range(1, 20):
        machine.send(began_s + number * BEAT_EVERY_S, {"beat": True})
    machine.send(began_s + 3.0, {"hold": LET})
    machine.run(began_s + 3.5)
    assert machine.state.room.dose.fluoro_s == pytest.approx(3.0, abs=0.3)


# silence


def find_drops(machine: Machine) -> list[LetGo]:
    return [item.action for item in machine.state.done if isinstance(item.action, LetGo)]


@pytest.mark.laws
@pytest.mark.parametrize("busy_s", [0.0, 1.5])
def test_what_is_held_ends_with_the_heartbeats_and_the_log_says_that_the_system_did_it(rng: np.random.Generator, busy_s: float) -> None:
    """Pedal, plunger and thumb at once; then the drives; nothing that was injected was injected unseen."""
    for _ in range(count(12, 200)):
        machine = make_machine(rng, busy_s)
        hands = draw_hands(rng) | ({"thumb": True} if rng.random() < 0.3 else {})
        began_s, heard_s = machine.now_s + 0.1, float(rng.uniform(0.0, 2.0))
        machine.send(began_s, {"hold": LET | hands})
        beats = [began_s + number * BEAT_EVERY_S for number in range(1, int(heard_s / BEAT_EVERY_S) + 1)]
        for at_s in beats:
            machine.send(at_s, {"beat": True})
        last_s, before_s = (beats or [began_s])[-1], machine.state.time_s
        machine.run(last_s + 4.0)
        wanted = {
            HeldPart.PEDAL: "pedal" in hands,
            HeldPart.PLUNGER: "plunger_ml_s" in hands,
            HeldPart.THUMB: "thumb" in hands,
            HeldPart.CARM: hands.get("carm", [0, 0, 0]) != [0, 0, 0],
            HeldPart.TABLE: hands.get("table", [0, 0, 0]) != [0, 0, 0],
        }
        dropped = find_drops(machine)
        refused = any("refused" in message for message in machine.told)
        assert refused or sorted(part for item in dropped for part in item.held) == sorted(part for part, held in wanted.items() if held)
        assert all(
            item.silent_s == pytest.approx(DRIVE_BEAT_S if HeldPart.CARM in item.held or HeldPart.TABLE in item.held else BEAT_S)
            for item in dropped
        )
        assert name_parts(machine.runtime.held) == ()
        assert not machine.state.room.pedal
        assert bool(machine.runtime.lost.words) == bool(dropped)
        assert_nothing_unseen(machine, before_s, pedal="pedal" in hands)


def assert_nothing_unseen(machine: Machine, since_s: float, *, pedal: bool) -> None:
    """Of injections since then: with the pedal all of it was live, and none ends after pedal and plunger were let go."""
    given = [item for item in machine.state.injections if item.start_s >= since_s]
    stops = [item.end_s for item in machine.state.done if isinstance(item.action, LetGo)]
    for item in given:
        assert item.end_s <= stops[0] + 1e-6
        assert not pedal or item.live_ml == item.delivered_ml


def test_the_page_says_why_and_for_how_long(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    began_s = machine.now_s
    machine.send(began_s, {"hold": {"pedal": True, "plunger_ml_s": 0.1}})
    machine.send(began_s + 2.0, {"beat": True})
    machine.send(began_s + 4.0, {"hold": {"pedal": True}})
    machine.run(began_s + 1.0)
    assert machine.runtime.lost.words == "Nothing is heard of this page: pedal and plunger were let go."
    machine.run(began_s + 2.5)
    words = "The connection was lost for 2.0 s: pedal and plunger were let go. Press again to go on; it costs nothing."
    assert machine.runtime.lost.words == words
    machine.run(began_s + 4.3)
    assert machine.runtime.lost.words == ""
    told = [message["facts"]["lost"] for message in machine.told if "lost" in message.get("facts", {})]
    assert told[-2:] == [words, ""]
    assert "connection lost: pedal and plunger were let go by the system" in [item.text for item in machine.state.events]


def test_a_page_that_goes_lets_go_by_nobodys_decision(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    machine.send(machine.now_s, {"hold": {"pedal": True, "plunger_ml_s": 0.1}})
    machine.run(machine.now_s + 0.3)
    points = len(machine.runtime.attempt.history.past)
    machine.told += to_wires(machine.runtime.take(DropRequest(), machine.now_s))
    assert find_drops(machine)[-1].held == (HeldPart.PEDAL, HeldPart.PLUNGER)
    assert not machine.state.room.pedal
    assert len(machine.runtime.attempt.history.past) == points


def test_pushes_made_while_the_thumb_was_lost_are_not_made(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    machine.send(machine.now_s, {"hold": {"thumb": True}})
    machine.send(machine.now_s + 1.0, {"shaft_mm": 5.0})
    machine.send(machine.now_s + 3.0, {"shaft_mm": 0.5})
    machine.run(machine.now_s + 2.0)
    assert not any(isinstance(item.action, Advance) and item.action.continued for item in machine.state.done)
    machine.run(machine.now_s + 2.0)
    assert [item.action.distance_mm for item in machine.state.done if isinstance(item.action, Advance) and item.action.continued] == [0.5]


@pytest.mark.laws
def test_nobody_loses_points_for_a_lost_connection(rng: np.random.Generator) -> None:
    """What is measured of an attempt is the same as if the trainee had let go then."""
    for _ in range(count(2, 20)):
        machine = make_machine(rng)
        machine.send(machine.now_s, {"hold": draw_hands(rng) | {"pedal": True, "plunger_ml_s": 0.2}})
        machine.run(machine.now_s + 3.0)
        first = machine.runtime.course.states[0]
        actions = [item.action for item in machine.state.done[len(first.done) :]]
        assert any(isinstance(action, LetGo) for action in actions)
        kept, own = [first], [first]
        for action in actions:
            kept.append(step(kept[-1], action))
            told = [Pedal(down=False)] if isinstance(action, LetGo) else [action]
            for mine in told:
                own.append(step(own[-1], mine))
        assert measure(list_from_start(kept)) == measure(list_from_start(own))


def list_from_start(states: list[ProcedureState]) -> list[ProcedureState]:
    """The states with those before the first one, played again."""
    found = [begin_toy()]
    for item in states[0].done:
        found.append(step(found[-1], item.action))
    return [*found, *states[1:]]


def test_a_browser_cannot_say_that_the_system_let_go(rng: np.random.Generator) -> None:
    machine = make_machine(rng)
    machine.send(machine.now_s, {"act": {"let-go": {"held": ["pedal"]}}})
    machine.run(machine.now_s + 0.1)
    assert any("let-go" in message.get("refused", "") for message in machine.told)
    assert not find_drops(machine)
    assert isinstance(parse_action({"let-go": {"held": ["pedal"]}}), LetGo)
    assert not isinstance(machine.state.done[-1].action, Wait)
