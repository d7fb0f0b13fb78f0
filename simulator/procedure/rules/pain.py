"""What an awake patient feels of the needle; `patient_speech` has the words."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from simulator import needle as steel
from simulator.needle.tissue_mechanics import NERVE
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.patient_speech import announce_contact, announce_pressure, cry_out, is_felt
from simulator.procedure.state.carm_state import Point, as_point
from simulator.procedure.state.events import Event
from simulator.procedure.state.physiology import EffectKind, add_effect
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.procedure.state.state import ProcedureState, add_events

NUMB_MM = 15.0  # about its middle that infiltrated skin is numb (recalled, unverified)
FAINT_AFTER_S = 25.0  # the needle (recalled, unverified)
ANAESTHETICS = (Agent.LIDOCAINE, Agent.BUPIVACAINE, Agent.ROPIVACAINE)
SKIN_ML = 10.0  # the most that goes into skin and muscle
DEEPEST_MM = 60.0  # a fine needle reaches


def infiltrate(state: ProcedureState, action: do.LocalAnaesthetic) -> ProcedureState:
    """The state with skin and deeper layers numbed at the mark, or round the needle's entry.

    Raises
    ------
    ValueError
        If the agent is no local anaesthetic or not on the tray, there is no place, or volume or depth cannot be.
    """
    if action.agent not in ANAESTHETICS or action.agent not in state.case.scenario.equipment.agents:
        known = [agent for agent in ANAESTHETICS if agent in state.case.scenario.equipment.agents]
        raise ValueError(f"local-anaesthetic.agent: the tray has {', '.join(known) or 'none'}, got {action.agent}")
    if not 0 < action.volume_ml <= SKIN_ML:
        raise ValueError(f"local-anaesthetic.volume_ml: expected more than 0 and at most {SKIN_ML:g} mL, got {action.volume_ml:g}")
    if not 0 < action.depth_mm <= DEEPEST_MM:
        raise ValueError(f"local-anaesthetic.depth_mm: expected more than 0 and at most {DEEPEST_MM:g} mm, got {action.depth_mm:g}")
    where = state.room.mark if state.needle is None else as_point(state.needle.entry)
    if where is None:
        raise ValueError("local-anaesthetic: mark the skin first, or place the needle")
    said = add_events(state, cry_out(state.time_s, "local anaesthetic"))
    return _prick(replace(said, body=replace(said.body, numb_at=where, numb_mm=action.depth_mm)))


def hurt(state: ProcedureState, events: Iterable[steel.NeedleEvent]) -> ProcedureState:
    """The state with what the patient says about what the needle met, and what comes of it."""
    for met in events:
        if met.kind is steel.NeedleEventKind.PUNCTURES and met.tissue is Tissue.SKIN:
            numb = _is_numb(state, as_point(met.point))
            state = _prick(state if numb else add_events(state, cry_out(state.time_s, "skin")))
        elif met.kind is steel.NeedleEventKind.CONTACTS:
            state = add_events(state, *_touch(state, met))
            if met.tissue in NERVE:
                state = replace(state, body=add_effect(state.body, EffectKind.PARAESTHESIA, state.time_s, 1.0))
    return state


def feel_pressure(state: ProcedureState, tissue: Tissue, tip: Point) -> ProcedureState:
    """The state with what the patient says of pressure at the needle's tip, and what comes of it.

    Parameters
    ----------
    state : ProcedureState
    tissue : Tissue
        In which the needle's opening lies.
    tip : (float, float, float)
        World frame, mm.
    """
    patient = state.case.patient
    met = steel.NeedleEvent(kind=steel.NeedleEventKind.CONTACTS, tissue=tissue, point=np.array(tip), depth_mm=0.0, force_n=0.0)
    said = add_events(state, announce_pressure(state.time_s, tissue, steel.identify_touched(met, patient.landmarks, patient.roots)))
    if tissue not in NERVE:
        return said
    return replace(said, body=add_effect(said.body, EffectKind.PARAESTHESIA, state.time_s, 1.0))


def _touch(state: ProcedureState, met: steel.NeedleEvent) -> tuple[Event, ...]:
    """Return what a contact makes the patient say, by the structure that was met."""
    if not is_felt(met.tissue):
        return ()
    patient = state.case.patient
    return (announce_contact(state.time_s, met.tissue, steel.identify_touched(met, patient.landmarks, patient.roots)),)


def _is_numb(state: ProcedureState, point: Point) -> bool:
    at = state.body.numb_at
    return at is not None and float(np.linalg.norm(np.subtract(at, point))) < NUMB_MM


def _prick(state: ProcedureState) -> ProcedureState:
    """The first needle makes some patients faint."""
    if state.body.pricked:
        return state
    body = replace(state.body, pricked=True)
    if happens(state.case.scenario.subject.truth.vasovagal_chance, state.seed, RandomStream.VASOVAGAL):
        body = add_effect(body, EffectKind.VASOVAGAL, state.time_s + FAINT_AFTER_S, 1.0)
    return replace(state, body=body)
