"""The procedure as a pure step: an action takes effect, the time that it takes passes, and it is written down."""

from dataclasses import replace
from typing import TYPE_CHECKING

from phantoms.threads import limit_blas
from scenarios.names.enums import Decision
from simulator.geometry.carm import DEFAULT_FIELD_MM
from simulator.geometry.validate import as_seed
from simulator.procedure.actions import actions as do
from simulator.procedure.actions.action_codec import check_action
from simulator.procedure.rules.clock import duration_s, pass_time
from simulator.procedure.rules.handlers import HANDLERS
from simulator.procedure.state.carm_state import Pose, Room
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.errors import ProcedureOver
from simulator.procedure.state.fluid import FluidReset, reset
from simulator.procedure.state.state import Done, ProcedureState
from simulator.xray.physics.dose import Operator

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

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
    chance = as_seed(seed)
    case = scenario if isinstance(scenario, Case) else case_of(scenario)
    equipment = case.scenario.equipment
    pose = Pose(field_mm=DEFAULT_FIELD_MM, sid_mm=equipment.source_to_image_mm, sod_mm=equipment.source_to_isocentre_mm)
    return ProcedureState(case=case, seed=chance, room=Room(pose=pose, operator=Operator(side=float(equipment.operator_side.sign))))


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
        After the attempt has ended; a ValueError.
    ValueError
        Where the action cannot be done now, or a number in it cannot be: names the action and what to do.
    """
    done = check_action(action)
    if state.over is not None:
        raise ProcedureOver(f"{done.word}: the attempt is over ({state.over}); begin another")
    _check_accepted(state, done)
    start = replace(state, fluid=reset(state.fluid, FluidReset.ACTION_BEGINS), fresh=state.room.pulse)
    with limit_blas():
        after = HANDLERS[type(done)](start, done)
        later = pass_time(after, duration_s(done, start, after))
    return replace(later, done=state.done.add(Done(action=done, start_s=state.time_s, end_s=later.time_s)))


def _check_accepted(state: ProcedureState, action: do.Action) -> None:
    if state.chart.decision not in (None, Decision.PROCEED) and isinstance(action, INVASIVE):
        raise ValueError(f"{action.word}: the decision was to {state.chart.decision}; decide to proceed first, or give advice and finish")
