"""Who may stop a drug, and after whose word: the prescriber's, or theirs whom the case names for a shared decision."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from scenarios.names.enums import Party
from scenarios.schema.decisions import Expected
from simulator.procedure.measuring import measure
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario, do

DRUGS = ("amlodipine", "naproxen")
ANSWERS = {str(party): "As you both agree." for party in Party}
SHARED = {"drug": "naproxen", "why": "In the neck stopping it is a shared decision."}


def expect(**said: Any) -> dict[str, Any]:
    return {"decision": "proceed", "why": "A test.", "answers": ANSWERS, **said}


def count_unasked(expected: dict[str, Any], *said: object) -> float:
    states = [begin_toy(1, case_with(change_scenario(expected=expected)))]
    for item in said:
        states.append(do(states[-1], item))
    found = measure(states).get("drug-stopped-unasked")
    return 0.0 if found is None else found.value  # not measured where nothing was stopped or decided


def test_the_rule_over_random_attempts(rng: np.random.Generator) -> None:
    """Stopped is unasked where the case forbids it, or where one of those who must agree was not asked before."""
    parties = list(Party)
    for _ in range(count(150, 3000)):
        never = [drug for drug in DRUGS if rng.integers(3) == 0]
        shared = {
            drug: [str(parties[n]) for n in rng.permutation(len(parties))[: int(rng.integers(1, 3))]]
            for drug in DRUGS
            if drug not in never and rng.integers(2)
        }
        accepted = [{"drug": drug, "after": after, "why": "Shared."} for drug, after in shared.items()]
        said: list[dict[str, Any]] = [{"contact": {"party": str(party)}} for party in parties if rng.integers(2)]
        said += [{"stop-drug": {"drug": drug}} for drug in DRUGS if rng.integers(2)]
        said = [said[int(n)] for n in rng.permutation(len(said))]
        asked: set[str] = set()
        expected = 0
        for item in said:
            if "contact" in item:
                asked.add(item["contact"]["party"])
            else:
                drug = item["stop-drug"]["drug"]
                expected += drug in never or not asked.issuperset(shared.get(drug, ["prescriber"]))
        assert count_unasked(expect(never_stop=never, accepted=accepted), *said) == expected


def test_both_courses_of_a_shared_decision_cost_nothing() -> None:
    talk, stop = {"contact": {"party": "prescriber"}}, {"stop-drug": {"drug": "naproxen"}}
    expected = expect(accepted=[SHARED])
    assert count_unasked(expected, talk, stop) == 0
    assert count_unasked(expected, talk) == 0
    assert count_unasked(expected, stop, talk) == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"accepted": [SHARED], "never_stop": ["naproxen"]}, "accepted lets 'naproxen' be stopped, never_stop forbids it"),
        ({"accepted": [SHARED, SHARED]}, "accepted names 'naproxen' twice"),
        ({"accepted": [SHARED], "answers": {}}, "answers lacks what the prescriber says, whom accepted names"),
        ({"accepted": [SHARED | {"after": []}]}, "at least 1 item"),
    ],
)
def test_what_contradicts_itself_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Expected.model_validate(expect(**said))


def test_a_drug_that_the_patient_does_not_take_is_named() -> None:
    with pytest.raises(ValidationError, match="expected.accepted names 'wine', which record.medication lacks"):
        change_scenario(expected=expect(accepted=[SHARED | {"drug": "wine"}]))
