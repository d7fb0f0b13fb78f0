"""Every drive, key and stick goes where its words say: a landmark's pixels are followed through the geometry that the frame uses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scenarios.names.enums import Posture
from simulator.geometry.carm import project_points
from simulator.geometry.views import NOMINAL
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.rules.fluoroscopy_controls import carm_range_deg
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.carm_state import ANGLES, Pose
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.drives import DRIVES, ORBITAL, PAD, SWIVEL, TABLE, TILT, Drive
from simulator.viewer.engine.guidance import project_to_monitor
from simulator.viewer.engine.held_controls import Held, drive
from simulator.viewer.page.script import name_messages
from simulator.viewer.text.strings import text
from simulator.xray.image.display import Display
from simulator.xray.physics.technique import FIELDS_MM
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy

Vector = NDArray[np.float64]

SIZE = 512
HELD_S = 0.5
PIXEL = 0.05  # positions of the table are rounded to a thousandth of a mm
NEAR_MM = 60.0  # of a landmark on the detector's side of the isocentre
STANDARD = {"ap": (0.0, 0.0, 0.0), "lateral-left": (90.0, 0.0, 0.0), "lateral-right": (-90.0, 0.0, 0.0)}
SHIFTS = {
    "table-left": {"ap": (1, 0), "lateral-left": (0, 0), "lateral-right": (0, 0)},
    "table-right": {"ap": (-1, 0), "lateral-left": (0, 0), "lateral-right": (0, 0)},
    "table-cranial": {"ap": (0, 1), "lateral-left": (0, 1), "lateral-right": (0, 1)},
    "table-caudal": {"ap": (0, -1), "lateral-left": (0, -1), "lateral-right": (0, -1)},
    "table-up": {"ap": (0, 0), "lateral-left": (-1, 0), "lateral-right": (1, 0)},
    "table-down": {"ap": (0, 0), "lateral-left": (1, 0), "lateral-right": (-1, 0)},
}
"""Which way, right and down, the picture goes: the patient's left is on the left in AP, the back on the right in a left lateral."""
NAMES = {"left": 0, "right": 0, "cranially": 2, "caudally": 2, "dorsally": 1, "ventrally": 1}


def stand(*angles: float, isocentre: tuple[float, ...] = (0.0, 0.0, 0.0), field_mm: float = 300.0) -> ProcedureState:
    """An attempt whose C-arm stands so; nothing is in its way."""
    state = begin_toy()
    x, y, z = isocentre
    pose = replace(state.room.pose, **dict(zip(ANGLES, angles, strict=True)), isocentre=(x, y, z), field_mm=field_mm)
    away = replace(state.chart, posture=Posture.SUPINE)  # who does not lie prone is not in the C-arm's way
    return replace(state, room=replace(state.room, pose=pose), chart=away)


def press(state: ProcedureState, hands: Mapping[str, Any], seconds: float = HELD_S) -> ProcedureState:
    """The state after hands have held something."""
    for action in drive(state, Held(**{part: tuple(speeds) for part, speeds in hands.items()}), seconds):
        state = step(state, action)
    return state


def pixel_of(pose: Pose, point: Vector) -> Vector:
    return project_points(pose.carm(SIZE), point[None])[0][0]


def stand_anywhere(state_rng: np.random.Generator) -> ProcedureState:
    """A random pose from which every drive can still move."""
    state = begin_toy()
    spans = [carm_range_deg(state, name) for name in ANGLES]
    angles = [state_rng.uniform(max(low, -84.0) + 7, min(high, 84.0) - 7) for low, high in spans]
    isocentre = tuple(float(value) for value in state_rng.uniform(-100.0, 100.0, 3))
    return stand(*angles, isocentre=isocentre, field_mm=float(state_rng.choice(FIELDS_MM)))


@pytest.mark.parametrize("view", STANDARD)
@pytest.mark.parametrize("control", TABLE, ids=lambda control: control.name)
def test_the_table_shifts_the_picture_as_in_life(control: Drive, view: str) -> None:
    state = stand(*STANDARD[view])
    before, after = state.room.pose, press(state, control.hands).room.pose
    landmark = np.array(before.isocentre)
    shift = pixel_of(after, landmark) - pixel_of(before, landmark)
    assert tuple(int(np.sign(np.round(value, 6))) for value in shift) == SHIFTS[control.name][view]


@pytest.mark.laws
def test_what_lay_that_way_is_in_the_middle_afterwards_in_any_view(rng: np.random.Generator) -> None:
    for _ in range(count(30, 3000)):
        state = stand_anywhere(rng)
        for control in TABLE:
            before, after = state.room.pose, press(state, control.hands).room.pose
            moved = np.array(after.isocentre) - before.isocentre
            landmark = np.array(before.isocentre) + np.linalg.norm(moved) * np.array(control.towards)
            assert np.linalg.norm(moved) > 1.0
            assert pixel_of(after, landmark) == pytest.approx([(SIZE - 1) / 2] * 2, abs=PIXEL)
            shift = pixel_of(after, np.array(before.isocentre)) - (SIZE - 1) / 2
            carm = before.carm(SIZE)
            towards = np.array([carm.right @ control.towards, carm.down @ control.towards])
            assert shift @ towards <= 1e-9  # the picture goes the other way


@pytest.mark.laws
def test_the_detector_goes_where_the_drive_says_and_what_is_near_it_the_other_way(rng: np.random.Generator) -> None:
    for number in range(count(30, 3000)):
        state = stand(0.0, 0.0, 0.0) if number == 0 else stand_anywhere(rng)
        for control in (*ORBITAL, *TILT):
            before, after = (pose.carm(SIZE) for pose in (state.room.pose, press(state, control.hands, 0.05).room.pose))
            moved = after.detector - before.detector
            assert moved @ control.towards >= -1e-9
            landmark = np.array(state.room.pose.isocentre) + NEAR_MM * before.normal
            shift = project_points(after, landmark[None])[0][0] - project_points(before, landmark[None])[0][0]
            way = np.array([before.right @ moved, before.down @ moved])
            assert shift @ way < 0 or np.linalg.norm(way) < 0.1  # a tilt turns a lateral picture about its middle


@pytest.mark.parametrize(("control", "shift"), [*zip((*ORBITAL, *TILT), ((1, 0), (-1, 0), (0, -1), (0, 1)), strict=True)])
def test_in_ap_a_spinous_process_goes_against_the_detector(control: Drive, shift: tuple[int, int]) -> None:
    state, spinous = stand(0.0, 0.0, 0.0), np.array([0.0, NEAR_MM, 0.0])
    moved = pixel_of(press(state, control.hands).room.pose, spinous) - pixel_of(state.room.pose, spinous)
    assert tuple(int(np.sign(np.round(value, 6))) for value in moved) == shift


@pytest.mark.parametrize("oblique_deg", [90.0, -90.0, 60.0, -60.0])
@pytest.mark.parametrize("control", SWIVEL, ids=lambda control: control.name)
def test_a_swivel_lifts_or_lowers_the_end_at_the_patients_left(control: Drive, oblique_deg: float) -> None:
    state = stand(oblique_deg, 0.0, 0.0)
    before, after = (pose.carm(SIZE) for pose in (state.room.pose, press(state, control.hands).room.pose))
    end = "detector" if oblique_deg > 0 else "source"
    assert (getattr(after, end) - getattr(before, end)) @ control.towards > 1.0


@pytest.mark.parametrize("view", NOMINAL)
def test_a_preset_brings_the_detector_to_the_side_it_names(view: str) -> None:
    angles = NOMINAL[view]
    plain = {name: getattr(angles, name) for name in ANGLES}
    carm = step(begin_toy(), parse_action({"move-carm": plain})).room.pose.carm(SIZE)
    x, y, _ = carm.normal
    wanted = {"ap": 0, "oblique-left": 1, "oblique-right": -1, "clo-left": -1, "clo-right": 1, "lateral-left": 1, "lateral-right": -1}
    side = wanted.get(str(view), 1 if str(view) == "sacrum-lateral" else 0)
    assert np.sign(round(x, 6)) == side
    assert (abs(x) > 0.99) == ("lateral" in str(view))
    assert y > -1e-9


def test_a_smaller_field_draws_everything_larger() -> None:
    landmark = np.array([20.0, 10.0, -30.0])
    for view in STANDARD.values():
        state = stand(*view)
        before = pixel_of(state.room.pose, landmark) - (SIZE - 1) / 2
        for field_mm in FIELDS_MM:
            after = step(state, parse_action({"magnify": {"field_mm": field_mm}})).room.pose
            assert pixel_of(after, landmark) - (SIZE - 1) / 2 == pytest.approx(before * 300.0 / field_mm, abs=0.01)


@pytest.mark.laws
def test_mirror_and_turns_of_the_monitor_change_no_drive(rng: np.random.Generator) -> None:
    """Where a picture is mirrored or turned, the place that a drive names still comes to the middle: drives name the patient."""
    for _ in range(count(20, 500)):
        state = stand_anywhere(rng)
        display = Display(flip_columns=bool(rng.integers(2)), flip_rows=bool(rng.integers(2)), quarter_turns=int(rng.integers(4)))
        for control in TABLE:
            after = press(state, control.hands).room.pose
            way = np.linalg.norm(np.array(after.isocentre) - state.room.pose.isocentre)
            landmark = np.array(state.room.pose.isocentre) + way * np.array(control.towards)
            assert project_to_monitor(after.carm(SIZE), landmark, display) == pytest.approx((50.0, 50.0), abs=0.01)


@pytest.mark.parametrize("control", TABLE, ids=lambda control: control.name)
def test_the_words_name_the_direction(control: Drive) -> None:
    words = text(f"carm.{control.name.replace('-', '_')}").rstrip(".").replace(",", "").split()
    named = next(word for word in reversed(words) if word in NAMES)
    sign = -1 if named in ("right", "caudally", "ventrally") else 1
    named_axis = NAMES[named]
    assert control.towards == tuple(sign if axis == named_axis else 0.0 for axis in range(3))


def test_keys_and_sticks_hold_what_the_buttons_hold() -> None:
    """A stick to the left or forward reads below 0: it holds what the arrow key of that way holds."""
    by_key = {control.key: control for control in DRIVES if control.key}
    sticks = {"ArrowLeft": (0, -1.0), "ArrowRight": (0, 1.0), "ArrowUp": (1, -1.0), "ArrowDown": (1, 1.0)}
    tables = {f"Shift+{key}": (axis + 2, way) for key, (axis, way) in sticks.items()}
    for key, (axis, way) in (sticks | tables).items():
        control = by_key[key]
        held = [one[1] * way if one is not None and one[0] == axis else 0.0 for one in PAD[control.part]]
        assert tuple(held) == control.speeds
    script = name_messages()
    assert all(f'"{key}": {{"{control.part}": ' in script for key, control in by_key.items())


def test_arrows_are_those_of_an_ap_picture() -> None:
    carm = stand(0.0, 0.0, 0.0).room.pose.carm(SIZE)
    ways = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}
    arrows = {"\u25c0": "Left", "\u25b6": "Right", "\u25b2": "Up", "\u25bc": "Down"}
    for control in DRIVES:
        word = control.key.partition("Arrow")[2] or arrows.get(control.sign, "")
        if word:
            shown = (float(carm.right @ control.towards), float(carm.down @ control.towards))
            assert shown == ways[word] == ways[arrows[control.sign]]
