"""At the desk and the bedside: record, examination, decision, consent, preparation, advice, and the end of the attempt."""

from dataclasses import replace

from scenarios.names.enums import Decision, Examination, Party
from scenarios.schema.base_model import words
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.patient_speech import score_now
from simulator.procedure.state.chart import Chart, once
from simulator.procedure.state.events import EventKind, event
from simulator.procedure.state.physiology import vitals, weakness
from simulator.procedure.state.state import ProcedureState, told

SILENT = "I leave that to you."


def act(state: ProcedureState, action: do.Action) -> ProcedureState:
    """The state after something was done at the desk or the bedside.

    Raises
    ------
    ValueError
        Where it cannot be done.
    """
    match action:
        case do.Review():
            return _informed(
                _charted(state, replace(state.chart, reviewed=once(state.chart.reviewed, action.item))),
                state.case.scenario.record.read(action.item),
            )
        case do.Examine():
            return examined(state, action.item)
        case do.Contact():
            return _informed(
                _charted(state, replace(state.chart, contacted=once(state.chart.contacted, action.party))), _said(state, action.party)
            )
        case do.StopDrug():
            return _stopped(state, action.drug)
        case do.Decide():
            return _charted(state, replace(state.chart, decision=action.decision))
        case do.Consent():
            return _charted(state, replace(state.chart, consent=True, risks=action.risks))
        case do.TimeOut():
            return _charted(state, replace(state.chart, time_out=(action.patient, action.level, action.side)))
    return prepare(state, action)


def prepare(state: ProcedureState, action: do.Action) -> ProcedureState:
    """The state after preparation or advice; raises ValueError where it cannot be done."""
    match action:
        case do.Position():
            return _positioned(state, action)
        case do.Prepare():
            return _charted(state, replace(state.chart, antiseptic=action.antiseptic, draped=state.chart.draped or action.drape))
        case do.Protect():
            return _charted(state, replace(state.chart, protection=tuple(dict.fromkeys((*state.chart.protection, *action.items)))))
        case do.Monitor():
            return _monitored(_charted(state, replace(state.chart, monitored=True)))
        case do.Advise():
            return _charted(state, replace(state.chart, advice=once(state.chart.advice, action.item)))
        case do.Hint():
            return _hinted(state, action)
    raise ValueError(f"{action.word}: nobody knows how to do that here")


def answered(state: ProcedureState, action: do.Answer) -> ProcedureState:
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


def examined(state: ProcedureState, item: Examination) -> ProcedureState:
    """The state with an examination done and its finding told."""
    found = {Examination.PAIN_SCORE: _pain, Examination.NEUROLOGY: _neurology, Examination.VITAL_SIGNS: _vital_signs}[item](state)
    return _informed(_charted(state, replace(state.chart, examined=(*state.chart.examined, (item, state.time_s)))), found)


def check_confidence(word: str, confidence: float) -> None:
    """Refuse a confidence that is not from 0 to 1."""
    if not 0 <= confidence <= 1:
        raise ValueError(f"{word}.confidence: expected 0 to 1, got {confidence:g}")


def _hinted(state: ProcedureState, action: do.Hint) -> ProcedureState:
    steps = {item.step: item for item in state.case.scenario.teaching}
    if action.step not in steps:
        raise ValueError(f"hint.step: this case teaches {', '.join(steps) or 'nothing'}, got {action.step!r}")
    found = steps[action.step]
    return _informed(state, " ".join(words(text) for text in (found.text, found.hint) if text))


def _said(state: ProcedureState, party: Party) -> str:
    return f"{party}: {state.case.scenario.expected.answers.get(party, SILENT)}"


def _stopped(state: ProcedureState, drug: str) -> ProcedureState:
    known = [item.name for item in state.case.scenario.record.medication]
    if drug not in known:
        raise ValueError(f"stop-drug.drug: the medication list has {', '.join(known) or 'nothing'}, got {drug!r}")
    return _charted(state, replace(state.chart, stopped=once(state.chart.stopped, drug)))


def _positioned(state: ProcedureState, action: do.Position) -> ProcedureState:
    if state.needle is not None and action.posture is not state.chart.posture:
        raise ValueError("position: the needle is in; remove it before the patient turns")
    if state.room.pedal:
        raise ValueError("position: let go of the pedal first")
    return _charted(state, replace(state.chart, posture=action.posture))


def _monitored(state: ProcedureState) -> ProcedureState:
    return told(state, event(state.time_s, EventKind.MONITOR, _vital_signs(state)))


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


def _informed(state: ProcedureState, text: str) -> ProcedureState:
    return told(state, event(state.time_s, EventKind.INFORMATION, text))


def _charted(state: ProcedureState, chart: Chart) -> ProcedureState:
    """The state with its chart changed."""
    return replace(state, chart=chart)


def deferred(state: ProcedureState) -> bool:
    """Whether the case was put off or handed on."""
    return state.chart.decision not in (None, Decision.PROCEED)
