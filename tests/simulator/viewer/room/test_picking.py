"""A click in the room: the ray through it, and what it meets first."""

import numpy as np
import pytest

from simulator.viewer.common.messages import REQUESTS, ClickRequest
from simulator.viewer.common.wire import Refusal, read
from simulator.viewer.room.camera_presets import PRESETS, make_cameras
from simulator.viewer.room.mesh_placement import Placement
from simulator.viewer.room.meshes.mesh import ColouredMesh
from simulator.viewer.room.meshes.solids import ball, block
from simulator.viewer.room.picking import Camera, camera_of, find_first_hit, ray

ABOVE = Camera(position=np.array([0.0, 1000.0, 0.0]), focus=np.zeros(3), up=np.array([0.0, 0.0, 1.0]), view_angle_deg=40.0)


def skin() -> dict[str, ColouredMesh]:
    return {"skin": block((-200, -100, -300), (200, 80, 300))}


def test_the_middle_of_the_picture_is_where_the_camera_looks() -> None:
    assert ray(ABOVE, 0.5, 0.5, 1.6) == pytest.approx((0, -1, 0))


def test_the_top_of_the_picture_is_up_and_its_right_is_right() -> None:
    half = np.tan(np.deg2rad(20))
    top, right = ray(ABOVE, 0.5, 0.0, 1.5), ray(ABOVE, 1.0, 0.5, 1.5)
    assert top / -top[1] == pytest.approx((0, -1, half))
    assert right / -right[1] == pytest.approx((-1.5 * half, -1, 0))  # from above with the head up, the patient's left is at the left


@pytest.mark.parametrize("seed", range(10))
def test_a_click_on_a_point_of_the_skin_gives_that_point(seed: int) -> None:
    rng = np.random.default_rng(seed)
    point = np.array([rng.uniform(-150, 150), 80.0, rng.uniform(-250, 250)])
    camera = Camera(position=np.array([400.0, 700.0, -600.0]), focus=np.array([0.0, 50.0, 0.0]), up=np.array([0.0, 1.0, 0.0]))
    met = find_first_hit(camera.position, ray(camera, *place_of(camera, point, 1.4), 1.4), skin(), {})
    assert met is not None
    assert met[0] == "skin"
    assert met[1] == pytest.approx(point, abs=1e-6)


def test_what_stands_before_the_skin_is_met_first_unless_hidden_or_clear() -> None:
    room = skin() | {"carm": ball((0, 0, 0), (60, 60, 60)), "beam": ball((0, 0, 0), (300, 300, 300))}
    above = {"carm": Placement(position=(0.0, 400.0, 0.0)), "beam": Placement(position=(0.0, 400.0, 0.0))}
    hidden = above | {"carm": Placement(visible=False)}
    towards = np.array([0.0, -1.0, 0.0])
    assert [(find_first_hit(ABOVE.position, towards, room, at) or ("", 0))[0] for at in (above, hidden)] == ["carm", "skin"]


def test_a_turned_and_stretched_mesh_is_met_where_it_stands() -> None:
    unit = {"shaft-1": block((-1, 0, -1), (1, 1, 1))}
    lying = {"shaft-1": Placement(position=(0.0, 100.0, 0.0), orientation=(0.0, 0.0, -90.0), scale=(2.0, 80.0, 2.0))}
    down = np.array([0.0, -1.0, 0.0])
    met = find_first_hit(np.array([60.0, 500.0, 0.5]), down, unit, lying)
    assert met is not None
    assert met[1] == pytest.approx((60.0, 102.0, 0.5))
    assert find_first_hit(np.array([-20.0, 500.0, 0.5]), down, unit, lying) is None


def test_a_ray_past_everything_meets_nothing() -> None:
    assert find_first_hit(ABOVE.position, np.array([0.0, 1.0, 0.0]), skin(), {}) is None


def test_a_browsers_camera_is_read_and_a_wrong_one_refused() -> None:
    place = {"across": 0.5, "down": 0.5, "aspect": 1.6}
    message = read({"click": {"camera": ABOVE.plain(), **place}}, REQUESTS)
    assert isinstance(message, ClickRequest)
    assert camera_of(message.click.camera).position == pytest.approx(ABOVE.position)
    with pytest.raises(Refusal, match="click.camera.focalPoint: is missing"):
        read({"click": {"camera": {"position": [0, 0, 0]}, **place}}, REQUESTS)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_cameras_stand_at_the_operators_side_and_look_down(side: float) -> None:
    found = make_cameras(np.zeros(3), np.array([10.0, 90.0, -60.0]), side)
    assert set(found) == set(PRESETS)
    assert found["operator"].position[0] * side > 400.0
    assert all(camera.position[1] > camera.focus[1] for camera in found.values())
    assert found["needle"].focus == pytest.approx((10.0, 112.0, -60.0))


def place_of(camera: Camera, point: np.ndarray, aspect: float) -> tuple[float, float]:
    """Where a point appears on the picture: the ray undone."""
    ahead = (camera.focus - camera.position) / np.linalg.norm(camera.focus - camera.position)
    right = np.cross(ahead, camera.up) / np.linalg.norm(np.cross(ahead, camera.up))
    relative, reach = point - camera.position, np.tan(np.deg2rad(camera.view_angle_deg) / 2)
    across, up = (relative @ axis / (relative @ ahead) / reach for axis in (right, np.cross(right, ahead)))
    return float((across / aspect + 1) / 2), float((1 - up) / 2)
