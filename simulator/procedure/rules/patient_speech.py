"""What the awake patient says: of what the needle touches, as an effect begins, and in answer to a question."""

import numpy as np

from phantoms.soft_tissue.nerve_roots import Root
from phantoms.terms.levels import Level
from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.names.enums import PatientQuestion
from simulator.needle import Touched
from simulator.needle.tissue_mechanics import BONE, DISC, NERVE
from simulator.procedure.actions.actions import Ask
from simulator.procedure.state.dermatomes import distance_mm, name_felt_place
from simulator.procedure.state.events import Event, EventKind, make_event
from simulator.procedure.state.physiology import Effect, EffectKind, pain_score, strength, weakness
from simulator.procedure.state.state import ProcedureState, add_events

CONCORDANT_MM = 6.0  # an injection this near to the diseased root brings the usual pain back (recalled, unverified)
PRESSURE = "pressure"
ASLEEP = 0.2  # block from which the patient notices it

SHOCK = "Ah! An electric shock, {where}!"
SHOCK_BOTH = "Ah! An electric shock in both legs!"
BONE_ACHE = "That is a dull ache, deep, on the bone{where}."
DURA_ACHE = "There is a sharp pressure, deep in the middle of my back."
STING = "Ouch, that stings!"

NERVE_PRESSURE = "Stop! A burning pressure shoots into {where}!"
BONE_PRESSURE = "Ah! That bores into the bone. It hurts, please stop!"
EPIDURAL_PRESSURE = "I feel a dull pressure there, in my back."
DISC_PRESSURE = "That is a deep, hard pressure in the middle of my back. It hurts!"
OTHER_PRESSURE = "It presses and aches in my back, where you are."

SAID = {
    EffectKind.VASOVAGAL: "I feel faint... everything is going grey.",
    EffectKind.ALLERGY: "I am itching all over, and it is hard to breathe.",
    EffectKind.TOXICITY: "My lips are tingling, there is a metal taste and a ringing in my ears.",
    EffectKind.INTRATHECAL_BLOCK: "My legs feel warm and heavy.",
    EffectKind.NUMBNESS: "My leg feels a little numb.",
    EffectKind.CORD_ISCHAEMIA: "I cannot move my legs!",
    EffectKind.FLUSH: "My face feels hot.",
    EffectKind.GADOLINIUM: "I feel sick and confused... my legs are twitching.",
}
"""What is said as an effect begins; the others are not noticed by the patient."""

SERIOUS = frozenset(
    {
        EffectKind.VASOVAGAL,
        EffectKind.ALLERGY,
        EffectKind.TOXICITY,
        EffectKind.INTRATHECAL_BLOCK,
        EffectKind.CORD_ISCHAEMIA,
        EffectKind.GADOLINIUM,
    }
)


def is_felt(tissue: Tissue) -> bool:
    """Whether a patient says something of a needle that touches a tissue: nerve, bone or dura."""
    return tissue is Tissue.DURA or tissue in NERVE or tissue in BONE


def announce_contact(time_s: float, tissue: Tissue, place: Touched) -> Event:
    """Return what the patient says of a contact.

    Parameters
    ----------
    time_s : float
        Simulated time, s.
    tissue : Tissue
        That the needle touched: one that `is_felt`.
    place : Touched
        Structure, side and level; they stand in the event's data, for the report.
    """
    side = "middle" if place.side is None else str(place.side)
    data = {"about": _name_structure(tissue), "side": side, "level": str(place.level)}
    return make_event(time_s, EventKind.VOICE, _describe_contact(tissue, place), data=data)


def announce_pressure(time_s: float, tissue: Tissue, place: Touched) -> Event:
    """Return what the patient says of pressure at the needle's tip.

    Parameters
    ----------
    time_s : float
        Simulated time, s.
    tissue : Tissue
        In which the needle's opening lies.
    place : Touched
        Side and level of the nerve, where it is one.
    """
    side = "middle" if place.side is None else str(place.side)
    data = {"about": PRESSURE, "side": side, "level": str(place.level)}
    return make_event(time_s, EventKind.VOICE, _describe_pressure(tissue, place), data=data)


def cry_out(time_s: float, about: str) -> Event:
    """Return the patient's cry at a sting of skin or local anaesthetic; time in s."""
    return make_event(time_s, EventKind.VOICE, STING, data={"about": about})


def announce_effect(state: ProcedureState, effect: Effect) -> tuple[Event, ...]:
    """What happens as an effect begins: what is said, what the monitor sounds, and the truth for the score."""
    events = []
    if effect.kind in SAID:
        events.append(make_event(effect.onset_s, EventKind.VOICE, SAID[effect.kind], data={"about": str(effect.kind)}))
    if effect.kind in SERIOUS:
        events.append(make_event(effect.onset_s, EventKind.COMPLICATION, str(effect.kind), hidden=True, data={"size": effect.size}))
        if state.chart.monitored:
            events.append(make_event(effect.onset_s, EventKind.MONITOR, "the monitor sounds"))
    return tuple(events)


def ask_patient(state: ProcedureState, action: Ask) -> ProcedureState:
    """Ask the patient; the answer is among the events."""
    return add_events(state, answer(state, action.question))


def answer(state: ProcedureState, question: PatientQuestion) -> Event:
    """What the patient answers now."""
    text = {
        PatientQuestion.PAIN: _pain,
        PatientQuestion.CONCORDANT: _concordant,
        PatientQuestion.LEGS: _legs,
        PatientQuestion.GENERAL: _general,
    }[question](state)
    return make_event(state.time_s, EventKind.VOICE, text, data={"asked": str(question)})


def is_concordant(state: ProcedureState) -> bool:
    """Whether the last injection was so near to the diseased root that it brought the usual pain back."""
    if not state.injections:
        return False
    tip = np.array(state.injections[-1].tip)
    return any(distance_mm(root, tip) < CONCORDANT_MM for root in diseased_roots(state))


def diseased_roots(state: ProcedureState) -> tuple[Root, ...]:
    """The root of the complaint on its side, or on both where the record names none."""
    task, pain = state.case.scenario.task, state.case.scenario.record.pain
    side = pain.side or task.side.lateral
    return tuple(root for root in state.case.patient.roots if root.level is task.root and side in (None, root.side))


def score_now(state: ProcedureState) -> int:
    """Pain score that the patient gives now, 0 to 10."""
    pain = state.case.scenario.record.pain
    return pain_score(state.body, pain.score, pain.after, state.time_s)


def _name_structure(tissue: Tissue) -> str:
    return "nerve" if tissue in NERVE else "periosteum" if tissue in BONE else "dura"


def _describe_contact(tissue: Tissue, place: Touched) -> str:
    if tissue in NERVE:
        return SHOCK_BOTH if place.side is None else SHOCK.format(where=name_felt_place(place.level, place.side))
    if tissue in BONE:
        return BONE_ACHE.format(where="" if place.side is None else f", on the {place.side}")
    return DURA_ACHE


def _describe_pressure(tissue: Tissue, place: Touched) -> str:
    if tissue in NERVE:
        return NERVE_PRESSURE.format(where="both legs" if place.side is None else name_felt_place(place.level, place.side))
    if tissue in BONE:
        return BONE_PRESSURE
    if tissue in EPIDURAL or tissue is Tissue.DURA:
        return EPIDURAL_PRESSURE
    return DISC_PRESSURE if tissue in DISC else OTHER_PRESSURE


def _pain(state: ProcedureState) -> str:
    score = score_now(state)
    return f"{score} out of 10." if score else "Nothing at all: 0 out of 10."


def _concordant(state: ProcedureState) -> str:
    task, pain = state.case.scenario.task, state.case.scenario.record.pain
    if not is_concordant(state):
        return "No, that is not my usual pain."
    side = task.side.lateral or pain.side
    where = name_felt_place(Level(task.root), side) if side else "there"
    return f"Yes, that is my pain, {where}."


def _legs(state: ProcedureState) -> str:
    weak = weakness(state.body, state.time_s)
    if weak > 0.7:
        return "I cannot move my legs."
    if weak > ASLEEP:
        return "They are heavy, I can hardly lift them."
    if strength(state.body, EffectKind.NUMBNESS, state.time_s) > ASLEEP:
        return "One feels a bit numb, but I can move both."
    return "They feel normal, I can move both."


def _general(state: ProcedureState) -> str:
    now = [effect for effect in state.body.effects if effect.kind in SAID]
    worst = max(now, key=lambda effect: strength(state.body, effect.kind, state.time_s), default=None)
    if worst is None or strength(state.body, worst.kind, state.time_s) < ASLEEP:
        return "I am all right."
    return SAID[worst.kind]
