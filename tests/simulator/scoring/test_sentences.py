"""Laws of what an examiner reads: over random values every criterion's sentence has unit, plural and digits right, and nothing unfilled."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms.terms.number_text import format_count, format_number, format_share
from scenarios.criteria import catalogue, merge
from scenarios.loader import list_cases, read
from scenarios.names.quantities import NEEDS_OF, OCCASIONS, Quantity, unit
from scenarios.schema.criterion import Criterion
from simulator.scoring.measured import Measured
from simulator.scoring.quantity_text import NOUNS, SPELLED, fill_sentence, tell_bound, tell_points_of, tell_quantity
from simulator.scoring.score import score
from simulator.scoring.sentences import ELSE, UNDONE, tell_undone
from tests.laws import count

CATALOGUE = {name: Criterion.model_validate(merge({"use": name})) for name in catalogue()}
LIBRARY = {f"{case}:{item.name}": item for case in list_cases() for item in read(case).criteria}
ALL = {**CATALOGUE, **LIBRARY}
EVERY = {
    name: ALL[name] for name in {(item.quantity, item.lost, item.source, item.low, item.high): name for name, item in ALL.items()}.values()
}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
OWN_PAGES = re.compile(r"FACTS|DESIGN\.md|PEERS|DEVELOPERS|\bsections? \d|\[\d+")
MOST = {"share": 1.0, "yes/no": 1.0, "score": 1.0, "count": 60.0}
ALWAYS = {quantity for quantity in Quantity if quantity not in OCCASIONS and quantity is not Quantity.ANSWER_RIGHT}  # of every attempt


def shown_unit(quantity: Quantity) -> str:
    """Unit as an examiner reads it; empty where there is none."""
    measure = unit(quantity)
    told = {"share": "%", "%": "times", "yes/no": "", "count": NOUNS.get(quantity, "time")}
    return told.get(measure, SPELLED.get(measure, measure.split()[0] if measure.startswith("mg ") else measure))


def sentence_of(item: Criterion, value: float, note: str = "") -> str:
    (result,) = score([item.model_copy(update={"weight": 1.0})], {item.key: Measured(value=value, note=note)}, 0.5).results
    return result.sentence


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=count(5, 400), deadline=None)
@given(data=st.data())
def test_a_sentence_has_unit_plural_and_digits_right(name: str, data: st.DataObject) -> None:
    item = EVERY[name]
    value = data.draw(st.floats(0, MOST.get(unit(item.quantity), 3000.0)))
    value = float(round(value)) if unit(item.quantity) in ("count", "yes/no") else value
    said = sentence_of(item, value)
    if not said:
        return
    assert not re.search(r"[{}]|\(s\)|  | [.,;]|(?<!\w)-0(?![.\d])", said), said
    assert said[0].isupper() or said[0].isdigit(), said
    assert said.endswith((".", "!", "?")), said
    assert not said.endswith(".."), said
    assert all(len(number.strip("-").replace(".", "").lstrip("0").rstrip("0")) <= 3 for number in NUMBER.findall(said)), said
    assert not re.search(r"(?<![\d.])1 (times|drugs|exposures|images|hints|single exposures)\b", said), said
    if "{value}" in item.lost and "one of the" not in said:
        assert NUMBER.search(said) or unit(item.quantity) == "yes/no", said
        assert shown_unit(item.quantity) in said, said
        assert not re.search(rf"{re.escape(shown_unit(item.quantity) or '@')} ?{re.escape(shown_unit(item.quantity) or '@')}\b", said), said


@settings(max_examples=count(100, 5000), deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(0, 3), st.sampled_from((-1, 0, 1)))
def test_a_number_has_three_digits_no_negative_zero_and_lies_near_its_value(value: float, decimals: int, towards: int) -> None:
    said = format_number(value, decimals, towards=towards)
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", said)
    assert said != "-0"
    assert len(said.strip("-").replace(".", "").strip("0")) <= 3
    assert abs(float(said) - value) <= max(10.0**-decimals, 0.01 * abs(value)) + 1e-9
    assert float(said) * towards >= value * towards - 1e-6 * abs(value) - 1e-9


@settings(max_examples=count(100, 5000), deadline=None)
@given(st.sampled_from([item for item in EVERY.values() if unit(item.quantity) not in ("yes/no", "count")]), st.floats(1e-6, 0.3))
def test_a_value_outside_its_bound_never_reads_like_the_bound(item: Criterion, off: float) -> None:
    for bound, way in ((item.low, -1), (item.high, 1)):
        if bound:
            said = fill_sentence("{value}|{low}|{high}", item.quantity, bound + way * off * bound, item.low, item.high)
            value, low, high = said.split("|")
            assert value.split(" (")[0] not in (low, high)


@given(st.floats(-0.01, 6.0), st.sampled_from([0.5, 1.0, 2.0, 6.0]))
def test_points_are_told_of_those_at_stake(points: float, weight: float) -> None:
    said = tell_points_of(points, weight)
    assert re.fullmatch(r"\d(\.\d)? of \d(\.\d)? points?", said)
    assert said.endswith(" 1 point") == (weight == 1)


@pytest.mark.parametrize(
    ("said", "value", "wanted"),
    [
        ("The dura was punctured {value} time(s).", 1, "The dura was punctured 1 time."),
        ("The dura was punctured {value} times.", 2, "The dura was punctured 2 times."),
        ("The dura was punctured {value} {unit}.", 0, "The dura was punctured 0 times."),
        ("{value} of {high}", 3, "3 times of 0"),
    ],
)
def test_a_unit_that_an_author_wrote_is_not_said_twice(said: str, value: float, wanted: str) -> None:
    assert fill_sentence(said, Quantity.DURAL_PUNCTURES, value, None, 0.0) == wanted


@pytest.mark.parametrize(
    ("quantity", "value", "wanted"),
    [
        (Quantity.PATH_INEFFICIENCY_PERCENT, 898.0, "10 times"),
        (Quantity.PATH_INEFFICIENCY_PERCENT, 60.0, "1.6 times"),
        (Quantity.FIELD_SHARE, 0.68, "68 %"),
        (Quantity.FIELD_SHARE, 0.0004, "less than 1 %"),
        (Quantity.DAP_GY_CM2, 0.0004, "less than 0.001 Gy cm\u00b2"),
        (Quantity.TISSUE_DAMAGE_MM2, 5234.9, "5230 mm\u00b2"),
        (Quantity.STEROID_MG, 16.0, "16 mg (as dexamethasone)"),
        (Quantity.EXPOSURES, 1.0, "1 single exposure"),
        (Quantity.TIP_ALONG_MM, -0.0001, "0 mm"),
        (Quantity.COMPARTMENT_RIGHT, 1.0, "yes"),
        (Quantity.BRIER, 0.8123, "0.81"),
        (Quantity.CONTRAST_ML, 5.123, "5.1 mL"),
        (Quantity.DRUG_VASCULAR_ML, 0.123, "0.12 mL"),
    ],
)
def test_known_values(quantity: Quantity, value: float, wanted: str) -> None:
    assert tell_quantity(quantity, value) == wanted


def test_every_quantity_has_words_whatever_its_unit() -> None:
    for quantity in Quantity:
        for value in (0.0, 0.5, 1.0, 12.0):
            assert re.fullmatch(r"(less than )?[\w.]+.*", tell_quantity(quantity, value))
            assert tell_bound(quantity, value)


def test_what_was_not_done_is_told_for_every_quantity_that_can_be_left_out() -> None:
    left_out = [quantity for quantity in Quantity if quantity not in ALWAYS]
    keys = [f"{quantity}:{of}" if of else str(quantity) for quantity in left_out for of in NEEDS_OF.get(quantity) or ("",)]
    assert [key for key in keys if key not in UNDONE] == [], "write in simulator/scoring/sentences.py what was not done"
    for item in EVERY.values():
        said = tell_undone(item)
        assert said.endswith(".")
        assert "never came to this" not in said
        assert item.quantity in ALWAYS or ELSE[1:] not in said


def test_what_happened_is_a_sentence_of_its_own() -> None:
    item = LIBRARY["clopidogrel:question-interval"]
    said = sentence_of(item, 0.0, "7 days (ASRA/ESRA 2018).")
    assert said == "The interval for clopidogrel was not known. 7 days (ASRA/ESRA 2018)."
    assert "Nobody" not in tell_undone(item)
    assert tell_undone(item) == "The question was not answered: interval."


@pytest.mark.parametrize("name", EVERY)
def test_a_source_names_a_paper_or_says_that_it_is_ours_or_recalled(name: str) -> None:
    source = EVERY[name].source
    assert not OWN_PAGES.search(source)
    names_work = re.search(r"(19|20)\d\d|PMID|PMC|PLoS|NCT|AJNR|abstract|\.com|wikimsk|label|pain clinics|Clin|metrics", source)
    assert names_work or "project's own" in source or "recalled, unverified" in source, source


def test_counts_and_shares() -> None:
    assert [format_count(number, "time") for number in (0, 1, 2)] == ["0 times", "1 time", "2 times"]
    assert [format_share(share) for share in (0, 0.001, 0.5, 0.996, 1)] == ["0 %", "less than 1 %", "50 %", "99 %", "100 %"]
    with pytest.raises(ValueError, match="finite"):
        format_number(float("nan"))
