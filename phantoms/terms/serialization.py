"""Parameters as plain dictionaries of numbers and words, and back: what files and hashes are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

from phantoms.terms.body_size import Derived
from phantoms.terms.value_text import describe_value

Record = TypeVar("Record")


def to_plain(value: Any) -> Any:  # noqa: ANN401, whatever a record holds
    """A record, mapping or value as dictionaries, lists, numbers, words and booleans only."""
    if is_dataclass(value):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Derived):
        return float(value)
    return str(value) if isinstance(value, StrEnum) else value


def refuse_unknown(given: Iterable[object], known: Iterable[str], where: str) -> None:
    """Refuse the first key that is not known, with the nearest that is.

    Parameters
    ----------
    given, known : iterable of str
    where : str
        What precedes the key in the message, e.g. ``"patient.yaml: discs.L3."``.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> refuse_unknown(["cob_deg"], ["cobb_deg", "apex"], "patient.yaml: scoliosis.")
    Traceback (most recent call last):
    ...
    ValueError: patient.yaml: scoliosis.cob_deg: unknown key; did you mean 'cobb_deg'?
    """
    names = {name.lower(): name for name in known}
    for key in given:
        if key not in names.values():
            close = get_close_matches(str(key).lower(), names, n=1)
            hint = f"did you mean '{names[close[0]]}'?" if close else f"known are {', '.join(names.values())}"
            raise ValueError(f"{where}{key}: unknown key; {hint}")


def update_record(record: Record, changes: object, where: str) -> Record:
    """The record with the fields that a mapping names, recursively for mappings of records.

    Parameters
    ----------
    record : dataclass instance
    changes : mapping of str to value
        As a file gave it.
    where : str
        Path to the record, for messages.

    Raises
    ------
    ValueError
        Where a key is unknown or a value is refused, with its place.
    """
    if not isinstance(changes, Mapping):
        raise ValueError(f"{where.rstrip('.')}: expected keys and values, got {describe_value(changes)}")
    names = [item.name for item in fields(record)]  # type: ignore[arg-type]
    refuse_unknown(changes, names, where)
    values = {name: getattr(record, name) for name in names}
    for name, change in changes.items():
        values[name] = _apply_change(values[name], change, f"{where}{name}")
    try:
        return type(record)(**values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where.rstrip('.')}: {error}") from None


def _apply_change(old: Any, change: Any, where: str) -> Any:  # noqa: ANN401, whatever a record holds
    if is_dataclass(old):
        return update_record(old, change, f"{where}.")
    if not isinstance(old, Mapping):
        return change
    if not isinstance(change, Mapping):
        raise ValueError(f"{where}: expected keys and values, got {describe_value(change)}")
    refuse_unknown(change, [str(key) for key in old], f"{where}.")
    return {key: _apply_change(item, change[key], f"{where}.{key}") if key in change else item for key, item in old.items()}
