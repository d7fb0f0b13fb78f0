"""The procedure by the clock: pulses when they are due, hands that let go, frames of the newest pulse, and nothing that a page invents."""

import errno
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.attempt.attempt import Attempt, act, start
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.history import History
from simulator.procedure.attempt.replay import replay
from simulator.procedure.imaging import develop, expose
from simulator.viewer.common.messages import BeatRequest, EngineNotice
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.engine.held_controls import BEAT_S
from simulator.viewer.engine.runtime import SETTLED_S, Runtime
from tests.simulator.procedure.toy import PLACED, begin_toy, place_in_epidural, toy_case
from tests.simulator.viewer.engined import admit, to_wires

Message = dict[str, Any]
TICK_S = 0.02


class Hands:
    """A runtime with a clock that the test moves."""

    def __init__(self, mode: TrainingMode = TrainingMode.GUIDED, *before: object, state: object = None) -> None:
        attempt = Attempt(history=History(state=state or begin_toy()))  # type: ignore[arg-type]
        for said in before:
            attempt = act(attempt, parse_action(said))
        self.runtime = Runtime(attempt=attempt, mode=mode)
        self.now_s = 100.0
        self.out: list[Message] = []
        self.run(TICK_S)

    def say(self, *messages: Message) -> list[Message]:
        found = [answer for message in messages for answer in self.take(message)]
        self.out += found
        return found

    def take(self, message: Message) -> list[Message]:
        known = admit(message)
        return to_wires([known] if isinstance(known, EngineNotice) else self.runtime.take(known, self.now_s))

    def run(self, seconds: float, *, beat: bool = True) -> list[Message]:
        found: list[Message] = []
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            if beat:
                found += to_wires(self.runtime.take(BeatRequest(), self.now_s))
            found += to_wires(self.runtime.tick(self.now_s))
        self.out += found
        return found

    @property
    def state(self):  # noqa: ANN201
        return self.runtime.state


def frames(messages: list[Message]) -> list[Message]:
    return [message["frame"] for message in messages if "frame" in message]


def refusals(messages: list[Message]) -> list[str]:
    return [message["refused"] for message in messages if "refused" in message]


@pytest.mark.parametrize("rate", [4.0, 8.0, 15.0])
def test_pulses_come_when_they_are_due(rate: float) -> None:
    hands = Hands()
    hands.say({"act": {"set-technique": {"pulses_per_s": rate}}})
    hands.run(0.1)
    hands.say({"hold": {"pedal": True}})
    told = hands.run(2.0)
    given = hands.runtime.monitors.monitor.given
    assert abs(given - 2.0 * rate) <= 2
    assert hands.state.room.dose.fluoro_s == pytest.approx(given / rate)
    assert len(frames(told)) >= 0.95 * given


def test_simulated_time_keeps_to_the_clock_while_the_pedal_is_down() -> None:
    hands = Hands()
    hands.say({"hold": {"pedal": True}})
    before = hands.state.time_s
    hands.run(3.0)
    assert hands.state.time_s - before == pytest.approx(3.0, abs=0.2)


def test_the_pedal_is_let_go_when_the_page_falls_silent() -> None:
    hands = Hands()
    hands.say({"hold": {"pedal": True}})
    hands.run(1.0)
    assert hands.state.room.pedal
    hands.run(BEAT_S + 0.1, beat=False)
    assert not hands.state.room.pedal
    given = hands.runtime.monitors.monitor.given
    hands.run(1.0, beat=False)
    assert hands.runtime.monitors.monitor.given == given


def test_a_long_silence_before_a_press_does_not_let_go_of_it() -> None:
    hands = Hands()
    hands.now_s += 60.0
    hands.say({"hold": {"pedal": True}})
    hands.run(0.3)
    assert hands.state.room.pedal


def test_a_drive_moves_at_the_speed_of_the_unit_and_stops_at_its_end() -> None:
    hands = Hands()
    hands.say({"hold": {"carm": [1, 0, 0]}})
    hands.run(2.0)
    hands.say({"hold": {"carm": [0, 0, 0]}})
    assert hands.state.room.pose.oblique_deg == pytest.approx(24.0, abs=1.0)
    assert hands.state.time_s == pytest.approx(2.0, abs=0.2)
    hands.say({"hold": {"carm": [0, 0, 1]}})
    hands.run(4.0)
    low, high = hands.state.case.scenario.equipment.carm.swivel_deg
    assert hands.state.room.pose.swivel_deg == high
    assert low < high


def test_a_drive_is_one_decision_that_undo_takes_back() -> None:
    hands = Hands()
    hands.say({"hold": {"carm": [1, 0, 0]}})
    hands.run(1.0)
    hands.say({"hold": {"carm": [0, 0, 0]}})
    hands.run(0.1)
    hands.say({"undo": 1})
    assert hands.state.room.pose.oblique_deg == 0.0
    assert len(hands.runtime.course.states) == len(hands.state.done) + 1


def test_nothing_is_taken_back_once_the_attempt_is_over() -> None:
    hands = Hands()
    hands.say({"act": "finish"})
    hands.run(0.1)
    assert refusals(hands.say({"undo": 1})) == ["undo: the attempt is over; begin another"]
    assert hands.state.over is not None


def test_only_guided_mode_takes_back_and_shows_the_target() -> None:
    for mode in (TrainingMode.PRACTICE, TrainingMode.EXAM):
        hands = Hands(mode)
        hands.say({"act": "monitor"})
        hands.run(0.1)
        assert "takes nothing back" in refusals(hands.say({"undo": 1}))[0]
        assert not hands.runtime.allowed.reveal


def test_exam_mode_neither_pauses_nor_hints() -> None:
    hands = Hands(TrainingMode.EXAM)
    assert "stand still" in refusals(hands.say({"pause": True}))[0]
    assert "gives none" in refusals(hands.say({"hint": 1}))[0]


def test_a_hint_costs_in_practice_and_not_when_guided() -> None:
    for mode, costed in ((TrainingMode.GUIDED, False), (TrainingMode.PRACTICE, True)):
        hands = Hands(mode)
        hands.say({"hint": 1})
        hands.run(0.1)
        assert hands.state.done[-1].action.costed is costed
        assert hands.state.events[-1].text.startswith("Read history")


def test_the_clock_stands_still_while_paused() -> None:
    hands = Hands(TrainingMode.PRACTICE)
    hands.say({"hold": {"pedal": True}})
    hands.run(0.5)
    hands.say({"pause": True})
    before = hands.state.time_s
    hands.run(2.0)
    assert not hands.state.room.pedal
    assert hands.state.time_s == before
    hands.say({"pause": False}, {"hold": {"pedal": True}})
    hands.run(0.5)
    assert hands.state.time_s > before


def test_the_wheel_moves_the_needle_and_an_impossible_push_is_told() -> None:
    hands = Hands(TrainingMode.GUIDED, *PLACED)
    depth = hands.state.needle.depth_mm
    hands.say({"shaft_mm": 1.0}, {"shaft_mm": 1.0})
    hands.run(0.1)
    assert hands.state.needle.depth_mm == pytest.approx(depth + 2.0, abs=0.05)
    hands.say({"shaft_mm": -240.0})
    assert refusals(hands.run(0.1))


def test_pushes_on_their_way_when_the_plunger_gives_are_not_made() -> None:
    hands = Hands(
        TrainingMode.GUIDED,
        *PLACED,
        {"advance": {"distance_mm": 46.0}},
        {"stylet": {"inserted": False}},
        {"attach": {"what": "lor-saline"}},
    )
    hands.say({"hold": {"thumb": True}})
    hands.run(0.1)
    hands.say({"shaft_mm": 8.0})
    hands.run(TICK_S)
    assert hands.state.feel.gave
    depth = hands.state.needle.depth_mm
    hands.say({"shaft_mm": 1.0}, {"shaft_mm": 1.0})
    hands.run(0.1)
    assert hands.state.needle.depth_mm == depth
    assert not hands.runtime.held.thumb
    hands.run(1.0)
    hands.say({"shaft_mm": 0.5})
    hands.run(0.1)
    assert hands.state.needle.depth_mm > depth


def test_a_held_plunger_gives_its_rate_and_stops_when_the_syringe_is_empty() -> None:
    hands = Hands(state=place_in_epidural(begin_toy()))
    hands.say({"act": {"attach": {"what": "nothing"}}}, {"act": {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 1.0}}}})
    hands.run(0.1)
    hands.say({"hold": {"plunger_ml_s": 0.4}})
    hands.run(1.0)
    given = sum(volume for item in hands.state.injections[-1:] for _, volume in item.delivered_ml)
    assert given == pytest.approx(0.4, abs=0.1)
    hands.run(4.0)
    assert hands.state.tray.left_ml == pytest.approx(0.0, abs=0.01)
    assert hands.runtime.held.plunger_ml_s == 0
    assert len([item for item in hands.state.injections if dict(item.delivered_ml).get("iohexol 240", 0) > 0]) == 1


def test_a_moving_carm_is_binned_and_sharpened_once_it_stands() -> None:
    hands = Hands()
    hands.say({"screen": {"size": 1024}}, {"hold": {"pedal": True}})
    assert frames(hands.run(0.5))[-1]["size"] == 1024
    hands.say({"hold": {"carm": [1, 0, 0]}})
    hands.run(0.4)
    assert frames(hands.run(0.3))[-1]["size"] == 512
    hands.say({"hold": {"carm": [0, 0, 0], "pedal": False}})
    last = frames(hands.run(SETTLED_S + 0.3))[-1]
    assert last["size"] == 1024
    assert last["held"]


def test_a_rough_image_is_drawn_again_in_full_once_the_carm_stands() -> None:
    hands = Hands()
    hands.say({"hold": {"pedal": True, "carm": [1, 0, 0]}})
    hands.run(0.5)
    assert hands.runtime.monitors.monitor.source.rough
    hands.say({"hold": {"carm": [0, 0, 0], "pedal": False}})
    last = frames(hands.run(SETTLED_S + 0.3))[-1]
    shown = hands.runtime.monitors.monitor.source
    assert not shown.rough
    _, whole = develop(shown.before, expose(shown.state, shown.index, size=512), display=hands.runtime.monitors.display)
    assert (hands.runtime.monitors.monitor.frame.pixels == whole.pixels).all()
    assert last["held"]
    assert not frames(hands.run(0.5))


def test_pulses_that_are_not_delivered_cost_as_much_as_those_that_are() -> None:
    hands = Hands()
    hands.say({"act": {"set-technique": {"pulses_per_s": 15}}}, {"hold": {"pedal": True}})
    list(hands.runtime.tick(hands.now_s))
    for _ in range(5):  # a machine that comes round five times a second
        hands.now_s += 0.2
        list(hands.runtime.take(BeatRequest(), hands.now_s))
        list(hands.runtime.tick(hands.now_s))
    assert hands.runtime.monitors.monitor.given == pytest.approx(15, abs=1)
    assert hands.runtime.monitors.monitor.delivered < hands.runtime.monitors.monitor.given
    assert hands.state.room.dose.fluoro_s == pytest.approx(hands.runtime.monitors.monitor.given / 15)


@pytest.mark.parametrize(
    "message",
    [
        {"act": "fly"},
        {"act": {"advance": {"distance": 3}}},
        {"hold": {"carm": [2, 0, 0]}},
        {"hold": {"carm": "left"}},
        {"hold": {"boom": True}},
        {"hold": {"plunger_ml_s": float("nan")}},
        {"shaft_mm": "much"},
        {"shaft_mm": 1e9},
        {"roll_deg": None},
        {"screen": {"size": 77}},
        {"screen": {"contrast": -1}},
        {"screen": {"zoom": 3}},
        {"undo": 99},
        {"nonsense": 1},
        {"act": "monitor", "hold": {}},
    ],
)
def test_a_message_that_cannot_be_is_told_in_one_line_and_changes_nothing(message: Message) -> None:
    hands = Hands()
    before = hands.state
    told = hands.say(message)
    told += hands.run(0.1)
    (line,) = refusals(told)
    assert line
    assert "\n" not in line
    assert hands.state is before


def test_the_page_is_told_what_changed_and_no_hidden_truth() -> None:
    hands = Hands(TrainingMode.EXAM, *PLACED)
    hands.say({"again": 1})
    everything = [message["facts"] for message in hands.run(0.3) if "facts" in message][0]
    assert {"readouts", "chart", "needle", "hub", "feel", "events"} <= set(everything)
    assert everything["guide_svg"] == ""
    needle = {"bevel", "gauge", "length_mm", "outside_mm", "notch_deg", "notch", "oblique_deg", "tilt_deg", "stylet"}
    assert set(everything["needle"]) == needle
    hands.say({"act": "monitor"})
    news = [message["facts"] for message in hands.run(0.3) if "facts" in message][0]
    assert "chart" in news
    assert "needle" not in news


def test_the_album_keeps_single_shots_and_the_last_of_each_run() -> None:
    hands = Hands()
    hands.say({"act": "shoot"})
    hands.run(0.1)
    for _ in range(2):
        hands.say({"hold": {"pedal": True}})
        hands.run(0.6)
        hands.say({"hold": {"pedal": False}})
        hands.run(0.2)
    pictures = hands.runtime.monitors.monitor.album.pictures
    assert len(pictures) == 3
    assert pictures[0].pixels.shape == (512, 512)
    assert np.all(np.diff([picture.pulse for picture in pictures]) > 0)


class FullDisk(io.BytesIO):
    """A file on a disk that takes no more."""

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_and_the_attempt_goes_on_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "attempt.jsonl"
    hands = Hands()
    hands.runtime.attempt = start(toy_case(), 1, path)
    hands.say({"act": "monitor"})
    hands.run(0.1)
    hands.runtime.attempt.writer.stream.close()
    hands.runtime.attempt.writer.stream = FullDisk()
    hands.say({"act": {"position": {"posture": "prone-pillow"}}}, {"act": "shoot"})
    hands.run(0.3)
    assert hands.state.chart.posture == "prone-pillow"
    assert "No space left" in hands.runtime.trouble
    whole = tmp_path / "downloaded.jsonl"
    whole.write_bytes(hands.runtime.attempt.writer.stream.getvalue())
    assert digest(replay(whole, toy_case())) == digest(hands.state)
