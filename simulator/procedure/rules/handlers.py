"""What carries out each action: one table from the action's class to the function that knows its rule."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from simulator.procedure.actions import actions as do
from simulator.procedure.rules import clinical_steps, clock, fluoroscopy_controls, followup, injecting, needling, pain, patient_speech
from simulator.procedure.state.state import ProcedureState

Handler = Callable[[ProcedureState, Any], ProcedureState]
"""The state and an action of the class under which the table holds the handler; the state after the action's effect, before its time."""


def _ignore_action(rule: Callable[[ProcedureState], ProcedureState]) -> Handler:
    """Make a handler of a rule for an action without values."""

    @wraps(rule)
    def handle(state: ProcedureState, _: do.Action) -> ProcedureState:
        return rule(state)

    return handle


HANDLERS: Mapping[type[do.Action], Handler] = {
    do.Review: clinical_steps.review,
    do.Examine: clinical_steps.examine,
    do.Contact: clinical_steps.contact,
    do.StopDrug: clinical_steps.stop_drug,
    do.Decide: clinical_steps.decide,
    do.Consent: clinical_steps.take_consent,
    do.TimeOut: clinical_steps.take_time_out,
    do.Position: clinical_steps.position,
    do.Prepare: clinical_steps.prepare,
    do.Protect: clinical_steps.protect,
    do.Monitor: _ignore_action(clinical_steps.attach_monitor),
    do.LocalAnaesthetic: pain.infiltrated,
    do.MoveCArm: fluoroscopy_controls.moved,
    do.MoveTable: fluoroscopy_controls.tabled,
    do.Collimate: fluoroscopy_controls.collimated,
    do.Magnify: fluoroscopy_controls.magnified,
    do.SetTechnique: fluoroscopy_controls.set_technique,
    do.SetMode: fluoroscopy_controls.set_mode,
    do.Pedal: fluoroscopy_controls.pressed,
    do.Shoot: _ignore_action(fluoroscopy_controls.shot),
    do.SaveReference: _ignore_action(fluoroscopy_controls.save_reference),
    do.MarkSkin: needling.marked,
    do.PlaceNeedle: needling.placed,
    do.AimNeedle: needling.aimed,
    do.Advance: injecting.advance_needle,
    do.Withdraw: needling.withdrawn,
    do.Roll: needling.rolled,
    do.RemoveNeedle: _ignore_action(needling.removed),
    do.Stylet: injecting.styletted,
    do.Attach: injecting.hubbed,
    do.PressPlunger: _ignore_action(injecting.plunged),
    do.Aspirate: _ignore_action(injecting.aspirated),
    do.Inject: injecting.injected,
    do.CommitBelief: clinical_steps.commit_belief,
    do.Ask: patient_speech.ask_patient,
    do.Wait: clock.wait,
    do.Advise: clinical_steps.advise,
    do.Answer: clinical_steps.answered,
    do.Hint: clinical_steps.give_hint,
    do.Finish: _ignore_action(followup.finished),
}
"""Exactly one handler for every class of `simulator.procedure.actions.actions`."""
