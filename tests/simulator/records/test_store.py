"""Attempts come out of the database as they went in, once each, whoever writes them."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from simulator.records.attempt import AttemptRecord
from simulator.records.database import Database, open_database
from simulator.records.errors import RecordsError
from simulator.records.export import write_csv
from simulator.records.from_state import describe_attempt
from simulator.records.store import find, find_best, read_log_text, record

Make = Callable[..., AttemptRecord]
LATER = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
SCORED = {
    "ended": LATER,
    "finished": True,
    "passed": False,
    "grade": 0.4,
    "axes": {"safety": 0.5, "placement": 1.0, "imaging": 0.25, "efficiency": 0.0, "interpretation": 1.0},
    "critical": ("wrong-side", "drug-without-contrast"),
    "simulated_s": 912.5,
    "fluoro_s": 31.25,
    "dap_gy_cm2": 0.75,
    "log": "/attempts/1/attempt.jsonl",
}


def test_a_row_comes_out_as_it_went_in(database: Database, made: Make) -> None:
    row = made(**SCORED)
    record(database, row)
    assert find(database) == (row,)


def test_many_writes_of_one_attempt_are_one_row(database: Database, made: Make) -> None:
    record(database, made())
    record(database, made(simulated_s=60.0))
    record(database, made(started=LATER, **SCORED))
    assert find(database) == (made(**SCORED),), "the last facts, and the first beginning"


def test_a_late_unfinished_write_does_not_take_a_result_back(database: Database, made: Make) -> None:
    record(database, made(**SCORED))
    record(database, made(simulated_s=1.0))
    assert find(database) == (made(**SCORED),)


def test_a_log_is_kept_whole_and_not_lost_by_a_write_without_one(database: Database, made: Make) -> None:
    text = '{"action":"µ"}\n' * 50_000
    record(database, made(log_text=text))
    record(database, made(simulated_s=5.0))
    assert read_log_text(database, made().id) == text


def test_a_log_is_kept_compressed(sqlite: Database, made: Make) -> None:
    text = '{"action":"µ"}\n' * 50_000
    record(sqlite, made(log_text=text))
    size = sum(path.stat().st_size for path in Path(sqlite.name).parent.iterdir())
    assert size < len(text) / 2


def test_an_unknown_attempt_has_no_log(database: Database) -> None:
    with pytest.raises(RecordsError, match="has no attempt 'nobody'"):
        read_log_text(database, "nobody")


def test_rows_are_found_by_each_wish_and_in_order_of_time(database: Database, made: Make) -> None:
    rows = [
        made(id=f"{number:032d}", trainee=trainee, case=case, mode=mode, started=LATER + timedelta(days=number), finished=number % 2 == 0)
        for number, (trainee, case, mode) in enumerate(
            [("Ann", "caudal", "exam"), ("Ben", "caudal", "guided"), ("Ann", "pregnancy", "exam"), ("", "caudal", "practice")]
        )
    ]
    for row in reversed(rows):
        record(database, row)
    assert find(database) == tuple(rows)
    assert find(database, trainee="Ann") == (rows[0], rows[2])
    assert find(database, trainee="") == (rows[3],)
    assert find(database, case="caudal", trainee="Ann") == (rows[0],)
    assert find(database, mode="guided") == (rows[1],)
    assert find(database, finished=False) == (rows[1], rows[3])
    assert find(database, since=rows[1].started, until=rows[3].started) == (rows[1], rows[2])
    east = timezone(timedelta(hours=9))
    assert find(database, since=rows[1].started.astimezone(east)) == tuple(rows[1:]), "a bound is a moment, whatever its zone"


def test_best_is_one_row_per_case_and_trainee(database: Database, made: Make) -> None:
    def add(number: int, trainee: str, case: str, grade: float | None, *, passed: bool = False, finished: bool = True) -> None:
        record(database, made(id=f"{number:032d}", trainee=trainee, case=case, grade=grade, passed=passed, finished=finished))

    add(1, "Ann", "caudal", 0.9)
    add(2, "Ann", "caudal", 0.8, passed=True)
    add(3, "Ann", "caudal", 0.85, passed=True)
    add(4, "Ann", "caudal", 1.0, passed=True, finished=False)
    add(5, "Ben", "caudal", 0.3)
    add(6, "Ann", "pregnancy", 0.1)
    add(7, "Ben", "pregnancy", None)
    found = {(row.case, row.trainee): row.grade for row in find_best(database)}
    assert found == {("caudal", "Ann"): 0.85, ("caudal", "Ben"): 0.3, ("pregnancy", "Ann"): 0.1}
    assert [row.grade for row in find_best(database, trainee="Ann", case="pregnancy")] == [0.1]


def test_a_guided_result_is_the_best_of_its_own_mode_alone(database: Database, made: Make) -> None:
    for number, (mode, grade) in enumerate((("guided", 1.0), ("practice", 0.8), ("exam", 0.7), ("practice", 0.6))):
        record(database, made(id=f"{number:032d}", case="caudal", mode=mode, grade=grade, passed=True, finished=True))
    assert {row.mode: row.grade for row in find_best(database)} == {"guided": 1.0, "practice": 0.8, "exam": 0.7}


WRITER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from simulator.records.attempt import AttemptRecord
from simulator.records.store import record
from simulator.records.database import open_database
place, writer, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
row = AttemptRecord(id="x", trainee=f"seat {writer}", started=datetime(2026, 11, 28, tzinfo=UTC), case="caudal", version=1,
                    scenario_sha256="0" * 64, seed=writer, mode="exam")
record(place, replace(row, id="shared", simulated_s=float(writer)))
place = open_database(place)
for number in range(count):
    one = replace(row, id=f"{writer}-{number}")
    record(place, one)
    record(place, replace(one, finished=True, grade=0.5, passed=False, log_text="line\\n" * 200))
"""


def write_together(place: str, writers: int, count: int) -> None:
    """Several processes, each with its own rows and one row that all share, from a database that none of them has made yet."""

    def run(writer: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", WRITER, place, str(writer), str(count)], capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(writers) as pool:
        done = list(pool.map(run, range(writers)))
    assert [one.returncode for one in done] == [0] * writers, "\n".join(one.stderr for one in done)


@pytest.mark.slow
def test_of_many_processes_that_write_at_once_no_row_is_lost(unopened: str) -> None:
    writers, count = 4, 60
    write_together(unopened, writers, count)
    rows = find(open_database(unopened, create=False))
    assert len(rows) == writers * count + 1
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.finished and row.grade == 0.5 for row in rows if row.id != "shared")


def test_reading_does_not_wait_for_a_writer(database: Database, made: Make) -> None:
    record(database, made())
    impatient = open_database(database.engine.url.render_as_string(hide_password=False), patience_s=0.0)
    with database.engine.execution_options(writes=True).begin():
        assert len(find(impatient)) == 1


def test_an_attempt_whose_log_cannot_be_replayed_is_listed_and_exported(database: Database, tmp_path: Path) -> None:
    log = Path(__file__).parents[1] / "procedure" / "attempt" / "data" / "format-2.jsonl"
    head = json.loads(log.read_text().partition("\n")[0])
    row = describe_attempt(head, attempt_id="old", mode="exam", started=datetime(2026, 11, 1, tzinfo=UTC), finished=True, log=log)
    record(database, row)
    (found,) = find(database)
    assert (found.case, found.seed, found.epifluoro) == ("lumbar-interlaminar-l4-l5", 3, "0.1.0")
    assert read_log_text(database, "old") == log.read_text()
    write_csv(tmp_path / "class.csv", find(database))
    assert "lumbar-interlaminar-l4-l5" in (tmp_path / "class.csv").read_text()
