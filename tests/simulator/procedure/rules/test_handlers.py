"""One table from an action's class to its handler, one to its time, and one check of its values."""

import inspect
from typing import Any, get_type_hints

import pytest

from simulator.procedure.actions import actions
from simulator.procedure.actions.action_codec import check_action, parse_action
from simulator.procedure.attempt.attempt import act, start
from simulator.procedure.rules import stepping
from simulator.procedure.rules.clock import DURATION_S, SIZE_S
from simulator.procedure.rules.handlers import HANDLERS
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import begin_toy, do, toy_case

BASES = (actions.Action, actions.Movement)
CLASSES: set[type[actions.Action]] = {
    kind
    for kind in vars(actions).values()
    if inspect.isclass(kind) and issubclass(kind, actions.Action) and kind.__module__ == actions.__name__ and kind not in BASES
}


def test_every_action_class_has_one_handler_and_one_duration_and_no_other_has() -> None:
    assert set(HANDLERS) == set(DURATION_S) == set(actions.ACTIONS.values()) == CLASSES
    assert set(SIZE_S) <= CLASSES
    assert all(seconds >= 0 for seconds in DURATION_S.values())


def test_no_handler_serves_two_classes() -> None:
    rules = [inspect.unwrap(handler) for handler in HANDLERS.values()]
    assert len(set(rules)) == len(rules)


@pytest.mark.parametrize("kind", sorted(CLASSES, key=lambda kind: kind.word), ids=lambda kind: kind.word)
def test_a_handler_takes_the_class_under_which_it_stands(kind: type[actions.Action]) -> None:
    rule = inspect.unwrap(HANDLERS[kind])
    hints, (_, *values) = get_type_hints(rule), inspect.signature(rule).parameters
    assert hints["return"] is ProcedureState
    assert [hints[name] for name in values] in ([kind], [])


def test_a_step_calls_the_handler_of_its_class_once_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[type] = []

    def watched(kind: type[actions.Action]) -> Any:
        def handle(state: ProcedureState, given: actions.Action) -> ProcedureState:
            called.append(kind)
            return HANDLERS[kind](state, given)

        return handle

    monkeypatch.setattr(stepping, "HANDLERS", {kind: watched(kind) for kind in HANDLERS})
    do(begin_toy(), {"wait": {"duration_s": 1.0}}, "monitor", {"move-carm": {"tilt_deg": 5.0}})
    assert called == [actions.Wait, actions.MonitorVitals, actions.MoveCArm]


def test_the_values_of_an_action_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[actions.Action] = []

    def watched(given: actions.Action) -> actions.Action:
        seen.append(given)
        return check_action(given)

    monkeypatch.setattr(stepping, "check_action", watched)
    attempt = act(start(toy_case(), 1), actions.Wait(duration_s=2))
    assert len(seen) == 1
    assert repr(attempt.state.done[-1].action) == "Wait(duration_s=2.0)"  # what is recorded is what was checked
    with pytest.raises(ValueError, match=r"wait\.duration_s: expected a finite number, got nan"):
        act(attempt, actions.Wait(duration_s=float("nan")))
    assert len(seen) == 2


def test_an_action_of_no_known_class_is_refused_at_the_door() -> None:
    class Dance(actions.Wait):
        pass

    with pytest.raises(ValueError, match="expected an action such as"):
        stepping.step(begin_toy(), Dance(duration_s=1.0))
    assert parse_action("monitor") == actions.MonitorVitals()
