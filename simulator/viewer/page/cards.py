"""The library as the start page shows it."""

from typing import Any

from scenarios.schema.base_model import words
from scenarios.schema.scenario import Scenario

Plain = dict[str, Any]


def case_card(scenario: Scenario, best: str | None = None) -> Plain:
    """What the library's page says of a case.

    Parameters
    ----------
    scenario : Scenario
    best : str, optional
        The best score so far, in words.
    """
    task = scenario.task
    return {
        "id": scenario.id,
        "title": scenario.title,
        "summary": words(scenario.summary),
        "approach": str(task.approach).replace("-", " "),
        "level": task.interspace,
        "side": str(task.side),
        "difficulty": scenario.difficulty,
        "best": best,
    }
