"""Attempts on the command line: played, replayed and reported; a log that a hand has changed is refused by its line."""

import json
from hashlib import sha256
from pathlib import Path
from shutil import copytree

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
    lines = [json.loads(line) for line in (played / "attempt.jsonl").read_text().splitlines()]
    assert len([line for line in lines if "action" in line]) == len([item for item in plain["timeline"] if item["kind"] == "action"])
    assert lines[-1]["result"] == {"passed": False, "grade": plain["grade"]}


def test_replay_gives_the_same_score_and_report_the_same_json(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = played / "attempt.jsonl"
    assert main(["replay", str(log)]) == 0
    assert "every recorded state came out again" in capsys.readouterr().out
    assert main(["report", str(log), "--output", str(tmp_path / "again.json")]) == 0
    again = json.loads((tmp_path / "again.json").read_text())
    before = json.loads((played / "report.json").read_text())
    assert again == before | {"images": []}


def relabelled(played: Path, folder: Path, **header: object) -> Path:
    """A copy of an attempt whose log says something else of where it comes from, its chain made good."""
    copytree(played, folder)
    lines: list[bytes] = []
    for line in (folder / "attempt.jsonl").read_text().splitlines():
        record = json.loads(line)
        record |= {"previous": sha256(lines[-1]).hexdigest()} if lines else header
        lines.append(json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    (folder / "attempt.jsonl").write_bytes(b"".join(lines))
    return folder / "attempt.jsonl"


def test_a_log_of_an_older_engine_opens_from_its_stored_report(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = relabelled(played, tmp_path / "older", engine=0)
    assert main(["replay", str(log)]) == 3
    out = capsys.readouterr().out
    assert "not replayed: the log is" in out
    assert "stored result: not passed: " in out
    for name, mark in (("again.html", "<strong>Not replayed</strong>: the log is"), ("again.json", '"verdict": "not replayed"')):
        assert main(["report", str(log), "--output", str(tmp_path / name)]) == 0
        assert "not replayed: the log is" in capsys.readouterr().out
        assert mark in (tmp_path / name).read_text()
    before = json.loads((played / "report.json").read_text())
    assert {**json.loads((tmp_path / "again.json").read_text()), "replay": None} == {**before, "replay": None}


def test_a_log_of_format_2_without_a_stored_report_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "attempt.jsonl"
    log.write_bytes((Path(__file__).parents[1] / "procedure" / "attempt" / "data" / "format-2.jsonl").read_bytes())
    for words in (("replay", str(log)), ("report", str(log), "--output", str(tmp_path / "again.html"))):
        said = run_refused(capsys, *words)
        assert "not replayed: the log is of format 2" in said
        assert "no report is stored beside" in said
    assert not (tmp_path / "again.html").exists()


def test_a_log_with_another_numpy_is_replayed(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions = json.loads((played / "attempt.jsonl").read_text().partition("\n")[0])["versions"]
    log = relabelled(played, tmp_path / "older", versions=versions | {"numpy": "2.0.0", "scipy": "1.13.0"})
    assert main(["replay", str(log)]) == 0
    assert "every recorded state came out again" in capsys.readouterr().out


def test_a_result_that_a_hand_has_turned_is_told(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copytree(played, tmp_path / "turned")
    log = tmp_path / "turned" / "attempt.jsonl"
    log.write_text(log.read_text().replace('"passed":false', '"passed":true'))
    assert "the result is passed, the states score as not passed" in run_refused(capsys, "replay", str(log))
    assert "the result is passed" in run_refused(capsys, "report", str(log), "--output", str(tmp_path / "report.json"))


def run_refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    return said


def test_a_changed_log_is_refused_by_its_line(played: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (played / "attempt.jsonl").read_text().splitlines(keepends=True)
    changed = tmp_path / "changed.jsonl"
    changed.write_text("".join([lines[0].replace('"seed":0', '"seed":1'), *lines[1:]]))
    assert "line 2" in run_refused(capsys, "replay", str(changed))
    changed.write_text("".join(lines)[:-20])
    assert f"line {len(lines)}" in run_refused(capsys, "replay", str(changed))
    changed.write_text("no log\n")
    assert "line 1" in run_refused(capsys, "report", str(changed))


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
    assert said in run_refused(capsys, *words, *extra)


def test_no_attempt_is_written_over(played: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not empty" in run_refused(capsys, "run", CASE, "--script", "idle", "--output", str(played))
