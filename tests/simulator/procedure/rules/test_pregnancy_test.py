"""A pregnancy test: for women of child-bearing age, with the record's result, in the record's time."""

from typing import Any

import numpy as np
import pytest

from scenarios.names.enums import OrderedTest
from scenarios.safe_yaml import parse
from simulator.operators.run import run
from simulator.operators.script import parse_script
from simulator.procedure.actions.actions import OrderTest
from simulator.procedure.measuring import measure
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.case import Case
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario, do, read_scenario

ORDER = OrderTest(test=OrderedTest.PREGNANCY)
DUE = "operator: x\nabout: y\nsteps:\n  - due-tests\n  - finish\n"


def make_case(sex: str, age_years: float, *, pregnant: bool = False, test: dict[str, Any] | None = None) -> Case:
    subject = {"name": "X", "weight_kg": 70, "anatomy": {"sex": sex, "age_years": age_years}, "truth": {"pregnant": pregnant}}
    record = read_scenario().record.model_dump(mode="json", exclude_unset=True) | ({} if test is None else {"pregnancy_test": test})
    scenario = change_scenario(subject=subject, record=record)
    return case_with(scenario, scenario.subject.parameters)


def test_it_is_asked_of_women_of_child_bearing_age_and_of_no_others(rng: np.random.Generator) -> None:
    for _ in range(count(40, 400)):
        sex, age_years = str(rng.choice(["female", "male"])), float(rng.integers(16, 91))
        case = make_case(sex, age_years)
        due = sex == "female" and age_years < 56
        ordered = [action for action, _ in run(case, parse_script(parse(DUE, "due.yaml")), 1) if isinstance(action, OrderTest)]
        assert ordered == ([ORDER] if due else [])
        if not due:
            with pytest.raises(ValueError, match=r"order-test\.test: a pregnancy test is for women from 12 to under 56 years; X is"):
                step(begin_toy(1, case), ORDER)


def test_it_shows_what_the_record_says_or_what_is_true_and_takes_its_time(rng: np.random.Generator) -> None:
    for _ in range(count(40, 400)):
        pregnant, said = bool(rng.integers(2)), rng.choice(["true", "false", "nothing"])
        takes_min = float(rng.integers(1, 61))
        test = {"takes_min": takes_min} | ({} if said == "nothing" else {"positive": said == "true"})
        state = step(begin_toy(1, make_case("female", 31, pregnant=pregnant, test=test)), ORDER)
        positive = pregnant if said == "nothing" else said == "true"
        assert state.events[-1].text == f"Pregnancy test in urine: {'positive' if positive else 'negative'}."
        assert state.time_s == state.events[-1].time_s == pytest.approx(60 * takes_min)
        assert state.chart.tested == (OrderedTest.PREGNANCY,)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((ORDER, "shoot"), 1.0),
        (("shoot", ORDER), 0.0),
        ((ORDER,), 1.0),
        ((), 0.0),
    ],
)
def test_it_counts_before_the_beam(said: tuple[object, ...], expected: float) -> None:
    start = begin_toy(1, make_case("female", 31))
    states = [start]
    for item in said:
        states.append(do(states[-1], item))
    assert measure(states)["tested-before:pregnancy"].value == expected
