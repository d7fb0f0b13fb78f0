"""Validation errors in the words of who wrote the file: place, what was expected, what to do."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from phantoms.terms.value_text import shorten
from scenarios.errors import Problem, advise_nearest
from scenarios.safe_yaml import Document, Place

CHANGE = "change it; epifluoro schema says what it may hold"
UNITS = ("mm", "cm", "ml", "s", "min", "deg", "rad", "kv", "kvp", "h", "days", "kg", "percent")


def problem_of(model: type[BaseModel], document: Document, detail: ErrorDetails) -> Problem:
    """A validation error in the words of who wrote the file."""
    place: Place = tuple(part for part in detail["loc"] if part != "[key]")
    kind, said = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        known = _keys(model, place[:-1])
        return document.problem(place, "unknown key", _mend_key(str(place[-1]), known))
    if kind == "missing":
        return document.problem(place, "is missing", f"add {place[-1]}; epifluoro schema says what it may hold")
    if kind == "enum":
        expected = detail.get("ctx", {}).get("expected", "")
        choices = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
        return document.problem(place, f"no {shorten(said)} here", advise_nearest(said, choices))
    message = detail["msg"].removeprefix("Value error, ")
    inner = message.split(": ")[1] if kind == "value_error" and message.startswith("anatomy: ") and ": " in message[9:] else ""
    if inner:
        place = (*place, "anatomy", *inner.split("."))
    if kind != "value_error":
        return document.problem(place, f"{message[:1].lower()}{message[1:]}, got {shorten(said)}", CHANGE)
    what, _, mend = message.partition("; ")
    return document.problem(place, what, mend or CHANGE)


def _mend_key(key: str, known: Sequence[str]) -> str:
    """The nearest known key; where only the unit differs, the one with the unit that is expected."""
    stem, _, unit = key.rpartition("_")
    same = [name for name in known if unit in UNITS and stem and name.rpartition("_")[0] == stem]
    if same:
        return f"convert from {unit} and write it as '{same[0]}'"
    close = get_close_matches(key.lower(), known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"


def _keys(model: Any, place: Place) -> list[str]:  # noqa: ANN401, a type as pydantic sees it
    """Keys that may stand at a place of a file."""
    kind: Any = model
    for part in place:
        kind = _inside(kind, part)
    return sorted({name for found in _models(kind) for name in found.model_fields})


def _inside(kind: Any, part: str | int) -> Any:  # noqa: ANN401
    for model in _models(kind):
        if part in model.model_fields:
            return model.model_fields[str(part)].annotation
    arguments = [argument for argument in _flat(kind) if get_origin(argument) in (tuple, dict, list) or _is_mapping(argument)]
    return get_args(arguments[0])[-1 if _is_mapping(arguments[0]) else 0] if arguments else kind


def _is_mapping(kind: Any) -> bool:  # noqa: ANN401
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _flat(kind: Any) -> list[Any]:  # noqa: ANN401
    return [inner for part in get_args(kind) for inner in _flat(part)] if get_origin(kind) in (Union, UnionType) else [kind]


def _models(kind: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    return [part for part in _flat(kind) if isinstance(part, type) and issubclass(part, BaseModel)]
