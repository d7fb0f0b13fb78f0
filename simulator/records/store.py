"""Attempts into a database and out of it again."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from scenarios.names.enums import Axis
from simulator.records.attempt import AttemptRecord
from simulator.records.database import Database, begin_read, begin_write, open_database
from simulator.records.errors import RecordsError
from simulator.records.table import ATTEMPTS, SHOWN

PLAIN = tuple(name for name in AttemptRecord.__dataclass_fields__ if name not in ("axes", "critical", "log_text"))


def record(database: Database | str | Path, row: AttemptRecord) -> None:
    """Write an attempt, at its end and at each pause: the first write adds a row, each later one of the same id changes it.

    A finished row stays as it is when a late unfinished one comes, and the first `started` counts.

    Parameters
    ----------
    database : Database, str or Path
        Opened, or what `open_database` takes.
    row : AttemptRecord
        The attempt.

    Raises
    ------
    RecordsError
        Where it cannot be written: one line. The attempt itself is not concerned.
    """
    target = database if isinstance(database, Database) else open_database(database)
    try:
        _write(target, row)
    except RecordsError as error:  # another process added the row since we looked; SQLite's write lock forbids that, others do not
        if not isinstance(error.__cause__, IntegrityError):
            raise
        _write(target, row)


def find(
    database: Database,
    *,
    case: str | None = None,
    trainee: str | None = None,
    mode: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    finished: bool | None = None,
) -> tuple[AttemptRecord, ...]:
    """Attempts that fit every wish, the oldest first, without their logs.

    Parameters
    ----------
    database : Database
        Opened.
    case, trainee, mode : str, optional
        Exactly so.
    since, until : datetime, optional
        Bounds of when an attempt started, `until` left out, with time zone.
    finished : bool, optional
        Only finished or only unfinished ones.

    Raises
    ------
    RecordsError
        Where the database cannot be read.
    """
    wishes: list[ColumnElement[bool]] = [
        column == wish
        for column, wish in (
            (ATTEMPTS.c.case, case),
            (ATTEMPTS.c.trainee, trainee),
            (ATTEMPTS.c.mode, mode),
            (ATTEMPTS.c.finished, finished),
        )
        if wish is not None
    ]
    wishes += [] if since is None else [ATTEMPTS.c.started >= since]
    wishes += [] if until is None else [ATTEMPTS.c.started < until]
    with begin_read(database) as connection:
        rows = connection.execute(select(*SHOWN).where(*wishes).order_by(ATTEMPTS.c.started, ATTEMPTS.c.id)).all()
    return tuple(_make_record(row) for row in rows)


def find_best(
    database: Database, *, case: str | None = None, trainee: str | None = None, mode: str | None = None
) -> tuple[AttemptRecord, ...]:
    """The best finished attempt of each trainee at each case in each mode, by `select_best`.

    Parameters
    ----------
    database : Database
        Opened.
    case, trainee, mode : str, optional
        Only of these.

    Raises
    ------
    RecordsError
        Where the database cannot be read.
    """
    return select_best(find(database, case=case, trainee=trainee, mode=mode, finished=True))


def select_best(rows: Iterable[AttemptRecord]) -> tuple[AttemptRecord, ...]:
    """The best scored attempt of each trainee at each case in each mode: passed before failed, then by grade, then the first one.

    Modes are not compared: a guided attempt has had help that no other has.

    Parameters
    ----------
    rows : iterable of AttemptRecord
        As `find` gave them; unfinished ones do not count.
    """
    kept: dict[tuple[str, str, str], AttemptRecord] = {}
    for row in rows:
        key = (row.case, row.trainee, row.mode)
        if row.finished and row.grade is not None and (key not in kept or _rank(row) > _rank(kept[key])):
            kept[key] = row
    return tuple(kept[key] for key in sorted(kept))


def read_log_text(database: Database, attempt_id: str) -> str:
    """The log of an attempt as it was last recorded; empty where it was recorded without.

    Raises
    ------
    RecordsError
        Where there is no such attempt, or the database cannot be read.
    """
    with begin_read(database) as connection:
        found = connection.execute(select(ATTEMPTS.c.log_text).where(ATTEMPTS.c.id == attempt_id)).first()
    if found is None:
        raise RecordsError(f"{database.name}: has no attempt {attempt_id!r}")
    return found[0] or ""


def _write(database: Database, row: AttemptRecord) -> None:
    """Add the row or change it, in one transaction."""
    with begin_write(database) as connection:
        finished = connection.execute(select(ATTEMPTS.c.finished).where(ATTEMPTS.c.id == row.id)).scalar_one_or_none()
        if finished is None:
            connection.execute(insert(ATTEMPTS).values(_values(row)))
        elif row.finished or not finished:
            connection.execute(update(ATTEMPTS).where(ATTEMPTS.c.id == row.id).values(_changes(row)))


def _rank(row: AttemptRecord) -> tuple[bool, float]:
    return bool(row.passed), row.grade or 0.0


def _values(row: AttemptRecord) -> dict[str, Any]:
    """Columns of a row."""
    values = {name: getattr(row, name) for name in PLAIN}
    return {**values, **{str(axis): row.axes.get(axis) for axis in Axis}, "critical": list(row.critical), "log_text": row.log_text}


def _changes(row: AttemptRecord) -> dict[str, Any]:
    """What a later write changes: not when it began, nor the log where it brings none."""
    kept = {"id", "started"} | ({"log_text"} if row.log_text is None else set())
    return {name: value for name, value in _values(row).items() if name not in kept}


def _make_record(row: Row[Any]) -> AttemptRecord:
    values = row._asdict()
    axes = {str(axis): values[str(axis)] for axis in Axis if values[str(axis)] is not None}
    return AttemptRecord(**{name: values[name] for name in PLAIN}, axes=axes, critical=tuple(values["critical"]))
