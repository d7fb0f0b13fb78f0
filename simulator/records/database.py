"""A database opened: a file of SQLite, which many processes write at once, or whatever an SQLAlchemy URL names.

SQLite runs in write-ahead mode: readers never wait, writers wait for each other, for `PATIENCE_S` at most. A transaction is a few
milliseconds long and begins with the write lock (``BEGIN IMMEDIATE``), for one that asks for it half way is refused without waiting.
Write-ahead mode needs a disk of this machine; on a network share name a PostgreSQL URL instead.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, ProgrammingError
from sqlalchemy.pool import NullPool

from simulator.records.error_messages import describe_error
from simulator.records.errors import RecordsError
from simulator.records.table import METADATA, SCHEMA, VERSIONS

PATIENCE_S = 30.0
SERVER_PATIENCE_S = 5


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Database:
    """An opened database; holds no connection between transactions, so that it may lie in any thread.

    Attributes
    ----------
    engine : Engine
        SQLAlchemy's.
    name : str
        For people: a path, or a URL without its password.
    """

    engine: Engine
    name: str


def default_path() -> Path:
    """Where attempts are kept if nothing else is named: in the user's data folder of this system."""
    return user_data_path("epifluoro") / "attempts.sqlite"


def open_database(place: str | Path | None = None, *, create: bool = True, patience_s: float = PATIENCE_S) -> Database:
    """Open a database and make its tables where they are missing.

    Parameters
    ----------
    place : str or Path, optional
        Path of an SQLite file, or an SQLAlchemy URL such as ``postgresql+psycopg://teacher@server/class``; the user's own file if left out.
    create : bool
        Whether file and tables are made where they are missing.
    patience_s : float
        How long to wait for other writers of an SQLite file, s.

    Raises
    ------
    RecordsError
        Where that cannot be: one line.
    """
    url, name = _parse_url(place), describe_place(place)
    path = _file(url)
    if path is not None:
        _make_file(path, create, named=place is not None)
    database = Database(engine=_make_engine(url, name, patience_s), name=name)
    with simplify_errors(name):
        versions = _read_versions(database.engine)
        if not versions and create:
            if path is not None:
                _write_ahead(database.engine, patience_s)
            versions = _make_tables(database.engine)
    if versions != (SCHEMA,):
        held = f"tables of version {versions[0]}" if versions else "no attempts"
        raise RecordsError(f"{name}: holds {held}, this epifluoro reads version {SCHEMA}; give another --database")
    return database


def describe_place(place: str | Path | None) -> str:
    """A database for people: its path, or its URL without password; raises as `open_database` does."""
    url = _parse_url(place)
    return str(_file(url) or url.render_as_string(hide_password=True))


@contextmanager
def begin_write(database: Database) -> Iterator[Connection]:
    """One transaction that writes; raises RecordsError in one line."""
    with simplify_errors(database.name), database.engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def begin_read(database: Database) -> Iterator[Connection]:
    """One transaction that reads; raises RecordsError in one line."""
    with simplify_errors(database.name), database.engine.begin() as connection:
        yield connection


@contextmanager
def simplify_errors(name: str) -> Iterator[None]:
    """What the driver says, in one line of ours."""
    try:
        yield
    except DBAPIError as error:
        raise RecordsError(f"{name}: {describe_error(error)}") from error


def _parse_url(place: str | Path | None) -> URL:
    if place is None or isinstance(place, Path) or "://" not in place:
        path = default_path() if place is None else Path(place).expanduser()
        return URL.create("sqlite", database=str(path.absolute()))
    try:
        return make_url(place)
    except ArgumentError as error:
        raise RecordsError(f"--database {place!r} is no path and no URL such as postgresql+psycopg://user@server/name") from error


def _file(url: URL) -> Path | None:
    """The file of an SQLite database; None for another, or one that is named as SQLite's own kind of address."""
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in (None, "", ":memory:"):
        raise RecordsError("attempts need a file, for several processes write them; give --database a path")
    return None if str(url.database).startswith("file:") else Path(str(url.database))


def _make_file(path: Path, create: bool, *, named: bool) -> None:
    """Make the file, for its owner alone: it holds names and results. SQLite gives the files beside it the same rights."""
    if path.is_dir():
        raise RecordsError(f"{path}: is a folder; give --database the name of a file in it")
    if not create:
        if not path.is_file():
            raise RecordsError(f"{path}: no such database; no attempt has been recorded there")
        return
    try:
        if not named:
            path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise RecordsError(
            f"{path}: cannot be made ({error.strerror}); make the folder {path.parent} or give another --database"
        ) from error


def _make_engine(url: URL, name: str, patience_s: float) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url, poolclass=NullPool, connect_args=_patience(url))
        engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": patience_s})
    except NoSuchModuleError as error:
        raise RecordsError(f"{name}: SQLAlchemy knows no such kind of database; try sqlite:///file or postgresql+psycopg://...") from error
    except ImportError as error:
        raise RecordsError(f"{name}: {_describe_missing(url, error)}") from error
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _patience(url: URL) -> dict[str, int]:
    """How long PostgreSQL's driver waits for a server that does not answer: an attempt waits as long. The URL may say otherwise."""
    waits = url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query
    return {"connect_timeout": SERVER_PATIENCE_S} if waits else {}


def _describe_missing(url: URL, error: ImportError) -> str:
    """What to install for a database whose driver is not there, or lacks its library."""
    extra = "'epifluoro[postgresql]'" if url.drivername == "postgresql+psycopg" else error.name
    return f"the driver {url.get_driver_name()} is not installed; pip install {extra}"


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401, SQLAlchemy's
    connection.isolation_level = None  # the driver would begin by itself, and without the write lock


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _write_ahead(engine: Engine, patience_s: float) -> None:
    """Set write-ahead mode once for all; another process that is at it at the same moment makes us wait ourselves."""
    until_s = time.monotonic() + patience_s
    while True:
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if time.monotonic() > until_s or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise DBAPIError("PRAGMA journal_mode=WAL", None, error) from error
            time.sleep(0.01)
        except sqlite3.DatabaseError as error:
            raise DBAPIError("PRAGMA journal_mode=WAL", None, error) from error
        finally:
            raw.close()


def _make_tables(engine: Engine) -> tuple[int, ...]:
    """Make the tables, or find that another process makes them at the same moment; returns what `_read_versions` does."""
    for again in (True, False):
        try:
            with engine.execution_options(writes=True).begin() as connection:
                METADATA.create_all(connection)
                if connection.execute(select(VERSIONS.c.version)).first() is None:
                    connection.execute(insert(VERSIONS).values(version=SCHEMA))
            break
        except (IntegrityError, ProgrammingError):  # PostgreSQL; SQLite's write lock forbids it
            if not again:
                raise
    return _read_versions(engine)


def _read_versions(engine: Engine) -> tuple[int, ...]:
    """Version of the tables; empty where there are none."""
    with engine.begin() as connection:
        if not inspect(connection).has_table(VERSIONS.name):
            return ()
        return tuple(connection.execute(select(VERSIONS.c.version)).scalars())
