"""The attempt log: JSON Lines, one action a line, chained by hash, so that a hand that changes it shows.

The first line is the header (`simulator.procedure.attempt.header`); every line but that carries the SHA-256 of the line before it. Every 20
actions, and at the end, a line also carries a digest of the state and the values that a replay on another processor is held to. An attempt
that went on on another machine has a line that says so; one that was scored ends with its result. A log holds actions and parameters, never
a patient.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from io import SEEK_END, BufferedWriter, BytesIO
from os import truncate
from pathlib import Path
from typing import Any

from phantoms.terms.record_reader import is_finite
from phantoms.terms.value_text import describe_value, shorten
from simulator.procedure.actions.action_codec import parse_action as read_action
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.actions.actions import Action
from simulator.procedure.attempt.checkpoint import make_checkpoint
from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.attempt.engine_number import BEFORE_NUMBERS, ENGINE
from simulator.procedure.attempt.header import FORMAT, describe_here
from simulator.procedure.attempt.header import make_header as make_header
from simulator.procedure.state.state import ProcedureState

UNNUMBERED = 2  # the format of logs that have no engine number
DIGEST_EVERY = 20
MOST_BYTES = 64 * 2**20
LONGEST_LINE = 65536
Record = dict[str, Any]


class LogFault(StrEnum):
    """Why a log is not what happened here."""

    UNREADABLE = "unreadable"
    EDITED = "an edited line"
    SCENARIO = "another scenario"
    PATIENT = "another patient"
    ENGINE = "another engine"
    PROCESSOR = "another processor"
    RESULT = "another result"


class LogError(ValueError):
    """A log that cannot be trusted, read or played: names its line and what is wrong with it.

    Attributes
    ----------
    cause : LogFault
        What kind of thing is wrong.
    """

    def __init__(self, message: str, cause: LogFault = LogFault.UNREADABLE) -> None:
        super().__init__(message)
        self.cause = cause


class NotReplayed(LogError):  # noqa: N818 - a verdict as much as an error
    """A log of another engine: sound, but its actions give other states here. What is stored beside it opens.

    Attributes
    ----------
    why : str
        In words, without the path.
    """

    def __init__(self, path: Path, why: str, then: str = "") -> None:
        super().__init__(f"{path}: line 1: not replayed: {why}{then}", LogFault.ENGINE)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line after the header.

    Attributes
    ----------
    line : int
        Its number in the file, from 1.
    action : Action or None
        What was done; None for an undo or a move.
    undone : int
        How many decision points were taken back; 0 for an action or a move.
    moved : mapping or None
        What the attempt was computed on from here (`header.describe_here`), where it goes on on another machine or with other
        libraries.
    time_s : float
        Simulated time after it, s.
    digest : str or None
        Of the state after it, where the line carries one.
    checked : mapping or None
        Values of that state (`simulator.procedure.attempt.checkpoint`), likewise.
    chain : str
        SHA-256 of the line itself, hexadecimal.
    """

    line: int
    action: Action | None
    undone: int
    moved: Mapping[str, Any] | None
    time_s: float
    digest: str | None
    checked: Mapping[str, Any] | None
    chain: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """A log that was read.

    Attributes
    ----------
    header : mapping
        Its first line.
    entries : tuple of Entry
        The lines after it; of a log of another engine none are read beyond their chain, for this program need not know its actions.
    result : mapping or None
        Of an attempt that was scored: ``passed`` and ``grade``.
    chain : str
        Hash of the last line.
    whole_bytes : int
        How many bytes are whole lines.
    """

    header: Mapping[str, Any]
    entries: tuple[Entry, ...]
    result: Mapping[str, Any] | None
    chain: str
    whole_bytes: int

    @property
    def engine(self) -> int:
        """Its engine number."""
        return engine_of(self.header)


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
    line = _encode_line(make_header(state), sort=False)  # a file that begins with what it is
    _write_flushed(stream, line)
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
    record: Record = {"action": to_plain(action), "time_s": after.time_s}
    if (writer.count + 1) % DIGEST_EVERY == 0 or after.over is not None:
        record |= _make_checks(writer, after)
    _write(writer, record)


def append_undo(writer: Writer, points: int, after: ProcedureState) -> None:
    """Write that some decision points were taken back; the state then carries its digest, for an undo is a jump."""
    _write(writer, {"undo": points, "time_s": after.time_s, **_make_checks(writer, after)})


def append_move(writer: Writer, state: ProcedureState) -> None:
    """Write on what an attempt is computed from here, because that is not what it was computed on so far."""
    _write(writer, {"moved": describe_here(), "time_s": state.time_s})


def append_result(writer: Writer, *, passed: bool, grade: float) -> None:
    """Write how an attempt that is over was scored: the last line.

    Parameters
    ----------
    writer : Writer
        At the log's end.
    passed : bool
    grade : float
        From 0 to 1.
    """
    _write(writer, _make_result(passed, grade))


def end(path: Path, chain: str, *, passed: bool, grade: float) -> None:
    """Write the result of an attempt whose log is closed and whole, as `append_result` does; where the disk refuses it, nothing.

    Parameters
    ----------
    path : Path
        Of the log.
    chain : str
        Hash of its last line.
    passed, grade
        As in `append_result`.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    size = path.stat().st_size
    try:
        with path.open("ab") as stream:
            stream.write(_encode_line({"previous": chain, **_make_result(passed, grade)}))
    except OSError:
        with suppress(OSError):
            truncate(path, size)
        raise


def conclude(path: Path, *, passed: bool, grade: float) -> None:
    """Write the result of an attempt into its log where it has none, as `end` does; raises LogError where the log cannot be read."""
    log = read(path)
    if log.result is None:
        end(path, log.chain, passed=passed, grade=grade)


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
    lines = list(_read_lines(path, torn))
    if not lines:
        raise LogError(f"{path}: line 1: the log is empty; a log begins with its header")
    head = _parse_header(path, lines[0])
    ours = engine_of(head) == ENGINE
    entries: list[Entry] = []
    result: Mapping[str, Any] | None = None
    chain = _hash(lines[0])
    for number, line in enumerate(lines[1:], start=2):
        record = _parse_chained(path, number, line, chain)
        chain = _hash(line)
        if result is not None:
            raise LogError(f"{path}: line {number}: follows the result, with which a log ends", LogFault.EDITED)
        if not ours:
            continue
        if "result" in record:
            result = _parse_result(path, number, record, entries)
        else:
            entries.append(_parse_entry(path, number, record, chain, entries[-1].time_s if entries else 0.0))
            _check_digest(path, entries[-1], len(entries))
    return Log(header=head, entries=tuple(entries), result=result, chain=chain, whole_bytes=sum(map(len, lines)))


def engine_of(head: Mapping[str, Any]) -> int:
    """The engine number of a log by its header."""
    return BEFORE_NUMBERS if head["epifluoro-log"] == UNNUMBERED else int(head["engine"])


def check_engine(path: Path, head: Mapping[str, Any]) -> None:
    """Refuse to play a log of another engine.

    Raises
    ------
    NotReplayed
        In words; what is stored beside the log opens.
    """
    engine = engine_of(head)
    if engine == ENGINE:
        return
    made = f"of format {UNNUMBERED}, before engines had numbers" if engine == BEFORE_NUMBERS else f"made with engine {engine}"
    program = f"(epifluoro {describe_value(head['versions'].get('epifluoro', 'unknown'))})"
    raise NotReplayed(path, f"the log is {made} {program}, here is engine {ENGINE}, which gives other states")


def read_header(path: Path) -> Record:
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
    return _parse_header(path, line)


def reopen(path: Path, log: Log, known: Known) -> Writer:
    """The log at its end again, with what is known of its last state's digest; a torn last line is cut off."""
    stream = path.open("r+b")
    stream.truncate(log.whole_bytes)
    stream.seek(log.whole_bytes)
    return Writer(stream=stream, chain=log.chain, count=len(log.entries), known=known)  # type: ignore[arg-type]


def continue_in_memory(path: Path, writer: Writer) -> Writer:
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
    line = _encode_line({"previous": writer.chain, **record})
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the action takes {len(line)} bytes in the log, expected at most {LONGEST_LINE}; shorten its texts")
    _write_flushed(writer.stream, line)
    writer.chain, writer.count = _hash(line), writer.count + 1


def _write_flushed(stream: BufferedWriter | BytesIO, line: bytes) -> None:
    stream.write(line)
    stream.flush()


def _encode_line(record: Any, *, sort: bool = True) -> bytes:  # noqa: ANN401, plain data
    return json.dumps(record, sort_keys=sort, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _hash(line: bytes) -> str:
    return sha256(line).hexdigest()


def _read_lines(path: Path, torn: bool) -> Iterator[bytes]:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise LogError(f"{path}: is {size} bytes long; a log has at most {MOST_BYTES}")
        content = path.read_bytes()
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror})") from None
    if b"\r\n" in content:
        raise LogError(
            f"{path}: line 1: lines end as Windows ends them; expected the bytes as the program wrote them, copy the log as binary"
        )
    lines = content.splitlines(keepends=True) if b"\r" not in content else content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not line.endswith(b"\n"):
            if torn and number > 1:
                return
            raise LogError(f"{path}: line {number}: is cut off; resume the attempt, or delete that line")
        yield line


def _parse_line(path: Path, number: int, line: bytes) -> Record:
    if len(line) > LONGEST_LINE:
        raise LogError(f"{path}: line {number}: is {len(line)} bytes long; no action needs more than {LONGEST_LINE}")
    try:
        record = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise LogError(f"{path}: line {number}: is no JSON") from None
    if not isinstance(record, dict):
        raise LogError(f"{path}: line {number}: expected an object, got {shorten(record)}")
    return record


def _parse_chained(path: Path, number: int, line: bytes, chain: str) -> Record:
    record = _parse_line(path, number, line)
    if record.get("previous") != chain:
        raise LogError(
            f"{path}: line {number}: does not follow line {number - 1}; one of the two was changed, or lines are missing", LogFault.EDITED
        )
    return record


def _parse_entry(path: Path, number: int, record: Record, chain: str, before_s: float) -> Entry:
    time_s = record.get("time_s")
    if isinstance(time_s, bool) or not isinstance(time_s, int | float) or not is_finite(time_s):
        raise LogError(f"{path}: line {number}: time_s must be a number, got {shorten(time_s)}")
    found = record.get("digest")
    if found is not None and not isinstance(found, str):
        raise LogError(f"{path}: line {number}: digest must be text, got {shorten(found)}")
    for name in ("checked", "moved"):
        if not isinstance(record.get(name), dict | None):
            raise LogError(f"{path}: line {number}: {name} must be an object, got {shorten(record[name])}")
    undone, moved = _parse_undo(path, number, record), record.get("moved")
    if not undone and time_s < before_s:
        raise LogError(f"{path}: line {number}: time_s runs back from {before_s:g} to {time_s:g}")
    try:
        said = None if undone or moved is not None else read_action(record.get("action"))
    except ValueError as error:
        raise LogError(f"{path}: line {number}: {error}") from None
    return Entry(
        line=number,
        action=said,
        undone=undone,
        moved=moved,
        time_s=float(time_s),
        digest=found,
        checked=record.get("checked"),
        chain=chain,
    )


def _check_digest(path: Path, entry: Entry, count: int) -> None:
    """Refuse a line without the digest that it was written with; raises LogError."""
    due = entry.undone > 0 or (entry.moved is None and count % DIGEST_EVERY == 0)
    if due and (entry.digest is None or entry.checked is None):
        raise LogError(
            f"{path}: line {entry.line}: expected a digest and values of the state, as every {DIGEST_EVERY}th line and every undo has, "
            "got none",
            LogFault.EDITED,
        )


def _parse_result(path: Path, number: int, record: Record, entries: Sequence[Entry]) -> Record:
    if set(record) != {"previous", "result"} or not entries:
        raise LogError(f"{path}: line {number}: expected a result alone in its line, after at least one action", LogFault.EDITED)
    result = record["result"]
    grade = result.get("grade") if isinstance(result, dict) else None
    if not isinstance(grade, int | float) or isinstance(grade, bool) or not is_finite(grade) or not isinstance(result.get("passed"), bool):
        raise LogError(
            f"{path}: line {number}: result must be an object with passed, true or false, and grade, a number; got {shorten(result)}"
        )
    return result


def _make_result(passed: bool, grade: float) -> Record:
    return {"result": {"passed": passed, "grade": round(grade, 6)}}


def _make_checks(writer: Writer, after: ProcedureState) -> Record:
    """What a replay is held to: the digest on an equal machine, the values elsewhere."""
    return {"digest": digest(after, writer.known), "checked": make_checkpoint(after)}


def _parse_undo(path: Path, number: int, record: Record) -> int:
    points = record.get("undo", 0)
    if isinstance(points, bool) or not isinstance(points, int) or points < 0 or (points == 0 and "undo" in record):
        raise LogError(f"{path}: line {number}: undo must be a whole number above 0, got {shorten(points)}")
    return points


def _parse_header(path: Path, line: bytes) -> Record:
    found = _parse_line(path, 1, line)
    if found.get("epifluoro-log") not in (FORMAT, UNNUMBERED) or isinstance(found["epifluoro-log"], bool | float):
        raise LogError(f"{path}: line 1: expected the header of a log of format {FORMAT}, got {shorten(found)}")
    _check_header(path, found)
    return found


def _check_header(path: Path, head: Record) -> None:
    numbered = (("engine", int), ("computed_on", dict)) if head["epifluoro-log"] == FORMAT else ()
    for name, kind in (("scenario", dict), ("patient", dict), ("seed", int), ("versions", dict), *numbered):
        if not isinstance(head.get(name), kind) or isinstance(head[name], bool):
            raise LogError(f"{path}: line 1: the header's {name} is missing or no {kind.__name__}, got {shorten(head.get(name))}")
    if head["epifluoro-log"] == FORMAT and head["engine"] < BEFORE_NUMBERS:
        raise LogError(f"{path}: line 1: the header's engine must be a whole number from {BEFORE_NUMBERS}, got {shorten(head['engine'])}")


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number in a log")
