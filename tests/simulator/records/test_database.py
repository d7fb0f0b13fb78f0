"""A database that cannot be used says so in one line."""

import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from simulator.records import database as databases
from simulator.records.attempt import AttemptRecord
from simulator.records.database import Database, begin_read, default_path, describe_place, open_database
from simulator.records.errors import RecordsError
from simulator.records.store import find, record
from simulator.records.table import METADATA

Make = Callable[..., AttemptRecord]


def catch_message(call: Callable[[], object]) -> str:
    with pytest.raises(RecordsError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 500
    return text


def test_a_new_database_is_in_write_ahead_mode_and_its_owners_alone(sqlite: Database) -> None:
    with begin_read(sqlite) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert stat.S_IMODE(Path(sqlite.name).stat().st_mode) == 0o600


def test_a_url_and_a_path_open_the_same_file(tmp_path: Path, made: Make) -> None:
    record(tmp_path / "a.sqlite", made())
    assert len(find(open_database(f"sqlite:///{tmp_path}/a.sqlite", create=False))) == 1
    assert len(find(open_database(str(tmp_path / "a.sqlite"), create=False))) == 1


def test_the_users_own_database_is_made_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Make) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if tmp_path not in default_path().parents:
        pytest.skip("this system keeps user data elsewhere")
    record(open_database(), made())
    assert default_path().is_file()


def test_a_locked_database(sqlite: Database, made: Make) -> None:
    impatient = open_database(sqlite.name, patience_s=0.05)
    with sqlite.engine.execution_options(writes=True).begin():
        assert "another program has kept it locked" in catch_message(lambda: record(impatient, made()))
    record(impatient, made())


def test_a_missing_folder(tmp_path: Path) -> None:
    assert f"make the folder {tmp_path / 'no'}" in catch_message(lambda: open_database(tmp_path / "no" / "a.sqlite"))


def test_a_folder_in_the_files_place(tmp_path: Path) -> None:
    assert "is a folder" in catch_message(lambda: open_database(tmp_path))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_text("attempts: none\n" * 100)
    assert "is no database" in catch_message(lambda: open_database(path))
    assert path.read_text().startswith("attempts"), "left as it was"


def test_a_damaged_database(sqlite: Database, made: Make) -> None:
    for number in range(4):
        record(sqlite, made(id=f"{number:032d}", log="x" * 50_000))
    path = Path(sqlite.name)
    content = bytearray(path.read_bytes())
    content[2048:] = b"\x55" * (len(content) - 2048)
    path.write_bytes(content)
    assert "is damaged" in catch_message(lambda: find(open_database(path)))


def test_a_database_that_may_not_be_written(sqlite: Database, made: Make) -> None:
    read_only = open_database(f"sqlite:///file:{sqlite.name}?mode=ro&uri=true", create=False)
    assert find(read_only) == ()
    assert "cannot be written" in catch_message(lambda: record(read_only, made()))


def test_a_folder_that_may_not_be_written(unwritable: Path) -> None:
    assert "cannot be made" in catch_message(lambda: open_database(unwritable / "a.sqlite"))


def test_reading_makes_no_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    assert "no attempt has been recorded there" in catch_message(lambda: open_database(path, create=False))
    assert not path.exists()


def test_a_database_of_another_program_or_another_version(tmp_path: Path, sqlite: Database) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE pupils (name TEXT)")
    assert "holds no attempts" in catch_message(lambda: open_database(other, create=False))
    with sqlite3.connect(sqlite.name) as connection:
        connection.execute("UPDATE epifluoro_schema SET version = 99")
    assert "holds tables of version 99, this epifluoro reads version 1" in catch_message(lambda: open_database(sqlite.name))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("sqlite://", "need a file"),
        ("sqlite:///:memory:", "need a file"),
        ("nosuch://host/x", "no such kind of database"),
        ("://", "is no path and no URL"),
        ("oracle+oracledb://user:hidden@host/x", "is not installed; pip install oracledb"),
    ],
)
def test_a_url_that_leads_nowhere(place: str, words: str) -> None:
    text = catch_message(lambda: open_database(place))
    assert words in text
    assert "hidden" not in text


def test_the_tables_can_be_said_to_postgresql() -> None:
    said_to_it = " ".join(str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in METADATA.sorted_tables)
    assert "BYTEA" in said_to_it
    assert "seed BIGINT NOT NULL" in said_to_it


def test_a_password_is_never_shown() -> None:
    assert describe_place("postgresql+psycopg://teacher:hidden@server/class") == "postgresql+psycopg://teacher:***@server/class"


def test_a_server_that_does_not_answer_or_does_not_know_us_is_one_line(server: str) -> None:
    url = make_url(server)
    for other in (url.set(port=1), url.set(database="no-such-database"), url.set(username="nobody", password="hidden")):
        text = catch_message(lambda other=other: open_database(other.render_as_string(hide_password=False)))
        assert "the database refused (" in text
        assert "hidden" not in text


def test_reading_makes_no_tables_on_a_server(server: str) -> None:
    assert "holds no attempts" in catch_message(lambda: open_database(server, create=False))
    open_database(server)
    open_database(server, create=False)


def test_a_driver_without_its_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ImportError("no pq wrapper available.")

    monkeypatch.setattr(databases, "create_engine", broken)
    assert "pip install 'epifluoro[postgresql]'" in catch_message(lambda: open_database("postgresql+psycopg://server/class"))
