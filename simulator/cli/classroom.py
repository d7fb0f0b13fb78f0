"""A class on one machine: check everything first, write the sheet of links, run the seats."""

import os
import signal
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from types import FrameType

from platformdirs import user_data_path

from simulator.cli.terminal import NOTICE, get_console, say
from simulator.door.words import match_word
from simulator.records.attempt import MODES
from simulator.viewer.access.credentials import LOOPBACK, normalise_host
from simulator.viewer.classroom.link_sheet import make_text, write_sheets
from simulator.viewer.classroom.roster import names_of
from simulator.viewer.classroom.seat import Lesson, check_ports, make_command, make_environment, seats_of
from simulator.viewer.classroom.seats import Rules, supervise

STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassOptions:
    """Who comes: how many, by what names, from which port on, and where their attempts lie; None for what was left out."""

    seats: int | None
    roster: Path | None
    port: int
    attempts: Path | None


def make_lesson(
    *, host: str, names: tuple[str, ...], case: str | None, mode: str | None, database: str | None, tls: tuple[Path | None, Path | None]
) -> Lesson:
    """What all seats share, checked before the first one starts.

    Raises
    ------
    ValueError
        Where case, mode, database or certificate cannot be used: one line.
    """
    from scenarios.loader import offer_cases, read

    for name in () if case is None else offer_cases(case):
        read(name)
    certificate, key = tls
    _check_tls(certificate, key)
    return Lesson(
        host=host,
        names=tuple(map(normalise_host, names)),
        case=case,
        mode=None if mode is None else match_word(mode, MODES, "--mode"),
        database=_check_database(database),
        certificate=certificate,
        key=key,
    )


def make_rules(*, memory_mb: float, idle_minutes: float, nice: int) -> Rules:
    """Limits of seats; 0 stands for none."""
    return Rules(memory_mb=memory_mb or None, idle_s=60.0 * idle_minutes or None, nice=nice)


def serve(*, crowd: ClassOptions, lesson: Lesson, rules: Rules) -> int:
    """Run a class until it is stopped. Returns the exit code.

    Raises
    ------
    ValueError
        Where a port is taken, a file cannot be written or the roster cannot be used.
    """
    names = names_of(crowd.roster, crowd.seats)
    root = (crowd.attempts or user_data_path("epifluoro") / "attempts").absolute()
    now = datetime.now(UTC)
    seats = seats_of(lesson, names, crowd.port, root, f"{now:%Y%m%dT%H%M%SZ}")
    check_ports(lesson, seats)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{root}: cannot be made ({error.strerror}); choose another --attempts") from error
    page, _ = write_sheets(seats, f"epifluoro, class of {now.astimezone():%Y-%m-%d %H:%M}", root)
    say(make_text(seats).rstrip("\n"))
    say(f"sheet of links: {page}; attempts: {lesson.database}; Ctrl-C ends the class")
    get_console().print(NOTICE, style="dim")
    if lesson.host not in LOOPBACK and lesson.certificate is None:
        get_console().print("Links travel in clear text on this network: use it where you trust everyone, or give --certificate and --key.")
    with _catch_stop() as stop:
        supervise(seats, partial(make_command, lesson), lambda seat: make_environment(lesson, seat, os.environ), rules, stop, _announce)
    return 0


def _announce(line: str) -> None:
    get_console().print(line, markup=False)


def _check_database(place: str | None) -> str:
    """The database, opened once so that a class does not find out at its end; a path is made absolute for the seats."""
    from simulator.records.database import default_path, open_database

    open_database(place)
    if place is None:
        return str(default_path())
    return place if "://" in place else str(Path(place).expanduser().absolute())


def _check_tls(certificate: Path | None, key: Path | None) -> None:
    if (certificate is None) != (key is None):
        raise ValueError("TLS needs both --certificate and --key")
    if certificate is None or key is None:
        return
    for name, path in (("--certificate", certificate), ("--key", key)):
        if not path.is_file():
            raise ValueError(f"{name}: {path}: no such file")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password="")  # noqa: S106 - rather than be asked
    except (ssl.SSLError, OSError, ValueError) as error:
        raise ValueError(f"{certificate} and {key}: are no certificate with its key in PEM without a passphrase ({error})") from error


@contextmanager
def _catch_stop() -> Iterator[Event]:
    """An event that Ctrl-C sets, as do the signals that end programs; a second one does not wait for the seats."""
    stop = Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    numbers = [getattr(signal, name) for name in STOPPING if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
