"""The table of attempts, the same in every database."""

import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Dialect, Float, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

from scenarios.names.enums import Axis

SCHEMA = 1
"""Raised whenever the columns change; a database of another number is refused rather than misread."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, stored without its zone where a database has none (SQLite), and with its zone in Python."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else value.replace(tzinfo=UTC)


class Compressed(TypeDecorator[str]):
    """Text that is kept compressed: a log of JSON Lines shrinks to about a tenth."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else zlib.compress(value.encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002, whatever the driver gives
        """From the database."""
        return None if value is None else zlib.decompress(bytes(value)).decode()


METADATA = MetaData()
VERSIONS = Table("epifluoro_schema", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))
ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("trainee", String(80), nullable=False, index=True),
    Column("started", UtcDateTime, nullable=False, index=True),
    Column("ended", UtcDateTime),
    Column("case", String(200), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("scenario_sha256", String(64), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("passed", Boolean),
    Column("grade", Float),
    *(Column(str(axis), Float) for axis in Axis),
    Column("critical", JSON, nullable=False),
    Column("simulated_s", Float, nullable=False),
    Column("fluoro_s", Float, nullable=False),
    Column("dap_gy_cm2", Float, nullable=False),
    Column("epifluoro", String(40), nullable=False),
    Column("log", Text, nullable=False),
    Column("log_text", Compressed),
)
SHOWN = tuple(column for column in ATTEMPTS.columns if column.name != "log_text")
"""Every column but the log itself, which may be long."""
