"""Level of detail: fewer faces, the same picture."""

import numpy as np
import pytest

from simulator.geometry import CArm
from simulator.xray.projection.level_of_detail import bend_mm, choose_level, decimate_to_level
from simulator.xray.projection.projection import Projector
from tests.simulator.solids import box, sphere, torus

RMS_MM = 0.2  # of path against the full mesh: smooth solids as large as the image do worst; the patient keeps 0.1 (test_patient_views)


def test_levels_follow_the_pixel_pitch_at_the_patient():
    levels = [choose_level(CArm.from_angles(size=size), np.zeros(3)) for size in (2048, 1024, 512, 256)]
    assert levels == [0, 1, 2, 2]  # 0.10, 0.21, 0.41, 0.82 mm


def test_magnified_fields_get_their_detail_back():
    centre = np.zeros(3)
    assert choose_level(CArm.from_angles(size=512, field_mm=150), centre) == choose_level(CArm.from_angles(size=1024), centre)


def test_bend_of_a_ball_is_four_pi_radii_and_of_a_box_its_edges():
    ball, brick = sphere(20, number=4000), box((10, 20, 30))
    assert bend_mm(ball.vertices, ball.faces) == pytest.approx(4 * np.pi * 20, rel=0.1)  # facets zigzag a little
    assert bend_mm(brick.vertices, brick.faces) == pytest.approx(4 * (10 + 20 + 30) * np.pi / 4)


def test_coarser_levels_have_fewer_faces_and_level_0_all():
    ball = sphere(20, number=20000)
    faces = [decimate_to_level(ball, chosen).corners.shape[1] for chosen in range(3)]
    assert faces[0] == len(ball.faces)
    assert faces[0] > faces[1] > faces[2]


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_image_stays_that_of_the_full_mesh(size):
    solids = [sphere(40, number=30000), torus(60, 15, 400, 120)]
    quick, full = Projector(solids, np.ones((2, 1))), Projector(solids, np.ones((2, 1)), full_detail=True)
    for oblique_deg, tilt_deg in ((0, 0), (50, 20), (90, -10)):
        carm = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=tilt_deg, size=size)
        assert quick.count_faces(carm) < full.count_faces(carm)
        difference_mm = quick.project(carm)[0] - full.project(carm)[0]
        assert np.sqrt((difference_mm**2).mean()) < RMS_MM
