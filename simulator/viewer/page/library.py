"""The cases that the trainer offers."""

from typing import Any

from scenarios.errors import ScenarioError
from scenarios.loader import offer_cases
from scenarios.loader import read as read_case
from scenarios.schema.scenario import Scenario

Plain = dict[str, Any]


def read(wanted: str | None) -> tuple[dict[str, Scenario], list[Plain]]:
    """Cases to choose from, by what `scenarios.loader.read` takes, and those that cannot be read, each with the reason.

    Parameters
    ----------
    wanted : str or None
        A case, or a folder of folders with one each; None for the library.

    Raises
    ------
    ScenarioError
        Where not one can be read: the first reason.
    """
    found: dict[str, Scenario] = {}
    refused: dict[str, ScenarioError] = {}
    for name in offer_cases(wanted):
        try:
            found[name] = read_case(name)
        except ScenarioError as error:
            refused[name] = error
    if not found:
        raise next(iter(refused.values()))
    return found, [{"case": name, "why": str(error)} for name, error in refused.items()]
