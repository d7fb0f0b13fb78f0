"""The library as the start page shows it."""

from typing import Any

from scenarios.schema.base_model import join_lines
from scenarios.schema.scenario import Scenario

Plain = dict[str, Any]


def make_card(scenario: Scenario, best: str | None = None) -> Plain:
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
        "summary": join_lines(scenario.summary),
        "approach": str(task.approach).replace("-", " "),
        "level": task.interspace,
        "side": str(task.side),
        "difficulty": scenario.difficulty,
        "best": best,
    }
