"""A case by its request alone: what an exam shows before it is over, where title and summary would give the catch away."""

from scenarios.names.approaches import RULES
from scenarios.schema.scenario import Scenario
from scenarios.schema.task import Purpose

INJECTION, READING = "epidural injection", "epidurography"


def title_request(scenario: Scenario) -> str:
    """Title from procedure, level, side and patient: "Interlaminar epidural injection at L4-L5, left: Ms K. Berg, 58".

    Parameters
    ----------
    scenario : Scenario
    """
    return f"{_name_procedure(scenario)}: {_name_patient(scenario)}"


def brief_request(scenario: Scenario) -> str:
    """What is asked for, for whom, and that everything else stands in the record.

    Parameters
    ----------
    scenario : Scenario
    """
    procedure = _name_procedure(scenario)
    return f"{_name_patient(scenario)}. Asked for: {procedure[0].lower()}{procedure[1:]}. Everything else stands in the record."


def _name_procedure(scenario: Scenario) -> str:
    task = scenario.task
    name = f"{RULES[task.approach].words} {READING if task.purpose is Purpose.DIAGNOSTIC else INJECTION}"
    return f"{name[0].upper()}{name[1:]} at {task.interspace}, {task.side}"


def _name_patient(scenario: Scenario) -> str:
    return f"{scenario.subject.name}, {int(scenario.subject.parameters.age_years)}"
