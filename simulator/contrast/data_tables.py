"""The tables that this package ships."""

import csv
from functools import cache
from importlib import resources


@cache
def read_rows(file: str) -> tuple[dict[str, str], ...]:
    """Rows of a table in ``data``, comments left out."""
    text = resources.files("simulator.contrast").joinpath("data", file).read_text(encoding="utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
