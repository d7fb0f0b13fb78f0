"""From the states of an attempt to its score."""

from collections.abc import Sequence

from scenarios.scored_criteria import list_criteria, list_minima
from simulator.procedure.measuring.measure import measure
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.score import Score, score


def score_attempt(states: Sequence[ProcedureState]) -> Score:
    """Score an attempt by its case's criteria, and by those that every case is scored by.

    Parameters
    ----------
    states : sequence of ProcedureState
        From the first, before anything was done, to the last, one for each action.

    Raises
    ------
    ValueError
        If the states are not one attempt in order.
    """
    measured, scenario = measure(states), states[-1].case.scenario
    return score(list_criteria(scenario), measured, scenario.pass_mark, list_minima(scenario))
