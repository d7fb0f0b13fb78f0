"""Numbers as people read them: at most three significant digits, no negative zero, whole per cents, the right plural."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

SIGNIFICANT = 3
NOISE = 9  # significant digits within which two floats are the same number
ROUNDING = {-1: ROUND_FLOOR, 0: ROUND_HALF_EVEN, 1: ROUND_CEILING}


def format_number(value: float, decimals: int = 2, *, towards: int = 0) -> str:
    """A number with at most three significant digits, without trailing zeros, exponent or negative zero.

    Parameters
    ----------
    value : float
        Finite.
    decimals : int
        Most digits after the point.
    towards : int
        -1 rounds down, 1 up, 0 to the nearest: a value that missed a bound is rounded away from it, so that both never read the same.

    Raises
    ------
    ValueError
        If the value is not finite.

    Examples
    --------
    >>> [format_number(value) for value in (-0.0004, 0.456, 12.346, 5234.0, 2.0)]
    ['0', '0.46', '12.3', '5230', '2']
    >>> format_number(2.001, 1, towards=1)
    '2.1'
    """
    exact = Decimal(f"{value:.{NOISE}g}")
    if not exact.is_finite():
        raise ValueError(f"expected a finite number, got {value}; leave out what was not measured")
    if not exact:
        return "0"
    places = min(decimals, SIGNIFICANT - 1 - exact.adjusted())
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUNDING[towards])
    text = f"{rounded:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "0") else text


def format_share(share: float, *, towards: int = 0) -> str:
    """A share as a whole per cent; one that is there and rounds to nothing is "less than 1 %", one that is not whole never "100 %".

    Parameters
    ----------
    share : float
        From 0 to 1.
    towards : int
        As `format_number` has it.

    Examples
    --------
    >>> format_share(0.456), format_share(0.001), format_share(0.9999), format_share(1.0)
    ('46 %', 'less than 1 %', '99 %', '100 %')
    """
    text = format_number(100 * share, 0, towards=towards)
    if text == "0" and share > 0:
        return "less than 1 %"
    return "99 %" if text == "100" and share < 1 and towards <= 0 else f"{text} %"


def format_count(number: float, noun: str, plural: str | None = None) -> str:
    """A whole number of things, with the right plural.

    Parameters
    ----------
    number : float
        Rounded to a whole one.
    noun, plural : str
        One of them, and several; several take an s if left out.

    Examples
    --------
    >>> format_count(1, "time"), format_count(0, "time"), format_count(12, "Gy cm2", "Gy cm2")
    ('1 time', '0 times', '12 Gy cm2')
    """
    whole = round(number)
    return f"{whole} {noun if whole == 1 else plural or noun + 's'}"
