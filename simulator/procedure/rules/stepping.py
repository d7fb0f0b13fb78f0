"""The procedure as a pure step: an action takes effect, the time that it takes passes, and it is written down."""

from dataclasses import replace
from typing import TYPE_CHECKING

from phantoms.io.computed_on import one_thread
from simulator.geometry.carm import DEFAULT_FIELD_MM
from simulator.procedure.actions import actions as do
from simulator.procedure.actions.action_codec import checked
from simulator.procedure.rules import clinical_steps, fluoroscopy_controls, injecting, needling, pain
from simulator.procedure.rules.clock import LONGEST_WAIT_S, duration_s, passed
from simulator.procedure.rules.followup import finished
from simulator.procedure.rules.patient_speech import answer
from simulator.procedure.state.carm_state import Pose, Room
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.errors import ProcedureOver
from simulator.procedure.state.state import Belief, Done, ProcedureState, told
from simulator.xray.physics.dose import Operator

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

MOST_SEED = 2**63
INVASIVE = (do.Pedal, do.Shoot, do.PlaceNeedle, do.LocalAnaesthetic, do.Inject)


def begin(scenario: "Scenario | Case", seed: int) -> ProcedureState:
    """The procedure before anything is done.

    Parameters
    ----------
    scenario : Scenario or Case
        What the file says; a case made of it before shares its patient with other attempts.
    seed : int
        Of everything that chance decides; equal scenarios, seeds and actions give equal bits.

    Returns
    -------
    ProcedureState

    Raises
    ------
    ValueError
        If the seed is no whole number from 0, or the scenario has no patient to put a needle in.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < MOST_SEED:
        raise ValueError(f"seed must be a whole number from 0 to 2^63 - 1, got {seed!r}")
    case = scenario if isinstance(scenario, Case) else case_of(scenario)
    equipment = case.scenario.equipment
    pose = Pose(field_mm=DEFAULT_FIELD_MM, sid_mm=equipment.source_to_image_mm, sod_mm=equipment.source_to_isocentre_mm)
    return ProcedureState(case=case, seed=seed, room=Room(pose=pose, operator=Operator(side=float(equipment.operator_side.sign))))


def step(state: ProcedureState, action: do.Action) -> ProcedureState:
    """The procedure after an action.

    Parameters
    ----------
    state : ProcedureState
        Before; it stays as it is.
    action : Action
        One of `simulator.procedure.actions.actions`.

    Returns
    -------
    ProcedureState

    Raises
    ------
    ProcedureOver
        After the attempt has ended.
    ValueError
        Where the action cannot be done now, or a number in it cannot be: names the action and what to do.
    """
    done = checked(action)
    if state.over is not None:
        raise ProcedureOver(f"{done.word}: the attempt is over ({state.over}); begin another")
    _check_accepted(state, done)
    start = replace(state, moments=(), fresh=state.room.pulse)
    with one_thread():
        after = act(start, done)
        later = passed(after, duration_s(done, start, after))
    return replace(later, done=state.done.added(Done(action=done, start_s=state.time_s, end_s=later.time_s)))


def act(state: ProcedureState, action: do.Action) -> ProcedureState:  # noqa: C901 - one match over all actions
    """The state with an action's effect, before the time that it takes has passed; raises as `step` does."""
    match action:
        case do.MoveCArm() | do.MoveTable() | do.Collimate() | do.Magnify() | do.SetTechnique() | do.SetMode():
            return fluoroscopy_controls.act(state, action)
        case do.Pedal() | do.Shoot() | do.SaveReference():
            return fluoroscopy_controls.use(state, action)
        case do.Advance():
            return injecting.given(needling.act(state, action))
        case do.MarkSkin() | do.PlaceNeedle() | do.AimNeedle() | do.Withdraw() | do.Roll() | do.RemoveNeedle():
            return needling.act(state, action)
        case do.Stylet() | do.Attach() | do.PressPlunger() | do.Aspirate() | do.Inject():
            return injecting.act(state, action)
        case do.LocalAnaesthetic():
            return pain.infiltrated(state, action)
        case do.CommitBelief():
            return _believed(state, action)
        case do.Ask():
            return told(state, answer(state, action.question))
        case do.Wait():
            return _waited(state, action)
        case do.Answer():
            return clinical_steps.answered(state, action)
        case do.Finish():
            return finished(state)
    return clinical_steps.act(state, action)


def _check_accepted(state: ProcedureState, action: do.Action) -> None:
    if clinical_steps.deferred(state) and isinstance(action, INVASIVE):
        raise ValueError(f"{action.word}: the decision was to {state.chart.decision}; decide to proceed first, or give advice and finish")


def _believed(state: ProcedureState, action: do.CommitBelief) -> ProcedureState:
    clinical_steps.check_confidence(action.word, action.confidence)
    if action.level is None and action.side is None and action.compartment is None and action.vascular is None:
        raise ValueError("commit-belief: say at least one of level, side, compartment, vascular")
    return replace(state, beliefs=(*state.beliefs, Belief(time_s=state.time_s, said=action)))


def _waited(state: ProcedureState, action: do.Wait) -> ProcedureState:
    if not 0 < action.duration_s <= LONGEST_WAIT_S:
        raise ValueError(f"wait.duration_s: expected more than 0 and at most {LONGEST_WAIT_S:g} s, got {action.duration_s:g}")
    return state
