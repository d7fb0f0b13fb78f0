"""How a seat tells its class that somebody is using it: the age of a small file."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

VARIABLE = "EPIFLUORO_HEARTBEAT"


def beat(environment: Mapping[str, str]) -> None:
    """Tell that the trainee has just done something; does nothing outside a class, and nothing where the disk refuses.

    Parameters
    ----------
    environment : mapping
        Usually ``os.environ``: ``EPIFLUORO_HEARTBEAT`` names the file.
    """
    named = environment.get(VARIABLE)
    if named:
        with suppress(OSError):
            Path(named).touch()


def read_last_beat(path: Path) -> float | None:
    """When somebody last did something, s since the epoch; None where nobody has."""
    try:
        return path.stat().st_mtime
    except OSError:
        return None
