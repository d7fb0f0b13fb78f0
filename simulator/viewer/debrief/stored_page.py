"""The stored report of an attempt that this engine does not replay."""

from pathlib import Path

from simulator.procedure.attempt.log import LogError, NotReplayed, check_engine, read_header
from simulator.reporting.stored import mark_page
from simulator.viewer.common.attempts import LOG, PAGE


def read_stored_page(folder: Path) -> str | None:
    """The stored report of an attempt with a note that it is not replayed; None where it is, or where there is no report.

    Parameters
    ----------
    folder : Path
        Of the attempt.
    """
    try:
        check_engine(folder / LOG, read_header(folder / LOG))
    except NotReplayed as error:
        try:
            return mark_page((folder / PAGE).read_text(encoding="utf-8"), error.why)
        except (OSError, UnicodeDecodeError):
            return None
    except LogError:
        return None
    return None
