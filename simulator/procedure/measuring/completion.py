"""Whether an attempt was carried to its end, or rightly not."""

from scenarios.names.enums import Decision
from scenarios.names.quantities import Quantity
from scenarios.schema.task import Purpose
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.measuring.restraint import is_contrast_rightly_omitted, is_drug_rightly_withheld
from simulator.scoring.measured import Measured


def measure_completion(attempt: AttemptStates) -> dict[str, Measured]:
    """Whether the attempt ended in good order, and what was rightly left out."""
    withheld = is_drug_rightly_withheld(attempt)
    note = _describe_lack(attempt, withheld=withheld)
    return {
        Quantity.DRUG_RIGHTLY_WITHHELD: measure_yes_no(withheld),
        Quantity.CONTRAST_RIGHTLY_OMITTED: measure_yes_no(bool(attempt.drugs) and is_contrast_rightly_omitted(attempt)),
        Quantity.COMPLETED: measure_yes_no(not note, attempt.last.time_s, note),
    }


def _describe_lack(attempt: AttemptStates, *, withheld: bool) -> str:
    """What is lacking of an end in good order: what the case asks for was injected and the needle is out, or the case was not taken on."""
    last = attempt.last
    if last.over is None:
        return "the attempt was broken off"
    if last.chart.decision is None:
        return "nothing was decided"
    if last.needle is not None:
        return "the needle was left in"
    if last.chart.decision is not Decision.PROCEED:
        return "something was injected although the case was not taken on" if last.injections else ""
    diagnostic = last.case.scenario.task.purpose is Purpose.DIAGNOSTIC
    if withheld or (attempt.first_contrast if diagnostic else attempt.drugs):
        return ""
    return "no contrast medium was given" if diagnostic else "no drug was given"
