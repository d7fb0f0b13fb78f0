"""The catalogue of criteria that cases share, and how a case refers to it."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

import yaml

from scenarios.safe_yaml import Loader
from scenarios.schema.criterion import Criterion

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


def resolve(entries: Sequence[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """Turn a case's list of criteria into criteria.

    Parameters
    ----------
    entries : sequence of mapping
        Each a whole criterion, or ``use: NAME`` of the catalogue with what differs.

    Raises
    ------
    ValueError
        Where a name is not in the catalogue, or a criterion does not hold together.

    Examples
    --------
    >>> [criterion.high for criterion in resolve([{"use": "tip-to-target", "high": 3}])]
    [3.0]
    """
    return tuple(Criterion.model_validate(_merged(entry)) for entry in entries)


def _merged(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if USE not in entry:
        return entry
    name = entry[USE]
    shared = catalogue().get(name)
    if shared is None:
        close = get_close_matches(str(name), catalogue(), n=1)
        raise ValueError(f"criteria: no criterion {name!r} in the catalogue" + (f"; did you mean {close[0]!r}?" if close else ""))
    return {**shared, **{key: value for key, value in entry.items() if key != USE}}
