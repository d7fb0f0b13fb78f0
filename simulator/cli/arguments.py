"""Words on the command line turned into values, each with a way out when it cannot be."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from simulator.door.words import check_size, read_level
from simulator.formats.radiograph_file import SUFFIXES


def parse_level(word: str) -> Level:
    """Return the level of ``L4`` or of the interspace ``L4-5`` or ``L5-S1``, which goes by its upper vertebra.

    Raises
    ------
    ValueError
        Where no region has it.

    Examples
    --------
    >>> parse_level("l5-s1")
    <Level.L5: 'L5'>
    """
    return read_level(word, "--level")


def parse_point(word: str, name: str) -> NDArray[np.float64]:
    """Return ``x,y,z`` as a point, shape (3,), mm.

    Raises
    ------
    ValueError
        Where it is not three finite numbers.

    Examples
    --------
    >>> parse_point("1,-2.5,30", "--isocentre").tolist()
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
    return check_size(pixels, "--size")


def parse_tube_kv(word: str) -> float | None:
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


def check_output(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> Path:
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
