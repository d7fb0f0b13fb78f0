"""What a user reads: one line for an error, a bar for a step that takes long, the notice on every face."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

NOTICE = "For education and research only, never for guiding a real needle."
BAD_INPUT = 2
Item = TypeVar("Item")


def get_console() -> Console:
    """Terminal for everything that is not the answer: stderr, so that stdout can be piped."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


def print_refusal(error: Exception) -> int:
    """Say what is wrong in one line on stderr and return the exit code; what is not the user's doing is raised again.

    With ``EPIFLUORO_TRACEBACK`` set everything is raised, for those who look for the cause.
    """
    if os.environ.get("EPIFLUORO_TRACEBACK"):
        raise error
    described = getattr(error, "format_message", None)  # of the command parser
    if described is None and not isinstance(error, ValueError | TypeError | OSError | MemoryError):
        raise error
    message = " ".join(str(described() if described else error or type(error).__name__).split())
    get_console().print(f"epifluoro: {message}", markup=False)
    return BAD_INPUT


def say(line: str) -> None:
    """Print one line of the answer on stdout."""
    sys.stdout.write(f"{line}\n")


def print_result(line: str) -> None:
    """Print the answer on stdout, and on stderr what this program is not for."""
    say(line)
    get_console().print(NOTICE, style="dim")


@contextmanager
def show_step(title: str) -> Iterator[None]:
    """Show a spinner with the time spent while a step without parts runs."""
    with _make_bar(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as progress:
        progress.add_task(title, total=None)
        yield


def show_progress(items: Sequence[Item], title: str) -> Iterable[Item]:
    """Go through items behind a progress bar."""
    with _make_bar(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn()
    ) as progress:
        yield from progress.track(items, description=title)


def _make_bar(*columns: SpinnerColumn | TextColumn | BarColumn | TimeElapsedColumn) -> Progress:
    target = get_console()
    return Progress(*columns, console=target, transient=True, disable=not target.is_terminal)
