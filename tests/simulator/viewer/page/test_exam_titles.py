"""What an exam shows before it is over tells the request and nothing of the catch, on every face of the page; guided results are marked."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios.loader import list_cases, read
from scenarios.names.approaches import RULES
from scenarios.schema.request_text import brief_request, title_request
from simulator.records.attempt import AttemptRecord
from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import About
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.engine.serializers import describe_case
from simulator.viewer.page import high_scores
from simulator.viewer.page.attempt_history import list_rows
from simulator.viewer.page.cards import make_card

CASES = list_cases()
CATCHES = re.compile(
    r"clopidogrel|aspirin|allerg|anaphyla|reaction|gadolinium|diabet|insulin|glucose|pregnan|false|gap|interspinous|adhesion|scar|filling"
    r"|narrow|noisier|deeper|not every",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", CASES)
def test_an_exam_shows_the_request_alone(name: str, tmp_path: Path) -> None:
    case = read(name)
    title, brief = title_request(case), brief_request(case)
    for said in (title, brief):
        assert not CATCHES.search(said)
        assert case.task.interspace in said
        assert str(case.task.side) in said
        assert RULES[case.task.approach].words in said.lower()
        assert case.subject.name in said
    shown = [describe_case(case, TrainingMode.EXAM), make_card(case, mode=TrainingMode.EXAM)]
    assert [(one["title"], one["summary"]) for one in shown] == [(title, brief)] * 2
    folder = attempts.make_folder(tmp_path, About(case=name, mode=str(TrainingMode.EXAM), started=attempts.format_now(), finished=True))
    assert name not in folder.name
    assert folder.name.endswith("-exam-0")
    (folder / attempts.LOG).write_bytes(b"")
    (row,) = list_rows(tmp_path, "", {name: case})
    assert row["case"] == title


@pytest.mark.parametrize("name", CASES)
def test_other_modes_show_the_teaching_title_and_the_card_has_both(name: str) -> None:
    case = read(name)
    for mode in (None, TrainingMode.GUIDED, TrainingMode.PRACTICE):
        assert describe_case(case, mode)["title"] == case.title
        card = make_card(case, mode=mode)
        assert (card["title"], card["exam_title"], card["exam_summary"]) == (case.title, title_request(case), brief_request(case))


def test_requests_tell_the_cases_of_the_library_apart() -> None:
    titles = [title_request(read(name)) for name in CASES]
    assert len(set(titles)) == len(titles)


def test_best_scores_stand_by_mode_and_guided_ones_are_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    row = AttemptRecord(
        id="0",
        started=datetime(2026, 11, 30, tzinfo=UTC),
        case="caudal",
        version=1,
        scenario_sha256="",
        seed=1,
        mode="guided",
        grade=1.0,
        passed=True,
        finished=True,
    )
    rows = (row, replace(row, mode="exam", grade=0.5, passed=False), replace(row, mode="practice", grade=0.9))
    monkeypatch.setattr(high_scores, "open_database", lambda _: None)
    monkeypatch.setattr(high_scores, "find_best", lambda *_, **__: rows)
    said = high_scores.read_best_scores(None, "")["caudal"]
    assert said == "exam: 50 of 100, not passed; practice: 90 of 100; guided, with help: 100 of 100"
