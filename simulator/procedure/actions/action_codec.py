"""Actions as plain data and back: the form that scripts and logs share.

An action is a mapping with one key, its word: ``{"advance": {"distance_mm": 5.0}}``; a bare word where nothing is to be said.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any

from phantoms.terms import serialization as ground
from phantoms.terms.record_reader import hints_of, read_record, read_value
from simulator.procedure.actions.actions import ACTIONS, Action

Plain = dict[str, dict[str, Any]]


def to_plain(action: Action) -> Plain:
    """An action as a mapping with one key, its word; fields at their defaults are left out.

    Parameters
    ----------
    action : Action

    Examples
    --------
    >>> from simulator.procedure.actions.actions import Wait
    >>> to_plain(Wait(duration_s=2.0))
    {'wait': {'duration_s': 2.0}}
    """
    return {action.word: {item.name: ground.to_plain(getattr(action, item.name)) for item in fields(action) if _is_said(action, item)}}


def parse_action(said: object) -> Action:
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
    >>> parse_action({"advance": {"distance": 5}})
    Traceback (most recent call last):
    ...
    ValueError: advance.distance: unknown key; did you mean 'distance_mm'?
    >>> parse_action("aspirate")
    Aspirate()
    """
    word, values = _word_and_values(said)
    return read_record(ACTIONS[word], values, f"{word}.")


def check_action(action: Action) -> Action:
    """An action with every field of its kind and finite, as its plain form would give it back, however it was made.

    Raises
    ------
    ValueError
        Where that cannot be: names the action and the field.
    """
    if type(action) not in ACTIONS.values():
        raise ValueError(f"expected an action such as {', '.join(list(ACTIONS)[:4])}, got {action!r}")
    hints = hints_of(ACTIONS[action.word])
    return type(action)(**{name: read_value(getattr(action, name), hint, f"{action.word}.{name}") for name, hint in hints.items()})


def _is_said(action: Action, item: Field[Any]) -> bool:
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
