"""Words on the command line turned into values, each with a way out when it cannot be."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from phantoms.terms.regions import all_vertebrae

SMALLEST_SIZE, LARGEST_SIZE = 16, 4096
SUFFIXES = (".png", ".tif", ".tiff", ".dcm")


def known(word: str, words: Iterable[str], what: str) -> str:
    """Return the one of `words` that is meant, whatever its case.

    Raises
    ------
    ValueError
        Where there is none, with the nearest word.

    Examples
    --------
    >>> known("Muscel", ["muscle", "skin"], "--material")
    Traceback (most recent call last):
    ...
    ValueError: --material: no 'Muscel'; did you mean 'muscle'?
    """
    choices = {choice.lower(): choice for choice in words}
    if word.lower() in choices:
        return choices[word.lower()]
    close = get_close_matches(word.lower(), choices, n=1)
    hint = f"did you mean '{choices[close[0]]}'?" if close else f"there are {', '.join(choices.values())}"
    raise ValueError(f"{what}: no '{word}'; {hint}")


def level(word: str) -> Level:
    """Return the level of ``L4`` or of the interspace ``L4-5`` or ``L5-S1``, which goes by its upper vertebra.

    Raises
    ------
    ValueError
        Where no region has it.

    Examples
    --------
    >>> level("l5-s1")
    <Level.L5: 'L5'>
    """
    upper, _, lower = word.partition("-")
    found = Level(known(upper, all_vertebrae(), "--level"))
    below = found.below
    if lower and below and lower.upper() not in (below.value, below.value[1:]):
        raise ValueError(f"--level: no interspace '{word}'; below {found} lies {below}, so write {found}-{below}")
    return found


def point(word: str, name: str) -> NDArray[np.float64]:
    """Return ``x,y,z`` as a point, shape (3,), mm.

    Raises
    ------
    ValueError
        Where it is not three finite numbers.

    Examples
    --------
    >>> point("1,-2.5,30", "--isocentre").tolist()
    [1.0, -2.5, 30.0]
    """
    try:
        numbers = np.array([float(part) for part in word.split(",")])
    except ValueError:
        numbers = np.array([])
    if numbers.shape != (3,) or not np.isfinite(numbers).all():
        raise ValueError(f"{name}: expected x,y,z in mm (left, posterior, superior), e.g. 0,40,-35, got '{word}'")
    return numbers


def size(pixels: int) -> int:
    """Return the image's side, pixels.

    Raises
    ------
    ValueError
        Where it is below 16 or above 4096.
    """
    if not SMALLEST_SIZE <= pixels <= LARGEST_SIZE:
        raise ValueError(f"--size must be from {SMALLEST_SIZE} to {LARGEST_SIZE} pixels, got {pixels}")
    return pixels


def tube_kv(word: str) -> float | None:
    """Return a tube voltage, kV, or None for ``auto``.

    Raises
    ------
    ValueError
        Where it is neither; the range is the beam's to check.
    """
    if word.lower() == "auto":
        return None
    try:
        return float(word)
    except ValueError:
        raise ValueError(f"--kvp: expected a number of kV or auto, got '{word}'") from None


def output(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
    """Return the path of a file of a kind that can be written, in a folder that is there.

    Raises
    ------
    ValueError
        Where the kind or the folder is unknown.
    """
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"--output: {path.name} must end in {', '.join(suffixes)}")
    if not path.parent.is_dir():
        raise ValueError(f"--output: no folder {path.parent}; make it first")
    return path
