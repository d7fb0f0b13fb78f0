"""Checks at the door: each returns the clean value, or says what was expected and what came."""

from collections.abc import Sequence
from operator import index

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.terms.number_kinds import is_number, is_whole
from phantoms.terms.value_text import describe_value

MOST_SEED = 2**63


def as_vector(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return three finite numbers as a read-only float64 vector.

    Parameters
    ----------
    value : array_like, shape (3,)
        Point or direction, world frame, mm or dimensionless.
    name : str
        What to call it in the error.

    Raises
    ------
    ValueError
        If the shape is not (3,) or a number is not finite.
    """
    vector = _as_floats(value, name)
    if vector.shape != (3,):
        raise ValueError(f"{name} must have shape (3,), got {vector.shape}")
    return vector


def as_points(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return finite points as a read-only float64 array of rows.

    Parameters
    ----------
    value : array_like, shape (n, 3)
        World frame, mm. A single point of shape (3,) becomes one row.
    name : str
        What to call it in the error.

    Raises
    ------
    ValueError
        If the shape is not (n, 3) or a number is not finite.
    """
    points = _as_floats(value, name)
    points = points[None] if points.ndim == 1 else points
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"{name} must have shape (n, 3), got {np.shape(value)}")
    return points


def as_positive(value: float, name: str) -> float:
    """Return a finite number above zero.

    Parameters
    ----------
    value : float
        In the unit that its name says.
    name : str
        What to call it in the error.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is not finite or not above zero.
    """
    number = _as_float(value, name)
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {describe_value(value)}")
    return number


def as_between(value: float, low: float, high: float, name: str) -> float:
    """Return a number from the closed interval [low, high].

    Parameters
    ----------
    value, low, high : float
        In the unit that its name says.
    name : str
        What to call it in the error.

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is outside.
    """
    number = _as_float(value, name)
    if not low <= number <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}, got {describe_value(value)}")
    return number


def as_seed(value: int, name: str = "seed") -> int:
    """Return what chance is decided by: a whole number from 0 that a log can hold.

    Parameters
    ----------
    value : int
        Dimensionless.
    name : str
        What to call it in the error.

    Raises
    ------
    ValueError
        If it is no whole number, or out of range.
    """
    if not is_whole(value) or not 0 <= value < MOST_SEED:
        raise ValueError(f"{name} must be a whole number from 0 to 2^63 - 1, got {describe_value(value)}")
    return int(value)


def as_shape(value: int | Sequence[int], name: str) -> tuple[int, int]:
    """Return image rows and columns, both at least one.

    Parameters
    ----------
    value : int or (int, int)
        One number for a square image, or rows and columns; pixels.
    name : str
        What to call it in the error.

    Raises
    ------
    ValueError
        If there are not one or two numbers, or one is below 1.
    TypeError
        If a number is not an integer.
    """
    pair = tuple(value) if isinstance(value, Sequence | np.ndarray) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} must be one number or (rows, columns), got {describe_value(value)}")
    try:
        rows, columns = index(pair[0]), index(pair[1])
    except TypeError:
        raise TypeError(f"{name} must be whole pixels, got {describe_value(value)}") from None
    if rows < 1 or columns < 1:
        raise ValueError(f"{name} must be at least 1 pixel each way, got {rows} x {columns}")
    return rows, columns


def _as_float(value: float, name: str) -> float:
    if not is_number(value):
        raise TypeError(f"{name} must be a number, got {describe_value(value)}")
    return float(value)


def _as_floats(value: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        floats: NDArray[np.float64] = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers, got {describe_value(value)}") from None
    if not np.isfinite(floats).all():
        raise ValueError(f"{name} must be finite, got {describe_value(value)}")
    floats.setflags(write=False)
    return floats
