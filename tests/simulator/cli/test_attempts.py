"""Attempts on the command line: played, replayed and reported; a log that a hand has changed is refused by its line."""

import json
from pathlib import Path

import pytest

from simulator.cli import main

CASE = "lumbar-interlaminar-l4-l5"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An attempt that did nothing: quick, and it fails."""
    folder = tmp_path_factory.mktemp("attempt") / "idle"
    assert main(["run", CASE, "--script", "idle", "--output", str(folder), "--size", "64"]) == 0
    return folder


def test_run_writes_log_page_and_json(played: Path) -> None:
    plain = json.loads((played / "report.json").read_text())
    assert plain["passed"] is False
    assert plain["scenario"]["id"] == CASE
    assert "completed" in plain["critical"]
    assert "never for guiding a real needle" in (played / "report.html").read_text()
    assert (played / "attempt.jsonl").read_text().count("\n") == 1 + len([item for item in plain["timeline"] if item["kind"] == "action"])


def test_replay_gives_the_same_score_and_report_the_same_json(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = played / "attempt.jsonl"
    assert main(["replay", str(log)]) == 0
    assert "every recorded state came out again" in capsys.readouterr().out
    assert main(["report", str(log), "--output", str(tmp_path / "again.json")]) == 0
    again = json.loads((tmp_path / "again.json").read_text())
    before = json.loads((played / "report.json").read_text())
    assert again == before | {"images": []}


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    return said


def test_a_changed_log_is_refused_by_its_line(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (played / "attempt.jsonl").read_text().splitlines(keepends=True)
    changed = tmp_path / "changed.jsonl"
    changed.write_text("".join([lines[0].replace('"seed":0', '"seed":1'), *lines[1:]]))
    assert "line 2" in refused(capsys, "replay", str(changed))
    changed.write_text("".join(lines)[:-20])
    assert f"line {len(lines)}" in refused(capsys, "replay", str(changed))
    changed.write_text("no log\n")
    assert "line 1" in refused(capsys, "report", str(changed))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "lumbar-interlaminar-l4"), "did you mean"),
        (("run", CASE, "--script", "exprt"), "did you mean 'expert'"),
        (("run", CASE, "--script", "idle", "--size", "8"), "--size must be from 64"),
        (("replay", "missing.jsonl"), "missing.jsonl"),
        (("report", "missing.jsonl", "--output", "x.pdf"), ".html or .json"),
        (("validate", "contarst"), "did you mean 'contrast'"),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extra = ("--output", str(tmp_path / "new")) if words[0] == "run" else ()
    assert said in refused(capsys, *words, *extra)


def test_no_attempt_is_written_over(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not empty" in refused(capsys, "run", CASE, "--script", "idle", "--output", str(played))
