"""A click on the skin in the room marks the place that was clicked, however the C-arm stands."""

from dataclasses import replace

import numpy as np
import pytest

from simulator.procedure.rules.stepping import step
from simulator.procedure.state.carm_state import turn_pose
from simulator.viewer.common.messages import RoomCamera, RoomClick
from simulator.viewer.engine.room_controller import RoomSide
from simulator.viewer.room.camera import Camera
from tests.laws import count
from tests.simulator.procedure.toy import SKIN_Y, WINDOW_Z, begin_toy

HIGH_MM = 500.0
DRAPED_MM = 3.0  # a decimated skin lies so near to the true one


def click_from_above(x: float, z: float) -> RoomClick:
    eye = Camera(
        position=np.array([x, SKIN_Y + HIGH_MM, z]), focus=np.array([x, SKIN_Y, z]), up=np.array([0.0, 0.0, 1.0]), view_angle_deg=40.0
    )
    return RoomClick(camera=RoomCamera.model_validate(eye.plain()), across=0.5, down=0.5, aspect=1.5)


def test_a_click_marks_the_place_that_was_clicked_in_any_view(rng: np.random.Generator) -> None:
    start, side, marked = begin_toy(), RoomSide(), 0
    side.begin(start, None)
    for _ in range(count(30, 500)):
        pose = turn_pose(start.room.pose, *(rng.uniform(-reach, reach) for reach in (100.0, 25.0, 12.0)))
        state = replace(start, room=replace(start.room, pose=pose))
        x, z = rng.uniform(-60, 60), WINDOW_Z + rng.uniform(-30, 30)
        action = side.mark_clicked(state, click_from_above(x, z))
        if action is not None:  # None where the C-arm stands between
            marked += 1
            assert step(state, action).room.mark == pytest.approx((x, SKIN_Y, z), abs=DRAPED_MM)
    assert marked
