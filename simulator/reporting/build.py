"""From the states of an attempt to its report."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from scenarios.names.agents import Agent
from scenarios.names.enums import Decision
from scenarios.names.steroids import EQUIVALENCE, describe_dose
from scenarios.schema.base_model import join_lines
from scenarios.schema.decisions import Expected
from simulator.observation.album import Picture
from simulator.procedure.actions import actions as do
from simulator.procedure.attempt.movement_merging import join_pieces
from simulator.procedure.measuring import AttemptStates, attempt_of, measure
from simulator.procedure.measuring.interpretation import judge_beliefs
from simulator.procedure.rules.drugs import steroid_mg
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import Done, ProcedureState
from simulator.reporting.action_text import describe_action
from simulator.reporting.curves import make_curves
from simulator.reporting.report import Kind, Moment, Report, Stated, format_time
from simulator.scoring.score import Score, score

ENDED = {
    None: "The attempt was not ended.",
    Decision.PROCEED: "The procedure was done.",
    Decision.POSTPONE: "The procedure was postponed.",
    Decision.REFUSE: "The procedure was refused.",
    Decision.REFER: "The patient was referred.",
}
VOICES = (EventKind.VOICE,)
OUTCOMES = (EventKind.COMPLICATION, EventKind.FOLLOW_UP)
SIMPLE = (EventKind.CONTACT, EventKind.INFORMATION)
FOLLOWED, NOT_FOLLOWED = "What does this case follow?", "What says otherwise, and is not followed here?"
IDLE_S = 5.0  # waiting that is not worth a line


def build_report(states: Sequence[ProcedureState], pictures: Sequence[Picture] = ()) -> Report:
    """Score an attempt and tell it.

    Parameters
    ----------
    states : sequence of ProcedureState
        From the first, before anything was done, one for each action.
    pictures : sequence of Picture
        Images that were kept, in order of time.

    Raises
    ------
    ValueError
        If the states are not one attempt in order.
    """
    attempt = attempt_of(states)
    scenario = attempt.last.case.scenario
    return Report(
        title=scenario.title,
        scenario=scenario.id,
        version=str(scenario.version),
        brief=join_lines(scenario.summary),
        seed=attempt.last.seed,
        facts=tuple(_facts(attempt)),
        score=score_attempt(states),
        moments=tuple(sorted((*_list_actions(attempt), *_list_events(attempt)), key=lambda moment: moment.time_s)),
        pictures=tuple(pictures),
        plots=tuple(make_curves(attempt)),
        beliefs=tuple(
            Stated(time_s=item.time_s, what=str(item.part), believed=item.believed, truth=item.truth, confidence=item.confidence)
            for item in judge_beliefs(attempt)
        ),
        outcome=(ENDED[attempt.last.over], *(item.text for item in attempt.last.events if item.kind in OUTCOMES)),
        debrief=tuple(_debrief(attempt.last)),
    )


def score_attempt(states: Sequence[ProcedureState]) -> Score:
    """Score of an attempt by its case's own criteria; raises as `build_report` does."""
    scenario = states[-1].case.scenario
    return score(scenario.criteria, measure(states), scenario.pass_mark)


def _list_actions(attempt: AttemptStates) -> Iterator[Moment]:
    for whole in join_pieces(attempt.done):
        item, state = whole.done, attempt.states[whole.last + 1]
        if isinstance(item.action, do.Wait) and item.end_s - item.start_s < IDLE_S:
            continue
        shot = isinstance(item.action, do.Shoot) and state.shots
        yield Moment(
            time_s=item.start_s,
            kind=Kind.IMAGE if shot else Kind.ACTION,
            text=_sentence(item),
            pulse=state.room.pulse - 1 if shot else None,
        )


def _sentence(item: Done) -> str:
    text = describe_action(item.action)
    return text[0].upper() + text[1:] if text[0].islower() else text


def _list_events(attempt: AttemptStates) -> Iterator[Moment]:
    for item in attempt.last.events:
        if item.kind in SIMPLE and item.get("what") != "contacts":
            continue
        kind = Kind.VOICE if item.kind in VOICES else Kind.EVENT
        quoted = f"\u201c{item.text}\u201d" if item.kind in VOICES else item.text[0].upper() + item.text[1:]
        yield Moment(time_s=item.time_s, kind=kind, text=quoted)


def _facts(attempt: AttemptStates) -> Iterator[tuple[str, str]]:
    last = attempt.last
    dose, task = last.room.dose, last.case.scenario.task
    yield "Task", f"{str(task.approach).replace('-', ' ')} at {task.interspace}, {task.side}; root {task.root}"
    yield "Simulated time", f"{format_time(last.time_s)} in {len(last.done)} actions"
    yield "Fluoroscopy time, single exposures", f"{dose.fluoro_s:.1f} s, {dose.exposures}"
    yield "Reference air kerma", f"{dose.reference_kerma_mgy:.2f} mGy"
    yield "Dose-area product", f"{dose.dap_gy_cm2:.3f} Gy cm\u00b2"
    yield "Scatter at the operator's place, without shields", f"{dose.staff_ugy:.2f} \u00b5Gy"
    given: dict[Agent, float] = {}
    for item in last.injections:
        for agent, volume in item.delivered_ml:
            given[agent] = given.get(agent, 0.0) + volume
    yield "Injected through the needle", ", ".join(f"{volume:.1f} mL {agent}" for agent, volume in given.items()) or "nothing"
    steroid = describe_dose(steroid_mg(last.injections))
    if steroid:
        yield "Steroid", f"{steroid}; {EQUIVALENCE}"
    pain = last.case.scenario.record.pain
    yield "Pain before", f"{pain.score} of 10"
    yield "Made with", ", ".join(f"{name} {version(name)}" for name in ("epifluoro", "numpy", "scipy"))


def _debrief(state: ProcedureState) -> Iterator[tuple[str, str]]:
    for question in state.case.scenario.debrief:
        yield join_lines(question), ""
    chosen = {question: choice for question, choice, _ in state.answers}
    for item in state.case.scenario.questions:
        said = item.choices.get(chosen.get(item.id, ""), "not answered")
        yield join_lines(item.text), f"Answered: {said}. Right: {item.choices[item.right]}. {join_lines(item.why)}"
    yield "What was right to decide?", _describe_expected(state.case.scenario.expected)
    for guideline in state.case.scenario.guidelines:
        question = FOLLOWED if guideline.followed else NOT_FOLLOWED
        checked = "" if guideline.verified else " Not checked against the original."
        yield question, f"{guideline.name}, {guideline.version}. {join_lines(guideline.states)}{checked}"


def _describe_expected(expected: Expected) -> str:
    """What the case expects and accepts, each with its reason, in sentences."""
    also = [f"Accepted too: {item.decision}. {join_lines(item.why)}" for item in expected.alternatives]
    shared = [
        f"Accepted too: that {item.drug} is stopped, talked over with the {' and the '.join(item.after)}. {join_lines(item.why)}"
        for item in expected.accepted
    ]
    return " ".join([f"{str(expected.decision).capitalize()}. {join_lines(expected.why)}", *also, *shared])
