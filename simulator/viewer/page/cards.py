"""The library as the start page shows it."""

from typing import Any

from scenarios.names.approaches import RULES
from scenarios.schema.scenario import Scenario
from simulator.viewer.common.case_titles import brief_case, name_case
from simulator.viewer.common.modes import TrainingMode

Plain = dict[str, Any]


def make_card(scenario: Scenario, best: str | None = None, mode: str | None = None) -> Plain:
    """What the library's page says of a case; ``exam_title`` and ``exam_summary`` are the request alone, for when an exam is chosen.

    Parameters
    ----------
    scenario : Scenario
    best : str, optional
        The best scores so far, in words.
    mode : str, optional
        The one mode of this start; an exam's card holds nothing but the request.
    """
    task = scenario.task
    return {
        "id": scenario.id,
        "title": name_case(scenario, mode),
        "summary": brief_case(scenario, mode),
        "exam_title": name_case(scenario, TrainingMode.EXAM),
        "exam_summary": brief_case(scenario, TrainingMode.EXAM),
        "approach": RULES[task.approach].words,
        "level": task.interspace,
        "side": str(task.side),
        "difficulty": scenario.difficulty,
        "best": best,
    }
