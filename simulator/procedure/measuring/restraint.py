"""What was rightly left undone: contrast medium where a contraindication is accepted, the drug where giving it would have been wrong."""

from scenarios.names.approaches import RULES
from scenarios.names.enums import Decision
from simulator.contrast.agents import properties
from simulator.geometry.approaches import APPROACHES
from simulator.procedure.measuring.attempt import AttemptStates, contrast_ml
from simulator.procedure.measuring.contrast_runs import is_stop_right
from simulator.procedure.measuring.imaging import is_depth_seen
from simulator.procedure.state.events import EventKind


def is_contrast_rightly_omitted(attempt: AttemptStates) -> bool:
    """Whether the drug was rightly given without contrast medium.

    The case must accept it with the decision that was taken. Through the flavum a depth view and a loss of resistance are asked instead,
    near an artery of the cord a steroid without particles.
    """
    last = attempt.last
    accepted = any(other.without_contrast and other.decision is last.chart.decision for other in last.case.scenario.expected.alternatives)
    if not accepted or any(contrast_ml(item) > 0 for item in last.injections):
        return False
    approach = last.case.scenario.task.approach
    if APPROACHES[approach].through_flavum and not _has_felt_and_seen(attempt):
        return False
    given = [agent for item in last.injections for agent, volume_ml in item.delivered_ml if volume_ml > 0]
    return not (RULES[approach].near_artery and any(properties(agent).particulate for agent in given))


def is_drug_rightly_withheld(attempt: AttemptStates) -> bool:
    """Whether a procedure that was rightly begun was rightly ended without the drug.

    Reasons: the last run of contrast medium showed an artery or the sac, a vein filled wherever the tip was put, cerebrospinal fluid came
    back, or the patient was taken ill.
    """
    last = attempt.last
    if last.chart.decision is not Decision.PROCEED or attempt.drugs or last.needle is not None or not attempt.entered:
        return False
    ill = any(item.kind is EventKind.COMPLICATION for item in last.events)
    fluid = any(item.kind is EventKind.FLOW and item.get("fluid") == "cerebrospinal fluid" for item in last.events)
    return ill or fluid or is_stop_right(attempt)


def _has_felt_and_seen(attempt: AttemptStates) -> bool:
    """Whether resistance was lost, and depth looked at before the flavum, ahead of the first drug."""
    until_s = attempt.drugs[0].start_s if attempt.drugs else attempt.last.time_s
    lost = any(item.kind is EventKind.LOSS and item.time_s <= until_s for item in attempt.last.events)
    return lost and is_depth_seen(attempt)
