"""What a case expects is scored whether its author names the criterion or not, and no case can open the gate."""

import pytest

from scenarios.criteria import catalogue, criteria_sets, default_minimum
from scenarios.loader import list_cases, read
from scenarios.names.enums import Axis, Decision, Party
from scenarios.names.quantities import Quantity
from scenarios.schema.scenario import Scenario
from scenarios.scored_criteria import GATE, list_criteria, list_minima
from simulator.procedure.measuring import score_attempt
from simulator.scoring.score import Score
from tests.simulator.procedure.measuring.graded import play
from tests.simulator.procedure.toy import case_with, change_scenario

APIXABAN = {
    "name": "apixaban",
    "dose": "5 mg twice daily",
    "last_taken_h": 8,
    "indication": "atrial fibrillation",
    "prescriber": "cardiologist",
}
ONE = {
    "name": "history",
    "axis": "safety",
    "quantity": "reviewed",
    "of": "history",
    "low": 1,
    "grade": "C",
    "source": "a test",
    "lost": "Lost.",
}
POSTPONED: tuple = ({"review": {"item": "history"}}, {"decide": {"decision": "postpone"}}, "finish")


def make_case(**expected: object) -> Scenario:
    """A case on apixaban whose author named one criterion, and none of what is expected."""
    base = change_scenario(
        record={"medication": [APIXABAN]}, expected={"decision": "postpone", "why": "It waits until apixaban is out.", **expected}
    )
    return Scenario.model_validate(base.model_dump(mode="json", exclude_unset=True) | {"criteria": [ONE], "criteria_from": []})


def score_said(scenario: Scenario, *said: object) -> Score:
    return score_attempt(play(said, case_with(scenario)))


CALLED = {"contact": ["prescriber"], "answers": {"prescriber": "Stop it for three days, and go on the day after."}}
CALL, STOP = {"contact": {"party": "prescriber"}}, {"stop-drug": {"drug": "apixaban"}}


def test_stopping_an_anticoagulant_without_the_call_fails() -> None:
    case = make_case(**CALLED)
    called = score_said(case, CALL, STOP, *POSTPONED)
    uncalled = score_said(case, STOP, *POSTPONED)
    assert called.passed
    assert called.grade == 1.0
    assert {item.criterion.name for item in uncalled.critical} == {"prescriber", "drug-stopped"}
    assert {item.criterion.name for item in score_said(case, STOP, CALL, *POSTPONED).critical} == {"drug-stopped"}
    assert {item.criterion.name for item in score_said(case, *POSTPONED).critical} == {"prescriber"}


def test_a_drug_that_is_not_to_be_stopped_is_scored_even_after_a_call() -> None:
    case = make_case(**CALLED, never_stop=["apixaban"])
    assert {item.criterion.name for item in score_said(case, CALL, STOP, *POSTPONED).critical} == {"drug-stopped"}
    alone = make_case(never_stop=["apixaban"])
    assert {item.criterion.name for item in score_said(alone, STOP, *POSTPONED).critical} == {"drug-stopped"}
    assert score_said(alone, *POSTPONED).grade == 1.0


def test_the_decision_is_scored_by_itself() -> None:
    found = score_said(make_case(), {"review": {"item": "history"}}, {"decide": {"decision": "refuse"}}, "finish")
    assert "decision" in {item.criterion.name for item in found.critical}


@pytest.mark.parametrize("party", list(Party))
def test_whoever_must_be_asked_is_scored(party: Party) -> None:
    case = make_case(contact=[str(party)], answers={str(party): "Go on."})
    assert f"contacted:{party}" in {criterion.key for criterion in list_criteria(case)}
    asked = score_said(case, {"contact": {"party": str(party)}}, *POSTPONED)
    assert asked.grade > score_said(case, *POSTPONED).grade


@pytest.mark.parametrize("name", list_cases())
def test_every_case_has_what_it_expects_and_its_gate(name: str) -> None:
    scenario = read(name)
    found = list_criteria(scenario)
    keys, expected = {criterion.key for criterion in found}, scenario.expected
    assert len(keys) == len(found)
    assert {Quantity.DECISION_RIGHT, Quantity.COMPLETED} <= keys
    assert {f"{Quantity.CONTACTED}:{party}" for party in expected.contact} <= keys
    assert Quantity.DRUG_STOPPED_UNASKED in keys or not expected.never_stop
    if Decision.PROCEED in (expected.decision, *(other.decision for other in expected.alternatives)):
        gate = {catalogue()[item]["quantity"] for item in GATE}
        assert gate <= keys
        assert all(criterion.critical for criterion in found if criterion.quantity in gate)


def test_a_case_cannot_open_the_gate() -> None:
    weak = {"use": "drug-epidural", "critical": False, "weight": 1}
    base = change_scenario().model_dump(mode="json", exclude_unset=True)
    weak = {**catalogue()["drug-epidural"], **{key: value for key, value in weak.items() if key != "use"}}
    scenario = Scenario.model_validate(base | {"criteria": [weak]})
    found = [criterion for criterion in list_criteria(scenario) if criterion.name == "drug-epidural"]
    assert [(criterion.critical, criterion.weight) for criterion in found] == [(True, 1.0)]


def test_minima_of_axes_are_data_that_a_case_may_change() -> None:
    assert dict(default_minimum()) == {"safety": 0.8, "placement": 0.6, "imaging": 0.4}
    own = change_scenario().model_dump(mode="json", exclude_unset=True) | {"axis_minimum": {"placement": 0.9, "imaging": 0}}
    assert list_minima(Scenario.model_validate(own)) == {Axis.SAFETY: 0.8, Axis.PLACEMENT: 0.9, Axis.IMAGING: 0.0}
    with pytest.raises(ValueError, match="axis_minimum"):
        Scenario.model_validate(own | {"axis_minimum": {"placement": 9}})
    assert "axis_minimum" not in criteria_sets()
