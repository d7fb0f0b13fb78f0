"""The catalogue of criteria that cases share, and how a case refers to it."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from scenarios.errors import advise_nearest
from scenarios.safe_yaml import Loader

USE = "use"


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Return the shared criteria by name, as plain mappings."""
    text = resources.files("scenarios").joinpath("criteria.yaml").read_text(encoding="utf-8")
    entries = yaml.load(text, Loader=Loader)  # noqa: S506, a safe one, in C where there is one
    found = {entry["name"]: entry for entry in entries}
    if len(found) < len(entries):
        raise ValueError("scenarios/criteria.yaml names a criterion twice")
    return found


class UnknownCriterionError(ValueError):
    """An entry that uses a criterion which the catalogue does not have.

    Attributes
    ----------
    what, mend : str
        The name that is missing; the nearest one.
    """

    def __init__(self, name: object) -> None:
        self.what, self.mend = f"no criterion {name!r} in the catalogue", advise_nearest(name, catalogue())
        super().__init__(f"{self.what}; {self.mend}")


def merge(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fields of a criterion as a case's list writes it.

    Parameters
    ----------
    entry : mapping
        A whole criterion, or ``use: NAME`` of the catalogue with what differs.

    Raises
    ------
    UnknownCriterionError
        Where the catalogue has no such name.

    Examples
    --------
    >>> merged = merge({"use": "tip-to-target", "high": 3})
    >>> merged["name"], merged["high"]
    ('tip-to-target', 3)
    """
    if USE not in entry:
        return entry
    shared = catalogue().get(str(entry[USE]))
    if shared is None:
        raise UnknownCriterionError(entry[USE])
    return {**shared, **{key: value for key, value in entry.items() if key != USE}}
