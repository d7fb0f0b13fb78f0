"""Everything beside needle and beam: record, decision, consent, time-out, preparation, observation, advice."""

from collections.abc import Iterable

from scenarios.names.enums import Advice, Decision, Examination, OrderedTest, Party, Posture, Protection, ReviewItem, Risk
from scenarios.names.quantities import Quantity
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.rules.pain import ANAESTHETICS
from simulator.procedure.state.chart import Chart
from simulator.scoring.measured import Measured

RISKS = (Risk.INFECTION, Risk.BLEEDING, Risk.NERVE_INJURY, Risk.DURAL_PUNCTURE, Risk.VASCULAR_UPTAKE)
WORN = (Protection.APRON, Protection.THYROID_COLLAR, Protection.STERILE_GLOVES, Protection.MASK)
LEAD = (Protection.APRON, Protection.THYROID_COLLAR)
STERILE = (Protection.MASK, Protection.STERILE_GLOVES)


def measure_documentation(attempt: AttemptStates) -> dict[str, Measured]:
    """Quantities of the record and the room."""
    return {**_record(attempt), **_measure_decision(attempt), **_measure_preparation(attempt), **_measure_aftercare(attempt)}


def measure_yes_no(value: bool, time_s: float | None = None, note: str = "") -> Measured:
    """A yes or a no."""
    return Measured(value=float(value), time_s=time_s, note=note)


def _record(attempt: AttemptStates) -> dict[str, Measured]:
    chart, limit_s = attempt.last.chart, attempt.punctured_s
    read = {f"{Quantity.REVIEWED}:{item}": measure_yes_no(_first(attempt, do.Review, item) < limit_s) for item in ReviewItem}
    examined = {
        f"{Quantity.EXAMINED_BEFORE}:{item}": measure_yes_no(any(kind is item and time_s < limit_s for kind, time_s in chart.examined))
        for item in Examination
    }
    first_s = min([limit_s, *(shot.time_s for shot in attempt.last.shots)])
    tested = {f"{Quantity.TESTED_BEFORE}:{item}": measure_yes_no(_first(attempt, do.OrderTest, item) < first_s) for item in OrderedTest}
    contacted = {f"{Quantity.CONTACTED}:{party}": measure_yes_no(_first(attempt, do.Contact, party) < limit_s) for party in Party}
    return {**read, **examined, **tested, **contacted}


def _measure_decision(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    expected, chosen = last.case.scenario.expected, last.chart.decision
    right = chosen is expected.decision or any(chosen is other.decision for other in expected.alternatives)
    when = next((item.end_s for item in attempt.find_actions(do.Decide)), None)
    said = "no decision was taken" if chosen is None else f"chosen: {chosen}; expected: {expected.decision}"
    return {
        Quantity.DECISION_RIGHT: measure_yes_no(right, when, "" if right else said),
        Quantity.RIGHTLY_DEFERRED: measure_yes_no(
            right and chosen is not Decision.PROCEED and last.needle is None and not last.injections, when
        ),
        **_measure_stopped(attempt),
        **_measure_hints(attempt),
    }


def _measure_stopped(attempt: AttemptStates) -> dict[str, Measured]:
    """Drugs that were stopped unasked; of an attempt in which nothing was stopped or decided, nothing: the choice never came up."""
    stopped = list(attempt.find_actions(do.StopDrug))
    if not stopped and attempt.last.chart.decision is None:
        return {}
    unasked = [item for item in stopped if _was_stopped_unasked(attempt, item.action, item.start_s)]
    return {Quantity.DRUG_STOPPED_UNASKED: Measured(value=len(unasked), time_s=unasked[0].start_s if unasked else None)}


def _measure_hints(attempt: AttemptStates) -> dict[str, Measured]:
    """Hints that are to be paid for; of an attempt without one or an injection, nothing."""
    asked = [item for item in attempt.find_actions(do.Hint) if isinstance(item.action, do.Hint) and item.action.costed]
    if not asked and not attempt.last.injections:
        return {}
    return {Quantity.HINTS: Measured(value=len(asked), time_s=asked[0].start_s if asked else None)}


def _was_stopped_unasked(attempt: AttemptStates, stopped: do.Action, time_s: float) -> bool:
    """Whether a drug was stopped that must not be, or before it was talked over: with its prescriber, or with whom the case names."""
    expected, drug = attempt.last.case.scenario.expected, getattr(stopped, "drug", "")
    parties = next((item.after for item in expected.accepted if item.drug == drug), (Party.PRESCRIBER,))
    return drug in expected.never_stop or any(_first(attempt, do.Contact, party) >= time_s for party in parties)


def _measure_preparation(attempt: AttemptStates) -> dict[str, Measured]:
    """What was ready as the beam was first on, and as the skin was first punctured, by whatever needle; a lapse mended before is none."""
    chart = attempt.before(attempt.punctured_s).chart
    beam_s = attempt.last.shots[0].time_s if attempt.last.shots else attempt.punctured_s
    worn = attempt.before(beam_s).chart.protection
    found: dict[str, Measured] = {}
    if attempt.entered or attempt.last.shots:
        found[Quantity.PROTECTED] = Measured(value=_share(WORN, worn))
        found[Quantity.LEAD_WORN] = Measured(value=_share(LEAD, worn))
    if not attempt.entered:
        return found
    numbed = any(
        item.action.agent in ANAESTHETICS
        for item in attempt.find_actions(do.LocalAnaesthetic)
        if isinstance(item.action, do.LocalAnaesthetic)
    )
    return {
        **found,
        **_measure_consent(attempt, chart),
        Quantity.TIME_OUT_RIGHT: _measure_time_out(attempt, chart),
        Quantity.POSITIONED: measure_yes_no(chart.posture is Posture.PRONE_PILLOW),
        Quantity.SKIN_PREPARED: measure_yes_no(chart.antiseptic is not None and chart.draped),
        Quantity.STERILE: _measure_sterility(attempt, chart),
        Quantity.MONITORED: measure_yes_no(chart.monitored),
        Quantity.LOCAL_ANAESTHETIC: measure_yes_no(numbed),
    }


def _measure_consent(attempt: AttemptStates, chart: Chart) -> dict[str, Measured]:
    """Consent with the risks it named; one that was recorded in the clinic needs only confirming."""
    recorded = attempt.last.case.scenario.record.consent_recorded
    named = set(RISKS) & set(chart.risks)
    note = "" if chart.consent else "it was recorded in the clinic, and not confirmed" if recorded else "none was asked for"
    taken = chart.consent and (recorded or bool(chart.risks))
    return {
        Quantity.CONSENT_TAKEN: measure_yes_no(taken, attempt.punctured_s, note or ("" if taken else "no risk was named")),
        Quantity.CONSENT_RISKS: Measured(value=0.0 if not chart.consent else 1.0 if recorded else len(named) / len(RISKS)),
    }


def _measure_time_out(attempt: AttemptStates, chart: Chart) -> Measured:
    scenario, said = attempt.last.case.scenario, chart.time_out
    right = (scenario.subject.name, scenario.task.interspace, str(scenario.task.side))
    spoken = said is not None and tuple(word.strip().lower() for word in said) == tuple(word.lower() for word in right)
    note = "" if spoken or said is None else f"said: {', '.join(said)}; right: {', '.join(right)}"
    return measure_yes_no(spoken, attempt.punctured_s, note)


def _measure_sterility(attempt: AttemptStates, chart: Chart) -> Measured:
    lacking = [f"no {item.replace('-', ' ')}" for item in STERILE if item not in chart.protection]
    lacking += ["no antiseptic"] if chart.antiseptic is None else []
    lacking += [] if chart.draped else ["no drape"]
    return measure_yes_no(not lacking, attempt.punctured_s, ", ".join(lacking))


def _measure_aftercare(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    advice = {f"{Quantity.ADVISED}:{item}": measure_yes_no(item in last.chart.advice) for item in Advice}
    if not last.injections:
        return advice
    end_s = last.injections[-1].end_s
    examined = {
        f"{Quantity.EXAMINED_AFTER}:{item}": measure_yes_no(any(kind is item and time_s > end_s for kind, time_s in last.chart.examined))
        for item in Examination
    }
    return {**advice, **examined, Quantity.OBSERVED_MIN: Measured(value=(last.time_s - end_s) / 60.0, time_s=last.time_s)}


def _first(attempt: AttemptStates, kind: type[do.Action], what: ReviewItem | Party | OrderedTest) -> float:
    """When an item was first read, a party first asked or a test first ordered, s; infinite where that never was."""
    times = (
        item.start_s
        for item in attempt.find_actions(kind)
        if what in (getattr(item.action, name, None) for name in ("item", "party", "test"))
    )
    return next(times, float("inf"))


def _share(wanted: Iterable[object], had: Iterable[object]) -> float:
    need, got = list(wanted), set(had)
    return sum(item in got for item in need) / len(need)
