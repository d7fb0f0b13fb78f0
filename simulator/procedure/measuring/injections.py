"""What was injected, where it went, in which order, and what the needle met on its way."""

from collections.abc import Iterable

import numpy as np

from phantoms.terms.levels import SpinalPart
from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES
from scenarios.names.compartments import EPIDURAL, Compartment
from scenarios.names.quantities import Quantity
from scenarios.names.steroids import EQUIVALENCE, describe_dose, sum_dexamethasone_mg, times_ordinary
from scenarios.schema.task import Purpose
from simulator.contrast.agents import properties
from simulator.geometry.approaches import APPROACHES
from simulator.needle.tissue_mechanics import NERVE
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import (
    CONTRAST_ML,
    DRUG_ML,
    AttemptStates,
    contrast_ml,
    drug_ml,
    is_drug,
    live_contrast_ml,
    shows_on_xray,
)
from simulator.procedure.measuring.contrast_runs import (
    FINAL_TIP_MM,
    Pattern,
    find_deciding_run,
    list_runs,
    read_pattern,
    share_by_place,
    sum_epidural,
)
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.measuring.imaging import is_depth_seen
from simulator.procedure.measuring.restraint import is_contrast_rightly_omitted
from simulator.procedure.measuring.sites import describe_other_place, describe_wrong_place
from simulator.procedure.rules.drugs import steroid_mg
from simulator.procedure.state.events import Event, EventKind
from simulator.procedure.state.state import Injection
from simulator.scoring.measured import Measured

SAC = (Compartment.INTRATHECAL, Compartment.SUBDURAL)
VESSELS = (Compartment.VENOUS, Compartment.ARTERIAL)
BELOW_CORD = (SpinalPart.LUMBAR, SpinalPart.SACRAL)  # parts of the spine in whose foramina the safeguards may allow particles
VASCULAR = (Pattern.VENOUS, Pattern.ARTERIAL)
TOUCH_APART_S = 1.0  # contacts of one push that follow each other sooner are one


def measure_injections(attempt: AttemptStates) -> dict[str, Measured]:
    """Quantities of injections and contacts."""
    return {**_contacts(attempt), **_order(attempt), **_places(attempt), **_amounts(attempt)}


def _contacts(attempt: AttemptStates) -> dict[str, Measured]:
    """Punctures of the dura and touches of nerves; of an attempt in which nothing was injected only those that came about."""
    events = attempt.last.events
    dura = [item for item in events if item.kind is EventKind.PUNCTURE and item.get("tissue") == int(Tissue.DURA)]
    nerve = _touches(events, NERVE)
    given = [item for item in attempt.last.injections if _counts(item)]
    found: dict[str, Measured] = {}
    if dura or given:
        found[Quantity.DURAL_PUNCTURES] = Measured(value=len(dura), time_s=dura[0].time_s if dura else None)
    if (dura or given) and APPROACHES[attempt.last.case.scenario.task.approach].through_flavum:
        found[Quantity.DURA_BREACHED_BLIND] = measure_yes_no(bool(dura) and not is_depth_seen(attempt), dura[0].time_s if dura else None)
    if nerve or given:
        found[Quantity.NERVE_CONTACTS] = Measured(value=len(nerve), time_s=nerve[0].time_s if nerve else None)
    if given:
        unaware = next((item for item in given if item.tissue in NERVE or _was_warned(attempt, item)), None)
        when = None if unaware is None else unaware.start_s
        found[Quantity.NERVE_BREACH_UNRECOGNISED] = measure_yes_no(unaware is not None, when)
    return found


def _was_warned(attempt: AttemptStates, given: Injection) -> bool:
    """Whether the patient told of an electric shock at the movement that brought the tip to where it was then left."""
    moved = [item.start_s for item in attempt.find_actions(do.Advance, do.Withdraw, do.AimNeedle) if item.end_s <= given.start_s]
    told = (item for item in attempt.last.events if item.kind is EventKind.VOICE and item.get("about") == "nerve")
    return bool(moved) and any(moved[-1] <= item.time_s <= given.start_s for item in told)


def _touches(events: Iterable[Event], tissues: frozenset[Tissue]) -> list[Event]:
    found: list[Event] = []
    for item in events:
        touches = item.kind is EventKind.CONTACT and item.get("what") == "contacts" and item.get("tissue") in tissues
        if touches and (not found or item.time_s - found[-1].time_s > TOUCH_APART_S):
            found.append(item)
    return found


def _order(attempt: AttemptStates) -> dict[str, Measured]:
    given = [item for item in attempt.last.injections if _counts(item)]
    if not given:
        return {}
    blind = next((item for item in given if not _was_aspirated(attempt, item)), None)
    drug = attempt.drugs[0] if attempt.drugs else None
    shown = [item for item in given if contrast_ml(item) > 0 and (drug is None or item.start_s < drug.start_s)]
    total_ml = sum(map(contrast_ml, shown))
    found: dict[str, Measured] = {
        Quantity.ASPIRATED_BEFORE_INJECTION: measure_yes_no(blind is None, None if blind is None else blind.start_s),
    }
    if total_ml > 0:
        found[Quantity.LIVE_CONTRAST] = Measured(value=sum(map(live_contrast_ml, shown)) / total_ml)
    return {**found, **_measure_known(attempt)} if attempt.drugs else found


def _measure_known(attempt: AttemptStates) -> dict[str, Measured]:
    """What was known of the place when each drug was given: whether a run had been seen there, and what the last one showed."""
    runs = [(drug, find_deciding_run(attempt, drug)) for drug in attempt.drugs]
    first = attempt.drugs[0].start_s
    omitted = is_contrast_rightly_omitted(attempt)
    unseen = None if omitted else next((drug for drug, run in runs if run is None), None)
    seen = [(drug, read_pattern(run)) for drug, run in runs if run is not None]
    ignored = next(((drug, pattern) for drug, pattern in seen if pattern is not Pattern.EPIDURAL), None)
    note = "contrast medium was rightly left out" if omitted else ""
    found: dict[str, Measured] = {
        Quantity.CONTRAST_BEFORE_DRUG: measure_yes_no(unseen is None, first if unseen is None else unseen.start_s, note),
        Quantity.VASCULAR_UPTAKE_MISSED: measure_yes_no(any(pattern in VASCULAR for _, pattern in seen), first),
    }
    if seen:
        when, words = (first, "") if ignored is None else (ignored[0].start_s, f"what it showed: {ignored[1]}")
        found[Quantity.LAST_RUN_HEEDED] = measure_yes_no(ignored is None, when, words)
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


def _places(attempt: AttemptStates) -> dict[str, Measured]:
    judged = attempt.drugs or (() if attempt.decisive is None else (attempt.decisive,))
    if not judged:
        return {}
    wrong, other = (next(((item, said) for item in judged if (said := describe(attempt, item))), None) for describe in PLACES)
    found: dict[str, Measured] = {
        Quantity.WRONG_LEVEL_OR_SIDE: _measure_place(wrong, right=False),
        Quantity.NAMED_SITE: _measure_place(other, right=True),
    }
    return {**found, **_measure_drug_places(attempt), **_measure_epidural(attempt)}


PLACES = (describe_wrong_place, describe_other_place)


def _measure_place(strange: tuple[Injection, str] | None, *, right: bool) -> Measured:
    """Whether all injections were at the right place (`right`), or one was not; with what was wrong."""
    if strange is None:
        return measure_yes_no(right)
    return measure_yes_no(not right, strange[0].start_s, strange[1])


def _measure_epidural(attempt: AttemptStates) -> dict[str, Measured]:
    """Share of the drug that was epidural as its injection ended, over what left the needle; of contrast medium in a diagnostic task."""
    given, counts = attempt.drugs, is_drug
    if attempt.last.case.scenario.task.purpose is Purpose.DIAGNOSTIC:
        final = attempt.decisive
        given = tuple(
            run for run in list_runs(attempt) if final is not None and np.linalg.norm(np.subtract(run.tip, final.tip)) <= FINAL_TIP_MM
        )
        counts = shows_on_xray
    if not given:
        return {}
    shares: dict[Compartment, float] = {}
    total_ml = sum(volume for item in given for agent, volume in item.delivered_ml if counts(agent))
    for item in given:
        own = [agent for agent, _ in item.delivered_ml if counts(agent)]
        part = sum(volume for agent, volume in item.delivered_ml if counts(agent)) / total_ml
        for place, share in share_by_place(item, own).items():
            shares[place] = shares.get(place, 0.0) + part * share
    epidural = sum_epidural(shares)
    most = max(shares, key=lambda place: shares[place], default=None)
    note = "" if most is None or most in EPIDURAL else f"most of it: {most}".replace("-", " ")
    return {Quantity.DRUG_EPIDURAL_SHARE: Measured(value=min(max(epidural, 0.0), 1.0), time_s=given[0].start_s, note=note)}


def _measure_drug_places(attempt: AttemptStates) -> dict[str, Measured]:
    """Drug that went into the sac or a vessel."""
    if not attempt.drugs:
        return {}
    when = attempt.drugs[0].start_s
    in_sac, in_vessel = (_sum_drug_ml(attempt.drugs, places) for places in (SAC, VESSELS))
    nicked = sum(drug_ml(item) for item in attempt.drugs if item.vessel)
    return {
        Quantity.DURAL_BREACH_UNRECOGNISED: measure_yes_no(in_sac >= DRUG_ML, when),
        Quantity.DRUG_INTRATHECAL_ML: Measured(value=in_sac, time_s=when),
        Quantity.DRUG_VASCULAR_ML: Measured(value=max(in_vessel, nicked), time_s=when),
        **_measure_particles(attempt),
    }


def _sum_drug_ml(given: Iterable[Injection], places: Iterable[Compartment]) -> float:
    """Drug that lay in some compartments as its injection ended, mL."""
    wanted = set(places)
    return sum(max(volume_ml, 0.0) for item in given for place, agent, volume_ml in item.deposits if place in wanted and is_drug(agent))


def _measure_particles(attempt: AttemptStates) -> dict[str, Measured]:
    """Particulate steroid: by a way on which it may reach the cord's arteries, and beside a lumbar root without a reason stated."""
    given, when = [item for item in attempt.drugs if _is_particulate(item)], attempt.drugs[0].start_s
    risky = next(((item.start_s, why) for item in given if (why := _describe_arterial_risk(attempt, item))), None)
    beside = given if RULES[attempt.last.case.scenario.task.approach].near_artery else []
    silent = next((item for item in beside if not _was_reason_stated(attempt, item)), None)
    return {
        Quantity.PARTICULATE_ARTERIAL_RISK: measure_yes_no(risky is not None, *(risky or (when, ""))),
        Quantity.PARTICULATE_WITHOUT_REASON: measure_yes_no(silent is not None, when if silent is None else silent.start_s),
    }


def _is_particulate(given: Injection) -> bool:
    return any(properties(agent).particulate for agent, volume in given.delivered_ml if volume > 0)


def _describe_arterial_risk(attempt: AttemptStates, given: Injection) -> str:
    """Why particles in an injection may reach an artery of the cord, in words; empty where the safeguards have nothing against them.

    The safeguards (Rathmell 2015; items recalled, unverified) forbid them through a cervical foramen, and through any foramen without
    contrast medium; between the laminae and through the hiatus they ask for none but live contrast medium.
    """
    task = attempt.last.case.scenario.task
    before = [item for item in attempt.last.injections if item.start_s <= given.start_s]
    if any(item.vessel == Compartment.ARTERIAL for item in before) or Pattern.ARTERIAL in map(read_pattern, before):
        return "after a run into an artery"
    if not RULES[task.approach].near_artery:
        return ""
    if task.level.part not in BELOW_CORD:
        return "through a foramen at the level of the cord"
    return "through a foramen without contrast medium" if find_deciding_run(attempt, given) is None else ""


def _was_reason_stated(attempt: AttemptStates, given: Injection) -> bool:
    """Whether a decision before an injection says why a particulate steroid is taken."""
    decided = (item.action for item in attempt.find_actions(do.Decide) if item.start_s <= given.start_s)
    return any(isinstance(said, do.Decide) and said.particulate_reason.strip() for said in decided)


def _amounts(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    given = [item for item in last.injections if _counts(item)]
    if not given:
        return {}
    iodine = sum(map(contrast_ml, given))
    gadolinium = sum(volume for item in given for agent, volume in item.delivered_ml if agent is Agent.GADOLINIUM)
    found: dict[str, Measured] = {
        Quantity.ALLERGEN_ML: Measured(value=iodine if last.case.scenario.subject.truth.contrast_allergy else 0.0),
        Quantity.GADOLINIUM_ML: Measured(value=gadolinium),
    }
    if iodine + gadolinium > 0:
        found[Quantity.CONTRAST_ML] = Measured(value=_measure_used_ml(attempt) + gadolinium)
    return {**found, **_measure_steroid(attempt)} if attempt.drugs else found


def _measure_used_ml(attempt: AttemptStates) -> float:
    """Contrast medium that is to be paid for, mL: from an uptake on, more of it is what safety asks for, and costs nothing."""
    runs = list_runs(attempt)
    uptake_s = next((run.start_s for run in runs if read_pattern(run) in VASCULAR), float("inf"))
    return sum(contrast_ml(item) for item in attempt.last.injections if item.start_s < uptake_s)


def _measure_steroid(attempt: AttemptStates) -> dict[str, Measured]:
    given_mg = steroid_mg(attempt.last.injections)
    note = f"{describe_dose(given_mg)}; {EQUIVALENCE}" if given_mg else "no steroid was given"
    return {
        Quantity.STEROID_DOSE: Measured(value=times_ordinary(given_mg), time_s=attempt.drugs[0].start_s, note=note),
        Quantity.STEROID_MG: Measured(value=sum_dexamethasone_mg(given_mg), time_s=attempt.drugs[0].start_s, note=note),
    }


def _counts(given: Injection) -> bool:
    """Whether an injection is of contrast medium or drug, rather than what a loss-of-resistance syringe let go."""
    return contrast_ml(given) >= CONTRAST_ML or drug_ml(given) > 0 or any(agent is Agent.GADOLINIUM for agent, _ in given.delivered_ml)
