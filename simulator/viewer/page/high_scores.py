"""Best scores so far, from the database of attempts."""

from collections.abc import Mapping

from simulator.records.database import open_database
from simulator.records.errors import RecordsError
from simulator.records.store import find_best
from simulator.scoring.percent import percent


def read_best_scores(database: str | None, trainee: str) -> Mapping[str, str]:
    """The best score of a trainee in each case, in words; nothing where the database cannot be read."""
    try:
        rows = find_best(open_database(database), trainee=trainee)
    except (RecordsError, OSError):
        return {}
    return {row.case: f"{percent(row.grade or 0)} of 100{'' if row.passed else ', not passed'}" for row in rows}
