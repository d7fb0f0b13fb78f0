"""Paths of a user's files."""

from os import PathLike
from pathlib import Path

from phantoms.terms.value_text import describe_value


def as_path(value: object) -> Path:
    """Return the path of a file.

    Parameters
    ----------
    value : str or Path
        As a person gave it.

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> as_path(3)
    Traceback (most recent call last):
    ...
    TypeError: expected the path of a file, such as "view.png", got 3
    """
    if not isinstance(value, str | PathLike):
        raise TypeError(f'expected the path of a file, such as "view.png", got {describe_value(value)}')
    return Path(value)
