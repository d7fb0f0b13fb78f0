"""The stacked column: lordosis results from wedges, discs keep their heights, curves measure as asked."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.bones.alignment import body_wedge, cobb_deg, disc_wedge, endplate_normals, lordosis_deg, pose_spine, with_lordosis
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import PatientParameters, Scoliosis, Sex
from phantoms.terms.regions import LUMBOSACRAL


@pytest.fixture(scope="module")
def man() -> PatientParameters:
    return default_parameters()


def straighten(params: PatientParameters) -> PatientParameters:
    """The same patient with every body and disc square and a level sacrum."""
    vertebrae = {level: replace(bone, anterior_height_mm=bone.posterior_height_mm) for level, bone in params.vertebrae.items()}
    discs = {level: replace(disc, anterior_height_mm=disc.posterior_height_mm) for level, disc in params.discs.items()}
    return replace(params, vertebrae=vertebrae, discs=discs, sacrum=replace(params.sacrum, slope_deg=0.0))


def curve_spine(
    params: PatientParameters, cobb: float, apex: Level = Level.L2, convex: Side = Side.LEFT, rotation: float = 0.0
) -> PatientParameters:
    return replace(params, scoliosis=Scoliosis(cobb_deg=cobb, apex=apex, convex=convex, axial_rotation_deg=rotation))


def test_every_pose_is_rigid_and_read_only(man):
    poses = pose_spine(curve_spine(man, 35, rotation=20))
    assert list(poses) == [*LUMBOSACRAL.vertebrae, Level.S1]
    for pose in poses.values():
        np.testing.assert_allclose(pose[:3, :3] @ pose[:3, :3].T, np.eye(3), atol=1e-12)
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0, rel=1e-12)
        np.testing.assert_array_equal(pose[3], [0, 0, 0, 1])
        assert not pose.flags.writeable


def test_square_bodies_and_discs_make_a_straight_pile(man):
    params = straighten(man)
    poses = pose_spine(params)
    for level, pose in poses.items():
        np.testing.assert_allclose(pose[:3, :3], np.eye(3), atol=1e-12)
        np.testing.assert_allclose(pose[:2, 3], 0.0, atol=1e-12, err_msg=level)
    step = poses[Level.L3][2, 3] - poses[Level.L4][2, 3]
    halves = (params.vertebrae[Level.L3].posterior_height_mm + params.vertebrae[Level.L4].posterior_height_mm) / 2
    assert step == pytest.approx(halves + params.discs[Level.L3].posterior_height_mm, rel=1e-12)
    assert lordosis_deg(poses, params) == pytest.approx(0.0, abs=1e-9)


def test_l3_is_the_origin_and_nearly_level(man):
    poses = pose_spine(man)
    np.testing.assert_array_equal(poses[Level.L3][:3, 3], 0.0)
    assert np.degrees(np.arccos(poses[Level.L3][2, 2])) < 8


def test_sacral_endplate_slopes_forward_as_asked(man):
    normal = pose_spine(man)[Level.S1][:3, 2]
    expected = np.radians(man.sacrum.slope_deg)
    np.testing.assert_allclose(normal, [0.0, -np.sin(expected), np.cos(expected)], atol=1e-12)


def test_column_runs_cephalad_and_the_sacrum_lies_behind(man):
    poses = pose_spine(man)
    heights = [poses[level][2, 3] for level in (*LUMBOSACRAL.vertebrae, Level.S1)]
    assert all(a > b for a, b in zip(heights[:-1], heights[1:], strict=True))
    assert poses[Level.S1][1, 3] > poses[Level.L3][1, 3]


@pytest.mark.parametrize("sex", Sex)
def test_default_lordosis_is_that_of_recumbent_volunteers(sex):
    params = default_parameters(sex)
    # 36.8 +- 13.2 degrees recumbent in 627 (Asian Spine J, PMC6680033): within a third of a standard deviation.
    assert lordosis_deg(pose_spine(params), params) == pytest.approx(36.8, abs=13.2 / 3)


def test_lower_two_segments_bend_most(man):
    # L4-S1 29.8 +- 8.0 degrees of it (same source): from the upper endplate of L4 to S1.
    poses = pose_spine(man)
    normal, sacral = endplate_normals(poses, man, Level.L4)[0], poses[Level.S1][:3, 2]
    share = np.degrees(np.arccos(np.clip(normal @ sacral, -1, 1)))
    assert share == pytest.approx(29.8, abs=8.0 / 2)


@pytest.mark.parametrize("wanted", [5.0, 20.0, 36.8, 60.0, 75.0])
def test_wanted_lordosis_is_measured(man, wanted):
    params = with_lordosis(man, wanted)
    assert lordosis_deg(pose_spine(params), params) == pytest.approx(wanted, abs=1e-6)


def test_lordosis_keeps_mean_heights_and_l3_level(man):
    params = with_lordosis(man, 60.0)
    for level, disc in params.discs.items():
        before = man.discs[level]
        assert disc.anterior_height_mm + disc.posterior_height_mm == pytest.approx(before.anterior_height_mm + before.posterior_height_mm)
    np.testing.assert_allclose(pose_spine(params)[Level.L3], pose_spine(man)[Level.L3], atol=1e-9)


def test_collapsed_disc_passes_its_share_to_the_others(man):
    flat = {**man.discs, Level.L5: replace(man.discs[Level.L5], anterior_height_mm=3.0, posterior_height_mm=3.0)}
    params = with_lordosis(replace(man, discs=flat), 45.0)
    assert lordosis_deg(pose_spine(params), params) == pytest.approx(45.0, abs=1e-6)
    assert params.discs[Level.L5].posterior_height_mm >= 1.5 - 1e-9


def test_impossible_lordosis_is_refused_with_the_nearest(man):
    with pytest.raises(ValueError, match=r"no lordosis of 150\.0 deg, the nearest is"):
        with_lordosis(man, 150.0)


@pytest.mark.parametrize("convex", Side)
@pytest.mark.parametrize("apex", LUMBOSACRAL.vertebrae[1:-1])
@pytest.mark.parametrize(("cobb", "rotation"), [(12.0, 0.0), (30.0, 18.0), (50.0, 30.0)])
def test_measured_cobb_is_the_one_asked_for(man, cobb, rotation, apex, convex):
    params = curve_spine(man, cobb, apex, convex, rotation)
    # Rotated, wedged bodies turn their endplates a little in the frontal plane: half a degree at most.
    assert cobb_deg(pose_spine(params), params) == pytest.approx(cobb, abs=0.5)


@pytest.mark.parametrize("convex", Side)
def test_curve_bulges_to_its_convex_side(man, convex):
    poses = pose_spine(curve_spine(man, 30, Level.L2, convex))
    chord = (poses[Level.T12][0, 3] + poses[Level.L4][0, 3]) / 2
    assert convex.sign * (poses[Level.L2][0, 3] - chord) > 4


@pytest.mark.parametrize("convex", Side)
def test_apical_spinous_process_turns_to_the_concave_side(man, convex):
    params = curve_spine(man, 30, Level.L2, convex, 20)
    dorsal = pose_spine(params)[Level.L2][:3, 1]
    assert -convex.sign * np.degrees(np.arctan2(dorsal[0], dorsal[1])) == pytest.approx(20, abs=0.5)


def test_rotation_is_greatest_at_the_apex_and_the_pelvis_stays_square(man):
    poses = pose_spine(curve_spine(man, 30, Level.L2, Side.RIGHT, 20))
    turns = {level: abs(np.degrees(np.arctan2(pose[0, 1], pose[1, 1]))) for level, pose in poses.items()}
    assert max(turns, key=turns.__getitem__) is Level.L2
    np.testing.assert_allclose(poses[Level.S1][0, :3], [1, 0, 0], atol=1e-12)


def test_mirrored_curve_is_the_mirror_image(man):
    left, right = (pose_spine(curve_spine(man, 30, Level.L3, side, 15)) for side in Side)
    mirror = np.diag([-1.0, 1, 1, 1])
    for level in left:
        np.testing.assert_allclose(mirror @ left[level] @ mirror, right[level], atol=1e-9)


def test_slip_moves_what_lies_above_forward(man):
    slipped = replace(man, discs={**man.discs, Level.L4: replace(man.discs[Level.L4], slip_mm=6.0)})
    before, after = pose_spine(man), pose_spine(slipped)
    moved = (after[Level.L5] - after[Level.L4])[:3, 3] - (before[Level.L5] - before[Level.L4])[:3, 3]
    assert np.linalg.norm(moved) == pytest.approx(6.0, rel=1e-9)
    assert moved[1] > 5  # L5 lies further back as seen from L4
    assert lordosis_deg(after, slipped) == pytest.approx(lordosis_deg(before, man), abs=1e-9)


def test_wedges_are_those_of_the_heights(man):
    bone, disc = man.vertebrae[Level.L5], man.discs[Level.L5]
    depth = (bone.upper_depth_mm + bone.lower_depth_mm) / 2
    assert 2 * np.tan(body_wedge(bone) / 2) * depth == pytest.approx(2 * (bone.anterior_height_mm - bone.posterior_height_mm) / 2, rel=1e-9)
    assert disc_wedge(man, Level.L5) > 0
    assert disc.anterior_height_mm > disc.posterior_height_mm
