"""At the desk and the bedside: record, examination, decision, consent, preparation, advice, and the end of the attempt."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from scenarios.names.enums import Examination
from scenarios.schema.base_model import join_lines
from scenarios.schema.subject import CHILD_BEARING_YEARS
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.patient_speech import score_now
from simulator.procedure.state.chart import Chart, add_once
from simulator.procedure.state.events import EventKind, make_event
from simulator.procedure.state.physiology import vitals, weakness
from simulator.procedure.state.state import Belief, ProcedureState, add_events

SILENT = "I leave that to you."


def review(state: ProcedureState, action: do.Review) -> ProcedureState:
    """Read a part of the record."""
    read = _set_chart(state, replace(state.chart, reviewed=add_once(state.chart.reviewed, action.item)))
    return _inform(read, state.case.scenario.record.read(action.item))


def examine(state: ProcedureState, action: do.Examine) -> ProcedureState:
    """Examine the patient; the finding is among the events."""
    found = FINDINGS[action.item](state)
    return _inform(_set_chart(state, replace(state.chart, examined=(*state.chart.examined, (action.item, state.time_s)))), found)


def order_test(state: ProcedureState, action: do.OrderTest) -> ProcedureState:
    """Test, wait and read the result; raises ValueError where the patient is not of child-bearing age."""
    subject, record = state.case.scenario.subject, state.case.scenario.record
    if not subject.of_child_bearing_age:
        youngest, oldest = CHILD_BEARING_YEARS
        who = f"{subject.name} is {subject.parameters.sex}, {subject.parameters.age_years:.0f}"
        raise ValueError(f"order-test.test: a pregnancy test is for women from {youngest:g} to under {oldest:g} years; {who}")
    positive = subject.truth.pregnant if record.pregnancy_test.positive is None else record.pregnancy_test.positive
    tested = _set_chart(state, replace(state.chart, tested=add_once(state.chart.tested, action.test)))
    read_s = state.time_s + 60.0 * record.pregnancy_test.takes_min
    result = f"Pregnancy test in urine: {'positive' if positive else 'negative'}."
    return add_events(tested, make_event(read_s, EventKind.INFORMATION, result))


def contact(state: ProcedureState, action: do.Contact) -> ProcedureState:
    """Speak with another clinician; the answer is the case's."""
    spoken = _set_chart(state, replace(state.chart, contacted=add_once(state.chart.contacted, action.party)))
    return _inform(spoken, f"{action.party}: {state.case.scenario.expected.answers.get(action.party, SILENT)}")


def stop_drug(state: ProcedureState, action: do.StopDrug) -> ProcedureState:
    """Have the patient stop a drug; raises ValueError where the medication list lacks it."""
    known = [item.name for item in state.case.scenario.record.medication]
    if action.drug not in known:
        raise ValueError(f"stop-drug.drug: the medication list has {', '.join(known) or 'nothing'}, got {action.drug!r}")
    return _set_chart(state, replace(state.chart, stopped=add_once(state.chart.stopped, action.drug)))


def decide(state: ProcedureState, action: do.Decide) -> ProcedureState:
    """Accept, postpone, refuse or refer the case."""
    return _set_chart(state, replace(state.chart, decision=action.decision))


def take_consent(state: ProcedureState, action: do.Consent) -> ProcedureState:
    """Take consent, naming risks."""
    return _set_chart(state, replace(state.chart, consent=True, risks=action.risks))


def take_time_out(state: ProcedureState, action: do.TimeOut) -> ProcedureState:
    """Name patient, level and side aloud."""
    return _set_chart(state, replace(state.chart, time_out=(action.patient, action.level, action.side)))


def position(state: ProcedureState, action: do.Position) -> ProcedureState:
    """Lay the patient down; raises ValueError where the needle is in or the pedal is down."""
    if state.needle is not None and action.posture is not state.chart.posture:
        raise ValueError("position: the needle is in; remove it before the patient turns")
    if state.room.pedal:
        raise ValueError("position: let go of the pedal first")
    return _set_chart(state, replace(state.chart, posture=action.posture))


def prepare(state: ProcedureState, action: do.Prepare) -> ProcedureState:
    """Clean the skin and drape it."""
    return _set_chart(state, replace(state.chart, antiseptic=action.antiseptic, draped=state.chart.draped or action.drape))


def protect(state: ProcedureState, action: do.Protect) -> ProcedureState:
    """Put protective equipment on."""
    return _set_chart(state, replace(state.chart, protection=tuple(dict.fromkeys((*state.chart.protection, *action.items)))))


def attach_monitor(state: ProcedureState) -> ProcedureState:
    """Attach the patient's monitor, and read it."""
    watched = _set_chart(state, replace(state.chart, monitored=True))
    return add_events(watched, make_event(state.time_s, EventKind.MONITOR, _vital_signs(watched)))


def advise(state: ProcedureState, action: do.Advise) -> ProcedureState:
    """Give one piece of advice."""
    return _set_chart(state, replace(state.chart, advice=add_once(state.chart.advice, action.item)))


def give_hint(state: ProcedureState, action: do.Hint) -> ProcedureState:
    """Show the hint of a teaching step; raises ValueError where the case has no such step."""
    steps = {item.step: item for item in state.case.scenario.teaching}
    if action.step not in steps:
        raise ValueError(f"hint.step: this case teaches {', '.join(steps) or 'nothing'}, got {action.step!r}")
    found = steps[action.step]
    return _inform(state, " ".join(join_lines(text) for text in (found.text, found.hint) if text))


def commit_belief(state: ProcedureState, action: do.CommitBelief) -> ProcedureState:
    """Record where the tip is believed to lie; raises ValueError where nothing is stated or the confidence is not from 0 to 1."""
    check_confidence(action.word, action.confidence)
    if action.level is None and action.side is None and action.compartment is None and action.vascular is None:
        raise ValueError("commit-belief: say at least one of level, side, compartment, vascular")
    return replace(state, beliefs=(*state.beliefs, Belief(time_s=state.time_s, said=action)))


def answer(state: ProcedureState, action: do.Answer) -> ProcedureState:
    """The state with a question of the case answered; the last answer counts.

    Raises
    ------
    ValueError
        If the case has no such question or choice, or the confidence is not from 0 to 1.
    """
    questions = {question.id: question for question in state.case.scenario.questions}
    if action.question not in questions:
        raise ValueError(f"answer.question: this case asks {', '.join(questions) or 'nothing'}, got {action.question!r}")
    if action.choice not in questions[action.question].choices:
        raise ValueError(f"answer.choice: expected one of {', '.join(questions[action.question].choices)}, got {action.choice!r}")
    check_confidence(action.word, action.confidence)
    others = tuple(given for given in state.answers if given[0] != action.question)
    return replace(state, answers=(*others, (action.question, action.choice, action.confidence)))


def check_confidence(word: str, confidence: float) -> None:
    """Refuse a confidence that is not from 0 to 1."""
    if not 0 <= confidence <= 1:
        raise ValueError(f"{word}.confidence: expected 0 to 1, got {confidence:g}")


def _pain(state: ProcedureState) -> str:
    return f"pain {score_now(state)}/10"


def _neurology(state: ProcedureState) -> str:
    weak = weakness(state.body, state.time_s)
    if weak < 0.1:
        return state.case.scenario.record.neurology
    power = round(5 * (1 - weak))
    return f"Weakness of both legs, power {power}/5, which was not there before."


def _vital_signs(state: ProcedureState) -> str:
    now = vitals(state.body, state.case.scenario.record.vital_signs, state.time_s)
    pressure = f"{now.systolic_mmhg:.0f}/{now.diastolic_mmhg:.0f} mmHg"
    return f"{pressure}, pulse {now.heart_rate_per_min:.0f}/min, oxygen saturation {now.oxygen_percent:.0f} %"


FINDINGS: Mapping[Examination, Callable[[ProcedureState], str]] = {
    Examination.PAIN_SCORE: _pain,
    Examination.NEUROLOGY: _neurology,
    Examination.VITAL_SIGNS: _vital_signs,
}
"""What each examination finds, in words."""


def _inform(state: ProcedureState, text: str) -> ProcedureState:
    return add_events(state, make_event(state.time_s, EventKind.INFORMATION, text))


def _set_chart(state: ProcedureState, chart: Chart) -> ProcedureState:
    """The state with its chart changed."""
    return replace(state, chart=chart)
