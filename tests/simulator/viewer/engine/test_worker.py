"""The engine by its messages, in this process: it lets go of what it no longer needs, and nothing that the page says brings it down."""

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="pip install 'epifluoro[viewer]'")

from simulator.viewer.common.messages import LeaveRequest  # noqa: E402
from simulator.viewer.engine.worker import Engine, Setup  # noqa: E402
from tests.simulator.viewer.engined import take, to_wires  # noqa: E402

NONSENSE = (
    {"act": None},
    {"act": {"wait": {"duration_s": 1e300}}},
    {"hold": None},
    {"hold": 5},
    {"hold": {"pedal": True, "tail": 1}},
    {"screen": 5},
    {"screen": {"size": [512]}},
    {"screen": {"contrast": "much"}},
    {"screen": {"contrast": None}},
    {"screen": {"inverted": 1}},
    {"screen": {"quarter_turns": 1.5}},
    {"shaft_mm": "deep"},
    {"roll_deg": None},
    {"undo": "all"},
    {"undo": -4},
    {"slice": "../../etc/passwd"},
    {"slice": 5},
    {"replay": "there"},
    {"begin": {"case": "no-such-case"}},
    {"resume": "/no/such/folder"},
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(setup=Setup(attempts=tmp_path / "attempts", database=str(tmp_path / "a.sqlite")))
    yield made
    list(made.take(LeaveRequest()))


def collect_answers(engine: Engine, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What comes of messages."""
    return [answer for message in messages for answer in (*take(engine, message), *to_wires(engine.tick()))]


def begin(case: str) -> dict[str, Any]:
    return {"begin": {"case": case, "mode": "guided", "seed": 1}}


@pytest.mark.slow
def test_a_patient_goes_when_another_case_is_begun(engine: Engine) -> None:
    collect_answers(
        engine, begin("caudal"), {"again": True}, {"act": "shoot"}, {"act": {"review": {"item": "imaging"}}}, {"slice": "axial-disc"}
    )
    assert engine.runtime is not None
    case = weakref.ref(engine.runtime.state.case)
    collect_answers(engine, begin("aspirin"))
    assert case() is None


@pytest.mark.slow
def test_nonsense_is_answered_in_one_line_and_changes_nothing(engine: Engine) -> None:
    collect_answers(engine, begin("caudal"), {"again": True})
    assert engine.runtime is not None
    before = engine.runtime.state
    for message in NONSENSE[:-2]:
        (answer,) = [answer for answer in collect_answers(engine, message) if {"refused", "failed"} & set(answer)]
        words = answer.get("refused") or answer["failed"]
        assert "\n" not in words.strip()
    assert engine.runtime.state.chart == before.chart
    assert engine.runtime.monitors.display == type(engine.runtime.monitors.display)()
    for message in NONSENSE[-2:]:
        assert any("failed" in answer for answer in collect_answers(engine, message))
