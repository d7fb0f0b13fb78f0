"""Words of the page: all in one file for each language, ready for translation."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from scenarios.safe_yaml import load

LANGUAGE = "en"


def text(key: str, values: Mapping[str, object] | None = None) -> str:
    """Words by their key, e.g. ``monitor.live``, with values put in by their names.

    Raises
    ------
    KeyError
        Where the language's file has no such key: a mistake of the program, found by its tests.

    Examples
    --------
    >>> text("banner.notice")
    'For education and research only, never for guiding a real needle.'
    """
    found: Any = words()
    for part in key.split("."):
        found = found[part]
    return str(found).format_map(values) if values else str(found)


def texts(key: str) -> Any:  # noqa: ANN401 - a list or a mapping of words
    """Everything under a key, as it stands in the file."""
    found: Any = words()
    for part in key.split("."):
        found = found[part]
    return found


@cache
def words() -> dict[str, Any]:
    """The whole file."""
    with resources.as_file(resources.files("simulator.viewer.text").joinpath(f"data/strings.{LANGUAGE}.yaml")) as path:
        return load(path).value
