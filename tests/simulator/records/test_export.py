"""Exports hold every row, read back with the readers that people use."""

import csv
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.records.attempt import AttemptRecord
from simulator.records.export import COLUMNS, write_csv, write_parquet

Make = Callable[..., AttemptRecord]
ENDED = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def two(made: Make) -> tuple[AttemptRecord, AttemptRecord]:
    scored = made(
        id="b", ended=ENDED, finished=True, passed=True, grade=0.8, axes={"safety": 1.0}, critical=("wrong-side", "dura"), fluoro_s=12.5
    )
    return made(id="a", trainee=""), scored


def test_csv_reads_back(tmp_path: Path, made: Make) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, two(made))
    with path.open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert tuple(first) == COLUMNS
    assert (first["id"], first["grade"], first["passed"], first["finished"], first["ended"]) == ("a", "", "", "false", "")
    assert (second["trainee"], float(second["grade"]), second["passed"]) == ("Ann", 0.8, "true")
    assert second["critical"] == "wrong-side; dura"
    assert datetime.fromisoformat(second["ended"]) == ENDED
    assert (second["safety"], second["imaging"]) == ("1.0", "")


@pytest.mark.parametrize("name", ["=1+1", "+49", "-x", "@SUM(A1)"])
def test_a_name_is_no_formula_for_a_spreadsheet(tmp_path: Path, made: Make, name: str) -> None:
    write_csv(tmp_path / "a.csv", [made(trainee=name)])
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["trainee"] == f"'{name}"


def test_parquet_reads_back_with_its_types(tmp_path: Path, made: Make) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(tmp_path / "a.parquet", two(made))
    table = parquet.read_table(tmp_path / "a.parquet")
    assert tuple(table.column_names) == COLUMNS
    assert str(table.schema.field("started").type) == "timestamp[us, tz=UTC]"
    first, second = table.to_pylist()
    assert (first["grade"], first["passed"], first["critical"]) == (None, None, [])
    assert (second["grade"], second["passed"], second["critical"], second["ended"]) == (0.8, True, ["wrong-side", "dura"], ENDED)


def test_parquet_of_no_rows_has_its_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_parquet(tmp_path / "a.parquet", [])
    assert tuple(parquet.read_table(tmp_path / "a.parquet").column_names) == COLUMNS


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ValueError, match=r"pip install 'epifluoro\[batch\]'"):
        write_parquet(tmp_path / "a.parquet", [])
