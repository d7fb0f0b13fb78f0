"""`epifluoro serve`: links first, seats after, everything ended by Ctrl-C; one line for what cannot be."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="pip install 'epifluoro[viewer]'")

from simulator.cli import main  # noqa: E402
from simulator.viewer.classroom.usage import read_usages  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
STAND_IN = ROOT / "tests" / "simulator" / "viewer" / "classroom" / "stand_in.py"
SERVE = """
import sys
from simulator.cli import classroom, main
classroom.make_command = lambda lesson, seat: (sys.executable, sys.argv[1], str(seat.folder))
sys.exit(main(["serve", *sys.argv[2:]]))
"""
PATIENCE_S = 60.0


def free_ports(count: int) -> int:
    """The first of several free ports in a row."""
    for first in range(21000, 40000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    pytest.skip("no free ports")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_class_from_start_to_end(tmp_path: Path, number: int) -> None:
    roster, port = tmp_path / "class.txt", free_ports(2)
    roster.write_text("Ann\nBen\n")
    words = [
        "--roster",
        str(roster),
        "--port",
        str(port),
        "--attempts",
        str(tmp_path / "attempts"),
        "--database",
        str(tmp_path / "a.sqlite"),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(STAND_IN), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        end_s = time.monotonic() + PATIENCE_S
        while len(found := sorted((tmp_path / "attempts").glob("*/starts.jsonl"))) < 2 and time.monotonic() < end_s:
            time.sleep(0.05)
        groups = [int(re.findall(r'"pid": (\d+)', path.read_text())[0]) for path in found]
        assert [path.parent.name[:3] for path in found] == ["ann", "ben"]
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    assert process.returncode == 0, err
    links = re.findall(r"^ +\d  (\w+)  http://127\.0\.0\.1:(\d+)/\?token=([\w-]{43,})$", out, re.MULTILINE)
    assert [(name, int(at)) for name, at, _ in links] == [("Ann", port), ("Ben", port + 1)]
    assert links[0][2] != links[1][2]
    assert "Traceback" not in err
    assert (tmp_path / "attempts" / "links.html").is_file()
    assert (tmp_path / "a.sqlite").is_file()
    assert not set(groups) & set(read_usages()), "no seat is left"


def below(pid: int) -> set[int]:
    """A process and all that it started, as far as it is known."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {pid}.union(*(below(int(child)) for child in children))


def until(true: Callable[[], Any]) -> Any:
    """Wait for something, for as long as a busy machine may need."""
    end_s = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end_s, "it never came about"
        time.sleep(0.05)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts processes as Linux tells of them")
def test_seats_end_when_the_class_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("trame", reason="pip install 'epifluoro[viewer]'")
    program = "import sys; from simulator.cli import main; sys.exit(main())"
    place = ["--port", str(free_ports(2)), "--attempts", str(tmp_path / "attempts"), "--database", str(tmp_path / "a.sqlite")]
    process = subprocess.Popen([sys.executable, "-c", program, "serve", "--seats", "2", *place], stdout=subprocess.DEVNULL)
    try:
        until(lambda: sum("trainer: " in log.read_text() for log in tmp_path.glob("attempts/*/*/seat.log")) == 2)
        until(lambda: len(below(process.pid)) >= 3)  # itself and two seats; their engines come with a page
        started = below(process.pid) - {process.pid}
    finally:
        process.kill()
        process.wait()
    until(lambda: not started & set(read_usages()))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--seats N, or --roster FILE"),
        (["--seats", "0"], "1 to 200 seats, got 0"),
        (["--seats", "two"], "Invalid value for '--seats'"),
        (["--seats", "2", "--case", "cawdal"], "did you mean 'caudal'?"),
        (["--seats", "2", "--mode", "exams"], "did you mean 'exam'?"),
        (["--seats", "2", "--roster", "{folder}/none.txt"], "cannot be read"),
        (["--seats", "2", "--certificate", "{folder}/c.pem"], "needs both --certificate and --key"),
        (["--seats", "2", "--certificate", "{folder}/c.pem", "--key", "{folder}/k.pem"], "no such file"),
        (["--seats", "2", "--certificate", "{file}", "--key", "{file}"], "are no certificate with its key"),
        (["--seats", "2", "--database", "{folder}/no/a.sqlite"], "make the folder"),
        (["--seats", "2", "--attempts", "{file}/attempts"], "cannot be made"),
        (["--seats", "2", "--port", "65535"], "do not fit below 65536"),
        (["--seats", "2", "--port", "{taken}"], "choose another --port or --host"),
        (["--seats", "2", "--host", "198.51.100.7"], "choose another --port or --host"),
        (["--seats", "2", "--host-name", "http://lab"], "is no host's name"),
        (["--seats", "2", "--name", "lab/3"], "is no host's name"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file"
    file.write_text("no certificate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        values = {"folder": tmp_path, "file": file, "taken": taken.getsockname()[1]}
        given = [word.format(**values) for word in words]
        own = [] if "--database" in words else ["--database", str(tmp_path / "a.sqlite")]
        assert main(["serve", *given, *own]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("epifluoro: ")
    assert said in streams.err
    assert streams.err.count("\n") == 1
