"""What came, in a message: one short line, whatever it is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phantoms.patient import Patient
from phantoms.terms.number_kinds import is_number, is_whole
from phantoms.terms.value_text import LONGEST, describe_value


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


def check_short(value: Any) -> None:
    text = describe_value(value)
    assert 0 < len(text) <= LONGEST
    assert text.isprintable()
    assert " at 0x" not in text


@given(ANYTHING)
def test_any_plain_value_is_one_short_line(value: Any) -> None:
    check_short(value)


@pytest.mark.parametrize(
    "value", [Broken(), object(), print, np.zeros((50, 50)), [[0] * 100] * 100, "x" * 10_000, Patient.mean(), Patient, np]
)
def test_what_is_long_or_has_an_address_or_no_text_is_named(value: Any) -> None:
    check_short(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("L6", "'L6'"),
        (4, "4"),
        (None, "None"),
        (np.float64(0.5), "0.5"),
        (np.int64(3), "3"),
        (Broken(), "Broken"),
        (int, "the class int"),
    ],
)
def test_what_is_short_is_shown(value: Any, text: str) -> None:
    assert describe_value(value) == text


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_of_numpy_are_whole_numbers(value: Any) -> None:
    assert is_whole(value)
    assert is_number(value)


@pytest.mark.parametrize("value", [2.5, np.float32(2.5), np.float64(2.5)])
def test_numbers_of_numpy_are_numbers(value: Any) -> None:
    assert is_number(value)
    assert not is_whole(value)


@pytest.mark.parametrize("value", [True, np.True_, "3", None, 1j, np.zeros(1)])
def test_what_is_no_number_is_none(value: Any) -> None:
    assert not is_number(value)
    assert not is_whole(value)


def test_a_number_of_thousands_of_digits_is_named() -> None:
    assert describe_value(10**5000) == "int"
