"""What was injected, where it went, in which order, and what the needle met on its way."""

from collections.abc import Iterable

from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES
from scenarios.names.compartments import Compartment
from scenarios.names.quantities import Quantity
from simulator.contrast.agents import properties
from simulator.contrast.epidurogram import by_compartment
from simulator.needle.tissue_mechanics import INSIDE_DURA, NERVE
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import CONTRAST_ML, AttemptStates, contrast_ml, drug_ml, is_drug, live_contrast_ml
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.measuring.sites import describe_wrong_place, same_site
from simulator.procedure.rules.drugs import dexamethasone_mg
from simulator.procedure.state.events import Event, EventKind
from simulator.procedure.state.state import Injection
from simulator.scoring.measured import Measured

TOUCH_APART_S = 1.0  # contacts of one push that follow each other sooner are one


def measure_injections(attempt: AttemptStates) -> dict[str, Measured]:
    """Quantities of injections and contacts."""
    return {**_contacts(attempt), **_order(attempt), **_places(attempt), **_amounts(attempt)}


def _contacts(attempt: AttemptStates) -> dict[str, Measured]:
    events = attempt.last.events
    dura = [item for item in events if item.kind is EventKind.PUNCTURE and item.get("tissue") == int(Tissue.DURA)]
    nerve = _touches(events, NERVE)
    unaware = next((item for item in attempt.last.injections if item.tissue in NERVE and _counts(item)), None)
    return {
        Quantity.DURAL_PUNCTURES: Measured(value=len(dura), time_s=dura[0].time_s if dura else None),
        Quantity.NERVE_CONTACTS: Measured(value=len(nerve), time_s=nerve[0].time_s if nerve else None),
        Quantity.NERVE_BREACH_UNRECOGNISED: measure_yes_no(unaware is not None, None if unaware is None else unaware.start_s),
    }


def _touches(events: Iterable[Event], tissues: frozenset[Tissue]) -> list[Event]:
    found: list[Event] = []
    for item in events:
        touches = item.kind is EventKind.CONTACT and item.get("what") == "contacts" and item.get("tissue") in tissues
        if touches and (not found or item.time_s - found[-1].time_s > TOUCH_APART_S):
            found.append(item)
    return found


def _order(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    given = [item for item in last.injections if _counts(item)]
    if not given:
        return {}
    blind = next((item for item in given if not _was_aspirated(attempt, item)), None)
    drug = attempt.drugs[0] if attempt.drugs else None
    unseen = drug is not None and not any(_was_shown(attempt, item, drug) for item in last.injections)
    shown = [item for item in given if contrast_ml(item) > 0 and (drug is None or item.start_s < drug.start_s)]
    total_ml = sum(map(contrast_ml, shown))
    found: dict[str, Measured] = {
        Quantity.ASPIRATED_BEFORE_INJECTION: measure_yes_no(blind is None, None if blind is None else blind.start_s),
        Quantity.LIVE_CONTRAST: Measured(value=sum(map(live_contrast_ml, shown)) / total_ml if total_ml > 0 else 0.0),
        Quantity.VASCULAR_UPTAKE_MISSED: _measure_missed(attempt),
    }
    if drug is not None:
        found[Quantity.CONTRAST_BEFORE_DRUG] = measure_yes_no(not unseen, drug.start_s)
    return found


def _was_aspirated(attempt: AttemptStates, given: Injection) -> bool:
    """Whether the plunger was drawn back at this tip before the injection."""
    for item in reversed(attempt.done):
        if item.start_s > given.start_s or item.end_s > given.start_s + 1e-9:
            continue
        if isinstance(item.action, do.Aspirate):
            return True
        if isinstance(item.action, do.Advance | do.Withdraw | do.PlaceNeedle):
            return False
    return False


def _was_shown(attempt: AttemptStates, contrast: Injection, drug: Injection) -> bool:
    """Whether contrast medium was injected at the drug's own site before it, and an image was taken that shows it."""
    if contrast_ml(contrast) < CONTRAST_ML or contrast.end_s > drug.start_s or not same_site(contrast, drug):
        return False
    return any(contrast.start_s <= shot.end_s and shot.time_s <= drug.start_s for shot in attempt.last.shots)


def _measure_missed(attempt: AttemptStates) -> Measured:
    """Drug into the site at which contrast medium had run off in a vessel."""
    for drug in attempt.drugs:
        if any(item.vessel and contrast_ml(item) > 0 and same_site(item, drug) for item in attempt.last.injections):
            return measure_yes_no(True, drug.start_s)
    return measure_yes_no(False)


def _places(attempt: AttemptStates) -> dict[str, Measured]:
    given = [item for item in attempt.last.injections if _counts(item)]
    if not given:
        return {}
    wrong = next((item for item in given if describe_wrong_place(attempt, item)), None)
    note = "" if wrong is None else describe_wrong_place(attempt, wrong)
    inside = next((item for item in attempt.drugs if Tissue(item.tissue) in INSIDE_DURA), None)
    drug_in = _drug_ml_in(attempt)
    intrathecal, vascular = (sum(drug_in.get(place, 0.0) for place in places) for places in (SAC_COMPARTMENTS, VESSELS))
    vessel_ml = max(vascular, sum(drug_ml(item) for item in attempt.drugs if item.vessel))
    when = attempt.drugs[0].start_s if attempt.drugs else None
    return {
        Quantity.WRONG_LEVEL_OR_SIDE: measure_yes_no(wrong is not None, None if wrong is None else wrong.start_s, note),
        Quantity.DURAL_BREACH_UNRECOGNISED: measure_yes_no(inside is not None, None if inside is None else inside.start_s),
        Quantity.DRUG_INTRATHECAL_ML: Measured(value=intrathecal, time_s=when),
        Quantity.DRUG_VASCULAR_ML: Measured(value=vessel_ml, time_s=when),
        Quantity.PARTICULATE_ARTERIAL_RISK: _particles(attempt),
    }


SAC_COMPARTMENTS = (Compartment.INTRATHECAL, Compartment.SUBDURAL)
VESSELS = (Compartment.VENOUS, Compartment.ARTERIAL)


def _drug_ml_in(attempt: AttemptStates) -> dict[Compartment, float]:
    """Drug in each compartment at the end, mL."""
    last = attempt.last
    found: dict[Compartment, float] = {}
    for spread in last.fluid.spreads:
        for place, volumes in by_compartment(spread).items():
            found[place] = found.get(place, 0.0) + sum(volume for agent, volume in volumes.items() if is_drug(agent))
    return found


def _particles(attempt: AttemptStates) -> Measured:
    near_artery = RULES[attempt.last.case.scenario.task.approach].near_artery
    for item in attempt.last.injections:
        particulate = any(properties(agent).particulate for agent, volume in item.delivered_ml if volume > 0)
        if particulate and (near_artery or item.vessel == "arterial"):
            return measure_yes_no(True, item.start_s)
    return measure_yes_no(False)


def _amounts(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    allergic = last.case.scenario.subject.truth.contrast_allergy
    iodine = sum(contrast_ml(item) for item in last.injections)
    gadolinium = sum(volume for item in last.injections for agent, volume in item.delivered_ml if agent is Agent.GADOLINIUM)
    found: dict[str, Measured] = {
        Quantity.CONTRAST_ML: Measured(value=iodine + gadolinium),
        Quantity.ALLERGEN_ML: Measured(value=iodine if allergic else 0.0),
        Quantity.GADOLINIUM_ML: Measured(value=gadolinium),
    }
    return {**found, Quantity.STEROID_MG: Measured(value=dexamethasone_mg(last.injections))} if attempt.drugs else found


def _counts(given: Injection) -> bool:
    """Whether an injection is of contrast medium or drug, rather than what a loss-of-resistance syringe let go."""
    return contrast_ml(given) >= CONTRAST_ML or drug_ml(given) > 0 or any(agent is Agent.GADOLINIUM for agent, _ in given.delivered_ml)
