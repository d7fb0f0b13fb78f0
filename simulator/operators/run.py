"""A scripted operator at work: macros become actions while the procedure goes on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scenarios.errors import Problem, ScenarioError
from scenarios.names.enums import OrderedTest
from simulator.operators import expert_perception
from simulator.operators.macros import AdvanceUntil, DueTests, Macro, Repeat, See, Seen, Steer, TakeNeedle, TimeOutAsAsked, When
from simulator.operators.script import Script, ScriptStep
from simulator.procedure.actions.actions import Action, Advance, OrderTest, Roll, TimeOut
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case_target import Aimed, find_case_target
from simulator.procedure.state.state import ProcedureState

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from simulator.procedure.state.case import Case

UNTIL = {"loss": Seen.LOSS, "bone": Seen.BONE}
ROLLS_DEG = (0.0, 180.0, 90.0, -90.0)
LEAST_STEER_MM = 0.25
WORTH_ROLLING_MM = 0.15  # a roll that gains less is not made
LOOK_AHEAD_MM = 12.0
MOST_STEPS = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class _Run:
    """Where a script is: the state, and what is aimed at."""

    state: ProcedureState
    aimed: Aimed


Taken = tuple[Action, ProcedureState]


def run(scenario: "Scenario | Case", script: Script, seed: int) -> Iterator[Taken]:
    """Play a script.

    Parameters
    ----------
    scenario : Scenario or Case
        The case; one made of it before shares its patient with other attempts.
    script : Script
        What the operator does.
    seed : int
        Of the attempt.

    Yields
    ------
    action : Action
        That was done.
    state : ProcedureState
        After it.

    Raises
    ------
    ScenarioError
        Where an action cannot be done: with the script's file and line, and what the procedure said.
    """
    start = begin(scenario, seed)
    yield from _run_steps(_Box(_Run(state=start, aimed=expert_perception.choose_aim(start.case))), script.steps, script.file)


def play_script(scenario: "Scenario | Case", script: Script, seed: int) -> tuple[ProcedureState, list[ProcedureState]]:
    """First state, and the states after every action of a script; raises as `run` does."""
    start = begin(scenario, seed)
    box = _Box(_Run(state=start, aimed=expert_perception.choose_aim(start.case)))
    return start, [state for _, state in _run_steps(box, script.steps, script.file)]


class _Box:
    """The run as it goes on, shared by nested steps; lives no longer than one play."""

    def __init__(self, now: _Run) -> None:
        self.now = now

    def act(self, action: Action) -> Taken:
        state = step(self.now.state, action)
        self.now = replace(self.now, state=state)
        return action, state


def _run_steps(box: _Box, steps: Iterable[ScriptStep], file: str) -> Iterator[Taken]:
    for item in steps:
        try:
            if isinstance(item.what, Macro):
                yield from _run_macro(box, item.what, file)
            else:
                yield box.act(item.what)
        except ScenarioError:
            raise
        except ValueError as error:
            problem = Problem(file=file, line=item.line, what=str(error), mend="change this step or what leads to it")
            raise ScenarioError([problem]) from error


def _run_macro(box: _Box, macro: Macro, file: str) -> Iterator[Taken]:
    match macro:
        case TimeOutAsAsked():
            scenario = box.now.state.case.scenario
            yield box.act(TimeOut(patient=scenario.subject.name, level=scenario.task.interspace, side=str(scenario.task.side)))
        case DueTests():
            if box.now.state.case.scenario.subject.of_child_bearing_age:
                yield box.act(OrderTest(test=OrderedTest.PREGNANCY))
        case See():
            yield from map(box.act, expert_perception.turn_to(box.now.state, macro, box.now.aimed))
        case TakeNeedle():
            box.now = replace(box.now, aimed=expert_perception.choose_aim(box.now.state.case, macro))
            yield from map(box.act, expert_perception.take(box.now.state.case, macro, box.now.aimed))
        case Steer():
            yield from _steer(box, macro)
        case AdvanceUntil():
            yield from _advance(box, macro)
        case When():
            chosen = macro.do if expert_perception.perceive(box.now.state, macro.seen, box.now.aimed) else macro.otherwise
            yield from _run_steps(box, chosen, file)
        case Repeat():
            yield from _repeat(box, macro, file)


def _repeat(box: _Box, macro: Repeat, file: str) -> Iterator[Taken]:
    for _ in range(macro.most):
        yield from _run_steps(box, macro.do, file)
        if macro.seen is not None and not expert_perception.perceive(box.now.state, macro.seen, box.now.aimed):
            return


def _advance(box: _Box, macro: AdvanceUntil) -> Iterator[Taken]:
    left_mm = macro.most_mm
    while left_mm > 1e-9:
        yield box.act(Advance(distance_mm=min(macro.step_mm, left_mm), until_loss=macro.event == "loss"))
        left_mm -= macro.step_mm
        if macro.event in UNTIL and expert_perception.perceive(box.now.state, UNTIL[macro.event], box.now.aimed):
            return


def _steer(box: _Box, macro: Steer) -> Iterator[Taken]:
    for _ in range(MOST_STEPS):
        left_mm = expert_perception.short_mm(box.now.state, box.now.aimed) - macro.short_mm
        if left_mm < LEAST_STEER_MM or (box.now.state.needle is not None and box.now.state.needle.stopped):
            return
        distance_mm = round(min(macro.step_mm, max(left_mm, LEAST_STEER_MM)), 2)
        angle_deg = _best_roll(box, distance_mm)
        if angle_deg:
            yield box.act(Roll(angle_deg=angle_deg))
        yield box.act(Advance(distance_mm=distance_mm))


def _best_roll(box: _Box, distance_mm: float) -> float:
    """The roll after which the tip, pushed on, comes nearest to the course: what an expert foresees of a bevel."""
    ahead_mm = max(distance_mm, min(LOOK_AHEAD_MM, expert_perception.short_mm(box.now.state, box.now.aimed)))
    misses = [_miss_mm(box, angle_deg, ahead_mm) for angle_deg in ROLLS_DEG]
    best = int(np.argmin(misses))
    return ROLLS_DEG[best] if misses[best] < misses[0] - WORTH_ROLLING_MM else 0.0


def _miss_mm(box: _Box, angle_deg: float, ahead_mm: float) -> float:
    """How far beside the target a needle rolled by an angle would point after being pushed on, mm."""
    state = step(box.now.state, Roll(angle_deg=angle_deg)) if angle_deg else box.now.state
    try:
        needle = step(state, Advance(distance_mm=ahead_mm)).needle
    except ValueError:
        return float(np.inf)
    if needle is None:
        return float(np.inf)
    goal = find_case_target(box.now.state.case, box.now.aimed).point
    rest = goal - needle.tip
    aside = rest - (rest @ needle.direction) * needle.direction
    return float(np.linalg.norm(aside))
