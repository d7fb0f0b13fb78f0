"""Everything beside needle and beam: record, decision, consent, time-out, preparation, observation, advice."""

from collections.abc import Iterable

from scenarios.names.enums import Advice, Decision, Examination, OrderedTest, Party, Posture, Protection, ReviewItem, Risk
from scenarios.names.quantities import Quantity
from scenarios.schema.task import Purpose
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.rules.pain import ANAESTHETICS
from simulator.scoring.measured import Measured

RISKS = (Risk.INFECTION, Risk.BLEEDING, Risk.NERVE_INJURY, Risk.DURAL_PUNCTURE, Risk.VASCULAR_UPTAKE)
WORN = (Protection.APRON, Protection.THYROID_COLLAR, Protection.STERILE_GLOVES, Protection.MASK)


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
    contacted = {f"{Quantity.CONTACTED}:{party}": measure_yes_no(party in chart.contacted) for party in Party}
    return {**read, **examined, **tested, **contacted}


def _measure_decision(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    expected, chosen = last.case.scenario.expected, last.chart.decision
    right = chosen is expected.decision or any(chosen is other.decision for other in expected.alternatives)
    unasked = [item for item in attempt.find_actions(do.StopDrug) if _was_stopped_unasked(attempt, item.action, item.start_s)]
    when = next((item.end_s for item in attempt.find_actions(do.Decide)), None)
    said = "no decision was taken" if chosen is None else f"chosen: {chosen}; expected: {expected.decision}"
    return {
        Quantity.DECISION_RIGHT: measure_yes_no(right, when, "" if right else said),
        Quantity.RIGHTLY_DEFERRED: measure_yes_no(
            right and chosen is not Decision.PROCEED and last.needle is None and not last.injections, when
        ),
        Quantity.DRUG_STOPPED_UNASKED: Measured(value=len(unasked), time_s=unasked[0].start_s if unasked else None),
        Quantity.HINTS: _measure_hints(attempt),
        Quantity.COMPLETED: measure_yes_no(_is_completed(attempt), last.time_s),
    }


def _measure_hints(attempt: AttemptStates) -> Measured:
    """Hints that are to be paid for."""
    asked = [item for item in attempt.find_actions(do.Hint) if isinstance(item.action, do.Hint) and item.action.costed]
    return Measured(value=len(asked), time_s=asked[0].start_s if asked else None)


def _was_stopped_unasked(attempt: AttemptStates, stopped: do.Action, time_s: float) -> bool:
    """Whether a drug was stopped that must not be, or before it was talked over: with its prescriber, or with whom the case names."""
    expected, drug = attempt.last.case.scenario.expected, getattr(stopped, "drug", "")
    parties = next((item.after for item in expected.accepted if item.drug == drug), (Party.PRESCRIBER,))
    return drug in expected.never_stop or any(_first(attempt, do.Contact, party) >= time_s for party in parties)


def _is_completed(attempt: AttemptStates) -> bool:
    """Ended in good order: what the case asks for was injected and the needle is out, or the case was not taken on."""
    last = attempt.last
    if last.over is None or last.chart.decision is None:
        return False
    if last.chart.decision is not Decision.PROCEED:
        return last.needle is None and not last.injections
    wanted = attempt.first_contrast if last.case.scenario.task.purpose is Purpose.DIAGNOSTIC else (attempt.drugs or None)
    return wanted is not None and last.needle is None


def _measure_preparation(attempt: AttemptStates) -> dict[str, Measured]:
    ready, scenario = attempt.before(attempt.punctured_s), attempt.last.case.scenario
    chart, beam = ready.chart, attempt.before(attempt.last.shots[0].time_s if attempt.last.shots else attempt.punctured_s).chart
    asked = set(RISKS) & set(chart.risks) if chart.consent else set()
    said = chart.time_out
    right = (scenario.subject.name, scenario.task.interspace, str(scenario.task.side))
    spoken = said is not None and tuple(word.strip().lower() for word in said) == tuple(word.lower() for word in right)
    numbed = any(
        item.action.agent in ANAESTHETICS
        for item in attempt.find_actions(do.LocalAnaesthetic)
        if isinstance(item.action, do.LocalAnaesthetic)
    )
    return {
        Quantity.CONSENT_RISKS: Measured(value=len(asked) / len(RISKS)),
        Quantity.TIME_OUT_RIGHT: measure_yes_no(
            spoken, note="" if spoken or said is None else f"said: {', '.join(said)}; right: {', '.join(right)}"
        ),
        Quantity.POSITIONED: measure_yes_no(chart.posture is Posture.PRONE_PILLOW),
        Quantity.SKIN_PREPARED: measure_yes_no(chart.antiseptic is not None and chart.draped),
        Quantity.PROTECTED: Measured(value=_share(WORN, beam.protection)),
        Quantity.MONITORED: measure_yes_no(chart.monitored),
        Quantity.LOCAL_ANAESTHETIC: measure_yes_no(numbed),
    }


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
