"""Best scores so far, from the database of attempts."""

from collections.abc import Iterable, Mapping

from simulator.records.attempt import MODES, AttemptRecord
from simulator.records.database import open_database
from simulator.records.errors import RecordsError
from simulator.records.store import find_best
from simulator.scoring.percent import percent

HELP = ", with help"  # said of guided results wherever they stand near others


def read_best_scores(database: str | None, trainee: str) -> Mapping[str, str]:
    """The best scores of a trainee in each case, one for each mode, in words; nothing where the database cannot be read.

    A guided result stands under its own mode and never for the others: rings and hints have earned part of it.
    """
    try:
        rows = find_best(open_database(database), trainee=trainee)
    except (RecordsError, OSError):
        return {}
    return {case: "; ".join(_describe(row) for row in sorted(own, key=_order)) for case, own in _group(rows).items()}


def _group(rows: Iterable[AttemptRecord]) -> Mapping[str, list[AttemptRecord]]:
    """Rows by case."""
    found: dict[str, list[AttemptRecord]] = {}
    for row in rows:
        found.setdefault(row.case, []).append(row)
    return found


def _order(row: AttemptRecord) -> int:
    """The least helped mode first."""
    return -MODES.index(row.mode)


def _describe(row: AttemptRecord) -> str:
    return f"{row.mode}{HELP if row.mode == MODES[0] else ''}: {percent(row.grade or 0)} of 100{'' if row.passed else ', not passed'}"
