"""The days after: what a telephone call two days later finds. Chances that were raised for teaching say so."""

from collections.abc import Iterator
from dataclasses import replace

from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Decision
from scenarios.names.needles import Bevel
from simulator.procedure.actions.actions import PlaceNeedle
from simulator.procedure.rules.drugs import dexamethasone_mg
from simulator.procedure.state.events import Event, EventKind, make_event
from simulator.procedure.state.physiology import EffectKind
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import ProcedureState, add_events

HEADACHE = {Bevel.TUOHY: 0.6, Bevel.QUINCKE: 0.2, Bevel.WHITACRE: 0.05}
"""After a puncture of the dura: up to 0.85 after a 17 G Tuohy (FACTS.md 3.5 [144]), 0.1 to 0.3 after a 22 G Quincke; the rest recalled."""
HAEMATOMA_CHANCE = 0.5  # where the patient bleeds; raised for teaching, published 1 in 150,000 of all (FACTS.md 3.5: recalled, unverified)
INFECTION_CHANCE = (
    0.3  # without skin preparation; raised for teaching, published 1 in 10,000 and fewer (FACTS.md 3.5: recalled, unverified)
)
FLUSH_MG = 8.0  # of dexamethasone
DEEP_MM = 15.0  # under the skin from which a puncture can bleed or be infected


def finish(state: ProcedureState) -> ProcedureState:
    """The state at its end, with what the follow-up finds."""
    told_state = add_events(state, *_follow_up(state))
    return replace(told_state, over=state.chart.decision or Decision.PROCEED)


def _follow_up(state: ProcedureState) -> Iterator[Event]:
    for text, about in (*_complaints(state), *_steroid(state)):
        yield make_event(state.time_s, EventKind.FOLLOW_UP, text, data={"about": about})
    if state.injections and not any(item.kind is EventKind.COMPLICATION for item in state.events):
        pain = state.case.scenario.record.pain
        eased = any(effect.kind is EffectKind.RELIEF for effect in state.body.effects)
        text = f"Two days later the pain is {pain.after if eased else pain.score}/10."
        yield make_event(state.time_s, EventKind.FOLLOW_UP, text, data={"about": "pain"})


def _complaints(state: ProcedureState) -> Iterator[tuple[str, str]]:
    needle = next((item.action for item in reversed(state.done) if isinstance(item.action, PlaceNeedle)), None)
    if needle is None:
        return
    seed, truth = state.seed, state.case.scenario.subject.truth
    if _has_punctured(state, Tissue.DURA) and happens(HEADACHE[needle.bevel], seed, RandomStream.HEADACHE):
        yield "The next day a headache begins that is worse on sitting up and goes on lying down.", "post-dural puncture headache"
    if truth.bleeding_tendency and _is_deep(state) and happens(HAEMATOMA_CHANCE, seed, RandomStream.HAEMATOMA):
        yield "That night back pain grows and both legs become weak: an epidural haematoma.", "epidural haematoma"
    if state.chart.antiseptic is None and _is_deep(state) and happens(INFECTION_CHANCE, seed, RandomStream.INFECTION):
        yield "After five days there is fever and the back is tender: an epidural abscess.", "infection"
    if truth.pregnant and state.shots:
        yield "A pregnancy test the week after is positive; the embryo was in the beam.", "pregnancy"


def _steroid(state: ProcedureState) -> Iterator[tuple[str, str]]:
    milligrams = dexamethasone_mg(state.injections)
    if milligrams >= FLUSH_MG:
        yield "The face was hot and red the day after.", "steroid flush"
    if milligrams > 0 and state.case.scenario.subject.truth.glucose_rises:
        yield f"Blood glucose ran high for two to three days (about {10 + milligrams / 2:.0f} mmol/L).", "glucose"


def _has_punctured(state: ProcedureState, tissue: Tissue) -> bool:
    return any(item.kind is EventKind.PUNCTURE and item.get("tissue") == int(tissue) for item in state.events)


def _is_deep(state: ProcedureState) -> bool:
    return any(
        item.kind in (EventKind.PUNCTURE, EventKind.CONTACT) and float(item.get("depth_mm") or 0.0) > DEEP_MM for item in state.events
    )
