"""From the states of an attempt to its report."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from phantoms.terms.number_text import format_count
from scenarios.names.approaches import RULES
from scenarios.names.enums import Decision
from scenarios.names.quantities import Quantity
from scenarios.names.steroids import EQUIVALENCE, describe_dose
from scenarios.names.strengths import describe_volumes
from scenarios.schema.base_model import join_lines
from scenarios.schema.decisions import Expected, Question
from scenarios.schema.request_text import title_request
from simulator.observation.album import Picture
from simulator.procedure.actions import actions as do
from simulator.procedure.attempt.movement_merging import join_pieces
from simulator.procedure.measuring import AttemptStates, attempt_of
from simulator.procedure.measuring import score_attempt as score_attempt
from simulator.procedure.measuring.interpretation import judge_beliefs
from simulator.procedure.rules.drugs import steroid_mg
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import Done, ProcedureState
from simulator.reporting.action_text import describe_action
from simulator.reporting.circumstances import Circumstances
from simulator.reporting.curves import make_curves
from simulator.reporting.injections import LEAST_ML, list_given, total_given, total_infiltrated, total_kept
from simulator.reporting.report import Kind, Moment, Report, Stated, format_time
from simulator.scoring.quantity_text import tell_bound, tell_quantity
from simulator.scoring.sentences import end_sentence

UNFINISHED = "The attempt was not ended."
DEFERRED = {
    Decision.POSTPONE: "The procedure was postponed.",
    Decision.REFUSE: "The procedure was refused.",
    Decision.REFER: "The patient was referred.",
}
NOTHING_DONE, NOTHING_GIVEN = "Nothing was done.", "The procedure was not done: nothing was injected through the needle."
DRUG_GIVEN, CONTRAST_GIVEN = "A drug was given through the needle.", "Contrast medium was given, and no drug."
VOICES = (EventKind.VOICE,)
OUTCOMES = (EventKind.COMPLICATION, EventKind.FOLLOW_UP)
SIMPLE = (EventKind.CONTACT, EventKind.INFORMATION)
FOLLOWED, NOT_FOLLOWED = "What does this case follow?", "What says otherwise, and is not followed here?"
IDLE_S = 5.0  # waiting that is not worth a line


def build_report(states: Sequence[ProcedureState], pictures: Sequence[Picture] = (), circumstances: Circumstances | None = None) -> Report:
    """Score an attempt and tell it.

    Parameters
    ----------
    states : sequence of ProcedureState
        From the first, before anything was done, one for each action.
    pictures : sequence of Picture
        Images that were kept, in order of time.
    circumstances : Circumstances, optional
        Who, when and with what help, where that is known.

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
        outcome=(*_describe_end(attempt), *(item.text for item in attempt.last.events if item.kind in OUTCOMES)),
        debrief=tuple(_debrief(attempt.last)),
        request=title_request(scenario),
        circumstances=circumstances or Circumstances(),
        hints=sum(1 for _ in attempt.find_actions(do.Hint)),
        given=tuple(list_given(attempt.last)),
    )


def _describe_end(attempt: AttemptStates) -> Iterator[str]:
    """What was done in the end, by what was given and not by what was decided."""
    over = attempt.last.over
    if over is None or over in DEFERRED:
        yield UNFINISHED if over is None else DEFERRED[over]
    if attempt.drugs:
        yield DRUG_GIVEN
    elif attempt.first_contrast is not None:
        yield CONTRAST_GIVEN
    elif over not in DEFERRED:
        yield NOTHING_GIVEN if attempt.done[:-1] else NOTHING_DONE


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
    yield "Task", f"{RULES[task.approach].words} at {task.interspace}, {task.side}; root {task.root}"
    yield "Simulated time", f"{format_time(last.time_s)} in {format_count(len(last.done), 'action')}"
    exposed = tell_bound(Quantity.EXPOSURES, dose.exposures)
    yield "Fluoroscopy time, single exposures", f"{tell_quantity(Quantity.FLUORO_S, dose.fluoro_s)}, {exposed}"
    yield "Reference air kerma", tell_quantity(Quantity.REFERENCE_KERMA_MGY, dose.reference_kerma_mgy)
    yield "Dose-area product", tell_quantity(Quantity.DAP_GY_CM2, dose.dap_gy_cm2)
    yield "Scatter at the operator's place, without shields", tell_quantity(Quantity.STAFF_UGY, dose.staff_ugy)
    yield from _list_doses(attempt)
    steroid = describe_dose(steroid_mg(last.injections))
    if steroid:
        yield "Steroid", f"{steroid}; {EQUIVALENCE}"
    pain = last.case.scenario.record.pain
    yield "Pain before", f"{pain.score} of 10"
    yield "Made with", ", ".join(f"{name} {version(name)}" for name in ("epifluoro", "numpy", "scipy"))


def _list_doses(attempt: AttemptStates) -> Iterator[tuple[str, str]]:
    """Rows of what was given and what was not, and of how hard it went in."""
    last, strengths = attempt.last, attempt.last.case.scenario.equipment.set_strengths
    syringe, tubing = total_kept(attempt.states)
    infiltrated = total_infiltrated(last)
    if infiltrated:
        yield "Into skin and muscle", describe_volumes(infiltrated, strengths)
    yield "Injected through the needle", describe_volumes(total_given(last), strengths) or "nothing"
    for what, volumes in (("Stayed in the tubing", tubing), ("Left in the syringe", syringe)):
        some = tuple((agent, volume) for agent, volume in volumes if volume >= LEAST_ML)
        if some:
            yield what, describe_volumes(some, strengths)
    pushes = tuple(list_given(last))
    if pushes:
        hardest = max(pushes, key=lambda item: item.effort_n)
        yield (
            "Greatest effort on the plunger",
            f"{hardest.effort_n:.0f} N, {100 * hardest.effort_share:.0f} % of the most that a thumb can do",
        )
        most = max(item.tip_kpa for item in pushes)
        yield "Greatest pressure at the tip", f"{most:.0f} kPa; the rest was lost in needle and tubing"


def _explain_pushes(state: ProcedureState) -> Iterator[tuple[str, str]]:
    """What hard pushes meant, each sentence once."""
    told: set[str] = set()
    for item in list_given(state):
        if item.meant and item.meant not in told:
            told.add(item.meant)
            yield (
                f"Injection at {format_time(item.time_s)}: {item.effort_n:.0f} N on the plunger, {item.tip_kpa:.0f} kPa at the tip, "
                f"{item.rate_ml_s:.2g} mL/s",
                item.meant,
            )


def _debrief(state: ProcedureState) -> Iterator[tuple[str, str]]:
    yield from _explain_pushes(state)
    for question in state.case.scenario.debrief:
        yield join_lines(question), ""
    chosen = {question: choice for question, choice, _ in state.answers}
    for item in state.case.scenario.questions:
        yield join_lines(item.text), _describe_answer(item, chosen.get(item.id))
    yield "What was right to decide?", _describe_expected(state.case.scenario.expected)
    for guideline in state.case.scenario.guidelines:
        question = FOLLOWED if guideline.followed else NOT_FOLLOWED
        checked = "" if guideline.verified else " Not checked against the original."
        yield question, f"{guideline.name}, {guideline.version}. {join_lines(guideline.states)}{checked}"


def _describe_answer(item: Question, chosen: str | None) -> str:
    """What was answered, what is right, and why; a reason that begins with the right answer says it alone."""
    why, choice = join_lines(item.why), item.choices[item.right]
    right = why if why.startswith(choice) else f"{end_sentence(choice)} {why}"
    if chosen == item.right:
        return f"Answered rightly: {right}"
    said = "Not answered." if chosen is None else f"Answered: {end_sentence(item.choices[chosen])}"
    return f"{said} Right: {right}"


def _describe_expected(expected: Expected) -> str:
    """What the case expects and accepts, each with its reason, in sentences."""
    also = [f"Accepted too: {item.decision}. {join_lines(item.why)}" for item in expected.alternatives]
    shared = [
        f"Accepted too: that {item.drug} is stopped, talked over with the {' and the '.join(item.after)}. {join_lines(item.why)}"
        for item in expected.accepted
    ]
    return " ".join([f"{str(expected.decision).capitalize()}. {join_lines(expected.why)}", *also, *shared])
