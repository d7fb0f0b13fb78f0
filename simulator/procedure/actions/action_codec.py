"""Actions as plain data and back: the form that scripts and logs share.

An action is a mapping with one key, its word: ``{"advance": {"distance_mm": 5.0}}``; a bare word where nothing is to be said.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from math import isfinite
from typing import Any, Union, get_args, get_origin, get_type_hints

from phantoms.terms import serialization as ground
from simulator.procedure.actions.actions import ACTIONS, Action

Plain = dict[str, dict[str, Any]]

LONGEST = 40  # of a number in a message


def plain(action: Action) -> Plain:
    """An action as a mapping with one key, its word; fields at their defaults are left out.

    Parameters
    ----------
    action : Action

    Examples
    --------
    >>> from simulator.procedure.actions.actions import Wait
    >>> plain(Wait(duration_s=2.0))
    {'wait': {'duration_s': 2.0}}
    """
    return {action.word: {item.name: ground.plain(getattr(action, item.name)) for item in fields(action) if _said(action, item)}}


def action(said: object) -> Action:
    """An action from its plain form, or from its bare word.

    Parameters
    ----------
    said : mapping or str
        As YAML or JSON gave it.

    Raises
    ------
    ValueError
        Where the word or a field is unknown, missing, of the wrong kind, or not finite: one line that names it and what to do.

    Examples
    --------
    >>> action({"advance": {"distance": 5}})
    Traceback (most recent call last):
    ...
    ValueError: advance.distance: unknown key; did you mean 'distance_mm'?
    >>> action("aspirate")
    Aspirate()
    """
    word, values = _word_and_values(said)
    kind = ACTIONS[word]
    hints = _hints(word)
    ground.refuse_unknown(values, hints, f"{word}.")
    missing = [item.name for item in fields(kind) if item.name not in values and item.default is MISSING]
    if missing:
        raise ValueError(f"{word}.{missing[0]}: is missing; say for example {{{word}: {{{missing[0]}: ...}}}}")
    return kind(**{name: _read(value, hints[name], f"{word}.{name}") for name, value in values.items()})


def within_floats(value: float) -> bool:
    """Whether a number is finite; a whole number of hundreds of digits is none that can be reckoned with."""
    try:
        return isfinite(value)
    except OverflowError:
        return False


def checked(action: Action) -> Action:
    """An action with every field of its kind and finite, as its plain form would give it back, however it was made.

    Raises
    ------
    ValueError
        Where that cannot be: names the action and the field.
    """
    if type(action) not in ACTIONS.values():
        raise ValueError(f"expected an action such as {', '.join(list(ACTIONS)[:4])}, got {action!r}")
    hints = _hints(action.word)
    return type(action)(**{name: _read(getattr(action, name), hint, f"{action.word}.{name}") for name, hint in hints.items()})


def _said(action: Action, item: Field[Any]) -> bool:
    return item.default is MISSING or getattr(action, item.name) != item.default


def _word_and_values(said: object) -> tuple[str, Mapping[str, Any]]:
    if isinstance(said, str):
        said = {said: {}}
    if not isinstance(said, Mapping) or len(said) != 1:
        raise ValueError(f"expected an action as a mapping with one key, such as {{wait: {{duration_s: 2}}}}, got {said!r}")
    ((word, values),) = said.items()
    if word not in ACTIONS:
        close = get_close_matches(str(word), ACTIONS, n=1)
        raise ValueError(f"{word}: unknown action; " + (f"did you mean '{close[0]}'?" if close else f"known are {', '.join(ACTIONS)}"))
    if not isinstance(values, Mapping | None):
        raise ValueError(f"{word}: expected keys and values, got {values!r}")
    return str(word), values or {}


@cache
def _hints(word: str) -> dict[str, Any]:
    kind = ACTIONS[word]
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _read(value: Any, hint: Any, where: str) -> Any:  # noqa: ANN401, whatever a file holds
    """A value of a field's kind."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _read(value, next(part for part in get_args(hint) if part is not type(None)), where)
    if origin is tuple:
        return _read_tuple(value, get_args(hint), where)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _read_word(value, hint, where)
    return _read_simple(value, hint, where)


def _read_tuple(value: Any, kinds: tuple[Any, ...], where: str) -> tuple[Any, ...]:  # noqa: ANN401
    if isinstance(value, Mapping) and kinds[-1] is Ellipsis:  # {iohexol-240: 3} for pairs
        value = list(value.items())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"{where}: expected a list, got {value!r}")
    if kinds[-1] is Ellipsis:
        return tuple(_read(item, kinds[0], f"{where}[{number}]") for number, item in enumerate(value))
    if len(value) != len(kinds):
        raise ValueError(f"{where}: expected {len(kinds)} values, got {len(value)}")
    return tuple(_read(item, kind, f"{where}[{number}]") for number, (item, kind) in enumerate(zip(value, kinds, strict=True)))


def _read_word(value: Any, kind: type[StrEnum], where: str) -> StrEnum:  # noqa: ANN401
    words = [str(word) for word in kind]
    if not isinstance(value, str) or str(value) not in words:
        close = get_close_matches(str(value), words, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(words)}"
        raise ValueError(f"{where}: no {value!r}; {hint}")
    return kind(value)


def _read_simple(value: Any, kind: type, where: str) -> Any:  # noqa: ANN401
    """A number, whole number, switch or text."""
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if not within_floats(value):
            raise ValueError(f"{where}: expected a finite number, got {_brief(value)}")
        return float(value)
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind in (bool, str) and isinstance(value, kind):
        return str(value) if kind is str else value
    names = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    raise ValueError(f"{where}: expected {names[kind]}, got {value!r}")


def _brief(value: float) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
