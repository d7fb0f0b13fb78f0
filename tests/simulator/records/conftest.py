"""An attempt to be recorded, and a database that is a file."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.records.attempt import AttemptRecord
from simulator.records.database import Database, opened

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
def database(tmp_path: Path) -> Database:
    return opened(tmp_path / "attempts.sqlite")
