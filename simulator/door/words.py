"""Words of a person turned into values: a name among others, a level, a size; each refusal says what was expected and what came."""

from collections.abc import Iterable
from difflib import get_close_matches

from phantoms.terms.levels import Level
from phantoms.terms.regions import all_vertebrae

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
        raise TypeError(f"{what}: expected a word such as '{next(iter(choices.values()))}', got {word!r}")
    if word.lower() in choices:
        return choices[word.lower()]
    close = get_close_matches(word.lower(), choices, n=1)
    hint = f"did you mean '{choices[close[0]]}'?" if close else f"there are {', '.join(choices.values())}"
    raise ValueError(f"{what}: no '{word}'; {hint}")


def read_level(word: str, what: str = "level") -> Level:
    """Return the level of ``L4`` or of the interspace ``L4-5`` or ``L5-S1``, which goes by its upper vertebra.

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
    upper, _, lower = word.partition("-") if isinstance(word, str) else (word, "", "")
    found = Level(match_word(upper, all_vertebrae(), what))
    below = found.below
    if lower and below and lower.upper() not in (below.value, below.value[1:]):
        raise ValueError(f"{what}: no interspace '{word}'; below {found} lies {below}, so write {found}-{below}")
    return found


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
    if isinstance(pixels, bool) or not isinstance(pixels, int):
        raise TypeError(f"{what} must be a whole number of pixels, got {pixels!r}")
    if not sizes[0] <= pixels <= sizes[1]:
        raise ValueError(f"{what} must be from {sizes[0]} to {sizes[1]} pixels, got {pixels}")
    return pixels
