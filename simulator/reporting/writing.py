"""A report as files: the page for people, JSON for machines."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from phantoms.io.atomic_file import replace_file

if TYPE_CHECKING:
    from simulator.reporting.report import Report

PAGE, PLAIN = "report.html", "report.json"
"""Names of a report's files beside its log."""


def as_text(report: "Report", suffix: str) -> str:
    """A report as a file of some kind holds it.

    Parameters
    ----------
    report : Report
        What to tell.
    suffix : str
        ".html" or ".json".

    Raises
    ------
    ValueError
        If it is another.
    """
    from simulator.reporting.page import as_page  # only here: who asks for the names alone need not wait for plots and templates
    from simulator.reporting.to_json import as_plain

    if suffix == ".html":
        return as_page(report)
    if suffix == ".json":
        return json.dumps(as_plain(report), indent=1, ensure_ascii=False) + "\n"
    raise ValueError(f"a report is written as .html or .json, got {suffix!r}")


def write(folder: Path, report: "Report") -> None:
    """Write a report into a folder, as a page and as JSON.

    Parameters
    ----------
    folder : Path
        Of the attempt.
    report : Report
        What to tell.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    for name in (PAGE, PLAIN):
        with replace_file(folder / name) as temporary:
            temporary.write_text(as_text(report, Path(name).suffix), encoding="utf-8")
