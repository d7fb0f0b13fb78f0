"""The procedure, action by action, or played by a script."""

from pathlib import Path
from typing import TypeGuard

from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas
from scenarios.schema.scenario import Scenario
from simulator import observation
from simulator.door.case import find_script, open_case
from simulator.door.image import check_state, watch_monitor
from simulator.observation import Observation
from simulator.operators import run
from simulator.operators.script import Script
from simulator.procedure.actions import actions
from simulator.procedure.rules import stepping
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState

__all__ = ["actions", "begin", "observe", "play", "step"]


@limit_blas()
def begin(case: Case | Scenario | str | Path, seed: int = 0) -> ProcedureState:
    """Begin an attempt at a case: the state before anything is done.

    Parameters
    ----------
    case : Case, Scenario, str or Path
        From `load_case`, or as it takes it.
    seed : int
        Of everything that chance decides, from 0; equal cases, seeds and actions give equal bits.

    Returns
    -------
    ProcedureState
        A frozen value; `step` makes the next one.

    Raises
    ------
    TypeError, ValueError
        If there is no such case, it has no patient to put a needle in, or the seed is no whole number from 0.

    Examples
    --------
    >>> import simulator as ef
    >>> state = ef.begin("lumbar-interlaminar-l4-l5", seed=1)
    >>> state.time_s, len(state.done)
    (0.0, 0)
    """
    return stepping.begin(open_case(case), seed)


@limit_blas()
def step(state: ProcedureState, action: actions.Action) -> ProcedureState:
    """Do an action: the next state; the one before stays as it is.

    Parameters
    ----------
    state : ProcedureState
        From `begin`, `step` or `play`.
    action : Action
        One of `actions`, e.g. ``actions.Advance(distance_mm=5)``.

    Raises
    ------
    TypeError
        If there is no state, or no action.
    ValueError
        If the action cannot be done now, or a number in it cannot be: names the action and what to do. After the end of the attempt it is a
        `simulator.procedure.state.errors.ProcedureOver`.

    Examples
    --------
    >>> import simulator as ef
    >>> state = ef.begin("lumbar-interlaminar-l4-l5")
    >>> state = ef.step(state, ef.actions.MoveCArm(oblique_deg=-45))
    >>> state.room.pose.oblique_deg
    -45.0
    """
    check_state(state)
    if not isinstance(action, actions.Action):
        called = f"; write actions.{action.__name__}(...)" if _is_action_class(action) else ""
        raise TypeError(
            f"expected an action such as actions.Shoot() or actions.Advance(distance_mm=5), got {describe_value(action)}{called}"
        )
    return stepping.step(state, action)


def _is_action_class(value: object) -> TypeGuard[type[actions.Action]]:
    return isinstance(value, type) and issubclass(value, actions.Action)


@limit_blas()
def observe(state: ProcedureState, *, size: int | None = None) -> Observation:
    """Return what an actor may see, hear and feel at a state, never the hidden truth.

    Parameters
    ----------
    state : ProcedureState
        From `begin`, `step` or `play`.
    size : int, optional
        Pixels each way of the images on the monitors; without it there are none, which is quicker.

    Returns
    -------
    Observation
        Readouts of C-arm and dosimeter, needle from outside, words of the patient, chart, frames.

    Raises
    ------
    TypeError, ValueError
        If there is no state, or the size is out of range.

    Examples
    --------
    >>> import simulator as ef
    >>> seen = ef.observe(ef.begin("lumbar-interlaminar-l4-l5"))
    >>> seen.readouts.fluoro_s, seen.needle
    (0.0, None)
    """
    check_state(state)
    return observation.observe(state, None if size is None else watch_monitor(state, size))


@limit_blas()
def play(case: Case | Scenario | str | Path, script: Script | str | Path = "expert", *, seed: int = 0) -> tuple[ProcedureState, ...]:
    """Play a case by a script.

    Parameters
    ----------
    case : Case, Scenario, str or Path
        From `load_case`, or as it takes it.
    script : Script, str or Path
        Name of a script beside the case (`list_scripts`), or path of a script file.
    seed : int
        Of the attempt, as for `begin`.

    Returns
    -------
    tuple of ProcedureState
        The first before anything was done, then one for each action: what `score` and `report` take.

    Raises
    ------
    TypeError, ValueError
        If there is no such case or script, or a step of the script cannot be done: with file and line.

    Examples
    --------
    >>> import simulator as ef
    >>> states = ef.play("lumbar-interlaminar-l4-l5", "idle", seed=1)
    >>> str(states[-1].over)
    'proceed'
    """
    ready = open_case(case)
    first, after = run.play_script(ready, find_script(case, script), seed)
    return (first, *after)
