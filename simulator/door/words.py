"""Words of a person turned into values: a name among others, a level, a size; each refusal says what was expected and what came."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from phantoms.terms.levels import Level
from phantoms.terms.number_kinds import is_number, is_whole
from phantoms.terms.regions import DEFAULT_REGION, all_vertebrae
from phantoms.terms.value_text import describe_value
from simulator.geometry.views import SACRAL_VIEWS, View

INTERSPACE = re.compile(r"\s*(\w+)\s*[-/\u2013]\s*(\w+)\s*")
"""Two neighbours, with hyphen, slash or dash."""

SIZES = (16, 4096)
"""Least and most pixels of an image's side."""
MONITOR_SIZES = (64, 2048)
"""The same of the monitor in a procedure."""


def match_word(word: str, words: Iterable[str], what: str) -> str:
    """Return the one of `words` that is meant, whatever its case.

    Parameters
    ----------
    word : str
        As a person wrote it.
    words : iterable of str
        What can be meant.
    what : str
        Name of the parameter or option, for messages.

    Raises
    ------
    TypeError
        If it is no word.
    ValueError
        If there is no such word: names the nearest, or all.

    Examples
    --------
    >>> match_word("Muscel", ["muscle", "skin"], "--material")
    Traceback (most recent call last):
    ...
    ValueError: --material: no 'Muscel'; did you mean 'muscle'?
    """
    choices = {choice.lower(): choice for choice in words}
    if not isinstance(word, str):
        raise TypeError(f"{what}: expected a word such as '{next(iter(choices.values()))}', got {describe_value(word)}")
    if word.lower() in choices:
        return choices[word.lower()]
    close = get_close_matches(word.lower(), choices, n=1)
    hint = f"did you mean '{choices[close[0]]}'?" if close else f"there are {', '.join(choices.values())}"
    raise ValueError(f"{what}: no {describe_value(word)}; {hint}")


def read_level(word: str, what: str = "level") -> Level:
    """Return the level of ``L4`` or of the interspace ``L4-5``, ``L4/5`` or ``L5-S1``, which goes by its upper vertebra.

    Parameters
    ----------
    word : str
        As a person wrote it.
    what : str
        Name of the parameter or option, for messages.

    Raises
    ------
    TypeError
        If it is no word.
    ValueError
        If it is no vertebra of a region.

    Examples
    --------
    >>> read_level("l5-s1")
    <Level.L5: 'L5'>
    """
    known = {str(level): level for level in all_vertebrae()}
    if not isinstance(word, str):
        raise TypeError(f"{what}: expected a word such as '{next(iter(known))}', got {describe_value(word)}")
    between = INTERSPACE.fullmatch(word)
    upper, lower = between.groups() if between else (word.strip(), "")
    found = known.get(upper.upper())
    if found is None:
        raise ValueError(f"{what}: no {describe_value(word)}; there are {', '.join(known)}; {_advise_level(upper)}")
    below = found.below
    if lower and below and lower.upper() not in (below.value, below.number):
        raise ValueError(f"{what}: no interspace {describe_value(word)}; below {found} lies {below}, so write {found}-{below}")
    return found


def _advise_level(upper: str) -> str:
    """What to do about a level that is none: never the nearest in spelling, which is another vertebra."""
    if upper.upper() in Level.__members__:
        views = ", ".join(view for view in View if view in SACRAL_VIEWS)
        return f"the views {views} and the needles to the sacrum need no level, so leave it out"
    usual = DEFAULT_REGION.usual
    return f"write an interspace as {usual.interspace} or {usual}-{usual.below.number if usual.below else ''}"


def check_size(pixels: int, what: str = "size", sizes: tuple[int, int] = SIZES) -> int:
    """Return the side of an image, pixels.

    Parameters
    ----------
    pixels : int
        Asked for.
    what : str
        Name of the parameter or option, for messages.
    sizes : (int, int)
        Least and most, pixels.

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is out of range.

    Examples
    --------
    >>> check_size(8)
    Traceback (most recent call last):
    ...
    ValueError: size must be from 16 to 4096 pixels, got 8
    """
    if not is_whole(pixels):
        raise TypeError(f"{what} must be a whole number of pixels, got {describe_value(pixels)}")
    if not sizes[0] <= pixels <= sizes[1]:
        raise ValueError(f"{what} must be from {sizes[0]} to {sizes[1]} pixels, got {describe_value(pixels)}")
    return int(pixels)


def check_number(value: float, what: str) -> float:
    """Return a number; its range is checked where it is used.

    Parameters
    ----------
    value : float
        In the unit of the parameter.
    what : str
        Name of the parameter, for messages.

    Raises
    ------
    TypeError
        If it is none.

    Examples
    --------
    >>> check_number("80", "kvp")
    Traceback (most recent call last):
    ...
    TypeError: kvp must be a number, got '80'
    """
    if not is_number(value):
        raise TypeError(f"{what} must be a number, got {describe_value(value)}")
    return float(value)


def check_index(value: int, what: str) -> int:
    """Return a whole number; raises TypeError if it is none. `what` is the parameter's name, for messages."""
    if not is_whole(value):
        raise TypeError(f"{what} must be a whole number, got {describe_value(value)}")
    return int(value)
