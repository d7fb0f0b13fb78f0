"""A report shows which guideline the case follows, what was right to decide, and what a dose of steroid counts as."""

from dataclasses import replace

import pytest

from scenarios.loader import list_cases, read
from scenarios.names.agents import Agent
from scenarios.names.steroids import EQUIVALENCE
from scenarios.schema.base_model import join_lines
from simulator.procedure.actions.actions import Decide
from simulator.procedure.state.state import Injection
from simulator.reporting.action_text import describe_action
from simulator.reporting.build import FOLLOWED, NOT_FOLLOWED, build_report
from simulator.reporting.page import as_page
from simulator.reporting.report import Report
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario


def report_start(name: str) -> Report:
    return build_report([begin_toy(1, case_with(read(name), read(name).subject.parameters))])


@pytest.mark.parametrize("name", list_cases())
def test_every_guideline_and_every_accepted_course_is_shown_after_the_attempt(name: str) -> None:
    scenario, report = read(name), report_start(name)
    told = " ".join(answer for _, answer in report.debrief)
    assert all(join_lines(item.states) in told and item.version in told for item in scenario.guidelines)
    assert all(join_lines(item.why) in told for item in (scenario.expected, *scenario.expected.alternatives))


def test_the_guideline_that_is_followed_is_told_from_the_one_that_is_not() -> None:
    rows = report_start("clopidogrel").debrief
    assert ["ACC/AHA" in answer for question, answer in rows if question == FOLLOWED].count(True) == 1
    assert ["ESC" in answer.split(",")[0] for question, answer in rows if question == NOT_FOLLOWED] == [True]


def test_a_shared_decision_is_told_with_those_who_share_it() -> None:
    accepted = [{"drug": "naproxen", "after": ["prescriber"], "why": "In the neck it is a shared decision."}]
    expected = {"decision": "proceed", "why": "Fit.", "answers": {"prescriber": "As you both agree."}, "accepted": accepted}
    rows = dict(build_report([begin_toy(1, case_with(change_scenario(expected=expected)))]).debrief)
    said = rows["What was right to decide?"]
    assert "Accepted too: that naproxen is stopped, talked over with the prescriber. In the neck" in said


def test_the_equivalence_and_its_source_stand_in_the_report() -> None:
    push = Injection(start_s=1.0, end_s=9.0, delivered_ml=((Agent.METHYLPREDNISOLONE, 2.0),), rate_ml_s=0.3, tip=(0.0, 0.0, 0.0), tissue=1)
    from simulator.procedure.measuring import attempt_of
    from simulator.reporting.build import _facts

    facts = dict(_facts(attempt_of([replace(begin_toy(), injections=(push,))])))
    assert facts["Steroid"] == f"methylprednisolone 80 mg (ordinary: 40 to 80 mg), as much as dexamethasone 15 mg; {EQUIVALENCE}"
    assert "Steroid" not in dict(_facts(attempt_of([begin_toy()])))


def test_a_reason_for_particles_is_told_beside_that_for_the_decision() -> None:
    said = describe_action(Decide(decision="proceed", reason="fits the MRI", particulate_reason="dexamethasone did not help"))
    assert said == "decide to proceed: fits the MRI; particulate steroid because dexamethasone did not help"


def test_the_page_of_a_report_shows_them() -> None:
    page = as_page(report_start("clopidogrel"))
    assert FOLLOWED in page
    assert "at least 12 months" in page
