"""What goes over the socket: meshes once, in arrays that vtk.js reads; afterwards only what moved, and not too often."""

import base64
import json

import numpy as np
import pytest

from simulator.observation.operating_room import see_operating_room, see_skin
from simulator.viewer.room import scene
from simulator.viewer.room.mesh_placement import room_placements
from simulator.viewer.room.meshes.solids import block
from simulator.viewer.room.vtkjs_export import to_vtkjs
from tests.simulator.procedure.toy import PLACED, begin_toy, do

pytest.importorskip("trame", reason="the page's libraries are not installed: pip install epifluoro[viewer]")
from simulator.viewer.room.names import MESHES, key  # noqa: E402
from simulator.viewer.room.view import NOTHING, click_of, load, update  # noqa: E402

BOX = {"left": 100.0, "top": 50.0, "width": 400.0, "height": 200.0}


class State(dict):
    """As much of trame's state as is used: before anything is loaded, one empty face is in the place of each mesh."""

    def __init__(self) -> None:
        super().__init__({key("mesh", name): NOTHING for name in MESHES})


def unpack(array: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(array["bvals"]), dtype=array["dtype"]).reshape(array["shape"])


def test_a_mesh_comes_out_as_it_went_in() -> None:
    mesh = block((0, 0, 0), (10, 20, 30), (10, 20, 30))
    said = json.loads(json.dumps(to_vtkjs(mesh)))
    assert unpack(said["mesh"]["points"]) == pytest.approx(mesh.vertices)
    cells = unpack(said["mesh"]["polys"])
    assert (cells[:, 0] == 3).all()
    assert (cells[:, 1:] == mesh.faces).all()
    assert (unpack(said["field"]["values"]) == (10, 20, 30)).all()
    assert np.linalg.norm(unpack(said["pointArrays"][0]["values"]), axis=1) == pytest.approx(np.ones(24), abs=1e-6)


def test_only_what_moved_is_sent_again() -> None:
    state = State() | {key("at", name): {} for name in MESHES}
    seen = see_operating_room(begin_toy())
    first = {name: placed.plain() for name, placed in room_placements(seen, floor_mm=-1000.0, inside=False).items()}
    assert update(state, first) == len(first)
    assert update(state, first) == 0
    moved = first | {"carm": first["carm"] | {"position": [1.0, 2.0, 3.0]}}
    assert update(state, moved) == 1
    assert state["room_at_carm"]["position"] == [1.0, 2.0, 3.0]


def test_a_push_of_the_needle_moves_needle_and_hands_only() -> None:
    before = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 20.0}})
    model, meshes = scene.build(see_operating_room(before), see_skin(before.case))
    state = State()
    load(state, meshes, see_through=False)
    update(state, {name: placed.plain() for name, placed in scene.place(see_operating_room(before), model).items()})
    kept = dict(state)
    pushed = do(before, {"advance": {"distance_mm": 1.0}})
    update(state, {name: placed.plain() for name, placed in scene.place(see_operating_room(pushed), model).items()})
    changed = {name for name in state if state[name] is not kept[name]}
    assert {key("at", name) for name in ("shaft-1", "hub", "right-hand")} <= changed
    assert all(name.startswith("room_at_") for name in changed)
    assert len(json.dumps([state[name] for name in changed])) < 2000


def test_meshes_that_another_case_lacks_are_emptied() -> None:
    state = State()
    load(state, {"skin": {"mesh": 1}, "bones": {"mesh": 2}}, see_through=True)
    assert state["room_inside"]
    load(state, {"skin": {"mesh": 3}}, see_through=False)
    assert state["room_mesh_bones"] == NOTHING
    assert state["room_at_bones"] == {"visibility": False}
    assert state["room_mesh_roots"] == NOTHING
    assert not state["room_inside"]
    assert state["room_at_skin"] == {"visibility": True}


def test_everything_of_the_scene_can_go_through_a_pipe_as_plain_values() -> None:
    state = do(begin_toy(), *PLACED)
    model, meshes = scene.build(see_operating_room(state), see_skin(state.case))
    said = [
        meshes,
        {name: placed.plain() for name, placed in scene.place(see_operating_room(state), model).items()},
        scene.views(see_operating_room(state), model),
        scene.beam_shape(see_operating_room(state)),
    ]
    assert json.loads(json.dumps(said))


def test_a_click_is_told_from_the_end_of_a_drag() -> None:
    assert click_of("300 100", (301.0, 100.0), BOX) == pytest.approx((201 / 400, 0.25, 2.0))
    assert click_of("300 100", (340.0, 100.0), BOX) is None
    assert click_of("None", (340.0, 100.0), BOX) is None
