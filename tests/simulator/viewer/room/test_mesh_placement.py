"""Where things stand: what is drawn is where the state says, whatever the pose."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scenarios.names.agents import Agent
from scenarios.names.enums import Attachment
from scenarios.names.needles import Bevel
from simulator.needle import NeedleKit, NeedleState, advance, place
from simulator.observation.operating_room import OperatingRoom, see_needle, see_operating_room
from simulator.procedure.state.carm_state import Pose, Room
from simulator.procedure.state.state import ProcedureState
from simulator.procedure.state.syringe import Tray
from simulator.viewer.room.euler_angles import orientation_deg, rotation, upright
from simulator.viewer.room.mesh_placement import (
    SHAFT_NAMES,
    Placement,
    beam_frame,
    carm_placements,
    needle_placements,
    room_placements,
    shaft_placements,
    simplify_shaft,
)
from simulator.viewer.room.meshes import carm as meshes_carm
from simulator.viewer.room.meshes.hands import HUB_MM, shaft
from simulator.viewer.room.names import MESHES, MOVING
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import Operator
from tests.simulator.procedure.toy import toy_case
from tests.simulator.viewer.room.medium import muscle

Floats = NDArray[np.float64]
FLOOR_MM = -1050.0
TIP_MM = 0.1


def pose_vertices(vertices: Floats, placed: Placement) -> Floats:
    """A mesh's vertices in the world, as the browser's renderer puts them: scaled, turned, shifted."""
    return vertices * np.array(placed.scale) @ rotation(placed.orientation).T + np.array(placed.position)


def random_pose(rng: np.random.Generator) -> Pose:
    return Pose(
        oblique_deg=float(rng.uniform(-180, 180)),
        tilt_deg=float(rng.uniform(-90, 90)),
        swivel_deg=float(rng.uniform(-90, 90)),
        isocentre=tuple(rng.uniform(-150, 150, 3)),
        field_mm=float(rng.choice([300.0, 200.0])),
    )


def push_needle(depth_mm: float, **kit: float) -> NeedleState:
    """A needle that went through one soft tissue."""
    held = place(NeedleKit(bevel=Bevel.QUINCKE, gauge=25, length_mm=127.0, **kit), (20.0, 80.0, -30.0), (-0.2, -1.0, 0.15))
    return advance(held, depth_mm, muscle).state if depth_mm else held


def room_with(held: NeedleState | None, tray: Tray, side: float = 1.0, *, beam_on: bool = False) -> OperatingRoom:
    """A room with a needle in it."""
    room = Room(operator=Operator(side=side), next_pulse_s=0.0 if beam_on else np.inf)
    return see_operating_room(ProcedureState(case=toy_case(), seed=1, needle=held, tray=tray, room=room))


@pytest.mark.parametrize("_", range(20))
def test_angles_in_vtk_order_give_the_rotation_back(rng: np.random.Generator, _: int) -> None:
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.linalg.det(turn)
    assert rotation(orientation_deg(turn)) == pytest.approx(turn, abs=1e-9)


def test_vtk_turns_about_y_first_then_x_then_z() -> None:
    about_y = rotation((0.0, 90.0, 0.0))
    assert about_y @ (1, 0, 0) == pytest.approx((0, 0, -1), abs=1e-12)
    assert rotation((90.0, 90.0, 0.0)) @ (1, 0, 0) == pytest.approx((0, 1, 0), abs=1e-12)
    assert rotation((90.0, 90.0, 90.0)) @ (1, 0, 0) == pytest.approx((-1, 0, 0), abs=1e-12)


@pytest.mark.parametrize("x_deg", [90.0, -90.0])
def test_a_locked_gimbal_is_still_the_same_rotation(x_deg: float) -> None:
    turn = rotation((x_deg, 35.0, 20.0))
    assert rotation(orientation_deg(turn)) == pytest.approx(turn, abs=1e-7)


@pytest.mark.parametrize("seed", range(25))
def test_the_drawn_beam_runs_from_the_source_to_the_detector(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pose = random_pose(rng)
    carm = pose.carm(2)
    mesh = meshes_carm.beam(carm, Collimator())
    drawn = pose_vertices(mesh.vertices, carm_placements(pose, floor_mm=FLOOR_MM, beam_on=True)["beam"])
    apex, field = drawn[0], drawn[-4:]
    assert apex == pytest.approx(carm.source, abs=1e-6)
    assert field.mean(axis=0) == pytest.approx(carm.detector, abs=1e-6)
    axis = (field.mean(axis=0) - apex) / pose.sid_mm
    assert axis == pytest.approx((carm.detector - carm.source) / pose.sid_mm, abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_beam_is_cut_by_the_leaves_on_the_side_where_the_image_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pose = random_pose(rng)
    carm, leaves = pose.carm(512), Collimator(left_mm=30.0, right_mm=70.0, top_mm=20.0, bottom_mm=55.0)
    origin, turn = beam_frame(carm)
    corners = meshes_carm.beam(carm, leaves).vertices[-4:] @ turn.T + origin
    across, down = (corners - carm.detector) @ carm.right, (corners - carm.detector) @ carm.down
    assert (across.min(), across.max()) == pytest.approx((-30.0, 70.0), abs=1e-6)
    assert (down.min(), down.max()) == pytest.approx((-20.0, 55.0), abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_beam_frame_and_joints_agree(seed: int) -> None:
    pose = random_pose(np.random.default_rng(seed))
    origin, turn = beam_frame(pose.carm(2))
    placed = carm_placements(pose, floor_mm=FLOOR_MM, beam_on=True)["beam"]
    assert origin == pytest.approx(placed.position, abs=1e-9)
    assert turn == pytest.approx(rotation(placed.orientation), abs=1e-9)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_the_detector_is_drawn_at_its_place_and_the_arc_closes_away_from_the_operator(side: float) -> None:
    pose = Pose(oblique_deg=25.0, tilt_deg=-10.0)
    carm = pose.carm(2)
    machine = meshes_carm.gantry(pose.sid_mm, pose.sod_mm, 300.0, side)
    drawn = pose_vertices(machine.vertices, carm_placements(pose, floor_mm=FLOOR_MM, beam_on=False)["carm"])
    beyond_mm = (drawn - carm.detector) @ carm.normal
    panel = (np.abs(beyond_mm) < 2.0) & (np.linalg.norm(drawn - carm.detector, axis=1) < 220.0)
    assert panel.sum() >= 4
    assert (machine.vertices[:, 0] * side).min() < -600.0
    assert (machine.vertices[:, 0] * side).max() < 300.0


@pytest.mark.parametrize("oblique_deg", [0.0, 45.0, -45.0, 90.0, -90.0])
def test_the_cart_stands_on_the_floor_and_its_column_meets_the_arm(oblique_deg: float) -> None:
    placed = carm_placements(Pose(oblique_deg=oblique_deg, tilt_deg=20.0, swivel_deg=10.0), floor_mm=FLOOR_MM, beam_on=False)
    assert placed["base"].position[1] == FLOOR_MM
    assert placed["column"].position == placed["holder"].position
    assert rotation(placed["base"].orientation) @ (0, 1, 0) == pytest.approx((0, 1, 0), abs=1e-9)


@pytest.mark.parametrize(("depth_mm", "bend"), [(0.0, {}), (12.0, {}), (60.0, {}), (95.0, {"bend_deg": 15.0, "bend_mm": 5.0}), (110.0, {})])
def test_the_drawn_tip_is_the_tip(depth_mm: float, bend: dict[str, float]) -> None:
    held = push_needle(depth_mm, **bend)
    placed = shaft_placements(see_needle(held), shaft=held.tube().axis)
    last = [placed[name] for name in SHAFT_NAMES if placed[name].visible][-1]
    ends = pose_vertices(shaft().vertices, last)
    tip = ends[np.isclose(shaft().vertices[:, 1], 1.0)].mean(axis=0)
    assert np.linalg.norm(tip - held.tip) < TIP_MM


@pytest.mark.parametrize(
    ("depth_mm", "bend"), [(60.0, {}), (95.0, {"bend_deg": 15.0, "bend_mm": 5.0}), (110.0, {"bend_deg": 25.0, "bend_mm": 8.0})]
)
def test_a_bent_shaft_is_drawn_within_a_millimetre(depth_mm: float, bend: dict[str, float]) -> None:
    held = push_needle(depth_mm, **bend)
    line = simplify_shaft(held.tube().axis)
    assert len(line) <= len(SHAFT_NAMES) + 1
    off_mm = [min(beside(point, a, b) for a, b in zip(line[:-1], line[1:], strict=True)) for point in held.tube().axis]
    assert max(off_mm) <= 1.0


def test_a_curved_course_is_no_straight_line() -> None:
    assert len(simplify_shaft(push_needle(110.0).tube().axis)) > 2


@pytest.mark.parametrize("depth_mm", [0.0, 40.0, 100.0])
def test_nothing_under_the_skin_is_told_where_the_mode_hides_it(depth_mm: float) -> None:
    held = push_needle(depth_mm)
    placed = shaft_placements(see_needle(held))
    shown = [placed[name] for name in SHAFT_NAMES if placed[name].visible]
    ends = pose_vertices(shaft().vertices, shown[0])
    end = ends[np.isclose(shaft().vertices[:, 1], 1.0)].mean(axis=0)
    assert len(shown) == 1
    assert end == pytest.approx(held.entry, abs=1e-6)


def test_hub_and_notch_turn_with_the_needle() -> None:
    held = push_needle(30.0)
    placed = needle_placements(room_with(held, Tray()))["hub"]
    turn = rotation(placed.orientation)
    assert np.array(placed.position) == pytest.approx(held.hub, abs=1e-9)
    assert turn[:, 1] == pytest.approx(-held.hub_direction, abs=1e-9)
    assert turn[:, 2] @ held.notch > 0.95


def test_the_plunger_stands_out_by_what_the_syringe_holds() -> None:
    held = push_needle(30.0)
    full, half = (
        needle_placements(room_with(held, Tray(stylet=False, attached=Attachment.LOR_SALINE, syringe_ml=((Agent.SALINE, ml),))))
        for ml in (5.0, 2.5)
    )
    moved = np.array(full["lor-plunger"].position) - np.array(half["lor-plunger"].position)
    assert moved @ -held.hub_direction == pytest.approx(2.5 * 3.4)
    assert full["lor"].visible
    assert not full["syringe"].visible


def test_no_hand_is_in_the_beam() -> None:
    held, bare = push_needle(30.0), Tray()
    away = needle_placements(room_with(held, bare, beam_on=True))
    at_hub = needle_placements(room_with(held, bare))
    assert not away["right-hand"].visible
    assert not away["left-hand"].visible
    assert at_hub["right-hand"].visible
    assert np.linalg.norm(np.array(at_hub["right-hand"].position) - held.hub) < HUB_MM


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_syringe_on_tubing_is_held_beside_the_beam_at_the_operators_side(side: float) -> None:
    held = push_needle(30.0)
    tray = Tray(stylet=False, attached=Attachment.SYRINGE, syringe_ml=((Agent.SALINE, 5.0),), tubing_ml=())
    placed = needle_placements(room_with(held, tray, side, beam_on=True))
    assert placed["right-hand"].visible
    assert placed["tubing"].visible
    assert side * (placed["right-hand"].position[0] - held.hub[0]) > 200.0


def test_everything_that_moves_has_a_place_and_a_mesh() -> None:
    placed = room_placements(replace(room_with(None, Tray()), draped=True), floor_mm=FLOOR_MM, inside=False)
    assert set(placed) == set(MOVING)
    assert set(MOVING) <= set(MESHES)
    assert not any(placed[name].visible for name in ("bones", "target", "hub", "right-hand", "beam"))


@pytest.mark.parametrize("seed", range(5))
def test_upright_keeps_its_promise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outward = rng.normal(size=3)
    outward /= np.linalg.norm(outward)
    turn = upright(outward, np.array([1.0, 0.0, 0.0]))
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(turn) == pytest.approx(1.0)
    assert turn[:, 1] == pytest.approx(outward)


def beside(point: Floats, a: Floats, b: Floats) -> float:
    share = np.clip((point - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
    return float(np.linalg.norm(point - a - share * (b - a)))
