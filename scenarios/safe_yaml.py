"""YAML as data only, with the line of every key: no tags, no anchors, no duplicate keys, limits on size, depth and number of values.

Built on the parser's events and not on its objects: an alias cannot multiply, a tag cannot construct, and depth is counted before it is
descended. Plain scalars follow YAML 1.2: ``true`` and ``false`` only are booleans (``no`` is a word), nothing becomes a date or a
sexagesimal number.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import yaml

from scenarios.errors import Problem, ScenarioError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 16
MOST_VALUES = 20_000
LONGEST_NUMBER = 32

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place = tuple[str | int, ...]
WORDS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
WHOLE = re.compile(r"[-+]?\d+\Z")
DECIMAL = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?\Z")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Document:
    """A parsed file: its value (dictionaries, lists, numbers, words), and the line of every place in it, counted from 1."""

    file: str
    value: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Line of a place, or of what holds it where it is absent."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, what: str, mend: str) -> Problem:
        """A problem at a place of this file."""
        return Problem(file=self.file, line=self.line(place), key=format_place(place), what=what, mend=mend)


def format_place(place: Place) -> str:
    """A place as a reader writes it.

    Examples
    --------
    >>> format_place(("criteria", 2, "bounds"))
    'criteria[2].bounds'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def load(path: Path, name: str | None = None) -> Document:
    """Read a YAML file; `name` is what messages call it.

    Raises
    ------
    ScenarioError
        Where the file is missing, too large, no UTF-8 text, or no YAML that is allowed here.
    """
    name = name or str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        _refuse(name, 0, f"cannot be read ({getattr(error, 'strerror', None) or error})", "check the path")
    if len(raw) > MOST_BYTES:
        _refuse(name, 0, f"is larger than {MOST_BYTES // 1024} KiB", "shorten it; a case is a few pages of text")
    try:
        return parse(raw.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        _refuse(name, raw[: error.start].count(b"\n") + 1, "is not UTF-8 text", "save it as UTF-8")


def parse(text: str, name: str) -> Document:
    """Read YAML from text; raises as `load` does."""
    lines: dict[Place, int] = {}
    events = _parse_events(text, name)
    try:
        value = _document(events, lines, name)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "unreadable character"
        _refuse(name, mark.line + 1 if mark else 0, f"not YAML ({said})", "mend the indentation, quotes or brackets there")
    return Document(file=name, value=value, lines=lines)


def _parse_events(text: str, name: str) -> Iterator[yaml.Event]:
    """The parser's events, refused when they go too deep, become too many, or ask for more than data."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=Loader)):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            _refuse(name, line, f"is nested deeper than {MOST_DEPTH}", "flatten it")
        if count > MOST_VALUES:
            _refuse(name, line, f"holds more than {MOST_VALUES} values", "shorten it")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(name, line, "uses an anchor or alias (& or *)", "write the value out")
        if getattr(event, "tag", None):
            _refuse(name, line, f"uses the tag {event.tag}", "remove it; only plain values are read")
        yield event


def _document(events: Iterator[yaml.Event], lines: dict[Place, int], name: str) -> Any:  # noqa: ANN401, whatever the file holds
    value, documents = None, 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                _refuse(name, event.start_mark.line + 1, "holds a second document (---)", "keep one case in a file")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            value = _build_value(event, events, (), lines, name)
    return value


def _build_value(event: yaml.Event, events: Iterator[yaml.Event], place: Place, lines: dict[Place, int], name: str) -> Any:  # noqa: ANN401
    lines.setdefault(place, event.start_mark.line + 1)
    if isinstance(event, yaml.MappingStartEvent):
        return _build_mapping(events, place, lines, name)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_build_value(event, events, (*place, len(items)), lines, name))
        return items
    return _build_scalar(event, name)


def _build_mapping(events: Iterator[yaml.Event], place: Place, lines: dict[Place, int], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(name, line, "has a list or mapping as a key", "use a word as the key")
        if event.value in found:
            _refuse(name, line, f"has the key {event.value!r} twice in one place", "keep one of them")
        lines[*place, event.value] = line
        found[event.value] = _build_value(next(events), events, (*place, event.value), lines, name)
    return found


def _build_scalar(event: yaml.ScalarEvent, name: str) -> Any:  # noqa: ANN401
    said: str = event.value
    if event.style not in (None, ""):
        return said
    if said.lower() in WORDS:
        return WORDS[said.lower()]
    if not DECIMAL.match(said):
        return said
    number = int(said) if WHOLE.match(said) and len(said) <= LONGEST_NUMBER else float(said)
    if len(said) > LONGEST_NUMBER or not isfinite(number):
        _refuse(name, event.start_mark.line + 1, f"holds the number {said[:20]}...", "write an ordinary number")
    return number


def _refuse(name: str, line: int, what: str, mend: str) -> NoReturn:
    raise ScenarioError([Problem(file=name, line=line, what=what, mend=mend)])
