from dataclasses import replace

import numpy as np
import pytest

from phantoms.bones.pelvis.innominate_bones import PelvisShape, pelvis
from phantoms.bones.pelvis.sacrum import sacrum
from phantoms.mesh.meshing import components, euler_number, mesh
from phantoms.terms.levels import Side
from phantoms.terms.parameters import SacrumParameters, Sex

DEFAULT = SacrumParameters()
SLOPES = (20.0, 34.0, 50.0)
PITCH_MM = 1.5
GAP_MM = (2.0, 3.2)  # sacroiliac joint 2.5 mm; implicit distances are not exact


def upright(shape: PelvisShape, point: np.ndarray) -> np.ndarray:
    return point @ shape.local_from_upright[:3, :3]


@pytest.fixture(scope="module", params=list(Sex))
def both(request: pytest.FixtureRequest) -> PelvisShape:
    return pelvis(DEFAULT, request.param)


def test_sides_mirror_each_other(both: PelvisShape, rng: np.random.Generator) -> None:
    points = rng.uniform(*both.sides[Side.LEFT].bounds, (5000, 3))
    np.testing.assert_array_equal(both.sides[Side.LEFT](points), both.sides[Side.RIGHT](points * [-1, 1, 1]))
    assert both.sides[Side.RIGHT].bounds[0, 0] == -both.sides[Side.LEFT].bounds[1, 0]


def test_one_piece_with_an_obturator_foramen(both: PelvisShape) -> None:
    vertices, faces = mesh(both.sides[Side.LEFT], PITCH_MM, max_error_mm=0)
    assert components(faces, len(vertices))[0] == 1
    assert euler_number(faces) == 0


@pytest.mark.parametrize("slope_deg", SLOPES)
@pytest.mark.parametrize("sex", list(Sex))
def test_sacroiliac_joint_is_a_gap_everywhere(slope_deg: float, sex: Sex) -> None:
    params = replace(DEFAULT, slope_deg=slope_deg)
    vertices, _ = mesh(pelvis(params, sex).sides[Side.LEFT], 2.0, max_error_mm=0)
    assert GAP_MM[0] < sacrum(params).outer(vertices).min() < GAP_MM[1]


@pytest.mark.parametrize("slope_deg", SLOPES)
def test_sacroiliac_joint_is_as_large_as_an_auricular_surface(slope_deg: float) -> None:
    params = replace(DEFAULT, slope_deg=slope_deg)
    vertices, faces = mesh(pelvis(params, Sex.MALE).sides[Side.LEFT], PITCH_MM, max_error_mm=0)
    corners = vertices[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    joint = sacrum(params).envelope(corners.mean(axis=1)) < 4.0
    assert 800 < area[joint].sum() < 3000  # 10 to 18 cm2 in adults, recalled


@pytest.mark.parametrize("slope_deg", SLOPES)
def test_a_pelvis_that_is_not_rolled_back_has_its_anterior_plane_vertical(slope_deg: float) -> None:
    shape = pelvis(replace(DEFAULT, slope_deg=slope_deg), Sex.FEMALE)
    vertices, _ = mesh(shape.sides[Side.LEFT], 2.5, max_error_mm=0)
    stood = upright(shape, vertices)
    pubis = stood[(stood[:, 0] < 25) & (stood[:, 2] < -100)]
    spine = stood[np.linalg.norm(stood - upright(shape, shape.anterior_spine[Side.LEFT]), axis=1) < 12]
    assert pubis[:, 1].min() == pytest.approx(spine[:, 1].min(), abs=7.0)


def test_crest_is_the_highest_and_reaches_l4_l5(both: PelvisShape) -> None:
    vertices, _ = mesh(both.sides[Side.LEFT], 2.0, max_error_mm=0)
    top, crest = upright(both, vertices)[:, 2].max(), upright(both, both.iliac_crest[Side.LEFT])
    assert crest[2] == pytest.approx(top, abs=1.5)
    assert 30 < crest[2] < 45


def test_landmarks_lie_on_the_bone(both: PelvisShape) -> None:
    for side in Side:
        for point in (both.iliac_crest[side], both.anterior_spine[side], both.posterior_spine[side]):
            assert both.sides[side](point[None])[0] < 1.5


def test_posterior_spine_stands_beside_s2(both: PelvisShape) -> None:
    joints = sacrum(DEFAULT).profile.axis.joints_mm
    straight = sacrum(DEFAULT).profile.axis.straighten(both.posterior_spine[Side.LEFT][None])[0]
    assert joints[1] - 10 < -straight[2] < joints[2] + 10


def test_a_female_pelvis_is_lower_and_wider_below() -> None:
    low, high = (pelvis(DEFAULT, sex) for sex in (Sex.FEMALE, Sex.MALE))
    inlet = [upright(shape, mesh(shape.sides[Side.LEFT], 2.5, max_error_mm=0)[0]) for shape in (low, high)]
    medial = [points[(points[:, 2] < -60) & (points[:, 2] > -80), 0].min() for points in inlet]
    assert medial[0] > medial[1] + 1.0
    assert np.ptp(inlet[0][:, 2]) < np.ptp(inlet[1][:, 2])


def test_a_wide_sacrum_pushes_the_hips_apart() -> None:
    narrow, wide = (pelvis(replace(DEFAULT, width_mm=width), Sex.MALE) for width in (100.0, 120.0))
    assert wide.iliac_crest[Side.LEFT][0] == pytest.approx(narrow.iliac_crest[Side.LEFT][0] + 10.0, abs=0.1)


def test_inlet_and_outlet_leave_room(both: PelvisShape) -> None:
    vertices, _ = mesh(both.sides[Side.LEFT], 2.0, max_error_mm=0)
    stood, marks = upright(both, vertices), sacrum(DEFAULT).landmarks
    symphysis = stood[stood[:, 0] < 6]
    conjugate = np.linalg.norm(symphysis - upright(both, marks.promontory), axis=1).min()
    outlet = np.linalg.norm(symphysis - upright(both, marks.coccyx_tip), axis=1).min()
    assert 100 < conjugate < 130  # 105-125 mm in the mean adult, recalled
    assert outlet > 45


def test_femoral_heads_stay_clear_of_their_sockets(both: PelvisShape) -> None:
    vertices, faces = mesh(both.femora[Side.LEFT], 2.0, max_error_mm=0)
    assert euler_number(faces) == 2
    assert both.sides[Side.LEFT](vertices).min() > 1.0
