"""`epifluoro results`: a table for people, files for programs, one line for what cannot be."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="pip install 'epifluoro[viewer]'")

from simulator.cli import main  # noqa: E402
from simulator.records.attempt import AttemptRecord  # noqa: E402
from simulator.records.database import open_database  # noqa: E402
from simulator.records.store import record  # noqa: E402


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A database with four attempts of two trainees."""
    database = open_database(tmp_path / "class.sqlite")
    for number, (trainee, case, day, grade, passed) in enumerate(
        [
            ("Ann", "caudal", 1, 0.6, False),
            ("Ann", "caudal", 2, 0.9, True),
            ("[red]Ben[/red]", "caudal", 3, 0.4, False),
            ("Ann", "pregnancy", 4, None, None),
        ]
    ):
        row = AttemptRecord(
            id=f"attempt-{number}",
            trainee=trainee,
            started=datetime(2026, 11, day, 12, 0, tzinfo=UTC),
            case=case,
            version=1,
            scenario_sha256="0" * 64,
            seed=number,
            mode="exam",
            finished=grade is not None,
            grade=grade,
            passed=passed,
            axes={} if grade is None else {"safety": 0.25},
            critical=("wrong-side",) if grade == 0.4 else (),
            simulated_s=754.0,
        )
        record(database, row)
    return database.name


def run_results(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["results", *words]) == 0
    return capsys.readouterr().out


def test_everything_is_listed(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = run_results(capsys, "--database", place)
    lines = [line for line in out.splitlines() if "caudal" in line or "pregnancy" in line]
    assert len(lines) == 4
    assert all(word in lines[1] for word in ("2026-11-02", "Ann", "caudal 1", "exam", "passed", "90", "25", "12:34"))
    assert "[red]Ben[/red]" in lines[2], "a name is text, never markup"
    assert "wrong-side" in lines[2]
    assert "open" in lines[3]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--case", "pregnancy"], 1),
        (["--trainee", "Ann"], 3),
        (["--trainee", "Ann", "--best"], 1),
        (["--best"], 2),
        (["--mode", "exam", "--since", "2026-11-02", "--until", "2026-11-03"], 2),
    ],
)
def test_wishes_narrow_the_list(place: str, capsys: pytest.CaptureFixture[str], words: list[str], count: int) -> None:
    assert f"{count} attempt" in run_results(capsys, "--database", place, *words)


def test_nothing_found_is_said(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_results(capsys, "--database", place, "--trainee", "Nobody") == "no such attempts\n"


def test_export_to_csv(place: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert "4 attempts" in run_results(capsys, "--database", place, "--output", str(path))
    with path.open(encoding="utf-8", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [f"attempt-{number}" for number in range(4)]


def test_export_to_parquet(place: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    run_results(capsys, "--database", place, "--trainee", "Ann", "--output", str(path))
    assert parquet.read_table(path).column("grade").to_pylist() == [0.6, 0.9, None]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--database", "{folder}/none.sqlite"], "no such database"),
        (["--database", "{folder}"], "is a folder"),
        (["--database", "nosuch://x"], "no such kind of database"),
        (["--database", "{place}", "--output", "table.xlsx"], "must end in .csv or .parquet"),
        (["--database", "{place}", "--output", "{folder}/no/table.csv"], "cannot write in that folder"),
        (["--database", "{place}", "--mode", "exams"], "did you mean 'exam'?"),
        (["--database", "{place}", "--since", "yesterday"], "yesterday"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    place: str, tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", *(word.format(folder=tmp_path, place=place) for word in words)]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("epifluoro: ")
    assert said in streams.err
    assert streams.err.count("\n") == 1
