"""What came, in a few characters: the word for a value in a message that refuses it."""

import reprlib

import numpy as np

LONGEST = 60

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = LONGEST
_SHORT.maxother = LONGEST + 1  # what is longer is named by its type, for its middle may be what says something


def describe_value(value: object) -> str:
    """Describe a value in one line of at most 60 characters, without an address in memory: by its text, else by its type.

    Examples
    --------
    >>> describe_value("L6"), describe_value(list(range(100)))
    ("'L6'", '[0, 1, 2, 3, 4, 5, ...]')
    >>> describe_value(object()), describe_value(int)
    ('object', 'the class int')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = _SHORT.repr(value.item() if isinstance(value, np.generic) else value)
    except Exception:  # noqa: BLE001 - a whole number of thousands of digits, or a value whose own text fails
        text = ""
    if text and len(text) <= LONGEST and text.isprintable() and " at 0x" not in text:
        return text
    return type(value).__name__


def shorten(value: object) -> str:
    """Return the beginning of a value's text, at most 60 characters, where its content says more than its type.

    Examples
    --------
    >>> shorten({"vertebrae": list(range(40))})
    "{'vertebrae': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ..."
    """
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
