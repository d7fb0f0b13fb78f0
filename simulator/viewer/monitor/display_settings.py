"""Settings of the monitor, as the page says them."""

from collections.abc import Mapping
from dataclasses import fields, replace
from math import isfinite

from simulator.xray.image.display import Display

KINDS = {item.name: type(item.default) for item in fields(Display)}
WORDS = {bool: "true or false", int: "a whole number", float: "a number"}


def set_as(display: Display, said: object) -> Display:
    """The monitor's settings after a message of the page.

    Parameters
    ----------
    display : Display
        As it was.
    said : mapping
        Settings by name.

    Raises
    ------
    ValueError
        Where it is no mapping, a name is unknown, a value is of another kind or out of range: one line that names it.
    """
    if not isinstance(said, Mapping):
        raise ValueError(f"screen: expected settings of the monitor by name, got {said!r}")
    unknown = [str(name) for name in said if name not in KINDS]
    if unknown:
        raise ValueError(f"screen: expected settings of the monitor such as contrast, got {', '.join(unknown)}")
    for name, value in said.items():
        if not _fits(value, KINDS[name]):
            raise ValueError(f"screen.{name}: expected {WORDS[KINDS[name]]}, got {value!r}")
    return replace(display, **said)


def _fits(value: object, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int if kind is int else int | float) and isfinite(value)
