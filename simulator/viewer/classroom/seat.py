"""One seat of a class: whose it is, where it answers, and the process that runs it."""

import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phantoms.threads import VARIABLES
from simulator.viewer.access.credentials import HOSTS_VARIABLE, TOKEN_VARIABLE, Access, grant_access, make_token
from simulator.viewer.classroom import parent_watchdog
from simulator.viewer.classroom.roster import folder_name
from simulator.viewer.common import heartbeat

LOG, BEAT = "seat.log", "heartbeat"
PROGRAM = (sys.executable, "-c", "import sys; from simulator.cli import main; sys.exit(main())", "train")


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A seat.

    Attributes
    ----------
    number : int
        From 1.
    name : str
        Name or pseudonym; may be empty.
    access : Access
        Its port and token, the same through all its restarts.
    folder : Path
        Of its attempts, its log and its heartbeat.
    """

    number: int
    name: str
    access: Access
    folder: Path

    @property
    def title(self) -> str:
        """For people."""
        return f"seat {self.number}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What all seats of a class have in common.

    Attributes
    ----------
    host : str
        Address to which they are bound.
    names : tuple of str
        More names under which this machine is reached; links show the first.
    case, mode : str or None
        Fixed for the class; None leaves the choice to each trainee.
    database : str
        Where attempts are recorded: path or URL.
    certificate, key : Path or None
        For TLS, both or neither.
    """

    host: str = "127.0.0.1"
    names: tuple[str, ...] = ()
    case: str | None = None
    mode: str | None = None
    database: str
    certificate: Path | None = None
    key: Path | None = None


def seats_of(lesson: Lesson, names: Sequence[str], first_port: int, root: Path, stamp: str) -> tuple[Seat, ...]:
    """Seats with ports from the first one on, each with a new token and its own folder.

    Parameters
    ----------
    lesson : Lesson
        What they have in common.
    names : sequence of str
        One for each seat; may be empty.
    first_port : int
        Of seat 1.
    root : Path
        Folder of all attempts.
    stamp : str
        Of this start. Nameless seats lie below it: a person who sits there another day must not go on with somebody else's attempt.

    Raises
    ------
    ValueError
        Where the ports run out of range.
    """
    if not 1 <= first_port <= first_port + len(names) - 1 <= 65535:
        raise ValueError(f"--port: {len(names)} seats from port {first_port} on do not fit below 65536")
    common = grant_access({}, port=first_port, host=lesson.host, names=lesson.names, secure=lesson.certificate is not None)
    return tuple(
        Seat(
            number=number,
            name=name,
            access=replace(common, token=make_token(), port=first_port + number - 1),
            folder=(root if name else root / f"class-{stamp}") / folder_name(number, name),
        )
        for number, name in enumerate(names, start=1)
    )


def check_ports(lesson: Lesson, seats: Sequence[Seat]) -> None:
    """Refuse before anything starts where a port is taken or the address is none of this machine.

    Raises
    ------
    ValueError
        Names the port or the address.
    """
    for seat in seats:
        with socket.socket(socket.AF_INET6 if ":" in lesson.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((lesson.host, seat.access.port))
            except OSError as error:
                place = f"{lesson.host}:{seat.access.port}"
                raise ValueError(f"{seat.title}: cannot listen on {place} ({error.strerror}); choose another --port or --host") from error


def make_command(lesson: Lesson, seat: Seat) -> tuple[str, ...]:
    """What is run for a seat; its token is not in it, for everyone on the machine can read it."""
    wishes = {
        "port": seat.access.port,
        "host": lesson.host,
        "attempts": seat.folder,
        "database": lesson.database,
        "case": lesson.case,
        "mode": lesson.mode,
        "trainee": seat.name,
        "certificate": lesson.certificate,
        "key": lesson.key,
    }
    return (*PROGRAM, "--no-browser", *(f"--{name}={value}" for name, value in wishes.items() if value not in (None, "")))


def make_environment(lesson: Lesson, seat: Seat, inherited: Mapping[str, str]) -> dict[str, str]:
    """Variables of a seat's process: the token, more names of this machine, the heartbeat; one thread each, for seats share the cores."""
    return {
        **inherited,
        **VARIABLES,
        TOKEN_VARIABLE: seat.access.token,
        HOSTS_VARIABLE: ",".join(lesson.names),
        heartbeat.VARIABLE: str(seat.folder / BEAT),
        parent_watchdog.VARIABLE: parent_watchdog.PIPE,
    }
