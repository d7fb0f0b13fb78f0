"""The catalogue of criteria that cases share, and how a case refers to it."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from scenarios.errors import advise_nearest
from scenarios.safe_yaml import Loader

USE, MINIMUM = "use", "axis_minimum"
REPLACED = {
    "skin-preparation": "'sterility', which is added by itself",
    "protection": "'lead', and 'sterility', which is added by itself",
    "uptake-missed": "'run-heeded', which is added by itself",
    "dura-unrecognised": "'drug-intrathecal'",
    "staff-dose": "'dap', with which it rose and fell",
}
"""Criteria that there were, and what measures the same now."""


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Return the shared criteria by name, as plain mappings."""
    text = resources.files("scenarios").joinpath("criteria.yaml").read_text(encoding="utf-8")
    entries = yaml.load(text, Loader=Loader)  # noqa: S506, a safe one, in C where there is one
    found = {entry["name"]: entry for entry in entries}
    if len(found) < len(entries):
        raise ValueError("scenarios/criteria.yaml names a criterion twice")
    return found


@cache
def _load_sets() -> Mapping[str, Any]:
    text = resources.files("scenarios").joinpath("criteria_sets.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text, Loader=Loader)  # noqa: S506, a safe one, in C where there is one
    return found


@cache
def criteria_sets() -> Mapping[str, Sequence[str]]:
    """Names of shared criteria by set."""
    return MappingProxyType({name: tuple(chosen) for name, chosen in _load_sets().items() if name != MINIMUM})


@cache
def default_minimum() -> Mapping[str, float]:
    """Share of its points below which an axis fails an attempt, by axis, where a case says nothing; an axis that is not named has none."""
    return MappingProxyType({axis: float(share) for axis, share in _load_sets()[MINIMUM].items()})


class UnknownCriterionError(ValueError):
    """An entry that uses a criterion which the catalogue does not have.

    Attributes
    ----------
    what, mend : str
        The name that is missing; the nearest one.
    """

    def __init__(self, name: object) -> None:
        self.what = f"no criterion {name!r} in the catalogue"
        self.mend = f"it went into {REPLACED[name]}" if isinstance(name, str) and name in REPLACED else advise_nearest(name, catalogue())
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
