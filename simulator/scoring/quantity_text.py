"""Measured values as a teacher says them: the one place where a quantity gets its digits, its unit and its plural."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from phantoms.terms.number_text import format_count, format_number, format_share
from scenarios.names.quantities import Quantity, unit

NOUNS: Mapping[Quantity, str] = MappingProxyType(
    {
        Quantity.DRUG_STOPPED_UNASKED: "drug",
        Quantity.HAND_IN_BEAM: "exposure",
        Quantity.REFERENCE_IMAGES: "image",
        Quantity.EXPOSURES: "single exposure",
        Quantity.HINTS: "hint",
    }
)
"""What is counted, where it is not times."""
DECIMALS: Mapping[str, int] = MappingProxyType({"mm": 1, "mm2": 0, "s": 1, "min": 0, "mg": 1, "Gy cm2": 3})
"""Most digits after the point by unit; the others have two."""
SPELLED: Mapping[str, str] = MappingProxyType({"mm2": "mm\u00b2", "Gy cm2": "Gy cm\u00b2", "score": ""})
LONG_STEROID, STEROID = "mg dexamethasone equivalent", "mg"
PLACEHOLDER = r"\{(value|low|high)\}"
NONE = re.compile(r"\b(Only )?0 % of(?= the\b)")
POINT = "point"
LEAST_POINTS = 0.1
WORDS_OF_UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"mm2": ("mm\u00b2",), "Gy cm2": ("Gy cm\u00b2",), "min": ("minutes", "minute")}
)
UPPER: Mapping[str, str] = MappingProxyType({"ap": "AP", "dap": "dose-area product"})


def tell_quantity(quantity: Quantity, value: float, *, towards: int = 0) -> str:
    """A value with its unit, digits and plural: "4.2 mm", "46 %", "1 time", "yes".

    Parameters
    ----------
    quantity : Quantity
        What was measured.
    value : float
        In the quantity's unit.
    towards : int
        -1 rounds down, 1 up, 0 to the nearest.

    Examples
    --------
    >>> tell_quantity(Quantity.TIP_TO_TARGET_MM, 4.2345), tell_quantity(Quantity.FIELD_SHARE, 0.68), tell_quantity(Quantity.PUNCTURES, 1)
    ('4.2 mm', '68 %', '1 time')
    >>> tell_quantity(Quantity.PATH_INEFFICIENCY_PERCENT, 898), tell_quantity(Quantity.STEROID_MG, 16)
    ('10 times', '16 mg (as dexamethasone)')
    """
    text = tell_bound(quantity, value, towards=towards)
    if unit(quantity) == "count":
        return format_count(value, NOUNS.get(quantity, "time"))
    if unit(quantity) == "%":
        ratio = _tell_ratio(value, towards)
        return f"{ratio} {'time' if ratio == '1' else 'times'}"
    return f"{text} (as dexamethasone)" if unit(quantity) == LONG_STEROID else text


def tell_bound(quantity: Quantity, value: float, *, towards: int = 0) -> str:
    """A value in few words, for a bound or a table: as `tell_quantity`, a count without what is counted.

    Parameters
    ----------
    quantity : Quantity
    value : float
        In the quantity's unit.
    towards : int
        As `tell_quantity` has it.
    """
    measure = unit(quantity)
    if measure == "yes/no":
        return "yes" if value >= 0.5 else "no"
    if measure == "share":
        return format_share(value, towards=towards)
    if measure == "%":
        return f"{_tell_ratio(value, towards)} \u00d7"
    if measure == "count":
        return format_number(value, 0)
    measure = STEROID if measure == LONG_STEROID else measure
    decimals = 1 if measure == "mL" and value >= 1 else DECIMALS.get(measure, 2)
    text = format_number(value, decimals, towards=towards)
    if text == "0" and value > 0:
        text = f"less than {format_number(10.0**-decimals, decimals)}"
    return f"{text} {SPELLED.get(measure, measure)}".rstrip()


def fill_sentence(sentence: str, quantity: Quantity, value: float, low: float | None, high: float | None) -> str:
    """A criterion's sentence with value and bounds in place of ``{value}``, ``{low}`` and ``{high}``.

    Each brings its unit; a unit that the sentence writes after it, or ``{unit}``, is not said twice. A value outside its bounds that would
    read like the bound is rounded away from it.

    Parameters
    ----------
    sentence : str
        Of `Criterion.lost`.
    quantity : Quantity
    value : float
        In the quantity's unit.
    low, high : float or None
        Bounds in the same unit; None where there is none.
    """
    limit, towards = (low, -1) if low is not None and value < low else (high, 1)
    alike = limit is not None and value != limit and tell_bound(quantity, value) == tell_bound(quantity, limit)
    told = {
        "value": tell_quantity(quantity, value, towards=towards if alike else 0),
        "low": "" if low is None else tell_bound(quantity, low),
        "high": "" if high is None else tell_bound(quantity, high),
    }
    filled = re.sub(f"{PLACEHOLDER}{_match_unit(quantity)}", lambda found: told[found[1]], sentence).replace("{unit}", "")
    filled = re.sub(r" +([.,;:)])", r"\1", re.sub(r" {2,}", " ", filled)).replace("{{", "{").replace("}}", "}")
    return NONE.sub(lambda found: "None of" if found[1] else "none of", filled)


def tell_points(points: float) -> str:
    """Points with one digit after the point at most, never below 0.

    Examples
    --------
    >>> tell_points(-0.0075), tell_points(0.0075), tell_points(1.52)
    ('0', '0', '1.5')
    """
    return format_number(max(points, 0.0), 1)


def tell_lost(points: float) -> str:
    """Lost points as `tell_points` has them; a loss that rounds to nothing is told as one.

    Examples
    --------
    >>> tell_lost(0.0075), tell_lost(2.0), tell_lost(-1e-9)
    ('less than 0.1', '2', '0')
    """
    text = tell_points(points)
    return f"less than {LEAST_POINTS:g}" if text == "0" and points > 0 else text


def tell_points_of(points: float, weight: float, *, lost: bool = False) -> str:
    """Points of those at stake: "0 of 2 points".

    Parameters
    ----------
    points, weight : float
        Won or lost, and at stake.
    lost : bool
        Whether they were lost.

    Examples
    --------
    >>> tell_points_of(-0.0075, 2), tell_points_of(1, 1)
    ('0 of 2 points', '1 of 1 point')
    """
    return f"{tell_lost(points) if lost else tell_points(points)} of {tell_points(weight)} {POINT if weight == 1 else POINT + 's'}"


def name_criterion(name: str) -> str:
    """A criterion's name for people.

    Examples
    --------
    >>> name_criterion("ap-view"), name_criterion("tip-to-target")
    ('AP view', 'Tip to target')
    """
    words = spell_criterion(name)
    return words[:1].upper() + words[1:]


def spell_criterion(name: str) -> str:
    """A criterion's name within a sentence: "AP view", "tip to target"."""
    return " ".join(UPPER.get(word, word) for word in name.split("-"))


def _tell_ratio(percent: float, towards: int) -> str:
    """How many times as far as the straight way: 898 % farther is ten times as far."""
    return format_number(1 + percent / 100, 1, towards=towards)


def _match_unit(quantity: Quantity) -> str:
    """Pattern of a unit that an author wrote after a number, which brings it itself."""
    measure = unit(quantity)
    words = ["{unit}", *WORDS_OF_UNITS.get(measure, ())]
    if measure == "count":
        noun = NOUNS.get(quantity, "time")
        words += [f"{noun}(s)", f"{noun}s", noun, "time(s)", "times", "time"]
    elif measure in ("share", "%"):
        words += ["%", "percent", "per cent"]
    elif measure not in ("yes/no", "score"):
        words += [STEROID if measure == LONG_STEROID else measure]
    return r"(?:\s*(?:" + "|".join(map(re.escape, words)) + r")(?!\w))?"
