"""Records from plain values: read back what was written, refuse the rest in one line that names the place."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phantoms.terms.record_reader import Convert, Within, read_record


class Drug(StrEnum):
    SALINE = "saline"
    LIDOCAINE = "lidocaine"


class Layer(IntEnum):
    SKIN = 1
    DEEP_FAT = 2


@dataclass(frozen=True, kw_only=True)
class Shot:
    drug: Drug
    volume_ml: Annotated[float, Within(0, 50)]
    layer: Layer = Layer.SKIN
    passes: Annotated[int, Within(1, 9)] = 1
    side: Drug | Literal["either"] = "either"
    site: Annotated[str | None, Convert(lambda value: value.upper() if isinstance(value, str) else value)] = None
    shares: tuple[float, ...] = ()
    gentle: bool = field(default_factory=bool)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*Shot.__dataclass_fields__, "volume", ""])


def test_every_kind_is_read() -> None:
    given_values = {
        "drug": "saline",
        "volume_ml": 3,
        "layer": "deep_fat",
        "side": "lidocaine",
        "site": "l4",
        "shares": [1, 0.5],
        "gentle": True,
    }
    assert read_record(Shot, given_values, "shot.") == Shot(
        drug=Drug.SALINE, volume_ml=3.0, layer=Layer.DEEP_FAT, side=Drug.LIDOCAINE, site="L4", shares=(1.0, 0.5), gentle=True
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"volume_ml": 3}, "shot.drug: is missing"),
        ({"drug": "salin", "volume_ml": 3}, "shot.drug: no 'salin'; did you mean 'saline'?"),
        ({"drug": "saline", "volume_ml": 51}, "shot.volume_ml: expected a number from 0 to 50, got 51"),
        ({"drug": "saline", "volume_ml": float("nan")}, "shot.volume_ml: expected a finite number, got nan"),
        ({"drug": "saline", "volume_ml": 10**400}, "shot.volume_ml: expected a finite number, got 1000"),
        ({"drug": "saline", "volume_ml": True}, "shot.volume_ml: expected a number, got True"),
        ({"drug": "saline", "volume_ml": 1, "passes": 0}, "shot.passes: expected a whole number from 1 to 9, got 0"),
        ({"drug": "saline", "volume_ml": 1, "layer": 1}, "shot.layer: no 1; known are skin, deep_fat"),
        ({"drug": "saline", "volume_ml": 1, "side": "eiter"}, "shot.side: no 'eiter'; did you mean 'either'?"),
        ({"drug": "saline", "volume_ml": 1, "shares": [1, "x"]}, "shot.shares[1]: expected a number, got 'x'"),
        ({"drug": "saline", "volume_ml": 1, "gentel": True}, "shot.gentel: unknown key; did you mean 'gentle'?"),
    ],
)
def test_a_mistake_is_named_with_its_place(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match="shot") as caught:
        read_record(Shot, values, "shot.")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.dictionaries(KEYS, PLAIN, max_size=6))
def test_whatever_a_file_holds_is_read_or_refused(values: dict[str, Any]) -> None:
    found, words = None, ""
    try:
        found = read_record(Shot, values, "shot.")
    except ValueError as error:
        words = str(error)
    assert words.startswith("shot.") if found is None else 0 <= found.volume_ml <= 50


def test_numbers_of_numpy_become_pythons_own() -> None:
    """Else an action made in a notebook could not be written down, or would digest as another one."""
    own = {"drug": "saline", "volume_ml": 0.5, "passes": 3, "shares": [0.25, 1.0], "gentle": True}
    numpys = {
        "drug": "saline",
        "volume_ml": np.float32(0.5),
        "passes": np.int64(3),
        "shares": np.array([0.25, 1.0], dtype=np.float32),
        "gentle": np.True_,
    }
    found = read_record(Shot, numpys, "shot.")
    assert found == read_record(Shot, own, "shot.")
    assert [type(value) for value in (found.volume_ml, found.passes, found.gentle, *found.shares)] == [float, int, bool, float, float]


@pytest.mark.parametrize("value", [True, np.True_, "1", None, np.zeros(2), 10**400])
def test_no_number_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match=r"shot\.volume_ml: expected .*got ") as caught:
        read_record(Shot, {"drug": "saline", "volume_ml": value}, "shot.")
    assert len(str(caught.value)) < 150
