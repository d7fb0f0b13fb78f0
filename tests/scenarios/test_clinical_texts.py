"""What cases say of guidelines, steroids and certainty: laws of the texts, for the library and for what is added to it."""

import re

import pytest

from scenarios.loader import LIBRARY, list_cases, read
from scenarios.names.approaches import RULES
from scenarios.names.enums import OrderedTest
from scenarios.names.quantities import Quantity
from scenarios.schema.record import LesionKind
from scenarios.schema.scenario import Scenario
from scenarios.translation import list_texts

CITED = {"ASRA/ESRA 2018": "ASRA/ESRA", "ACC/AHA 2016": "ACC/AHA", "ESC": "ESC", "Rathmell 2015": "Rathmell", "Friedly 2014": "Friedly"}
"""What a text calls a guideline or trial, and what the case's record of it must name."""
STENT = re.compile(r"\bstent\b", re.I)
INFARCTION = re.compile(r"infarction", re.I)


def gather_texts(scenario: Scenario) -> list[str]:
    """Everything that a trainee may read, answers of colleagues and reasons of accepted courses too."""
    expected = scenario.expected
    answers = [*expected.answers.values(), *(item.why for item in expected.alternatives), *(item.why for item in expected.accepted)]
    return [*list_texts(scenario).values(), *answers, *scenario.debrief]


@pytest.mark.parametrize("name", list_cases())
def test_a_guideline_that_a_text_names_is_recorded_with_its_version(name: str) -> None:
    scenario = read(name)
    recorded = " ".join(f"{item.name} {item.version}" for item in scenario.guidelines)
    named = {word for word in CITED if any(re.search(rf"\b{re.escape(word)}\b", text) for text in gather_texts(scenario))}
    assert {word for word in named if CITED[word] not in recorded} == set()


@pytest.mark.parametrize("name", list_cases())
def test_a_stent_for_infarction_names_the_guideline_that_is_followed_and_the_one_that_is_not(name: str) -> None:
    scenario = read(name)
    sentences = (scenario.record.history, *(drug.indication for drug in scenario.record.medication))
    if not any(STENT.search(text) and INFARCTION.search(text) and "no stent" not in text for text in sentences):
        return
    followed = [item for item in scenario.guidelines if item.followed and "dual antiplatelet" in item.name]
    other = [item for item in scenario.guidelines if not item.followed]
    assert len(followed) == 1
    assert "12 months" in followed[0].states
    assert other
    assert "6 months" in other[0].states
    assert any("twelve months" in said for said in scenario.expected.answers.values())


def test_some_case_has_a_stent_for_infarction() -> None:
    assert STENT.search(read("clopidogrel").record.history)


@pytest.mark.parametrize("name", list_cases())
def test_non_particulate_is_asked_where_the_safeguards_ask_it(name: str) -> None:
    """Of a foramen by a criterion and a teaching step; between laminae and through the hiatus in no expectation and no expert's script."""
    scenario = read(name)
    asks = any(criterion.quantity is Quantity.PARTICULATE_WITHOUT_REASON for criterion in scenario.criteria)
    assert asks is RULES[scenario.task.approach].near_artery
    if asks:
        assert any("on-particulate" in step.text for step in scenario.teaching)
        return
    expert = (LIBRARY / name / "expert.yaml").read_text(encoding="utf-8")
    wanted = [scenario.expected.why, *(item.why for item in scenario.expected.alternatives), expert]
    assert [text for text in wanted if "particulate" in text] == []


@pytest.mark.parametrize("name", list_cases())
def test_stenosis_is_taught_as_the_trial_found_it(name: str) -> None:
    scenario = read(name)
    if not any(lesion.kind is LesionKind.CENTRAL_STENOSIS for lesion in scenario.record.imaging.lesions):
        return
    assert "Friedly 2014" in scenario.expected.why
    assert any("Friedly 2014" in step.text for step in scenario.teaching)


@pytest.mark.parametrize("name", list_cases())
def test_a_pregnancy_test_is_scored_of_those_alone_who_can_be_pregnant(name: str) -> None:
    scenario = read(name)
    scored = any(criterion.key == f"{Quantity.TESTED_BEFORE}:{OrderedTest.PREGNANCY}" for criterion in scenario.criteria)
    assert scored is scenario.subject.of_child_bearing_age
