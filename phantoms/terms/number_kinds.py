"""What counts as a number: Python's and NumPy's, never true or false."""

from numbers import Integral, Real
from typing import TypeGuard


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, such as 3 or ``numpy.int64(3)``.

    Examples
    --------
    >>> is_whole(3), is_whole(3.0), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a real number, such as 3, 2.5 or ``numpy.float32(2.5)``.

    Examples
    --------
    >>> is_number(3), is_number(2.5), is_number("3"), is_number(True)
    (True, True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)
