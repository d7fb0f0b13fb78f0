"""The wire form of messages: plain data of one kind, checked at the place where it arrives and nowhere else.

A message on the wire is a mapping. Its first key is the kind, under which the message's first field stands; further fields stand beside
it under their own names. A message without fields carries ``true``.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, from_json

EXPECTED = {
    "model_type": "keys and values",
    "dict_type": "keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
}
"""What was expected, by pydantic's type of error; its own words otherwise."""

LONGEST = 60  # characters of a value that a refusal repeats
PLACES = 5  # names of a path that a refusal repeats

Wire = dict[str, Any]
Known = TypeVar("Known", bound="Message")


class Refusal(ValueError):
    """A message was refused where it arrived: one line with what was expected and what came."""


class WireRecord(BaseModel):
    """A frozen group of named values that refuses unknown names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @property
    def changes(self) -> Wire:
        """The values that were given, by name; those left at their defaults are not in it."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class Message(WireRecord):
    """A message of one kind.

    Attributes
    ----------
    kind : str
        The word of the message on the wire, fixed for each class.
    """

    kind: ClassVar[str] = ""

    def to_wire(self) -> Wire:
        """The message as plain data.

        Returns
        -------
        dict
            The kind with the first field, then the other fields that were given.
        """
        first = find_first_field(type(self))
        if first is None:
            return {self.kind: True}
        plain = self.model_dump(exclude_unset=True)
        return {self.kind: plain.pop(first), **plain}


def find_first_field(kind: type[Message]) -> str | None:
    """Name of the field that stands under the kind's word; None for a message without fields."""
    return next(iter(kind.model_fields), None)


def index_by_kind(kinds: Iterable[type[Known]]) -> dict[str, type[Known]]:
    """Message classes by the word of their kind.

    Raises
    ------
    TypeError
        If a class has no word of its own, or two have the same.
    """
    found: dict[str, type[Known]] = {}
    for kind in kinds:
        if not kind.kind or kind.kind in found:
            raise TypeError(f"expected one word for each kind of message, got {kind.kind!r} for {kind.__name__}; give it another")
        found[kind.kind] = kind
    return found


def parse(text: str | bytes) -> object:
    """Plain data from JSON.

    Raises
    ------
    Refusal
        Where the text is no JSON, is nested too deeply, or holds a number with too many digits.
    """
    try:
        return from_json(text)
    except ValueError as error:
        raise Refusal(f"expected a message in JSON, got {shorten_value(text)} ({error})") from None


def read(said: object, kinds: Mapping[str, type[Known]]) -> Known:
    """Check plain data and make the message of it.

    Parameters
    ----------
    said : object
        What arrived; a message is a mapping as `Message.to_wire` gives it.
    kinds : mapping of str to type
        The kinds that may arrive here, as `index_by_kind` gives them.

    Raises
    ------
    Refusal
        Where the kind or a key is unknown, a field is missing, or a value is of another type or out of range. Nothing else is raised,
        whatever arrives.

    Examples
    --------
    >>> class Turn(Message):
    ...     kind = "turn"
    ...     angle_deg: float
    >>> read({"turn": 15}, index_by_kind([Turn]))
    Turn(angle_deg=15.0)
    >>> read({"trun": 15}, index_by_kind([Turn]))
    Traceback (most recent call last):
    ...
    simulator.viewer.common.wire.Refusal: trun: no message of this kind is known; did you mean 'turn'?
    """
    if not isinstance(said, Mapping) or not said:
        raise Refusal(f"expected a message such as {{{next(iter(kinds))}: ...}}, got {shorten_value(said)}")
    word, *others = said
    kind = kinds.get(word) if isinstance(word, str) else None
    if kind is None:
        name = _shorten(word) if isinstance(word, str) else shorten_value(word)
        raise Refusal(f"{name}: no message of this kind is known; {_suggest(name, kinds)}")
    first = find_first_field(kind)
    beside = [name for name in kind.model_fields if name != first]
    for name in others:
        if name not in beside:
            raise Refusal(f"{kind.kind}: a message says one thing, got {shorten_value(name)} too; send that apart")
    values: dict[Any, Any] = {name: said[name] for name in others}
    if first is not None:
        values[first] = said[word]
    elif not isinstance(said[word], int) or said[word] != 1:
        raise Refusal(f"{kind.kind}: expected true, got {shorten_value(said[word])}")
    return make(kind, values)


def make(kind: type[Known], values: Mapping[Any, Any]) -> Known:
    """A message of its fields.

    Parameters
    ----------
    kind : type
        Class of the message.
    values : mapping of str to object
        Fields by name.

    Raises
    ------
    Refusal
        As `read` does.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise Refusal(_explain(kind, error.errors(include_url=False, include_context=False)[0])) from None


def shorten_value(value: object) -> str:
    """A value in a few characters, whatever it is; numbers of thousands of digits and endless nesting have no text of their own."""
    try:
        return _shorten(repr(value))
    except (ValueError, RecursionError):
        return f"a value of type {type(value).__name__} too large to show"


def _shorten(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."


def _suggest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"expected one of {', '.join(known)}"


def _explain(kind: type[Message], detail: ErrorDetails) -> str:
    """One line that names the place, what was expected and what came."""
    place = detail["loc"][1:] if detail["loc"][:1] == (find_first_field(kind),) else detail["loc"]
    where = ".".join([kind.kind, *(_shorten(str(part)) for part in place[:PLACES] if part != "[key]")])
    if detail["type"] in ("extra_forbidden", "invalid_key"):
        return f"{where}: unknown key; {_suggest(where.rpartition('.')[2], _list_fields(kind, detail['loc'][:-1]))}"
    if detail["type"] == "missing":
        return f"{where}: is missing; send it too"
    message = EXPECTED.get(detail["type"]) or _shorten(detail["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{where}: expected {message}, got {shorten_value(detail['input'])}"


def _list_fields(record: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Names that may stand at a place of a message."""
    for part in place:
        inner = record.model_fields[str(part)].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            record = inner
    return list(record.model_fields)
