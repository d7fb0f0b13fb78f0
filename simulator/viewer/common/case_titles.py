"""How a case is called on the page: by its title, in an exam by its request alone."""

from scenarios.schema.base_model import join_lines
from scenarios.schema.request_text import brief_request, title_request
from scenarios.schema.scenario import Scenario
from simulator.viewer.common.modes import TrainingMode


def name_case(scenario: Scenario, mode: str | None) -> str:
    """Title of a case in a mode; None where the mode is not known yet.

    Parameters
    ----------
    scenario : Scenario
    mode : str, optional
        One of `TrainingMode`.
    """
    return title_request(scenario) if mode == TrainingMode.EXAM else scenario.title


def brief_case(scenario: Scenario, mode: str | None) -> str:
    """What a trainee reads first of a case in a mode, on single lines.

    Parameters
    ----------
    scenario : Scenario
    mode : str, optional
        One of `TrainingMode`.
    """
    return brief_request(scenario) if mode == TrainingMode.EXAM else join_lines(scenario.summary)
