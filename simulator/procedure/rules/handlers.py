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
    do.OrderTest: clinical_steps.order_test,
    do.Contact: clinical_steps.contact,
    do.StopDrug: clinical_steps.stop_drug,
    do.Decide: clinical_steps.decide,
    do.Consent: clinical_steps.take_consent,
    do.TimeOut: clinical_steps.take_time_out,
    do.Position: clinical_steps.position,
    do.Prepare: clinical_steps.prepare,
    do.Protect: clinical_steps.protect,
    do.MonitorVitals: _ignore_action(clinical_steps.attach_monitor),
    do.LocalAnaesthetic: pain.infiltrate,
    do.MoveCArm: fluoroscopy_controls.move_carm,
    do.MoveTable: fluoroscopy_controls.move_table,
    do.Collimate: fluoroscopy_controls.collimate,
    do.Magnify: fluoroscopy_controls.magnify,
    do.SetTechnique: fluoroscopy_controls.set_technique,
    do.SetMode: fluoroscopy_controls.set_mode,
    do.Pedal: fluoroscopy_controls.press_pedal,
    do.LetGo: fluoroscopy_controls.let_go,
    do.Shoot: _ignore_action(fluoroscopy_controls.shoot),
    do.SaveReference: _ignore_action(fluoroscopy_controls.save_reference),
    do.MarkSkin: needling.mark_skin,
    do.PlaceNeedle: needling.place_needle,
    do.AimNeedle: needling.aim_needle,
    do.Advance: injecting.advance_needle,
    do.Withdraw: needling.withdraw_needle,
    do.Roll: needling.roll_needle,
    do.RemoveNeedle: _ignore_action(needling.remove_needle),
    do.Stylet: injecting.set_stylet,
    do.Attach: injecting.attach_to_hub,
    do.PressPlunger: _ignore_action(injecting.press_plunger),
    do.Aspirate: _ignore_action(injecting.aspirate),
    do.Inject: injecting.inject,
    do.CommitBelief: clinical_steps.commit_belief,
    do.Ask: patient_speech.ask_patient,
    do.Wait: clock.wait,
    do.Advise: clinical_steps.advise,
    do.Answer: clinical_steps.answer,
    do.Hint: clinical_steps.give_hint,
    do.Finish: _ignore_action(followup.finish),
}
"""Exactly one handler for every class of `simulator.procedure.actions.actions`."""
