"""An attempt to be recorded, and a database that is a file."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateSchema, DropSchema

from simulator.records.attempt import AttemptRecord
from simulator.records.database import Database, open_database

VARIABLE = "EPIFLUORO_TEST_DATABASE"
SERVER = os.environ.get(VARIABLE, "")
ROW = AttemptRecord(
    id="0" * 32,
    trainee="Ann",
    started=datetime(2026, 11, 28, 9, 0, tzinfo=UTC),
    case="caudal",
    version=2,
    scenario_sha256="ab" * 32,
    seed=7,
    mode="exam",
    epifluoro="0.1.0",
)


@pytest.fixture
def made() -> Callable[..., AttemptRecord]:
    """An attempt that differs from the usual one as told."""

    def make(**changes: Any) -> AttemptRecord:
        return replace(ROW, **changes)

    return make


@pytest.fixture
def server() -> Iterator[str]:
    """URL of an empty place on a real database server, of its own for the test and gone after it."""
    if not SERVER:
        pytest.skip(f"no database server: set {VARIABLE} to an SQLAlchemy URL such as postgresql+psycopg://teacher@localhost/scratch")
    url, schema = make_url(SERVER), f"epifluoro_{uuid4().hex}"
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(CreateSchema(schema))
    yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(DropSchema(schema, cascade=True))


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    return open_database(tmp_path / "attempts.sqlite")


@pytest.fixture(params=["file", "server"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """SQLite's file, and a server's where one is named."""
    return open_database(place(request, tmp_path))


@pytest.fixture(params=["file", "server"])
def unopened(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same, and nobody has made its tables yet."""
    return place(request, tmp_path)


def place(request: pytest.FixtureRequest, folder: Path) -> str:
    return str(folder / "attempts.sqlite") if request.param == "file" else request.getfixturevalue("server")
