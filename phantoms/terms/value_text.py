"""What came, in a few characters: the word for a value in a message that refuses it."""

import reprlib

import numpy as np

LONGEST = 60

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = LONGEST


def describe_value(value: object) -> str:
    """Describe a value in one line of at most 60 characters, without an address in memory: by its text, else by its type.

    Examples
    --------
    >>> describe_value("L6"), describe_value(list(range(100)))
    ("'L6'", '[0, 1, 2, 3, 4, 5, ...]')
    >>> describe_value(object()), describe_value(int)
    ('an object', 'the class int')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}"
    try:
        text = _SHORT.repr(value.item() if isinstance(value, np.generic) else value)
    except Exception:  # noqa: BLE001 - a whole number of thousands of digits, or a value whose own text fails
        text = ""
    if text and len(text) <= LONGEST and text.isprintable() and " at 0x" not in text:
        return text
    return name_type(value)


def name_type(value: object) -> str:
    """Name the type of a value with its article.

    Examples
    --------
    >>> name_type(3), name_type(None), name_type("L4")
    ('an int', 'None', 'a str')
    """
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
