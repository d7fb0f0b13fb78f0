"""A class keeps its seats running, holds them to their limits, and leaves nothing behind. A stand-in takes the trainer's place."""

import json
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from simulator.viewer.classroom import seats as module
from simulator.viewer.classroom.seat import Lesson, Seat, make_command, make_environment, seats_of
from simulator.viewer.classroom.seats import Rules, supervise
from simulator.viewer.classroom.usage import read_usages

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX's")
STAND_IN = Path(__file__).with_name("stand_in.py")
PATIENCE_S = 30.0
QUICK = Rules(poll_s=0.02, grace_s=5.0)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z" if Path("/proc/self").exists() else _answers(pid)
    except OSError:
        return False


def _answers(pid: int) -> bool:
    os.kill(pid, 0)
    return True


def until(true: Callable[[], Any]) -> Any:
    """Wait for something, for as long as a busy machine may need."""
    end_s = time.monotonic() + PATIENCE_S
    while not (found := true()):
        if time.monotonic() > end_s:
            pytest.fail(f"never came true: {true}")
        time.sleep(0.02)
    return found


@dataclass
class Class:
    """A class under way in a thread."""

    seats: tuple[Seat, ...]
    lines: list[str] = field(default_factory=list)
    stop: Event = field(default_factory=Event)
    thread: Thread | None = None

    def begin(self, rules: Rules = QUICK) -> None:
        def words(seat: Seat) -> Sequence[str]:
            return (sys.executable, str(STAND_IN), str(seat.folder))

        lesson = Lesson(database="attempts.sqlite", names=("lab.example.org",))
        self.thread = Thread(
            target=supervise,
            args=(self.seats, words, lambda seat: make_environment(lesson, seat, os.environ), rules, self.stop, self.lines.append),
            daemon=True,
        )
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join(PATIENCE_S)
            assert not self.thread.is_alive()

    def list_starts(self, seat: int = 0) -> list[dict[str, Any]]:
        path = self.seats[seat].folder / "starts.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")] if path.exists() else []

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@pytest.fixture
def a_class(tmp_path: Path) -> Iterator[Callable[..., Class]]:
    """A class whose seats do as told, ended after the test whatever happens."""
    made: list[Class] = []

    def make(*behaviours: str) -> Class:
        lesson = Lesson(database="attempts.sqlite")
        one = Class(seats=seats_of(lesson, [f"Trainee {number}" for number in range(len(behaviours))], 18400, tmp_path, "now"))
        for seat, behaviour in zip(one.seats, behaviours, strict=True):
            seat.folder.mkdir(parents=True)
            (seat.folder / "behaviour").write_text(behaviour)
        made.append(one)
        return one

    yield make
    for one in made:
        one.end()
        assert not [start["pid"] for number in range(len(one.seats)) for start in one.list_starts(number) if alive(start["pid"])]


Make = Callable[..., Class]


def test_each_seat_has_its_own_process_token_and_heartbeat(a_class: Make) -> None:
    one = a_class("wait", "wait", "wait")
    one.begin()
    until(lambda: all(one.list_starts(number) for number in range(3)))
    told = [one.list_starts(number)[0] for number in range(3)]
    tokens = [start["environment"]["EPIFLUORO_TOKEN"] for start in told]
    assert tokens == [seat.access.token for seat in one.seats]
    assert (
        len({*tokens}) == len({start["pid"] for start in told}) == len({start["environment"]["EPIFLUORO_HEARTBEAT"] for start in told}) == 3
    )
    assert told[0]["environment"]["EPIFLUORO_HOSTS"] == "lab.example.org"
    assert told[0]["environment"]["OMP_NUM_THREADS"] == "1"
    assert stat.S_IMODE((one.seats[0].folder / "seat.log").stat().st_mode) == 0o600


def test_a_killed_seat_starts_again_as_it_was_and_what_it_left_behind_is_gone(a_class: Make) -> None:
    one = a_class("with-child wait", "wait")
    one.begin()
    until(lambda: one.list_starts(0) and one.list_starts(1))
    first = one.list_starts(0)[0]
    os.kill(first["pid"], signal.SIGKILL)
    second = until(lambda: one.list_starts(0)[1:])[0]
    assert second["environment"] == first["environment"]
    assert second["argv"] == first["argv"]
    assert not alive(first["child"])
    assert one.has_said("seat 1 (Trainee 0): was killed by signal 9; starting it again with the same link")
    assert len(one.list_starts(1)) == 1, "the other seat was left alone"


def test_seats_that_end_by_themselves_end_the_class(a_class: Make) -> None:
    one = a_class("end", "end")
    one.begin()
    until(lambda: not one.thread.is_alive())
    assert one.has_said("seat 1 (Trainee 0): has ended")
    assert one.has_said("seat 2 (Trainee 1): has ended")


def test_a_seat_that_is_refused_is_not_tried_again(a_class: Make) -> None:
    one = a_class("refuse")
    one.begin()
    until(lambda: not one.thread.is_alive())
    assert one.lines == ["seat 1 (Trainee 0): cannot run: the case is unknown"]
    assert len(one.list_starts()) == 1


def test_a_seat_that_keeps_failing_is_given_up(a_class: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.01)
    one = a_class("fail")
    one.begin()
    until(lambda: not one.thread.is_alive())
    assert len(one.list_starts()) == module.MOST_FAILURES + 1
    assert one.has_said("failed with exit code 1 (the case is unknown); given up after 5 starts")


@pytest.mark.skipif(not read_usages(), reason="this system does not tell memory")
def test_a_seat_above_its_memory_starts_again(a_class: Make) -> None:
    one = a_class("swell wait")
    one.begin(Rules(poll_s=0.02, memory_mb=200.0))
    until(lambda: one.list_starts()[1:])
    assert one.has_said("MB of 200 MB; starting it again")
    assert not alive(one.list_starts()[0]["pid"])


def test_a_seat_that_nobody_uses_is_ended_for_good_and_one_in_use_is_not(a_class: Make) -> None:
    one = a_class("wait", "beat")
    one.begin(Rules(poll_s=0.02, idle_s=3.0))
    until(lambda: one.has_said("seat 1 (Trainee 0): ended, nobody used it"))
    used = one.list_starts(1)[0]["pid"]
    end_s = time.monotonic() + 4.0  # longer than a seat may idle
    while time.monotonic() < end_s:
        assert alive(used)
        time.sleep(0.1)
    assert len(one.list_starts(0)) == 1
    assert not alive(one.list_starts(0)[0]["pid"])


def test_seats_give_way_to_other_programs(a_class: Make) -> None:
    if os.nice(0) > 3:
        pytest.skip("this machine runs tests nicely already")
    one = a_class("wait")
    one.begin(Rules(poll_s=0.02, nice=4))
    pid = until(one.list_starts)[0]["pid"]
    assert os.getpriority(os.PRIO_PROCESS, pid) == 4


def test_stopping_leaves_no_process_even_of_those_that_will_not_go(a_class: Make) -> None:
    one = a_class("wait", "wait-stubbornly", "with-child")
    one.begin(Rules(poll_s=0.02, grace_s=0.5))
    until(lambda: all(one.list_starts(number) for number in range(3)))
    one.end()
    pids = [one.list_starts(number)[0]["pid"] for number in range(3)] + [one.list_starts(2)[0]["child"]]
    assert not [pid for pid in pids if alive(pid)]


@pytest.mark.skipif(not read_usages(), reason="this system does not tell use")
def test_what_seats_use_is_told(a_class: Make) -> None:
    one = a_class("wait", "wait")
    one.begin(Rules(poll_s=0.02, tell_s=0.5))
    until(lambda: one.has_said("2 seats") and one.has_said("seats per core") and one.has_said("  seat 2 (Trainee 1): "))


def test_the_trainers_command_says_everything_but_the_token(tmp_path: Path) -> None:
    lesson = Lesson(
        host="0.0.0.0",
        names=("lab",),
        case="caudal",
        mode="exam",
        database="/data/a.sqlite",
        certificate=tmp_path / "c.pem",
        key=tmp_path / "k.pem",
    )
    (seat,) = seats_of(lesson, ["--help"], 9000, tmp_path, "now")
    words = make_command(lesson, seat)
    wanted = {
        "--port=9000",
        "--host=0.0.0.0",
        "--case=caudal",
        "--mode=exam",
        "--database=/data/a.sqlite",
        "--trainee=--help",
        "--no-browser",
    }
    assert wanted | {f"--attempts={seat.folder}", f"--certificate={tmp_path}/c.pem", f"--key={tmp_path}/k.pem"} <= set(words)
    assert seat.access.token not in " ".join(words)
    assert seat.access.secure
    bare = make_command(Lesson(database="a"), seat)
    assert not [word for word in bare if word.startswith(("--case", "--mode", "--certificate", "--key"))]


def test_a_name_has_its_folder_for_good_and_nameless_seats_a_new_one_each_time(tmp_path: Path) -> None:
    lesson = Lesson(database="a")
    monday = seats_of(lesson, ["Ann", "Ben", ""], 9000, tmp_path, "monday")
    tuesday = seats_of(lesson, ["Ben", "Ann", ""], 9000, tmp_path, "tuesday")
    assert monday[0].folder == tuesday[1].folder
    assert monday[2].folder != tuesday[2].folder
    assert len({seat.folder for seat in monday}) == 3
    assert {seat.access.token for seat in monday}.isdisjoint(seat.access.token for seat in tuesday)


def test_ports_that_run_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 seats from port 65534 on do not fit"):
        seats_of(Lesson(database="a"), ["", "", ""], 65534, tmp_path, "now")
