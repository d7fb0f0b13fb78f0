"""Criteria that cannot be met, or that nothing in the case can measure."""

from collections.abc import Iterator, Mapping

from scenarios.errors import Problem, advise_nearest
from scenarios.names.agents import Agent
from scenarios.names.enums import Decision
from scenarios.names.quantities import OCCASIONS, Occasion, Quantity
from scenarios.names.steroids import STEROIDS
from scenarios.safe_yaml import Document, Place
from scenarios.schema.criterion import Criterion
from scenarios.schema.scenario import Scenario
from scenarios.schema.task import Purpose
from simulator.geometry.approaches import APPROACHES

IODINE = frozenset({Agent.IOHEXOL_180, Agent.IOHEXOL_240, Agent.IOHEXOL_300})
NEEDS_AGENT: Mapping[Quantity, frozenset[Agent]] = {
    Quantity.STEROID_DOSE: frozenset(STEROIDS),
    Quantity.STEROID_MG: frozenset(STEROIDS),
    Quantity.CONTRAST_BEFORE_DRUG: IODINE,
    Quantity.LIVE_CONTRAST: IODINE,
    Quantity.LOCAL_ANAESTHETIC: frozenset({Agent.LIDOCAINE, Agent.BUPIVACAINE, Agent.ROPIVACAINE}),
}
IN_BOTH = frozenset({Quantity.DRUG_EPIDURAL_SHARE})  # of a diagnostic task it is the contrast medium's share
NEEDS_DRUG = frozenset({name for name, occasion in OCCASIONS.items() if occasion is Occasion.DRUG} | {Quantity.LAST_RUN_HEEDED}) - IN_BOTH
SHARES = frozenset({"yes/no", "share", "score"})
DEPTH_VIEW = frozenset({Quantity.DEPTH_VIEW_BEFORE_FLAVUM})


def check_scorable(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """Problems of a case's criteria, each at the criterion's line, or at the sets' where it comes from one."""
    own = len(document.value.get("criteria") or [])
    if scenario.pass_mark > 0 and not sum(criterion.weight for criterion in scenario.criteria):
        yield document.problem(("criteria",), "no criterion has any weight", "give at least one a weight above 0")
    for number, criterion in enumerate(scenario.criteria):
        place: Place = ("criteria", number) if number < own else ("criteria_from",)
        for what, mend in (*_check_range(criterion), *_check_means(criterion, scenario)):
            yield document.problem(place, f"{criterion.name}: {what}", mend)


def _check_range(criterion: Criterion) -> Iterator[tuple[str, str]]:
    """Bounds that no value of the quantity can reach."""
    low, high = criterion.low, criterion.high
    if high is not None and high < 0 and criterion.quantity is not Quantity.TIP_ALONG_MM:
        yield f"{criterion.quantity} is never below 0, high is {high:g}", "raise high"
    if low is not None and low > 1 and criterion.unit in SHARES:
        yield f"{criterion.quantity} is at most 1 ({criterion.unit}), low is {low:g}", "write a share from 0 to 1"
    if criterion.weight == 0 and not criterion.critical:
        yield "has neither weight nor is it critical, so it changes nothing", "give it a weight or leave it out"


def _check_means(criterion: Criterion, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What the case must offer for the quantity to be measured."""
    task, tray = scenario.task, scenario.equipment.agents
    agents = NEEDS_AGENT.get(criterion.quantity)
    if agents and not agents.intersection(tray):
        yield f"{criterion.quantity} needs one of {', '.join(sorted(agents))} on the tray", "add it to equipment.agents"
    if criterion.quantity in NEEDS_DRUG and task.purpose is Purpose.DIAGNOSTIC:
        yield f"{criterion.quantity} needs a drug, the task is diagnostic", "leave it out"
    if criterion.quantity in DEPTH_VIEW and not APPROACHES[task.approach].through_flavum:
        through = " or ".join(approach for approach, record in APPROACHES.items() if record.through_flavum)
        yield f"{criterion.quantity} is for the {through} approach, the task is {task.approach}", "leave it out"
    if criterion.quantity is Quantity.ANSWER_RIGHT:
        ids = [question.id for question in scenario.questions]
        if criterion.of not in ids:
            yield f"no question {criterion.of!r}", advise_nearest(criterion.of, ids) if ids else "ask one in questions"
    if criterion.quantity is Quantity.DECISION_RIGHT and criterion.high == 0:
        yield "asks for the wrong decision", "write low: 1"
    if (
        criterion.critical
        and criterion.unless is None
        and _needs_injection(criterion)
        and scenario.expected.decision is not Decision.PROCEED
    ):
        yield f"{criterion.quantity} needs an injection, expected.decision is {scenario.expected.decision}", "leave it out, or set unless"


def _needs_injection(criterion: Criterion) -> bool:
    return criterion.quantity in NEEDS_DRUG or criterion.quantity in (
        Quantity.WRONG_LEVEL_OR_SIDE,
        Quantity.LIVE_CONTRAST,
        Quantity.COMPARTMENT_RIGHT,
        Quantity.DRUG_INTRATHECAL_ML,
        Quantity.DRUG_VASCULAR_ML,
        Quantity.VASCULAR_UPTAKE_MISSED,
    )
