"""Attempts that are over, as the start page lists them: when, which case, how it went, and whether it can still be played again."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scenarios.errors import ScenarioError
from scenarios.loader import read as read_case
from scenarios.schema.scenario import Scenario
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.log import LogError, engine_of, read_header
from simulator.scoring.percent import percent
from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import LOG, PAGE, PNG, About
from simulator.viewer.common.case_titles import name_case
from simulator.viewer.text.strings import text

Plain = dict[str, Any]


def list_rows(root: Path, trainee: str, library: Mapping[str, Scenario]) -> list[Plain]:
    """A trainee's past attempts, the newest first.

    Parameters
    ----------
    root : Path
        Folder of all attempts.
    trainee : str
        Whose.
    library : mapping of str to Scenario
        Cases by name, as they are now.

    Returns
    -------
    list of dict
        ``folder``, ``name``, ``date`` (of this machine's clock), ``case``, ``mode``, ``score``, ``reported`` and ``imaged`` (whether report
        and images are stored), and ``why_not``: in words why it cannot be played again, empty where it can.
    """
    cases: dict[str, Scenario | None] = dict(library)
    return [_make_row(folder, about, cases) for folder, about in attempts.list_finished(root, trainee)]


def explain_obstacle(folder: Path, case: Scenario | None) -> str:
    """Why an attempt cannot be played again, in words; empty where it may be tried.

    Parameters
    ----------
    folder : Path
        Of the attempt.
    case : Scenario or None
        Its case as it is now; None where there is none any more.
    """
    if case is None:
        return text("past.no_case")
    try:
        found = read_header(folder / LOG)
    except LogError:
        return text("past.no_log")
    if engine_of(found) != ENGINE:
        stored = "past.not_replayed" if (folder / PAGE).is_file() else "past.not_replayed_bare"
        return text(stored, {"then": engine_of(found), "now": ENGINE})
    recorded = found["scenario"]
    if recorded.get("sha256") == case.sha256:
        return ""
    return text("past.changed", {"then": recorded.get("version"), "now": case.version})


def _make_row(folder: Path, about: About, cases: dict[str, Scenario | None]) -> Plain:
    case = _find_case(about.case, cases)
    return {
        "folder": str(folder),
        "name": folder.name,
        "date": _date(about.started),
        "case": about.case if case is None else name_case(case, about.mode),
        "mode": about.mode + (f", {text('tour.title').lower()}" if about.tour else ""),
        "score": _score(about),
        "reported": (folder / PAGE).is_file(),
        "imaged": (folder / PNG).is_file(),
        "why_not": explain_obstacle(folder, case),
    }


def _find_case(name: str, cases: dict[str, Scenario | None]) -> Scenario | None:
    """A case by its name, or from a file outside the library, which is read once."""
    if name not in cases:
        try:
            cases[name] = read_case(name)
        except (ScenarioError, ValueError, OSError):
            cases[name] = None
    return cases[name]


def _date(started: str) -> str:
    try:
        return f"{datetime.fromisoformat(started).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return started


def _score(about: About) -> str:
    if about.grade is None:
        return ""
    return text("past.passed" if about.passed else "past.failed", {"grade": percent(about.grade)})
