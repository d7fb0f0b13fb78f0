"""The attempt log: JSON Lines, one action a line, chained by hash, so that a hand that changes it shows.

The first line is the header; every line but that carries the SHA-256 of the line before it. Every 20 actions a line also carries a digest
of the state. A log holds actions and parameters, never a patient.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from io import SEEK_END, BufferedWriter, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phantoms.io import cache
from phantoms.terms.record_reader import is_finite
from phantoms.terms.serialization import plain as plain_parameters
from simulator.procedure.actions.action_codec import action as read_action
from simulator.procedure.actions.action_codec import plain
from simulator.procedure.actions.actions import Action
from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

FORMAT = 2
DIGEST_EVERY = 20
LIBRARIES = ("epifluoro", "numpy", "scipy")
MOST_BYTES = 64 * 2**20
LONGEST_LINE = 65536
Record = dict[str, Any]


class LogError(ValueError):
    """A log that cannot be trusted or read: names its line and what is wrong with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line after the header.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    action : Action or None
        What was done; None for an undo.
    undone : int
        How many decision points were taken back; 0 for an action.
    time_s : float
        Simulated time after it, s.
    digest : str or None
        Of the state after it, where the line carries one.
    chain : str
        SHA-256 of the line itself, hexadecimal.
    """

    line: int
    action: Action | None
    undone: int
    time_s: float
    digest: str | None
    chain: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """A log that was read: its header, its entries, the chain's hash after the last, and how many bytes are whole lines."""

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    chain: str
    whole_bytes: int


@dataclass(kw_only=True, slots=True)
class Writer:
    """An open log at its end. A write has left the process before it returns, so that killing the process loses nothing of it."""

    stream: BufferedWriter | BytesIO
    chain: str
    count: int = 0
    known: Known = field(default_factory=Known)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


def header(state: ProcedureState) -> Record:
    """What the first line says: case, patient, seed and versions."""
    case = state.case
    return {
        "epifluoro-log": FORMAT,
        "scenario": {"id": case.scenario.id, "version": case.scenario.version, "sha256": scenario_hash(case.scenario)},
        "patient": {"sha256": patient_hash(case), "surfaces": cache.key(case.patient.params, "surfaces", "all")},
        "seed": state.seed,
        "versions": {name: version(name) for name in LIBRARIES},
        "notice": "For education and research only, never for guiding a real needle.",
    }


def scenario_hash(scenario: "Scenario") -> str:
    """SHA-256 of everything that a scenario says, hexadecimal."""
    return sha256(scenario.model_dump_json().encode()).hexdigest()


def patient_hash(case: Case) -> str:
    """SHA-256 of the patient's parameters, hexadecimal."""
    return sha256(_line(plain_parameters(case.patient.params))).hexdigest()


def start(path: Path, state: ProcedureState) -> Writer:
    """Begin a log.

    Parameters
    ----------
    path : Path
        Of the file; it must not exist.
    state : ProcedureState
        As `begin` gave it.

    Raises
    ------
    FileExistsError
        If it exists.
    """
    stream = path.open("xb")
    line = _line(header(state))
    _flushed(stream, line)
    return Writer(stream=stream, chain=_hash(line))


def append(writer: Writer, action: Action, after: ProcedureState) -> None:
    """Write an action and flush it.

    Parameters
    ----------
    writer : Writer
        At the log's end.
    action : Action
    after : ProcedureState
        After it.
    """
    writer.count += 1
    record: Record = {"action": plain(action), "time_s": after.time_s}
    if writer.count % DIGEST_EVERY == 0:
        record["digest"] = digest(after, writer.known)
    _write(writer, record)


def append_undo(writer: Writer, points: int, after: ProcedureState) -> None:
    """Write that some decision points were taken back; the state then carries its digest, for an undo is a jump."""
    writer.count += 1
    _write(writer, {"undo": points, "time_s": after.time_s, "digest": digest(after, writer.known)})


def read(path: Path, *, torn: bool = False) -> Log:
    """Read a log and check its chain.

    Parameters
    ----------
    path : Path
        Of the file.
    torn : bool
        Whether a last line that was being written when the attempt was killed is passed over.

    Raises
    ------
    LogError
        Where it is missing, too large, malformed, cut off or changed by hand: names the line and what is wrong.
    """
    lines = list(_lines(path, torn))
    if not lines:
        raise LogError(f"{path}: line 1: the log is empty; a log begins with its header")
    head = _header(path, lines[0])
    entries, chain, time_s = [], _hash(lines[0]), 0.0
    for number, line in enumerate(lines[1:], start=2):
        entry = _entry(path, number, line, chain)
        if entry.undone == 0 and entry.time_s < time_s:
            raise LogError(f"{path}: line {number}: time_s runs back from {time_s:g} to {entry.time_s:g}")
        entries.append(entry)
        chain, time_s = entry.chain, entry.time_s
    return Log(header=head, entries=tuple(entries), chain=chain, whole_bytes=sum(map(len, lines)))


def head(path: Path) -> Record:
    """The header of a log alone, without a look at what follows.

    Raises
    ------
    LogError
        Where it is missing, or is none.
    """
    try:
        with path.open("rb") as stream:
            line = stream.readline(LONGEST_LINE + 1)
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror})") from None
    return _header(path, line)


def reopened(path: Path, log: Log, known: Known) -> Writer:
    """The log at its end again, with what is known of its last state's digest; a torn last line is cut off."""
    stream = path.open("r+b")
    stream.truncate(log.whole_bytes)
    stream.seek(log.whole_bytes)
    return Writer(stream=stream, chain=log.chain, count=len(log.entries), known=known)  # type: ignore[arg-type]


def in_memory(path: Path, writer: Writer) -> Writer:
    """The log going on in memory, where the disk takes no more: what is whole on the disk comes first.

    Parameters
    ----------
    path : Path
        Of the log on the disk.
    writer : Writer
        Whose last write failed; it is closed.

    Raises
    ------
    LogError
        Where what is on the disk cannot be read again.
    """
    with suppress(OSError):
        writer.close()
    log = read(path, torn=True)
    stream = BytesIO(path.read_bytes()[: log.whole_bytes])
    stream.seek(0, SEEK_END)
    return Writer(stream=stream, chain=log.chain, count=len(log.entries), known=writer.known)


def _write(writer: Writer, record: Record) -> None:
    line = _line({"previous": writer.chain, **record})
    _flushed(writer.stream, line)
    writer.chain = _hash(line)


def _flushed(stream: BufferedWriter | BytesIO, line: bytes) -> None:
    stream.write(line)
    stream.flush()


def _line(record: Any) -> bytes:  # noqa: ANN401, plain data
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _hash(line: bytes) -> str:
    return sha256(line).hexdigest()


def _lines(path: Path, torn: bool) -> Iterator[bytes]:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise LogError(f"{path}: is {size} bytes long; a log has at most {MOST_BYTES}")
        content = path.read_bytes()
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror})") from None
    lines = content.splitlines(keepends=True) if b"\r" not in content else content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not line.endswith(b"\n"):
            if torn and number > 1:
                return
            raise LogError(f"{path}: line {number}: is cut off; resume the attempt, or delete that line")
        yield line


def _parsed(path: Path, number: int, line: bytes) -> Record:
    if len(line) > LONGEST_LINE:
        raise LogError(f"{path}: line {number}: is {len(line)} bytes long; no action needs more than {LONGEST_LINE}")
    try:
        record = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise LogError(f"{path}: line {number}: is no JSON") from None
    if not isinstance(record, dict):
        raise LogError(f"{path}: line {number}: expected an object, got {_brief(record)}")
    return record


def _entry(path: Path, number: int, line: bytes, chain: str) -> Entry:
    record = _parsed(path, number, line)
    if record.get("previous") != chain:
        raise LogError(f"{path}: line {number}: does not follow line {number - 1}; one of the two was changed, or lines are missing")
    time_s = record.get("time_s")
    if isinstance(time_s, bool) or not isinstance(time_s, int | float) or not is_finite(time_s):
        raise LogError(f"{path}: line {number}: time_s must be a number, got {_brief(time_s)}")
    found = record.get("digest")
    if found is not None and not isinstance(found, str):
        raise LogError(f"{path}: line {number}: digest must be text, got {_brief(found)}")
    undone = _undone(path, number, record)
    try:
        said = None if undone else read_action(record.get("action"))
    except ValueError as error:
        raise LogError(f"{path}: line {number}: {error}") from None
    return Entry(line=number, action=said, undone=undone, time_s=float(time_s), digest=found, chain=_hash(line))


def _undone(path: Path, number: int, record: Record) -> int:
    points = record.get("undo", 0)
    if isinstance(points, bool) or not isinstance(points, int) or points < 0 or (points == 0 and "undo" in record):
        raise LogError(f"{path}: line {number}: undo must be a whole number above 0, got {_brief(points)}")
    return points


def _header(path: Path, line: bytes) -> Record:
    found = _parsed(path, 1, line)
    if found.get("epifluoro-log") != FORMAT:
        raise LogError(f"{path}: line 1: expected the header of a log of format {FORMAT}, got {_brief(found)}")
    _check_header(path, found)
    return found


def _check_header(path: Path, head: Record) -> None:
    for name, kind in (("scenario", dict), ("patient", dict), ("seed", int), ("versions", dict)):
        if not isinstance(head.get(name), kind):
            raise LogError(f"{path}: line 1: the header's {name} is missing or no {kind.__name__}, got {_brief(head.get(name))}")


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number in a log")


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
