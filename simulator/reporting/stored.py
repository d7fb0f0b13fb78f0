"""The report that was stored beside a log: what opens of an attempt that is not replayed."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from phantoms.terms.number_kinds import is_number
from phantoms.terms.record_reader import is_finite, read_record
from simulator.reporting.circumstances import Circumstances
from simulator.reporting.writing import PAGE, PLAIN

MARK = "not replayed"
BODY = "<body>"
HEAD_END = "</head>"
STYLE = "margin: 0; padding: .6rem 1rem; background: #fff1e5; border-left: 4px solid #b42318"
NOTE = '<p role="note" style="{style}"><strong>{mark}</strong>: {why}</p>'


def read_stored_plain(folder: Path) -> Mapping[str, Any] | None:
    """The stored report as data; None where there is none, or it is damaged."""
    try:
        found = json.loads((folder / PLAIN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    grade, passed = (found.get("grade"), found.get("passed")) if isinstance(found, dict) else (None, None)
    sound = isinstance(passed, bool) and is_number(grade) and is_finite(grade) and 0 <= grade <= 1
    return found if sound else None


def read_stored_circumstances(folder: Path) -> Circumstances:
    """Who, when and with what help, as the stored report has it; nothing known where there is none, or it is damaged."""
    found: Any = (read_stored_plain(folder) or {}).get("circumstances")
    try:
        return read_record(
            Circumstances, {name: found[name] for name in Circumstances.__dataclass_fields__ if name in found}, "circumstances."
        )
    except (TypeError, ValueError):
        return Circumstances()


def read_stored_report(folder: Path, suffix: str, why: str) -> str:
    """The stored report as a file of some kind holds it, marked as not replayed.

    Parameters
    ----------
    folder : Path
        Of the attempt.
    suffix : str
        ".html" or ".json".
    why : str
        Why the log is not replayed, in words.

    Raises
    ------
    ValueError
        Where no such report is stored.
    """
    if suffix == ".json":
        found = read_stored_plain(folder)
        if found is None:
            raise ValueError(f"{folder / PLAIN}: no report is stored beside the log")
        return json.dumps({**found, "replay": {"verdict": MARK, "why": why}}, indent=1, ensure_ascii=False) + "\n"
    try:
        return mark_page((folder / PAGE).read_text(encoding="utf-8"), why)
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{folder / PAGE}: no report is stored beside the log") from error


def mark_page(page: str, why: str) -> str:
    """A page with a note at its head that its log is not replayed.

    Examples
    --------
    >>> "<strong>Not replayed</strong>: another engine" in mark_page("<body><h1>Report</h1></body>", "another engine")
    True
    """
    note = NOTE.format(style=STYLE, mark=MARK.capitalize(), why=escape(why))
    head, end, rest = page.partition(HEAD_END)  # an empty comment or a second body in between cannot swallow the note
    before, body, after = rest.partition(BODY) if end else page.partition(BODY)
    whole = body and not before.strip()
    return f"{head}{end}{before}{body}{note}{after}" if whole else note + page
