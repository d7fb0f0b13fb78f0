"""What is held down stays within the limits that a step sets."""

from dataclasses import replace
from itertools import product

import pytest

from simulator.procedure.rules.fluoroscopy_controls import carm_range_deg, clamp_angle_deg
from simulator.procedure.rules.injecting import RATES_ML_S
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.carm_state import ANGLES
from simulator.viewer.common.messages import HAND_REQUESTS, HoldRequest
from simulator.viewer.common.wire import Refusal, read
from simulator.viewer.engine.held_controls import Held, drive
from tests.simulator.procedure.toy import begin_toy

BEYOND_DEG = 1e-3  # as finely as a held drive is rounded


@pytest.mark.parametrize(("name", "end"), [*product(ANGLES, (0, 1))])
def test_a_held_drive_ends_where_the_c_arm_does(name: str, end: int) -> None:
    state = begin_toy()
    low, high = limits = carm_range_deg(state, name)
    axes = tuple((-1.0, 1.0)[end] if other == name else 0.0 for other in ANGLES)
    (turn,) = drive(state, Held(carm=(axes[0], axes[1], axes[2])), 1e3)
    assert getattr(turn, name) == clamp_angle_deg(state, name, (-1e6, 1e6)[end]) == limits[end]
    beyond = replace(turn, **{name: limits[end] + (-BEYOND_DEG, BEYOND_DEG)[end]})
    with pytest.raises(ValueError, match=rf"move-carm\.{name}: this C-arm reaches {low:g} to {high:g} degrees"):
        step(state, beyond)


def test_a_held_plunger_is_no_faster_than_an_injection_may_be() -> None:
    fastest = RATES_ML_S[1]
    held = read({"hold": {"plunger_ml_s": fastest}}, HAND_REQUESTS)
    assert isinstance(held, HoldRequest)
    assert held.hands.plunger_ml_s == fastest
    with pytest.raises(Refusal, match=rf"plunger_ml_s.* {fastest:g}"):
        read({"hold": {"plunger_ml_s": fastest + 1e-9}}, HAND_REQUESTS)
