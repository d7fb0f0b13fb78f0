"""Attempts as a table in a file: CSV for spreadsheets, Parquet for analysis."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scenarios.names.enums import Axis
from simulator.records.attempt import AttemptRecord
from simulator.records.table import SHOWN

COLUMNS = tuple(column.name for column in SHOWN)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def write_csv(path: Path, rows: Sequence[AttemptRecord]) -> None:
    """Write attempts as CSV in UTF-8 with a header; moments as ISO 8601 in UTC, critical errors separated by semicolons.

    Text that a spreadsheet would take for a formula gets an apostrophe in front: a trainee chooses the name, a teacher opens the file.

    Parameters
    ----------
    path : Path
        Of the file, which is replaced.
    rows : sequence of AttemptRecord
        In the order wanted.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([_cell(value) for value in _values(row).values()] for row in rows)


def write_parquet(path: Path, rows: Sequence[AttemptRecord]) -> None:
    """Write attempts as Parquet, every column with its type; critical errors as lists.

    Parameters
    ----------
    path : Path
        Of the file, which is replaced.
    rows : sequence of AttemptRecord
        In the order wanted.

    Raises
    ------
    ValueError
        Where pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise ValueError("Parquet files need pyarrow: pip install 'epifluoro[batch]', or write .csv") from error
    moment, text, number = arrow.timestamp("us", tz="UTC"), arrow.string(), arrow.float64()
    kinds = {
        **dict.fromkeys(COLUMNS, text),
        **dict.fromkeys(("started", "ended"), moment),
        **dict.fromkeys(("grade", "simulated_s", "fluoro_s", "dap_gy_cm2", *map(str, Axis)), number),
        **dict.fromkeys(("version", "seed"), arrow.int64()),
        **dict.fromkeys(("finished", "passed"), arrow.bool_()),
        "critical": arrow.list_(text),
    }
    schema = arrow.schema([(name, kinds[name]) for name in COLUMNS])
    parquet.write_table(arrow.Table.from_pylist([_values(row) for row in rows], schema=schema), path)


def _values(row: AttemptRecord) -> dict[str, Any]:
    """By column."""
    axes = {str(axis): row.axes.get(axis) for axis in Axis}
    return {name: axes[name] if name in axes else list(row.critical) if name == "critical" else getattr(row, name) for name in COLUMNS}


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
