"""What an injected drug does to this patient, by what it is, how much, and where it went.

Every dose and time is recalled, unverified, and meant to be tuned; the kinds of complication are those of FACTS.md 3.2 and 3.5.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

import numpy as np

from phantoms.terms.levels import Side
from scenarios.names.agents import Agent
from scenarios.names.steroids import STEROIDS, sum_dexamethasone_mg
from scenarios.names.strengths import strength_per_ml
from simulator.contrast.agents import properties
from simulator.contrast.flow import UPTAKE_SHARE
from simulator.contrast.media import FluidSpace
from simulator.contrast.spread import Spread
from simulator.procedure.actions.actions import LocalAnaesthetic
from simulator.procedure.rules.patient_speech import diseased_roots, is_concordant
from simulator.procedure.state.dermatomes import name_felt_place
from simulator.procedure.state.events import EventKind, make_event
from simulator.procedure.state.physiology import Body, EffectKind, add_effect, without_push
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import Injection, ProcedureState, add_events

FULL_BLOCK_MG = {Agent.LIDOCAINE: 40.0, Agent.BUPIVACAINE: 7.5, Agent.ROPIVACAINE: 12.0}
"""Intrathecal dose that takes all power from the legs."""
POTENCY = {Agent.LIDOCAINE: 1.0, Agent.BUPIVACAINE: 4.0, Agent.ROPIVACAINE: 3.0}
"""Toxicity by mg, lidocaine 1."""
NUMB_MG = 60.0  # of epidural lidocaine, or as much of the others, that makes a leg numb
VESSEL_MG_KG = 0.4  # of lidocaine into a vein that is felt at once
TOTAL_MG_KG = 4.5  # of lidocaine by any way that is felt later
VESSEL_AFTER_S, TOTAL_AFTER_S = 20.0, 600.0
BLOCK_AFTER_S, SUBDURAL_AFTER_S = 60.0, 900.0
ALLERGY_AFTER_S = 90.0
GADOLINIUM_AFTER_S = 900.0
EMBOLUS_CHANCE, EMBOLUS_AFTER_S = 0.5, 60.0  # of particles that go into a radicular artery
RELIEF_ML = 0.1  # along the root that brings all the relief there is to have
BATHED_MM = 3.0  # from a root's surface
LEAST_CELL_ML = 1e-6
CONCORDANT = "concordant"


def apply_drugs(state: ProcedureState, given: Injection) -> ProcedureState:
    """The state with what an injection does to the patient, and what is felt at once.

    A push that has grown by a piece is weighed anew as a whole: what its beginning did alone goes.
    """
    body = without_push(state.body, given.start_s)
    for effect in (_block, _poison, _react, _embolise, _relieve):
        body = effect(body, state, given)
    state = replace(state, body=body)
    if not is_concordant(state) or _has_said_so(state, given.start_s):
        return state
    task = state.case.scenario.task
    side = task.side.lateral or state.case.scenario.record.pain.side or Side.LEFT
    words = f"That is it, that is my usual pain, {name_felt_place(task.root, side)}!"
    return add_events(state, make_event(state.time_s, EventKind.VOICE, words, data={"about": CONCORDANT}))


def total_mg_kg(state: ProcedureState) -> float:
    """Local anaesthetic so far by any way, as lidocaine, mg per kg of body weight."""
    milligrams = sum(_toxic_mg(given) for given in state.injections) + _infiltrated_mg(state)
    return milligrams / state.case.scenario.subject.weight_kg


def steroid_mg(given: Iterable[Injection]) -> dict[Agent, float]:
    """Steroids in some injections, mg by agent, those alone of which something was given."""
    found: dict[Agent, float] = {}
    for agent, milligrams in (part for item in given for part in item.doses):
        if agent in STEROIDS and milligrams > 0:
            found[agent] = found.get(agent, 0.0) + milligrams
    return found


def dexamethasone_mg(given: Iterable[Injection]) -> float:
    """Steroid in some injections, as mg of dexamethasone."""
    return sum_dexamethasone_mg(steroid_mg(given))


def _has_said_so(state: ProcedureState, since_s: float) -> bool:
    """Whether the patient has named the usual pain since a time, s."""
    recent = takewhile(lambda item: item.time_s > since_s, reversed(state.events))
    return any(item.get("about") == CONCORDANT for item in recent)


def _block(body: Body, _: ProcedureState, given: Injection) -> Body:
    """Local anaesthetic in the sac takes the legs over minutes; in the epidural space it numbs."""
    share = sum(_mg(given, agent) / full for agent, full in FULL_BLOCK_MG.items())
    if given.medium == FluidSpace.INTRATHECAL:
        return add_effect(body, EffectKind.INTRATHECAL_BLOCK, given.end_s + BLOCK_AFTER_S, share, push_s=given.start_s)
    if given.medium == FluidSpace.SUBDURAL:
        return add_effect(body, EffectKind.INTRATHECAL_BLOCK, given.end_s + SUBDURAL_AFTER_S, share, push_s=given.start_s)
    if given.medium == FluidSpace.EPIDURAL and not given.vessel:
        return add_effect(body, EffectKind.NUMBNESS, given.end_s, _toxic_mg(given) / NUMB_MG, push_s=given.start_s)
    return body


def _poison(body: Body, state: ProcedureState, given: Injection) -> Body:
    weight_kg = state.case.scenario.subject.weight_kg
    into_blood = _toxic_mg(given) * (UPTAKE_SHARE if given.vessel else 0.0) / weight_kg
    if into_blood >= VESSEL_MG_KG:
        return add_effect(body, EffectKind.TOXICITY, given.end_s + VESSEL_AFTER_S, into_blood / (4 * VESSEL_MG_KG), push_s=given.start_s)
    total = total_mg_kg(state)
    if total >= TOTAL_MG_KG and _toxic_mg(given) > 0:
        return add_effect(body, EffectKind.TOXICITY, given.end_s + TOTAL_AFTER_S, total / (2 * TOTAL_MG_KG), push_s=given.start_s)
    return body


def _react(body: Body, state: ProcedureState, given: Injection) -> Body:
    """Iodine in the allergic, and gadolinium in the sac."""
    iodine = any(properties(agent).iodine_mg_ml > 0 for agent, volume in given.delivered_ml if volume > 0)
    if iodine and state.case.scenario.subject.truth.contrast_allergy:
        body = add_effect(body, EffectKind.ALLERGY, given.end_s + ALLERGY_AFTER_S, 0.8, push_s=given.start_s)
    gadolinium = any(agent is Agent.GADOLINIUM and volume > 0 for agent, volume in given.delivered_ml)
    if gadolinium and given.medium == FluidSpace.INTRATHECAL:
        body = add_effect(body, EffectKind.GADOLINIUM, given.end_s + GADOLINIUM_AFTER_S, 1.0, push_s=given.start_s)
    return body


def _embolise(body: Body, state: ProcedureState, given: Injection) -> Body:
    particles = any(properties(agent).particulate and volume > 0 for agent, volume in given.delivered_ml)
    if particles and given.vessel == "arterial" and happens(EMBOLUS_CHANCE, state.seed, RandomStream.EMBOLUS, state.fluid.site):
        return add_effect(body, EffectKind.CORD_ISCHAEMIA, given.end_s + EMBOLUS_AFTER_S, 1.0, push_s=given.start_s)
    return body


def _relieve(body: Body, state: ProcedureState, given: Injection) -> Body:
    """Local anaesthetic or steroid round the diseased root eases its pain; the fullest share so far counts."""
    drugs = tuple(agent for agent in Agent if properties(agent).steroid or properties(agent).anaesthetic)
    if not any(agent in drugs and volume > 0 for agent, volume in given.delivered_ml):
        return body
    volume_ml = sum(_round_root_ml(state, spread, drugs) for spread in state.fluid.spreads if spread.domain.medium == given.medium)
    return add_effect(body, EffectKind.RELIEF, given.end_s, min(volume_ml / RELIEF_ML, 1.0), push_s=given.start_s)


def _round_root_ml(state: ProcedureState, spread: Spread, agents: tuple[Agent, ...]) -> float:
    """Volume of some agents of a spread along the diseased root, from where it leaves the sac, mL."""
    columns = [n for n, agent in enumerate(spread.agents) if agent in agents]
    if not columns:
        return 0.0
    volume_ml = spread.ml[:, columns].sum(axis=1)
    some = np.flatnonzero(volume_ml > LEAST_CELL_ML)
    near = np.zeros(len(some), dtype=bool)
    for root in diseased_roots(state):
        near |= np.minimum(root.nerve(spread.domain.centres[some]), root.ganglion(spread.domain.centres[some])) < BATHED_MM
    return float(volume_ml[some][near].sum())


def _mg(given: Injection, agent: Agent) -> float:
    return sum(dose for found, dose in given.doses if found is agent)


def _infiltrated_mg(state: ProcedureState) -> float:
    """Local anaesthetic in skin and muscle, as mg of lidocaine."""
    strengths = state.case.scenario.equipment.set_strengths
    into_skin = (item.action for item in state.done if isinstance(item.action, LocalAnaesthetic))
    return sum(one.volume_ml * strength_per_ml(one.agent, strengths) * POTENCY.get(one.agent, 0.0) for one in into_skin)


def _toxic_mg(given: Injection) -> float:
    return sum(_mg(given, agent) * factor for agent, factor in POTENCY.items())
