"""Attempts that are over: listed, opened again to the same debrief, also after a kill, and told of where that cannot be."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from scenarios.schema.scenario import Scenario
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.log import read, read_header
from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import About
from simulator.viewer.debrief.stored_page import read_stored_page
from simulator.viewer.engine.worker import Engine
from simulator.viewer.page import attempt_history
from tests.simulator.procedure.toy import PLACED, case_with, change_scenario, read_scenario
from tests.simulator.viewer.engined import CASE, act, clock, engine, folder_of, new_engine, read_messages, say, take, to_wires, until

__all__ = ["clock", "engine"]

SAID = (*PLACED, "shoot", {"advance": {"distance_mm": 50.0}}, "shoot", "monitor", "finish")
SUMMARY = "A case that has been written anew since."


@pytest.fixture
def over(engine: Engine) -> tuple[Path, dict]:
    """Folder and debrief of an attempt that was done."""
    say(engine, {"begin": {"case": CASE, "mode": "practice", "seed": 3}})
    out = act(engine, *SAID)
    (debrief,) = read_messages(out, "debrief")
    folder = folder_of(engine)
    say(engine, {"leave": True})
    return folder, debrief


def other() -> Scenario:
    return change_scenario().model_copy(update={"summary": SUMMARY, "version": 9})


def test_a_past_attempt_opens_to_the_same_debrief_after_a_restart(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, debrief = over
    report = (folder / attempts.PAGE).read_bytes()
    again = new_engine(tmp_path)
    out = until(again, {"review": str(folder)}, "room")
    assert read_messages(out, "case")[0]["id"] == CASE
    assert read_messages(out, "debrief") == [debrief]
    assert read_messages(out, "opening")[-1] == 1.0
    assert read_messages(out, "verified") == ["Played again from its log: every recorded state came out again."]
    say(again, {"replay": 0})
    assert again.debrief is not None
    assert again.debrief.course.state_at(again.debrief.at_s).time_s == 0
    assert (folder / attempts.PAGE).read_bytes() == report


def test_the_engine_listens_while_it_plays_a_log_again(over: tuple[Path, dict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = over
    again = new_engine(tmp_path)
    take(again, {"review": str(folder)})
    monkeypatch.setattr("simulator.viewer.debrief.log_replayer.perf_counter", iter(range(10_000)).__next__)  # each state takes a second
    shares = [read_messages(to_wires(again.tick()), "opening")[0] for _ in range(4)]
    assert shares == sorted(set(shares))
    assert shares[-1] < 1
    assert again.wait_s() == 0
    say(again, {"leave": True})
    assert again.opening is None
    assert list(again.tick()) == []


def test_an_engine_that_dies_in_the_debrief_comes_back_to_it(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, debrief = over
    again = new_engine(tmp_path)
    out = until(again, {"resume": str(folder)}, "room")
    assert read_messages(out, "past") == [True]
    assert read_messages(out, "debrief") == [debrief]


def test_one_that_dies_between_the_last_action_and_the_score_is_scored_then(engine: Engine, tmp_path: Path) -> None:
    say(engine, {"begin": {"case": CASE, "mode": "practice", "seed": 3}})
    act(engine, *SAID[:-1])
    assert engine.runtime is not None
    engine.runtime.attempt.writer.stream.flush()
    folder = folder_of(engine)
    take(engine, {"act": "finish"})
    engine.runtime._act(engine.runtime._queue.pop())  # noqa: SLF001 - the log has it, and nothing else does
    again = new_engine(tmp_path)
    out = until(again, {"resume": str(folder)}, "room")
    assert len(read_messages(out, "debrief")) == 1
    about = attempts.read(folder)
    assert about is not None
    assert about.finished
    assert about.grade == pytest.approx(json.loads((folder / attempts.PLAIN).read_text())["grade"], abs=1e-6)
    assert read(folder / attempts.LOG).result == {"passed": about.passed, "grade": pytest.approx(about.grade, abs=1e-6)}


def test_an_attempt_that_was_gone_on_with_has_a_whole_debrief(engine: Engine, tmp_path: Path, over: tuple[Path, dict]) -> None:
    _, debrief = over
    say(engine, {"begin": {"case": CASE, "mode": "practice", "seed": 3}})
    act(engine, *SAID[:4])
    folder = folder_of(engine)
    again = new_engine(tmp_path)
    say(again, {"resume": str(folder)})
    out = act(again, *SAID[4:-1]) + until(again, {"act": SAID[-1]}, "debrief")
    assert read_messages(out, "debrief") == [debrief]
    assert read(folder / attempts.LOG).result is not None
    assert again.debrief is not None
    assert len(again.debrief.course.states) == len(SAID) + 1


def test_a_case_that_has_changed_is_told_and_its_debrief_not_faked(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, _ = over
    (row,) = attempt_history.list_rows(tmp_path, "", {CASE: other()})
    assert row["why_not"] == f"The case has changed since (version {read_scenario().version} then, 9 now), so it cannot be played again."
    assert row["reported"]
    again = new_engine(tmp_path, case_with(other()))
    out = say(again, {"review": str(folder)})
    (why,) = read_messages(out, "failed")
    assert "another scenario" in why
    assert read_messages(out, "during") == ["review"]
    assert read_messages(out, "debrief") == []
    assert again.opening is again.dossier is None


def edit(log: Path, change: Callable[[list[dict]], None]) -> None:
    """Change a log and make its chain good again."""
    records = [json.loads(line) for line in log.read_text().splitlines()]
    change(records)
    lines: list[bytes] = []
    for record in records:
        said = record | {"previous": sha256(lines[-1]).hexdigest()} if lines else record
        lines.append(json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    log.write_bytes(b"".join(lines))


def test_an_attempt_ends_with_its_result_once(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, _ = over
    before = (folder / attempts.LOG).read_bytes()
    plain = json.loads((folder / attempts.PLAIN).read_text())
    assert read(folder / attempts.LOG).result == {"passed": plain["passed"], "grade": plain["grade"]}
    until(new_engine(tmp_path), {"review": str(folder)}, "room")
    assert (folder / attempts.LOG).read_bytes() == before


def test_one_made_elsewhere_is_marked_verified_to_tolerance(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, debrief = over

    def change(records: list[dict]) -> None:
        records[0]["versions"]["numpy"] = "2.0.0"
        records[-2]["digest"] = "0" * 64

    edit(folder / attempts.LOG, change)
    out = until(new_engine(tmp_path), {"review": str(folder)}, "room")
    assert read_messages(out, "debrief") == [debrief]
    assert "verified to tolerance" in read_messages(out, "verified")[0]


def older(log: Path) -> None:
    edit(log, lambda records: records[0].update(engine=ENGINE - 1))


def format_2(log: Path) -> None:
    log.write_bytes((Path(__file__).parents[2] / "procedure" / "attempt" / "data" / "format-2.jsonl").read_bytes())


@pytest.mark.parametrize("age", [older, format_2])
def test_one_of_an_older_engine_is_not_replayed_and_its_report_opens(
    over: tuple[Path, dict], tmp_path: Path, age: Callable[[Path], None]
) -> None:
    folder, _ = over
    age(folder / attempts.LOG)
    (row,) = attempt_history.list_rows(tmp_path, "", {CASE: read_scenario()})
    assert row["why_not"].startswith("Not replayed: it was made with another engine")
    assert row["why_not"].endswith("What was stored with it opens.")
    assert row["reported"]
    assert row["score"].endswith("not passed")
    assert "<strong>Not replayed</strong>: the log is" in (read_stored_page(folder) or "")
    again = new_engine(tmp_path)
    out = say(again, {"review": str(folder)})
    assert "not replayed" in read_messages(out, "failed")[0]
    assert read_messages(out, "debrief") == []
    assert again.opening is again.dossier is None
    (folder / attempts.PAGE).unlink()
    assert attempt_history.list_rows(tmp_path, "", {CASE: read_scenario()})[0]["why_not"].endswith("No report was stored with it.")
    assert read_stored_page(folder) is None


def test_one_of_this_engine_has_its_report_as_it_is(over: tuple[Path, dict]) -> None:
    assert read_stored_page(over[0]) is None


def test_one_broken_off_with_an_older_engine_is_not_gone_on_with(engine: Engine, tmp_path: Path) -> None:
    say(engine, {"begin": {"case": CASE, "mode": "practice", "seed": 3}})
    act(engine, *SAID[:3])
    folder = folder_of(engine)
    older(folder / attempts.LOG)
    out = say(new_engine(tmp_path), {"resume": str(folder)})
    assert "it cannot be gone on with: begin another attempt at its case" in read_messages(out, "failed")[0]
    assert read_messages(out, "during") == ["resume"]


def test_a_result_that_the_score_does_not_bear_out_is_told(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, _ = over
    edit(folder / attempts.LOG, lambda records: records[-1]["result"].update(passed=True))
    out = until(new_engine(tmp_path), {"review": str(folder)}, "failed")
    assert "the result is passed, the states score as not passed" in read_messages(out, "failed")[0]
    assert read_messages(out, "debrief") == []


def test_rows_are_the_trainees_own_newest_first_with_score_and_date(over: tuple[Path, dict], tmp_path: Path) -> None:
    folder, _ = over
    about = attempts.read(folder)
    assert about is not None
    for name, more in (("20990101T000000-b-0", {"passed": True, "grade": 0.912}), ("20990102T000000-c-0", {"trainee": "another"})):
        (tmp_path / name).mkdir()
        (tmp_path / name / attempts.LOG).write_bytes((folder / attempts.LOG).read_bytes())
        attempts.write(tmp_path / name, replace(about, **more))
    rows = attempt_history.list_rows(tmp_path, "", {CASE: read_scenario()})
    assert [row["name"] for row in rows] == ["20990101T000000-b-0", folder.name]
    assert rows[0]["score"] == "91 of 100"
    assert rows[1]["score"].endswith("not passed")
    assert rows[0]["case"] == read_scenario().title
    assert all(row["why_not"] == "" for row in rows)
    assert len(rows[0]["date"]) == len("2026-11-28 07:00")


@pytest.mark.parametrize("line", [b"", b"no log\n", b'{"epifluoro-log":1}\n'])
def test_a_log_or_a_case_that_is_gone_is_told(tmp_path: Path, line: bytes) -> None:
    folder = tmp_path / "20260101T000000-x-0"
    folder.mkdir()
    (folder / attempts.LOG).write_bytes(line)
    attempts.write(folder, About(case=CASE, finished=True))
    assert "log cannot be read" in attempt_history.list_rows(tmp_path, "", {CASE: read_scenario()})[0]["why_not"]
    attempts.write(folder, About(case="no-such-case", finished=True))
    assert "no longer there" in attempt_history.list_rows(tmp_path, "", {CASE: read_scenario()})[0]["why_not"]


def test_the_header_alone_is_read_from_a_long_log(over: tuple[Path, dict]) -> None:
    folder, _ = over
    found = read_header(folder / attempts.LOG)
    assert found["scenario"]["id"] == CASE
    assert found["seed"] == 3
