"""What a case is scored by, whether its file names it or not: an author cannot forget what no attempt may pass without.

What is added is of three kinds: the gate of every procedure that may be done; what `expected` asks of the clinician (decision, calls, drugs
that are not to be stopped); and hazards that this patient or this tray brings. A criterion of the case that measures the same stands in its
place.
"""

from collections.abc import Iterator, Mapping

from scenarios.criteria import default_minimum, merge
from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES
from scenarios.names.enums import Axis, Decision, Party
from scenarios.schema.criterion import Criterion
from scenarios.schema.scenario import Scenario
from scenarios.schema.task import Purpose

GATE = ("sterility", "consent-given", "time-out", "level-and-side", "drug-epidural", "blind-dura")
GATE_OF_DRUG = ("contrast-first", "run-heeded")
ALWAYS = ("decision", "completed")


def list_criteria(scenario: Scenario) -> tuple[Criterion, ...]:
    """Return everything that an attempt is scored by: the case's criteria, then those that are added by itself."""
    return (*(_harden(scenario, criterion) for criterion in scenario.criteria), *_list_added(scenario))


def list_minima(scenario: Scenario) -> Mapping[Axis, float]:
    """Return the share of its points, 0 to 1, below which each axis fails an attempt; an axis that is left out has no minimum."""
    return {**{Axis(axis): share for axis, share in default_minimum().items()}, **scenario.axis_minimum}


def _list_added(scenario: Scenario) -> tuple[Criterion, ...]:
    """Criteria of the catalogue that are added to a case: those whose quantity no criterion of its own measures."""
    own = {criterion.key for criterion in scenario.criteria}
    named = {criterion.name for criterion in scenario.criteria}
    found = (Criterion.model_validate(merge({"use": name})) for name in dict.fromkeys(_list_names(scenario)))
    return tuple(criterion for criterion in found if criterion.key not in own and criterion.name not in named)


def _harden(scenario: Scenario, criterion: Criterion) -> Criterion:
    """A criterion of a case, critical where it measures what the gate does: a case may weigh it, but not open the gate."""
    gate = {merge({"use": name})["quantity"] for name in (*ALWAYS, *_list_gate(scenario))}
    return criterion if criterion.critical or criterion.quantity not in gate else criterion.model_copy(update={"critical": True})


def _list_names(scenario: Scenario) -> Iterator[str]:
    yield from ALWAYS
    yield from _list_gate(scenario)
    expected = scenario.expected
    yield from map(str, expected.contact)
    if expected.never_stop or expected.accepted or Party.PRESCRIBER in expected.contact:
        yield "drug-stopped"
    if scenario.subject.truth.contrast_allergy:
        yield "allergen"
    if Agent.GADOLINIUM in scenario.equipment.agents:
        yield "gadolinium"
    if RULES[scenario.task.approach].near_artery and _may_proceed(scenario) and scenario.task.purpose is Purpose.THERAPEUTIC:
        yield from ("particulate", "particulate-reason")


def _list_gate(scenario: Scenario) -> tuple[str, ...]:
    if not _may_proceed(scenario):
        return ()
    return GATE if scenario.task.purpose is Purpose.DIAGNOSTIC else (*GATE, *GATE_OF_DRUG)


def _may_proceed(scenario: Scenario) -> bool:
    expected = scenario.expected
    return Decision.PROCEED in (expected.decision, *(other.decision for other in expected.alternatives))
