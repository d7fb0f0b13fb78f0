"""All quantities of an attempt."""

from collections.abc import Mapping, Sequence

from simulator.procedure.measuring.attempt import attempt_of
from simulator.procedure.measuring.completion import measure_completion
from simulator.procedure.measuring.documentation import measure_documentation
from simulator.procedure.measuring.imaging import measure_imaging
from simulator.procedure.measuring.injections import measure_injections
from simulator.procedure.measuring.interpretation import measure_interpretation
from simulator.procedure.measuring.placement import measure_placement
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.measured import Measured

PARTS = (measure_documentation, measure_completion, measure_injections, measure_placement, measure_imaging, measure_interpretation)


def measure(states: Sequence[ProcedureState]) -> Mapping[str, Measured]:
    """Measure an attempt.

    Parameters
    ----------
    states : sequence of ProcedureState
        From the first, before anything was done, to the last, one for each action.

    Returns
    -------
    mapping of str to Measured
        By `scenarios.schema.criterion.Criterion.key`; what did not come about is not in it.

    Raises
    ------
    ValueError
        If the states are not one attempt in order.
    """
    attempt = attempt_of(states)
    return {key: value for part in PARTS for key, value in part(attempt).items()}
