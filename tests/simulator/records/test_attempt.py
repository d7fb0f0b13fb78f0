"""What a row refuses, and how it is made from what a procedure knows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scenarios.loader import read
from simulator.procedure.actions.actions import Finish
from simulator.procedure.attempt import log as logs
from simulator.procedure.measuring import score_attempt
from simulator.procedure.rules.stepping import begin, step
from simulator.records.attempt import AttemptRecord
from simulator.records.attempt_id import FILE, read_identity
from simulator.records.from_state import describe_attempt

Make = Callable[..., AttemptRecord]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": "easy"}, "mode must be one of guided, practice, exam, got 'easy'"),
        ({"id": ""}, "id must have 1 to 64 characters"),
        ({"grade": 40.0}, "grade must be from 0 to 1, got 40.0"),
        ({"grade": float("nan")}, "grade must be from 0 to 1, got nan"),
        ({"axes": {"speed": 1.0}}, "axes must be of safety"),
        ({"axes": {"safety": 1.2}}, r"axes\[safety\] must be from 0 to 1"),
        ({"fluoro_s": -1.0}, "fluoro_s must be finite"),
        ({"dap_gy_cm2": float("inf")}, "dap_gy_cm2 must be finite"),
        ({"trainee": "Ann\x1b[31m"}, "printable characters"),
        ({"trainee": "A" * 81}, "at most 80"),
        ({"started": datetime(2026, 11, 28)}, "started must have a time zone"),  # noqa: DTZ001
    ],
)
def test_a_row_refuses_what_it_cannot_mean(made: Make, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made(**changes)


def test_moments_are_kept_in_utc(made: Make) -> None:
    row = made(started=datetime(2026, 11, 28, 9, 0, tzinfo=timezone(timedelta(hours=9))))
    assert row.started == datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
    assert row.started.utcoffset() == timedelta(0)


def test_a_row_is_made_from_what_the_procedure_knows(tmp_path: Path) -> None:
    first = begin(read("pregnancy"), seed=5)
    last = step(first, Finish())
    score = score_attempt([first, last])
    writer = logs.start(tmp_path / "attempt.jsonl", first)
    logs.append(writer, Finish(), last)
    writer.close()
    row = describe_attempt(
        logs.make_header(first),
        attempt_id=read_identity(tmp_path),
        mode="exam",
        trainee="Ann",
        started=datetime.now(UTC),
        finished=True,
        score=score,
        simulated_s=last.time_s,
        log=tmp_path / "attempt.jsonl",
    )
    assert (row.case, row.seed, row.passed, row.grade) == ("pregnancy", 5, score.passed, score.grade)
    assert row.version == first.case.scenario.version
    assert row.scenario_sha256 == first.case.scenario.sha256
    assert row.axes == {str(axis): share for axis, share in score.axes.items()}
    assert row.critical == tuple(result.criterion.name for result in score.critical)
    assert row.log_text == (tmp_path / "attempt.jsonl").read_text(encoding="utf-8")
    assert row.epifluoro


def test_a_log_that_cannot_be_read_costs_no_row(tmp_path: Path) -> None:
    header = logs.make_header(begin(read("pregnancy"), seed=5))
    row = describe_attempt(header, attempt_id="a", mode="exam", started=datetime.now(UTC), log=tmp_path / "gone.jsonl")
    assert row.log_text is None
    assert row.log.endswith("gone.jsonl")


def test_an_attempt_keeps_its_id_and_no_two_share_one(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    first, second = map(read_identity, folders)
    assert first != second
    assert read_identity(folders[0]) == first
    (folders[1] / FILE).write_text("")
    assert read_identity(folders[1]) == read_identity(folders[1]) != ""
