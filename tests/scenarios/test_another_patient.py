"""Laws of a case on another patient: no text tells of another sex, age or BMI than lies on the table."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from phantoms.population.defaults import default_parameters
from phantoms.population.population import sample
from phantoms.terms.parameters import PatientParameters, Sex
from scenarios.loader import list_cases, read
from scenarios.names.enums import ReviewItem
from scenarios.schema.another_patient import REFERENCES, TOLD
from scenarios.schema.retelling import Person, describe_person, find_contradictions, retell
from scenarios.schema.scenario import Scenario
from tests.laws import count

ABOUT_ONE_SEX_OR_BMI = ("pregnancy", "lumbar-interlaminar-l4-l5-bmi-40")
OTHERS = tuple(name for name in list_cases() if name not in ABOUT_ONE_SEX_OR_BMI)
SAID_OF = {
    Sex.MALE: re.compile(r"\b(he|him|his|himself|mr)\b", re.I),
    Sex.FEMALE: re.compile(r"\b(she|her|hers|herself|ms|mrs|miss)\b", re.I),
}
KIN = re.compile(r"Ms Berg's \w+")
"""One case names the patient by a relative, who keeps her title."""


@cache
def case(name: str) -> Scenario:
    return read(name)


def texts(scenario: Scenario) -> Iterator[str]:
    said = scenario.model_dump(mode="json", exclude_unset=True)
    yield scenario.subject.name
    for section in TOLD:
        yield from _leaves(said.get(section))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _leaves(item)


def check_tells_of(scenario: Scenario, params: PatientParameters) -> None:
    other = Sex.FEMALE if params.sex is Sex.MALE else Sex.MALE
    person = describe_person(scenario.subject.name, params)
    for text in texts(scenario):
        told = KIN.sub("", text)
        assert not SAID_OF[other].search(told), told
        assert not find_contradictions(text, person), text
        assert not re.search(rf"(, |\()(?!{int(params.age_years)}\b)\d\d(,(?!\d)|\)| years old)", told), told
    assert scenario.subject.parameters == params


@pytest.mark.laws
def test_no_text_tells_of_another_than_lies_on_the_table() -> None:
    rng = np.random.default_rng(22)
    for seed in range(count(40, 1200)):
        name = OTHERS[int(rng.integers(len(OTHERS)))]
        params = sample(int(rng.integers(2**31)), age=float(rng.uniform(18, 95)), sex=list(Sex)[seed % 2])
        told = case(name).tell_of(params)
        check_tells_of(told, params)
        height_m = (told.subject.weight_kg / params.bmi) ** 0.5
        assert 1.5 < height_m < 2.0
        assert told.sha256 == case(name).sha256
        assert (told.record.read(ReviewItem.PREGNANCY) == "Not applicable.") == (params.sex is Sex.MALE)
        for result in told.record.laboratory:
            assert result.reference == REFERENCES.get(result.name, {params.sex: result.reference})[params.sex]


@pytest.mark.laws
def test_whom_it_was_told_of_before_leaves_no_trace() -> None:
    rng = np.random.default_rng(23)
    for _ in range(count(25, 600)):
        name = OTHERS[int(rng.integers(len(OTHERS)))]
        between, last = (sample(int(rng.integers(2**31)), age=float(rng.uniform(41, 90))) for _ in range(2))
        once, twice = case(name).tell_of(last), case(name).tell_of(between).tell_of(last)
        assert once.summary == twice.summary
        assert once.questions == twice.questions
        assert once.expected == twice.expected
        if "prostat" not in repr(case(name).record):  # what only men have is lost on the way
            assert once.record.history == twice.record.history


@pytest.mark.parametrize("name", list_cases())
def test_the_authors_own_patient_changes_no_sentence(name: str) -> None:
    scenario = case(name)
    check_tells_of(scenario, scenario.subject.parameters)
    same = scenario.tell_of(scenario.subject.parameters)
    assert [*texts(same)][1:3] == [*texts(scenario)][1:3]
    assert same.subject.weight_kg == round(scenario.subject.weight_kg)
    assert same.expected == scenario.expected


def test_a_case_about_a_pregnancy_is_no_mans_and_no_old_womans() -> None:
    young = sample(3, sex=Sex.FEMALE, age=29)
    told = case("pregnancy").tell_of(young)
    assert "Dubois, 29" in told.summary
    assert told.record.pregnancy == case("pregnancy").record.pregnancy
    for params in (sample(3, sex=Sex.MALE, age=29), sample(3, sex=Sex.FEMALE, age=67)):
        with pytest.raises(ValueError, match="pregnancy is about a pregnancy: expected a woman of 18 to 50 years, got"):
            case("pregnancy").tell_of(params)


def test_a_case_about_a_bmi_needs_about_that_bmi() -> None:
    heavy = case("lumbar-interlaminar-l4-l5-bmi-40")
    assert "BMI 42" in heavy.tell_of(sample(4, sex=Sex.FEMALE, bmi=42.2)).title
    with pytest.raises(ValueError, match="about a BMI of 40: expected one of 35 to 45, got"):
        heavy.tell_of(default_parameters(bmi=24))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("It nearly killed her, nor does she know.", "It nearly killed him, nor does he know."),
        ("Her son drives her home. See her first.", "His son drives him home. See him first."),
        ("Ms R. Costa, 58, hurt herself; her results are hers.", "Mr R. Costa, 44, hurt himself; his results are his."),
        ("Ms Other, 60, is her doctor.", "Ms Other, 60, is his doctor."),
        ("A 58-year-old; she is 58 kg.", "A 44-year-old; he is 58 kg."),
    ],
)
def test_a_sentence_about_a_woman_is_told_of_a_man(text: str, told: str) -> None:
    was = Person(surname="Costa", sex=Sex.FEMALE, age_years=58.0, bmi=27.0)
    assert retell(text, was, Person(surname="Costa", sex=Sex.MALE, age_years=44.0, bmi=24.0)) == told


def test_what_cannot_be_said_is_refused_with_a_way_out() -> None:
    was = Person(surname="Costa", sex=Sex.FEMALE, age_years=48.0, bmi=27.0)
    with pytest.raises(ValueError, match="says 'menstrual', which cannot be said of a man; choose a woman for this case"):
        retell("Last menstrual period in May.", was, Person(surname="Costa", sex=Sex.MALE, age_years=44.0, bmi=24.0))
