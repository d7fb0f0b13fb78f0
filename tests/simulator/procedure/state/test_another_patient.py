"""An attempt on another patient than the case's: page, record and report tell of who lies on the table."""

import json
import re

import numpy as np
import pytest

from phantoms.population.population import sample
from phantoms.terms.parameters import Sex
from scenarios.loader import read
from scenarios.names.enums import ReviewItem
from scenarios.schema.retelling import describe_person, find_contradictions
from simulator.door.score import report
from simulator.observation import observe
from simulator.procedure.attempt.header import describe_patient
from simulator.procedure.rules.stepping import begin
from simulator.procedure.state.case import Case
from simulator.reporting.writing import as_text
from simulator.viewer.engine.serializers import describe_case, describe_observation
from tests.laws import count
from tests.simulator.procedure.toy import ToyPatient, do

CASES = ("lumbar-interlaminar-l4-l5", "aspirin", "contrast-allergy", "diabetes", "clopidogrel")
OTHER = {Sex.MALE: re.compile(r"\b(she|her|hers|herself|Ms|Mrs)\b"), Sex.FEMALE: re.compile(r"\b(he|him|his|himself|Mr)\b")}


@pytest.mark.laws
def test_no_face_of_an_attempt_tells_of_another_patient() -> None:
    rng = np.random.default_rng(5)
    for number in range(count(6, 120)):
        params = sample(int(rng.integers(2**31)), sex=list(Sex)[number % 2])
        case = Case(scenario=read(CASES[number % len(CASES)]), patient=ToyPatient(params=params))  # type: ignore[arg-type]
        states = [begin(case, 1)]
        said = [*({"review": {"item": str(item)}} for item in ReviewItem), {"contact": {"party": "prescriber"}}, "finish"]
        for action in said:
            states.append(do(states[-1], action))
        scenario = states[-1].case.scenario
        assert scenario.subject.parameters == params
        assert describe_patient(states[-1].case)["parameters"]["age_years"] == params.age_years
        faces = {
            "page": json.dumps(describe_case(scenario)),
            "record": json.dumps(describe_observation(observe(states[-1]))["record"]),
            "events": json.dumps([event.text for event in states[-1].events]),
            "report": as_text(report(states, images=False), ".json"),
        }
        person = describe_person(scenario.subject.name, params)
        for name, face in faces.items():
            assert not OTHER[params.sex].search(face), (name, OTHER[params.sex].search(face))
            assert not find_contradictions(face, person), name
        assert f"{person.surname}, {int(params.age_years)}" in faces["page"]
