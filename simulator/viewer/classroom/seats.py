"""A class on one machine: one process for each trainee, started, watched and ended.

A seat that was killed starts again with its port and its token, so that the page of its trainee finds it; what it was at it finds in the
folder of its attempts. A seat is a process group of its own: Ctrl-C reaches this program alone, which then ends the seats in order, and
whatever a killed seat leaves behind goes before its successor starts. A seat's standard input is a pipe that closes when this program is
gone, though it be killed, and a seat then ends by itself (`simulator.viewer.classroom.parent_watchdog`).
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import IO

from simulator.viewer.classroom.capacity import Load, describe_loads
from simulator.viewer.classroom.seat import BEAT, LOG, Seat
from simulator.viewer.classroom.usage import Usage, free_mb, read_usages
from simulator.viewer.common.heartbeat import read_last_beat

REFUSED = 2
"""Exit code of a seat that was asked for something wrong: another start would end the same way."""

WINDOW_S, MOST_FAILURES, LONGEST_PAUSE_S = 60.0, 5, 16.0
TAIL_BYTES = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Limits of seats.

    Attributes
    ----------
    memory_mb : float or None
        Resident memory above which a seat is ended and started again, MB.
    idle_s : float or None
        Time without anybody's doing after which a seat is ended for good, s.
    nice : int
        How much other programs go before a seat, 0 to 19.
    poll_s, tell_s, grace_s : float
        How often seats are looked at, how often their use is told, and how long they have to end, s.
    """

    memory_mb: float | None = None
    idle_s: float | None = None
    nice: int = 5
    poll_s: float = 1.0
    tell_s: float = 60.0
    grace_s: float = 10.0


@dataclass(kw_only=True, slots=True)
class Sitting:
    """A seat while the class lasts.

    Attributes
    ----------
    seat : Seat
        Which.
    process : Popen or None
        Running, or ended and not yet started again.
    since_s : float
        When the present process was started, s since the epoch.
    due_s : float
        When the next one is to be started, s of the monotonic clock.
    failures_s : list of float
        When processes failed, s of the monotonic clock.
    over : str
        Why it is ended for good; empty while it is not.
    told : Usage
        As it was last told.
    """

    seat: Seat
    process: subprocess.Popen[bytes] | None = None
    since_s: float = 0.0
    due_s: float = 0.0
    failures_s: list[float] = field(default_factory=list)
    over: str = ""
    told: Usage = Usage()


Command = Callable[[Seat], Sequence[str]]
Environment = Callable[[Seat], dict[str, str]]
Say = Callable[[str], None]


def supervise(seats: Sequence[Seat], command: Command, environment: Environment, rules: Rules, stop: Event, say: Say) -> None:
    """Run a class until it is stopped or every seat is over, and leave no process behind.

    Parameters
    ----------
    seats : sequence of Seat
        The seats.
    command, environment : callable
        What is run for a seat, and its variables.
    rules : Rules
        Limits.
    stop : Event
        Set from elsewhere, e.g. by a signal's handler.
    say : callable
        Takes a line for the teacher.

    Raises
    ------
    ValueError
        Where a seat's folder cannot be made.
    """
    sittings = [Sitting(seat=seat) for seat in seats]
    told_s = time.monotonic()
    try:
        while not all(one.over for one in sittings):
            now = read_usages() if rules.memory_mb is not None else {}
            for one in sittings:
                _look(one, command, environment, rules, now, say)
            if time.monotonic() - told_s >= rules.tell_s:
                _tell(sittings, time.monotonic() - told_s, say)
                told_s = time.monotonic()
            if stop.wait(rules.poll_s):
                return
    finally:
        _end([one.process for one in sittings if one.process is not None], rules.grace_s)


def _look(one: Sitting, command: Command, environment: Environment, rules: Rules, now: dict[int, Usage], say: Say) -> None:
    """Bring one seat forward: start it when it is due, notice its end, hold it to the limits."""
    if one.over:
        return
    if one.process is None:
        if time.monotonic() >= one.due_s:
            _start(one, command(one.seat), environment(one.seat), rules.nice)
    elif (code := one.process.poll()) is not None:
        _handle_end(one, code, say)
    elif rules.memory_mb is not None and (used_mb := now.get(one.process.pid, Usage()).rss_mb) > rules.memory_mb:
        _end([one.process], rules.grace_s)
        _handle_failure(one, f"used {used_mb:.0f} MB of {rules.memory_mb:.0f} MB", say)
    elif rules.idle_s is not None and (idle_s := _idle_s(one)) > rules.idle_s:
        _end([one.process], rules.grace_s)
        _close(one, f"ended, nobody used it for {idle_s / 60:.0f} min", say)


def _start(one: Sitting, words: Sequence[str], variables: dict[str, str], nice: int) -> None:
    one.told, one.since_s = Usage(), time.time()
    with _open_log(one.seat) as log:
        one.process = subprocess.Popen(
            words, env=variables, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    if hasattr(os, "setpriority"):
        with suppress(OSError):  # it may have ended already, which the next look notices
            os.setpriority(os.PRIO_PROCESS, one.process.pid, nice)


def _open_log(seat: Seat) -> IO[bytes]:
    """What a seat says goes there, its link among it: for the owner alone."""
    try:
        seat.folder.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(seat.folder / LOG, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab")
    except OSError as error:
        raise ValueError(f"{seat.folder}: cannot be made or written ({error.strerror}); choose another --attempts") from error


def _handle_end(one: Sitting, code: int, say: Say) -> None:
    """A seat's process has ended by itself or by another's hand."""
    if one.process is not None:
        _kill(one.process)  # what it left behind
    if code == 0:
        _close(one, "has ended", say)
    elif code == REFUSED:
        _close(one, f"cannot run: {_last_line(one.seat)}", say)
    else:
        _handle_failure(one, f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code} ({_last_line(one.seat)})", say)


def _handle_failure(one: Sitting, why: str, say: Say) -> None:
    """Start it again: at once the first time, later and later when it keeps failing, and not for ever."""
    now_s = time.monotonic()
    one.failures_s = [*(at_s for at_s in one.failures_s if now_s - at_s < WINDOW_S), now_s]
    if len(one.failures_s) > MOST_FAILURES:
        _close(one, f"{why}; given up after {MOST_FAILURES} starts within {WINDOW_S:.0f} s, see {one.seat.folder / LOG}", say)
        return
    one.process = None
    one.due_s = now_s + (0.0 if len(one.failures_s) == 1 else min(2.0 ** (len(one.failures_s) - 2), LONGEST_PAUSE_S))
    say(f"{one.seat.title}: {why}; starting it again with the same link")


def _close(one: Sitting, why: str, say: Say) -> None:
    one.over, one.process = why, None
    say(f"{one.seat.title}: {why}")


def _idle_s(one: Sitting) -> float:
    """How long nobody has used it, s; a new process counts as use, for a trainee is coming to it."""
    return time.time() - max(one.since_s, read_last_beat(one.seat.folder / BEAT) or 0.0)


def _last_line(seat: Seat) -> str:
    """What a seat said last."""
    with suppress(OSError), (seat.folder / LOG).open("rb") as log:
        log.seek(max(0, os.fstat(log.fileno()).st_size - TAIL_BYTES))
        lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else "it said nothing"
    return "it said nothing"


def _tell(sittings: Sequence[Sitting], duration_s: float, say: Say) -> None:
    """What each seat used since it was last told."""
    now, loads = read_usages(), {}
    for one in sittings:
        used = None if one.process is None else now.get(one.process.pid)
        if used is not None:
            span_s = min(duration_s, max(time.time() - one.since_s, 0.001))
            loads[one.seat.title] = Load(cores=max(used.cpu_s - one.told.cpu_s, 0.0) / span_s, rss_mb=used.rss_mb)
            one.told = used
    for line in describe_loads(loads, duration_s, free_mb()):
        say(line)


def _end(processes: Sequence[subprocess.Popen[bytes]], grace_s: float) -> None:
    """Ask all to end, wait, and kill what is left; a second Ctrl-C while waiting kills at once."""
    try:
        for process in processes:
            _signal(process, signal.SIGTERM)
        until_s = time.monotonic() + grace_s
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until_s - time.monotonic()))
    finally:
        for process in processes:
            _kill(process)
            process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a seat and whatever else is in its group."""
    if process.stdin is not None:
        process.stdin.close()
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
