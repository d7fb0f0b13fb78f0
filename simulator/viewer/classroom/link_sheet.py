"""The sheet of links for a class, as a page and as text."""

import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from simulator.viewer.classroom.seat import Seat

PAGE, TEXT = "links.html", "links.txt"


def write_sheets(seats: Sequence[Seat], title: str, folder: Path) -> tuple[Path, Path]:
    """Write both sheets for their owner alone: who has a link sits on its seat. Returns their paths.

    Parameters
    ----------
    seats : sequence of Seat
        In order.
    title : str
        Of the class.
    folder : Path
        It exists.

    Raises
    ------
    ValueError
        Where they cannot be written.
    """
    made = {folder / PAGE: make_page(seats, title), folder / TEXT: make_text(seats)}
    for path, content in made.items():
        try:
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as stream:
                stream.write(content)
        except OSError as error:
            raise ValueError(f"{path}: cannot be written ({error.strerror}); choose another --attempts") from error
    return folder / PAGE, folder / TEXT


def make_text(seats: Sequence[Seat]) -> str:
    """A line for each seat: number, name, link."""
    width = max(len(seat.name) for seat in seats)
    return "".join(f"{seat.number:3d}  {seat.name:{width}}  {seat.access.url()}\n" for seat in seats)


def make_page(seats: Sequence[Seat], title: str) -> str:
    """A page to open or to print and cut up: no script, nothing from elsewhere."""
    template = resources.files(__package__).joinpath("data/links.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(template).render(seats=seats, title=title)
