"""Recorded attempts as a table on the terminal, or as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.terminal import get_console, print_result, say
from simulator.door.words import match_word

if TYPE_CHECKING:
    from simulator.records.attempt import AttemptRecord

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultFilter:
    """Which attempts: None for what does not matter; days are of this machine's clock, both included."""

    case: str | None = None
    trainee: str | None = None
    mode: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    best: bool = False


def show_results(database: str | None, wish: ResultFilter, output: Path | None) -> int:
    """List attempts, or export them. Returns the exit code.

    Raises
    ------
    ValueError
        Where the database cannot be read, or the file not be written.
    """
    if output is not None and output.suffix.lower() not in SUFFIXES:
        raise ValueError(f"--output must end in {' or '.join(SUFFIXES)}, got {output.name!r}")
    rows = _find_wished(database, wish)
    if output is not None:
        _export(output, rows)
        print_result(f"{len(rows)} attempt{'s' if len(rows) != 1 else ''}: {output.resolve()}")
    elif rows:
        _show(rows)
    else:
        say("no such attempts")
    return 0


def _find_wished(database: str | None, wish: ResultFilter) -> tuple["AttemptRecord", ...]:
    from simulator.records.attempt import MODES
    from simulator.records.database import open_database
    from simulator.records.store import find, select_best

    rows = find(
        open_database(database, create=False),
        case=wish.case,
        trainee=wish.trainee,
        mode=None if wish.mode is None else match_word(wish.mode, MODES, "--mode"),
        since=None if wish.since is None else wish.since.astimezone(UTC),
        until=None if wish.until is None else (wish.until + timedelta(days=1)).astimezone(UTC),
    )
    return select_best(rows) if wish.best else rows


def _export(output: Path, rows: Sequence["AttemptRecord"]) -> None:
    from simulator.formats.atomic import replace_atomically
    from simulator.records.export import write_csv, write_parquet

    with replace_atomically(output) as temporary:
        (write_csv if output.suffix.lower() == ".csv" else write_parquet)(temporary, rows)


def _show(rows: Sequence["AttemptRecord"]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from scenarios.names.enums import Axis

    table = Table(title=f"{len(rows)} attempt{'s' if len(rows) != 1 else ''}; grade and axes of 100")
    for name in ("begun", "trainee", "case", "mode", "result"):
        table.add_column(name, overflow="fold")
    for name in ("grade", *(str(axis)[:5] for axis in Axis), "time", "fluoro s", "Gy cm2"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("critical errors", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, _cells(row)))
    terminal = Console(highlight=False)
    (terminal if terminal.is_terminal else Console(highlight=False, width=220)).print(table)
    if not all(row.finished for row in rows):
        get_console().print("Open attempts have no grade yet; the trainee can go on with them.")


def _cells(row: "AttemptRecord") -> tuple[str, ...]:
    from scenarios.names.enums import Axis
    from simulator.records.attempt import MODES
    from simulator.scoring.percent import percent

    shares = (row.grade, *(row.axes.get(axis) for axis in Axis))
    result = "open" if not row.finished else "not scored" if row.passed is None else "passed" if row.passed else "not passed"
    result += ", with help" if row.mode == MODES[0] else ""
    return (
        f"{row.started.astimezone():%Y-%m-%d %H:%M}",
        row.trainee,
        f"{row.case} {row.version}",
        row.mode,
        result,
        *("" if share is None else str(percent(share)) for share in shares),
        f"{int(row.simulated_s // 60)}:{int(row.simulated_s % 60):02d}",
        f"{row.fluoro_s:.1f}",
        f"{row.dap_gy_cm2:.2f}",
        ", ".join(row.critical),
    )
