"""Records from plain values: a dataclass from the keys and values of a file, checked field by field against its annotations.

An annotation may carry bounds, ``Annotated[float, Within(0, 10)]``, or a conversion, ``Annotated[Level, Convert(function)]``.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from enum import Enum, StrEnum
from functools import cache
from math import isfinite
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from phantoms.terms.number_kinds import is_number, is_whole
from phantoms.terms.serialization import refuse_unknown
from phantoms.terms.value_text import describe_value

Record = TypeVar("Record")
Names = tuple[tuple[str, Any], ...]

KINDS: Mapping[Any, str] = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds of a number, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Convert:
    """A function that a value passes before it is read; the words of its ValueError reach the reader."""

    function: Callable[[Any], Any]


def is_finite(value: float) -> bool:
    """Whether a number is finite; a whole number that no float can hold is not."""
    try:
        return isfinite(value)
    except OverflowError:
        return False


def read_record(kind: type[Record], values: Mapping[str, Any], where: str, names: Names = ()) -> Record:
    """A record from keys and values.

    Parameters
    ----------
    kind : type
        A dataclass.
    values : mapping
        As YAML or JSON gave it.
    where : str
        What precedes a key in messages, e.g. ``"advance."``.
    names : tuple of (str, type)
        Names that annotations of the class use and its module does not have at run time.

    Raises
    ------
    ValueError
        Where a key is unknown or missing, or a value is of the wrong kind, out of bounds or not finite: one line that
        names it and what to do.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class Syringe:
    ...     volume_ml: Annotated[float, Within(0, 50)]
    >>> read_record(Syringe, {"volume_ml": 5}, "syringe.")
    Syringe(volume_ml=5.0)
    >>> read_record(Syringe, {"volume": 5}, "syringe.")
    Traceback (most recent call last):
    ...
    ValueError: syringe.volume: unknown key; did you mean 'volume_ml'?
    """
    hints = hints_of(kind, names)
    refuse_unknown(values, hints, where)
    missing = [item.name for item in fields(cast(Any, kind)) if item.name not in values and _has_no_default(item)]
    if missing:
        word = where.rstrip(".")
        raise ValueError(f"{where}{missing[0]}: is missing; say for example {{{word}: {{{missing[0]}: ...}}}}")
    return kind(**{name: read_value(value, hints[name], f"{where}{name}") for name, value in values.items()})


def hints_of(kind: type, names: Names = ()) -> dict[str, Any]:
    """Annotations of a dataclass's fields, by name, their bounds included."""
    return _hints(cast(Any, kind), names)


@cache
def _hints(kind: Any, names: Names) -> dict[str, Any]:  # noqa: ANN401, a dataclass
    hints = get_type_hints(kind, localns=dict(names), include_extras=True)
    return {item.name: hints[item.name] for item in fields(kind)}


def read_value(value: Any, hint: Any, where: str) -> Any:  # noqa: ANN401, whatever a file holds
    """A value of an annotation's kind; raises as `read_record` does."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _read_annotated(value, hint, where)
    if origin in (Union, types.UnionType):
        return None if value is None and type(None) in get_args(hint) else _read_union(value, hint, where)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return _read_word(value, (hint,), where)
    if origin is tuple:
        return _read_tuple(value, get_args(hint), where)
    return value if hint is object else _read_simple(value, hint, where)


def _has_no_default(item: Any) -> bool:  # noqa: ANN401, a field
    return item.default is MISSING and item.default_factory is MISSING


def _read_annotated(value: Any, hint: Any, where: str) -> Any:  # noqa: ANN401
    kind, *marks = get_args(hint)
    try:
        for mark in marks:
            value = mark.function(value) if isinstance(mark, Convert) else value
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    found = read_value(value, kind, where)
    for mark in marks:
        if isinstance(mark, Within) and found is not None and not mark.low <= found <= mark.high:
            raise ValueError(
                f"{where}: expected {KINDS.get(kind, 'numbers')} from {mark.low:g} to {mark.high:g}, got {describe_value(value)}"
            )
    return found


def _read_union(value: Any, hint: Any, where: str) -> Any:  # noqa: ANN401
    parts = [part for part in get_args(hint) if part is not type(None)]
    return _read_word(value, parts, where) if len(parts) > 1 else read_value(value, parts[0], where)


def _read_tuple(value: Any, kinds: tuple[Any, ...], where: str) -> tuple[Any, ...]:  # noqa: ANN401
    if isinstance(value, Mapping) and kinds[-1] is Ellipsis:  # {iohexol-240: 3} for pairs
        value = list(value.items())
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"{where}: expected a list, got {describe_value(value)}")
    if kinds[-1] is Ellipsis:
        return tuple(read_value(item, kinds[0], f"{where}[{number}]") for number, item in enumerate(value))
    if len(value) != len(kinds):
        raise ValueError(f"{where}: expected {len(kinds)} values, got {len(value)}")
    return tuple(read_value(item, kind, f"{where}[{number}]") for number, (item, kind) in enumerate(zip(value, kinds, strict=True)))


def _read_word(value: Any, kinds: Sequence[Any], where: str) -> Any:  # noqa: ANN401
    words = {word: member for kind in kinds for word, member in _words(kind).items()}
    if not isinstance(value, str) or str(value) not in words:
        close = get_close_matches(str(value), words, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(words)}"
        raise ValueError(f"{where}: no {describe_value(value)}; {hint}")
    return words[str(value)]


def _words(kind: Any) -> dict[str, Any]:  # noqa: ANN401, a Literal or an enum
    """Words of a file for the members of an enum: their values, or their names in lower case where the values are no words."""
    if get_origin(kind) is Literal:
        return {word: word for word in get_args(kind)}
    return {str(member) if issubclass(kind, StrEnum) else member.name.lower(): member for member in kind}


def _read_simple(value: Any, kind: type, where: str) -> Any:  # noqa: ANN401
    """A number, whole number, switch or text, as Python's own: what a log holds stays plain, whoever made it with NumPy."""
    if kind is float and is_number(value):
        if not is_finite(value):
            raise ValueError(f"{where}: expected a finite number, got {describe_value(value)}")
        return float(value)
    if kind is int and is_whole(value):
        return int(value)
    if (kind is str and isinstance(value, str)) or (kind is bool and isinstance(value, bool | np.bool_)):
        return kind(value)
    raise ValueError(f"{where}: expected {KINDS[kind]}, got {describe_value(value)}")
