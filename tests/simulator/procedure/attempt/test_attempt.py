"""An attempt under way: undone, killed, and gone on with."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from hashlib import sha256
from json import dumps, loads
from pathlib import Path

import pytest

from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.attempt import attempt as attempts
from simulator.procedure.attempt import snapshot
from simulator.procedure.attempt.attempt import Attempt, act, resume, undo
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.history import KEPT, History
from simulator.procedure.attempt.log import LogError, read
from simulator.procedure.attempt.replay import replay
from tests.simulator.procedure.toy import PLACED, SYRINGE, toy_case

SAID = (*PLACED, {"advance": {"distance_mm": 53.5}}, {"stylet": {"inserted": False}}, *SYRINGE, {"inject": {"volume_ml": 0.4}}, "aspirate")


def play(path: Path | None, said: tuple[object, ...] = SAID) -> Attempt:
    attempt = attempts.start(toy_case(), 5, path)
    for item in said:
        attempt = act(attempt, parse_action(item))
    return attempt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempt.jsonl"


def save_now(path: Path, attempt: Attempt) -> None:
    assert attempt.writer is not None
    attempt.saver.wait()  # an older one that is still on its way would come after it
    snapshot.save(path, attempt.history, attempt.writer)


def test_undo_goes_back_twenty_decision_points_and_waiting_is_none(path: Path) -> None:
    attempt = attempts.start(toy_case(), 1, path)
    marks = []
    for number in range(KEPT + 3):
        marks.append(digest(attempt.state))
        attempt = act(attempt, parse_action({"move-table": {"left_mm": 1.0 + number}}))
        attempt = act(attempt, parse_action({"wait": {"duration_s": 1.0}}))
    back = undo(attempt, KEPT)
    assert digest(back.state) == marks[3]
    with pytest.raises(ValueError, match="0 decision points can be taken back, got 1"):
        undo(back)
    on = act(back, parse_action("monitor"))
    assert digest(replay(path, toy_case())) == digest(on.state)


@pytest.mark.parametrize("points", [0, -1, True, 1.5])
def test_undo_wants_a_whole_number(points: int) -> None:
    with pytest.raises(ValueError, match="undo: expected a whole number above 0"):
        undo(play(None, PLACED), points)


def test_a_snapshot_leaves_the_actions_to_the_log_and_finds_them_again(path: Path) -> None:
    attempt = undo(undo(play(path), 2))
    for item in ("monitor", {"wait": {"duration_s": 1.0}}, {"withdraw": {"distance_mm": 1.0}}):
        attempt = act(attempt, parse_action(item))
    save_now(path, attempt)
    found = snapshot.load(path, read(path), toy_case())
    assert found is not None
    assert list(found.history.state.done) == list(attempt.state.done)
    assert [list(state.done) for state in found.history.past] == [list(state.done) for state in attempt.history.past]


@pytest.mark.parametrize("with_snapshot", [False, True])
def test_a_killed_attempt_goes_on_as_if_nothing_had_been(path: Path, with_snapshot: bool) -> None:
    attempt = play(path)
    if with_snapshot:
        save_now(path, attempt)
    with path.open("ab") as stream:
        stream.write(b'{"action":{"inject":{"volu')  # what was being written
    again = resume(path, toy_case())
    assert digest(again.state) == digest(attempt.state)
    more = {"inject": {"volume_ml": 0.3}}
    after, expected = act(again, parse_action(more)), act(replace(attempt, writer=None), parse_action(more))
    assert digest(after.state) == digest(expected.state)
    assert len(read(path).entries) == len(SAID) + 1  # what was torn is gone, and the chain goes on
    assert len(again.history.past) == len(attempt.history.past)


def test_going_on_from_a_snapshot_plays_only_the_rest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = play(path)
    save_now(path, attempt)
    attempt = act(attempt, parse_action("monitor"))
    lines = []
    whole = attempts.replay_entry
    monkeypatch.setattr(attempts, "replay_entry", lambda *given: (lines.append(given[2].line), whole(*given))[1])
    again = resume(path, toy_case())
    assert lines == [len(SAID) + 2]
    assert digest(again.state) == digest(attempt.state)


def test_a_snapshot_is_written_beside_the_attempt_which_goes_on_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on = threading.Event(), threading.Event()
    whole = snapshot._pickle_history  # noqa: SLF001 - the slow part

    def held(history: History) -> bytes:
        began.set()
        assert go_on.wait(30.0)
        return whole(history)

    monkeypatch.setattr(snapshot, "_pickle_history", held)
    monkeypatch.setattr(attempts, "SNAPSHOT_WORTH_S", 0.0)
    attempt = play(path)  # a snapshot is due, and under way
    assert began.wait(30.0)
    assert attempt.saver.busy
    for item in ("monitor", {"withdraw": {"distance_mm": 1.0}}, {"wait": {"duration_s": 60.0}}):
        attempt = act(attempt, parse_action(item))
    attempt = undo(attempt)
    assert not snapshot.place_of(path).exists()
    go_on.set()
    attempt.saver.wait()
    found = snapshot.load(path, read(path), toy_case())
    assert found is not None
    assert found.count < attempt.writer.count  # type: ignore[union-attr]
    assert digest(resume(path, toy_case()).state) == digest(attempt.state)
    attempts.close(attempt)
    assert not snapshot.place_of(path).exists()


def test_arrays_of_a_snapshot_are_read_only_and_shared_as_they_were(path: Path) -> None:
    attempt = play(path)
    save_now(path, attempt)
    found = snapshot.load(path, read(path), toy_case())
    assert found is not None
    state = found.history.state
    assert state.case is toy_case()
    assert state.fluid.spread is not None
    assert state.fluid.flow is not None
    assert state.fluid.spread.domain is state.fluid.flow.domain
    with pytest.raises(ValueError, match="read-only"):
        state.fluid.spread.mobile_ml[0] = 1.0


class Trap:
    """What a hand could put into a snapshot to run something."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.place,)


def test_a_snapshot_that_was_tampered_with_is_ignored_and_runs_nothing(path: Path, tmp_path: Path) -> None:
    attempt = play(path)
    save_now(path, attempt)
    place, sprung = snapshot.place_of(path), tmp_path / "sprung"
    head, _, payload = place.read_bytes().partition(b"\n")
    for content in (b"", head, head + b"\n" + payload[:-9], b"{}\n" + payload, head + b"\n" + pickle.dumps(Trap(sprung))):
        place.write_bytes(content)
        assert snapshot.load(path, read(path), toy_case()) is None
    trap = pickle.dumps(Trap(sprung))
    place.write_bytes(dumps({**loads(head), "sha256": sha256(trap).hexdigest()}).encode() + b"\n" + trap)
    assert snapshot.load(path, read(path), toy_case()) is None
    assert not sprung.exists()
    assert digest(resume(path, toy_case()).state) == digest(attempt.state)


def test_a_snapshot_of_another_log_is_ignored(path: Path, tmp_path: Path) -> None:
    save_now(path, play(path))
    other = tmp_path / "other.jsonl"
    play(other, ("monitor", *SAID)).saver.wait()
    snapshot.place_of(path).rename(snapshot.place_of(other))
    assert snapshot.load(other, read(other), toy_case()) is None


def test_a_log_changed_by_hand_is_not_gone_on_with(path: Path) -> None:
    play(path)
    path.write_bytes(path.read_bytes().replace(b'"distance_mm":53.5', b'"distance_mm":54.5'))
    with pytest.raises(LogError, match="does not follow line"):
        resume(path, toy_case())


def test_the_log_is_whole_after_every_action_and_goes_away_with_nothing_else(path: Path) -> None:
    attempt = attempts.start(toy_case(), 5, path)
    for number, item in enumerate(PLACED, start=1):
        attempt = act(attempt, parse_action(item))
        assert len(read(path).entries) == number
    save_now(path, attempt)
    attempts.close(attempt)
    assert [item.name for item in path.parent.iterdir()] == [path.name]


@pytest.mark.slow
def test_kill_nine_loses_at_most_the_action_under_way(path: Path) -> None:
    program = textwrap.dedent(f"""
        from pathlib import Path
        from simulator.procedure.attempt import attempt as attempts
        from simulator.procedure.actions.action_codec import parse_action
        from tests.simulator.procedure.toy import toy_case
        attempt = attempts.start(toy_case(), 5, Path({str(path)!r}))
        while True:
            attempt = attempts.act(attempt, parse_action({{"wait": {{"duration_s": 0.5}}}}))
            print(len(attempt.state.done), flush=True)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            done = int(line)
            if done >= 50:
                child.send_signal(signal.SIGKILL)
                break
    again = resume(path, toy_case())
    assert len(again.state.done) >= done
    assert again.state.time_s == pytest.approx(0.5 * len(again.state.done))
