from dataclasses import replace

import numpy as np
import pytest

from phantoms.bones.pelvis.coccyx import coccyx
from phantoms.bones.pelvis.sacral_axis import SacralAxis
from phantoms.bones.pelvis.sacral_bone import facet_axes
from phantoms.bones.pelvis.sacral_canal import foramina
from phantoms.bones.pelvis.sacrum import SacrumShape, sacrum
from phantoms.mesh.meshing import components, euler_number, mesh
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import SacrumParameters

DEFAULT = SacrumParameters()
VARIANTS = {
    "default": DEFAULT,
    "small": replace(DEFAULT, length_mm=98, width_mm=100, s1_width_mm=44, s1_depth_mm=30, s1_canal_width_mm=28, s1_canal_depth_mm=15),
    "large": replace(DEFAULT, length_mm=120, width_mm=120, s1_width_mm=56, s1_depth_mm=36, s1_canal_width_mm=34, s1_canal_depth_mm=19),
    "flat": replace(DEFAULT, kyphosis_deg=35),
    "curved": replace(DEFAULT, kyphosis_deg=90),
    "long hiatus": replace(DEFAULT, hiatus_length_mm=30, hiatus_depth_mm=7, intercornual_mm=16),
    "short hiatus": replace(DEFAULT, hiatus_length_mm=15, hiatus_depth_mm=4, intercornual_mm=10),
}
# The canal with its hiatus and sixteen foramina has 18 mouths, and lumen that joins m mouths makes m - 1 handles.
EULER_NUMBER = 2 - 2 * 17
PITCH_MM = 1.0
PROBE_MM = 0.05
SIZE_MM = 1.0  # smooth joins round edges by less than this


@pytest.fixture(scope="module", params=VARIANTS, ids=str)
def case(request: pytest.FixtureRequest) -> tuple[SacrumParameters, SacrumShape]:
    return VARIANTS[request.param], sacrum(VARIANTS[request.param])


@pytest.fixture(scope="module")
def bone() -> SacrumShape:
    return sacrum(DEFAULT)


def line(start: np.ndarray, end: np.ndarray, step_mm: float = PROBE_MM) -> np.ndarray:
    return start + np.linspace(0, 1, int(np.linalg.norm(end - start) / step_mm) + 2)[:, None] * (end - start)


def longest_run_mm(inside: np.ndarray, step_mm: float) -> float:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    return float((edges[1::2] - edges[::2]).max() * step_mm) if len(edges) else 0.0


def along_x(y: float, z: float, half_mm: float = 80.0) -> np.ndarray:
    return line(np.array([-half_mm, y, z]), np.array([half_mm, y, z]))


def test_axis_unrolls_what_it_bends(rng: np.random.Generator) -> None:
    axis = SacralAxis(lengths_mm=np.array([30.0, 25.0, 20.0]), turns=np.array([0.0, 0.6, 0.2]))
    straight = rng.uniform([-60, -20, -95], [60, 40, 20], (500, 3))
    np.testing.assert_allclose(axis.straighten(axis.bend(straight)), straight, atol=1e-6)  # the straight segment counts as a circle of 1 km


def test_axis_keeps_lengths_and_turns_by_the_kyphosis(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    assert np.rad2deg(shape.profile.axis.angles[-1]) == pytest.approx(params.kyphosis_deg)
    path = shape.profile.axis.bend(np.column_stack([np.zeros((2000, 2)), -np.linspace(0, shape.profile.length_mm, 2000)]))
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(shape.profile.length_mm, rel=1e-5)


def test_symmetric_to_the_last_bit(bone: SacrumShape, rng: np.random.Generator) -> None:
    points = rng.uniform(*bone.outer.bounds, (20000, 3))
    for shape in (bone.outer, bone.canal, bone.foramina, bone.superior_articular, coccyx(DEFAULT).outer):
        np.testing.assert_array_equal(shape(points), shape(points * [-1, 1, 1]))


@pytest.mark.parametrize("name", ["default", pytest.param("small", marks=pytest.mark.slow), pytest.param("large", marks=pytest.mark.slow)])
def test_one_piece_with_a_canal_and_sixteen_foramina(name: str) -> None:
    vertices, faces = mesh(sacrum(VARIANTS[name]).outer, PITCH_MM, max_error_mm=0)
    assert components(faces, len(vertices))[0] == 1
    assert euler_number(faces) == EULER_NUMBER


def test_bounds_hold_the_bone(case: tuple[SacrumParameters, SacrumShape]) -> None:
    _, shape = case
    low, high = shape.outer.bounds
    axes = [np.linspace(a - 4, b + 4, n) for a, b, n in zip(low, high, (60, 60, 80), strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = points[shape.outer(points) < 0]
    assert (inside >= low).all()
    assert (inside <= high).all()


def test_greatest_width_is_the_parameter(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    probes = [np.array([x, y, z]) for x in np.arange(40, 70, 0.25) for y in range(-15, 15, 3) for z in range(-40, -5, 3)]
    points = np.array(probes)
    assert 2 * points[shape.outer(points) < 0, 0].max() == pytest.approx(params.width_mm, abs=2.5)


def test_straight_ventral_length_is_the_parameter(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    front = -shape.profile.value(shape.profile.length_mm, "body_ventral")
    apex = shape.profile.axis.bend(np.array([[0.0, front, -shape.profile.length_mm]]))[0]
    assert abs(shape.outer(apex[None])[0]) < 2.0  # rounded lower edge
    assert np.linalg.norm(apex - shape.landmarks.promontory) == pytest.approx(params.length_mm, abs=0.1)


def test_endplate_is_as_wide_and_deep_as_asked(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    z = -1.0
    across = longest_run_mm(shape.outer(along_x(0.0, z, 35.0)) < 0, PROBE_MM)
    deep = longest_run_mm(shape.outer(line(np.array([0, -30.0, z]), np.array([0, 30.0, z]))) < 0, PROBE_MM)
    assert across == pytest.approx(params.s1_width_mm, abs=1.5)
    assert deep == pytest.approx(params.s1_depth_mm, abs=1.5)


def test_endplate_is_dished_within_a_millimetre(bone: SacrumShape) -> None:
    column = line(np.array([0, 0, 5.0]), np.array([0, 0, -5.0]), 0.01)
    top = column[np.argmax(bone.outer(column) < 0), 2]
    assert -1.5 < top < 0.0


def test_canal_at_s1_is_as_wide_and_deep_as_asked(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    floor = shape.profile.value(0.0, "body_dorsal")
    widths = [longest_run_mm(shape.canal(along_x(floor + up, 0.0)) < 0, PROBE_MM) for up in np.arange(0.5, 9, 0.5)]
    deep = longest_run_mm(shape.canal(line(np.array([0, 0.0, 0.0]), np.array([0, 60.0, 0.0]))) < 0, PROBE_MM)
    assert max(widths) == pytest.approx(params.s1_canal_width_mm, abs=SIZE_MM)
    assert deep == pytest.approx(params.s1_canal_depth_mm, abs=0.2)


def test_canal_runs_open_from_s1_to_the_hiatus(case: tuple[SacrumParameters, SacrumShape]) -> None:
    _, shape = case
    path = shape.landmarks.canal
    dense = np.concatenate([line(a, b, 0.5) for a, b in zip(path[:-1], path[1:], strict=True)])
    assert shape.outer(dense).min() > 0.5
    assert shape.canal(dense).max() < 0


def test_hiatus_is_open_below_its_apex_and_roofed_above(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    axis, apex = shape.profile.axis, shape.profile.apex_mm
    for arc, open_there in ((apex - 3.0, False), (apex + 0.6 * params.hiatus_length_mm, True)):
        floor, depth = shape.profile.value(arc, "body_dorsal"), shape.profile.value(arc, "canal_depth")
        out = axis.bend(
            np.column_stack([np.zeros((60, 1)), np.linspace(floor + depth / 2, floor + depth + 14, 60), np.full((60, 1), -arc)])
        )
        assert bool(shape.outer(out).min() > 0) is open_there


def test_hiatus_has_its_length_depth_and_cornua(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    marks = shape.landmarks
    assert np.linalg.norm(marks.hiatus_apex - marks.hiatus_floor) == pytest.approx(params.hiatus_depth_mm, abs=0.1)
    assert shape.profile.length_mm - shape.profile.apex_mm == pytest.approx(params.hiatus_length_mm)
    assert marks.cornu[Side.LEFT][0] - marks.cornu[Side.RIGHT][0] == pytest.approx(params.intercornual_mm)
    assert all(shape.outer(point[None])[0] < 0 for point in marks.cornu.values())
    assert abs(shape.outer(marks.hiatus_apex[None])[0]) < 1.0


@pytest.mark.parametrize("level", [Level.S1, Level.S2, Level.S3, Level.S4])
def test_foramina_lead_from_the_canal_out_to_both_sides(case: tuple[SacrumParameters, SacrumShape], level: Level) -> None:
    _, shape = case
    hole = foramina(shape.profile)[level]
    way_out = hole.dorsal + 8 * (hole.dorsal - hole.hub) / np.linalg.norm(hole.dorsal - hole.hub)
    for way in ((hole.canal, hole.hub), (hole.hub, way_out), (hole.hub, hole.ventral - [0.0, 8.0, 0.0])):
        path = shape.profile.axis.bend(line(*way, 0.25))
        assert shape.outer(path).min() > 1.0
    assert shape.canal(shape.profile.axis.bend(hole.canal))[0] < 0


def test_dorsal_s1_foramen_is_10_to_12_mm_across(bone: SacrumShape) -> None:
    hole = foramina(bone.profile)[Level.S1]
    middle = hole.dorsal - 2.0 * (hole.dorsal - hole.hub) / np.linalg.norm(hole.dorsal - hole.hub)
    across = bone.profile.axis.bend(line(middle - [12.0, 0, 0], middle + [12.0, 0, 0]))
    assert 10.0 <= longest_run_mm(bone.outer(across) > 0, PROBE_MM) <= 12.5


def bone_along_mm(shape: SacrumShape, point: np.ndarray, tilt_deg: float) -> float:
    """Bone on the ray through a point, for a cephalad tilt of the beam on a patient whose endplate slopes as asked."""
    angle = np.deg2rad(DEFAULT.slope_deg - tilt_deg)
    beam = np.array([0.0, np.cos(angle), -np.sin(angle)])
    ray = point + np.linspace(-90, 90, 1801)[:, None] * beam
    return float((shape.outer(ray) < 0).sum() * 0.1)


@pytest.mark.parametrize("tilt_deg", [5.0, 10.0, 15.0])  # where it is published (FACTS.md 3.1)
def test_dorsal_s1_foramen_is_a_lucency_in_the_s1_view(bone: SacrumShape, tilt_deg: float) -> None:
    hole = bone.landmarks.dorsal_foramen[Level.S1, Side.LEFT]
    around = [
        bone_along_mm(bone, hole + 10.5 * np.array([np.cos(t), 0, np.sin(t)]), tilt_deg)
        for t in np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ]
    assert bone_along_mm(bone, hole, tilt_deg) < 0.5 * np.median(around)


def test_s1_facets_face_dorsally_and_medially(bone: SacrumShape) -> None:
    normal_in = facet_axes()[:, 0]
    ray = np.array([24.5, 31.5, 3.0]) + np.linspace(-6, 6, 400)[:, None] * normal_in
    face = ray[np.argmax(bone.superior_articular(ray) < 0)]
    steps = 0.2 * np.eye(3)
    slope = bone.superior_articular(face + steps) - bone.superior_articular(face - steps)
    normal = slope / np.linalg.norm(slope)
    assert normal[1] > 0 > normal[0]
    assert np.rad2deg(np.arctan2(normal[1], -normal[0])) == pytest.approx(51.0, abs=4.0)
    assert 20 < face[0] < 26
    assert 29 < face[1] < 36


def test_landmarks_lie_where_they_are_named(case: tuple[SacrumParameters, SacrumShape]) -> None:
    _, shape = case
    marks = shape.landmarks
    assert abs(shape.outer(marks.promontory[None])[0]) < 1.5
    assert abs(shape.outer(marks.coccyx_tip[None])[0]) > 10.0
    assert shape.canal(marks.dural_sac_end[None])[0] < -2.0
    for point in (*marks.dorsal_foramen.values(), *marks.ventral_foramen.values()):
        assert shape.foramina(point[None])[0] < 0
        assert shape.outer(point[None])[0] > 0
    levels = [marks.dorsal_foramen[level, Side.LEFT] for level in (Level.S1, Level.S2, Level.S3, Level.S4)]
    assert (np.diff([point[0] for point in levels]) < 0).all()  # the rows converge caudad
    assert (np.diff([point[2] for point in levels]) < 0).all()
    assert marks.s2_s3.normal @ shape.profile.axis.direction(0.0) > 0.8


def test_cortex_is_half_to_two_and_a_half_millimetres(bone: SacrumShape, rng: np.random.Generator) -> None:
    cortex = bone.cortex_mm(rng.uniform(*bone.outer.bounds, (5000, 3)))
    assert cortex.min() >= 0.5
    assert cortex.max() <= 2.5


def test_coccyx_hangs_below_the_apex_without_touching(case: tuple[SacrumParameters, SacrumShape]) -> None:
    params, shape = case
    tail = coccyx(params)
    vertices, faces = mesh(tail.outer, 0.8, max_error_mm=0)
    assert euler_number(faces) == 2
    assert 0.8 < shape.outer(vertices).min() < 6.0
    assert (tail.tip - shape.landmarks.hiatus_apex) @ shape.profile.axis.direction(shape.profile.length_mm) < -35.0
    assert abs(tail.outer(tail.tip[None])[0]) < 0.3


@pytest.mark.parametrize(
    "extreme",
    [
        {"length_mm": 70.0, "hiatus_length_mm": 50.0},
        {"hiatus_depth_mm": 0.5, "intercornual_mm": 4.0},
        {"kyphosis_deg": 110.0, "length_mm": 80.0},
        {"width_mm": 150.0, "s1_width_mm": 75.0},
    ],
)
def test_the_ends_of_the_ranges_still_make_a_bone(extreme: dict[str, float]) -> None:
    shape = sacrum(replace(DEFAULT, **extreme))
    points = np.random.default_rng(0).uniform(*shape.outer.bounds, (5000, 3))
    values = shape.outer(points)
    assert np.isfinite(values).all()
    assert (values < 0).any()
