"""Simulated time: how long each action takes, and what happens by itself while it passes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import dist
from typing import Any

from simulator.procedure.actions import actions as do
from simulator.procedure.rules.fluoroscopy_controls import give_pulses
from simulator.procedure.rules.patient_speech import announce_effect
from simulator.procedure.state.carm_state import ANGLES
from simulator.procedure.state.physiology import find_begun
from simulator.procedure.state.state import ProcedureState, add_events

DURATION_S: Mapping[type[do.Action], float] = {
    do.Review: 60.0,
    do.Examine: 60.0,
    do.OrderTest: 0.0,
    do.Contact: 300.0,
    do.StopDrug: 30.0,
    do.Decide: 10.0,
    do.Consent: 300.0,
    do.TimeOut: 30.0,
    do.Position: 90.0,
    do.Prepare: 180.0,
    do.Protect: 30.0,
    do.MonitorVitals: 60.0,
    do.LocalAnaesthetic: 30.0,
    do.MoveCArm: 3.0,
    do.MoveTable: 2.0,
    do.Collimate: 2.0,
    do.Magnify: 1.0,
    do.SetTechnique: 2.0,
    do.SetMode: 2.0,
    do.Pedal: 0.0,
    do.Shoot: 1.0,
    do.SaveReference: 1.0,
    do.MarkSkin: 8.0,
    do.PlaceNeedle: 10.0,
    do.AimNeedle: 3.0,
    do.Advance: 0.5,
    do.Withdraw: 0.5,
    do.Roll: 1.0,
    do.RemoveNeedle: 10.0,
    do.Stylet: 2.0,
    do.Attach: 8.0,
    do.PressPlunger: 2.0,
    do.Aspirate: 4.0,
    do.Inject: 0.0,
    do.CommitBelief: 0.0,
    do.Ask: 8.0,
    do.Wait: 0.0,
    do.Advise: 20.0,
    do.Answer: 0.0,
    do.Hint: 0.0,
    do.LetGo: 0.0,
    do.Finish: 0.0,
}
"""Least time of each action, s, which a piece of a movement under way does not take again; what depends on its size comes on top.

Recalled, unverified: an expert takes 10 to 20 minutes for an injection and others up to 30 (FACTS.md 3.7)."""

CARM_DEG_PER_S = 12.0  # by hand
TABLE_MM_PER_S = 50.0
ADVANCE_MM_PER_S = 4.0  # FACTS.md 4.2: 2 to 10
WITHDRAW_MM_PER_S = 10.0
LONGEST_WAIT_S = 3600.0


def duration_s(action: do.Action, before: ProcedureState, after: ProcedureState) -> float:
    """How long an action takes, s.

    Parameters
    ----------
    action : Action
    before, after : ProcedureState
        Around the action's effect, time not yet passed.
    """
    least_s = 0.0 if do.continues(action) else DURATION_S[type(action)]
    return least_s + SIZE_S[type(action)](action, before, after) if type(action) in SIZE_S else least_s


def wait(state: ProcedureState, action: do.Wait) -> ProcedureState:
    """Change nothing: time passes by itself; raises ValueError where the wait is not above 0 or too long."""
    if not 0 < action.duration_s <= LONGEST_WAIT_S:
        raise ValueError(f"wait.duration_s: expected more than 0 and at most {LONGEST_WAIT_S:g} s, got {action.duration_s:g}")
    return state


def pass_time(state: ProcedureState, seconds: float) -> ProcedureState:
    """The state some seconds later: the fluid has moved on, pulses that were due are given, and what had been brewing has broken out.

    Parameters
    ----------
    state : ProcedureState
    seconds : float
        Not below 0.

    Raises
    ------
    ValueError
        If a pulse is due and the C-arm does not clear the body.
    """
    until_s = state.time_s + seconds
    state = give_pulses(state, until_s)
    began = find_begun(state.body, state.time_s, until_s)
    words = [word for effect in began for word in announce_effect(state, effect)]
    return replace(add_events(state, *words), time_s=until_s)


def _turn_deg(before: ProcedureState, after: ProcedureState) -> float:
    """The largest turn about one of the C-arm's axes, degrees."""
    old, new = before.room.pose, after.room.pose
    return max(abs(getattr(new, name) - getattr(old, name)) for name in ANGLES)


def _shift_mm(before: ProcedureState, after: ProcedureState) -> float:
    """How far the table went, mm."""
    return dist(before.room.pose.isocentre, after.room.pose.isocentre)


SIZE_S: Mapping[type[do.Action], Callable[[Any, ProcedureState, ProcedureState], float]] = {
    do.MoveCArm: lambda _action, before, after: _turn_deg(before, after) / CARM_DEG_PER_S,
    do.MoveTable: lambda _action, before, after: _shift_mm(before, after) / TABLE_MM_PER_S,
    do.Advance: lambda _action, _before, after: abs(after.feel.moved_mm) / ADVANCE_MM_PER_S,
    do.Withdraw: lambda _action, _before, after: abs(after.feel.moved_mm) / WITHDRAW_MM_PER_S,
    do.OrderTest: lambda _action, before, _after: 60.0 * before.case.scenario.record.pregnancy_test.takes_min,
    do.Wait: lambda action, _before, _after: action.duration_s,
}
"""Time on top of `DURATION_S`, s, of the actions that take longer the larger they are: of the action and the states around its effect."""
