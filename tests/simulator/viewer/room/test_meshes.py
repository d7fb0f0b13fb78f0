"""The room's meshes: sound, few enough, fitted to the patient, and without anatomy where the mode hides it."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.patient import build
from scenarios.loader import read
from simulator.geometry.targets import NeedleTarget
from simulator.observation.operating_room import drape_window, outermost, see_operating_room, see_skin
from simulator.observation.truth.anatomy import read_anatomy
from simulator.procedure.state.carm_state import Room
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.room.mesh_catalogue import RoomModel, build_room
from simulator.viewer.room.mesh_placement import INSIDE
from simulator.viewer.room.meshes.mesh import ColouredMesh, count_triangles, join, mirror, normals, remove_faces
from simulator.viewer.room.meshes.patient_outline import lie_of
from simulator.viewer.room.meshes.solids import ball, block, cushion, lathe, rod
from simulator.viewer.room.meshes.table import WINDOW_MM
from simulator.viewer.room.names import MESHES
from simulator.xray.physics.dose import Operator
from tests.simulator.procedure.toy import HALF_X, SKIN_Y, toy_case

MOST_TRIANGLES = 25_000
SKIN_MM = 1.0


def built(case: Case, room: Room | None = None, *, inside: bool = False, found: NeedleTarget | None = None) -> RoomModel:
    """The room of a case before anything is done."""
    state = ProcedureState(case=case, seed=1, room=room or Room())
    anatomy = read_anatomy(case) if inside else ()
    return build_room(see_operating_room(state), see_skin(case), anatomy=anatomy, found=found)


@pytest.fixture(scope="module")
def toy() -> RoomModel:
    return built(toy_case())


@pytest.fixture(scope="module")
def real() -> Case:
    return case_of(read("lumbar-interlaminar-l4-l5"))


def volume_mm3(mesh: ColouredMesh) -> float:
    a, b, c = (mesh.vertices[mesh.faces[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize(
    ("made", "wanted_mm3"),
    [
        (block((0, 0, 0), (10, 20, 30)), 6000.0),
        (ball((5, 5, 5), (10, 10, 10), sides=64), 4 / 3 * np.pi * 1000),
        (rod((0, 0, 0), (0, 0, 50), 4.0, sides=64), np.pi * 16 * 50),
        (rod((3, -2, 1), (40, 30, 20), 4.0, sides=64), np.pi * 16 * np.linalg.norm((37, 32, 19))),
        (lathe([(0, 0), (5, 0), (5, 20), (0, 20)], sides=64), np.pi * 25 * 20),
        (cushion((0, 0, 0), (100, 60, 80), 1e-6), 100 * 60 * 80),
    ],
)
def test_solids_enclose_their_volume_with_faces_outward(made: ColouredMesh, wanted_mm3: float) -> None:
    assert volume_mm3(made) == pytest.approx(wanted_mm3, rel=0.01)


def test_a_mirrored_solid_still_faces_outward() -> None:
    assert volume_mm3(mirror(block((1, 0, 0), (3, 2, 2)))) == pytest.approx(8.0)


def test_normals_of_a_ball_point_outward() -> None:
    made = ball((0, 0, 0), (10, 10, 10), sides=32)
    outward = made.vertices / 10
    assert (np.einsum("ij,ij->i", normals(made), outward) > 0.97).all()


def test_what_is_taken_away_leaves_no_loose_vertices() -> None:
    both = join(block((0, 0, 0), (1, 1, 1)), block((5, 0, 0), (6, 1, 1)))
    one = remove_faces(both, np.arange(len(both.faces)) >= 12)
    assert len(one.vertices) == 24
    assert one.vertices[:, 0].max() == 1.0


def test_every_mesh_is_known_to_the_page_and_sound(toy: RoomModel) -> None:
    assert set(toy.meshes) <= set(MESHES)
    for mesh in toy.meshes.values():
        assert np.isfinite(mesh.vertices).all()
        assert mesh.faces.min() >= 0
        assert mesh.faces.max() < len(mesh.vertices)
        assert np.isfinite(normals(mesh)).all()


def test_no_anatomy_is_made_where_it_may_not_be_shown(toy: RoomModel) -> None:
    assert not set(toy.meshes) & set(INSIDE)


def test_the_lie_of_a_box_is_the_box() -> None:
    lie = lie_of(outermost(toy_case().patient.surfaces()))
    assert lie.half == pytest.approx(np.full(len(lie.z), HALF_X))
    assert lie.profile == pytest.approx(np.full(lie.profile.shape, SKIN_Y))
    assert lie.height_mm(np.array([0.0, 119.0, 121.0]), -50.0).tolist() == [SKIN_Y, SKIN_Y, -np.inf]


def test_the_patient_lies_on_the_mattress_and_the_table_stands_on_the_floor(toy: RoomModel) -> None:
    table = toy.meshes["table"].vertices
    assert table[:, 1].min() == pytest.approx(toy.lie.floor_mm, abs=1.0)
    assert toy.lie.front.min() < toy.lie.bed_mm < toy.lie.front.min() + 40.0


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_tray_at_the_operators_side_and_monitors_across(side: float) -> None:
    made = built(toy_case(), Room(operator=Operator(side=side)))
    suite = made.meshes["suite"].vertices
    high = suite[suite[:, 1] > 400.0]
    assert (high[:, 0] * side < 0).all()
    assert (made.meshes["base"].vertices[:, 0] * side < 0).all()


def test_two_skins_are_refused() -> None:
    body, spine = toy_case().patient.surfaces()
    with pytest.raises(ValueError, match="one skin, a surface that lies in air; got 2"):
        outermost([body, replace(spine, parent=None)])


@pytest.mark.slow
def test_a_patients_room_is_light_enough_for_a_browser_without_a_gpu(real: Case) -> None:
    made = built(real, inside=True, found=find_case_target(real)).meshes
    assert set(INSIDE) <= set(made)
    assert count_triangles(list(made.values())) <= MOST_TRIANGLES
    assert count_triangles([mesh for name, mesh in made.items() if name not in INSIDE]) <= 17_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lumbar-interlaminar-l4-l5", "lumbar-interlaminar-l4-l5-bmi-40", "caudal"])
def test_the_skin_in_the_drapes_window_is_the_patients_and_the_drape_lies_over_it(name: str) -> None:
    case = case_of(read(name))
    made = built(case)
    skin, window = outermost(case.patient.surfaces()), np.array(drape_window(case))
    seen = within(made.meshes["skin"].vertices, window, WINDOW_MM)
    off_mm = case.patient.compartments.shape(seen)
    assert np.abs(off_mm).max() < SKIN_MM
    true = within(skin.vertices, window, (WINDOW_MM[0] + 60.0, WINDOW_MM[1] + 60.0))
    cloth = made.meshes["drape"].vertices
    on_top = cloth[(np.abs(cloth[:, 0]) < 120.0) & (np.abs(cloth[:, 2] - window[1]) < 150.0)]
    assert len(true) > 5
    assert (case.patient.compartments.shape(on_top) > 0).mean() > 0.97


def within(points: np.ndarray, middle: np.ndarray, half: tuple[float, float]) -> np.ndarray:
    near = (np.abs(points[:, 0] - middle[0]) < half[0]) & (np.abs(points[:, 2] - middle[1]) < half[1]) & (points[:, 1] > 0)
    return points[near]


@pytest.mark.slow
def test_the_same_patient_gives_the_same_room(real: Case) -> None:
    once, again = (
        built(case_of_same).meshes["skin"] for case_of_same in (real, Case(scenario=real.scenario, patient=build(real.patient.params)))
    )
    assert (once.vertices == again.vertices).all()
