"""Laws and known answers of the swept capsule and the vertebral body."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.bones.vertebra.vertebra_body import Endplate, VertebralBody
from phantoms.shapes.swept import Swept

UP = np.array([0.0, 0.0, 1.0])
ROUND = Swept(
    start=np.zeros(3), end=np.array([0.0, 20.0, 0.0]), reference=UP, width_mm=(4.0, 4.0, 0.0), height_mm=(4.0, 4.0, 0.0), cap_mm=4.0
)
LEVEL = Endplate(height_mm=13.0, y=0.0, yy=0.0, yyy=0.0, yyyy=0.0, xx=0.0, xxy=0.0, xxyy=0.0)
DRUM = VertebralBody(
    upper=np.array([20.0, 0, 0, 0, 0]),
    waist=np.array([20.0, 0, 0, 0, 0]),
    lower=np.array([20.0, 0, 0, 0, 0]),
    waist_at_mm=0.0,
    upper_endplate=LEVEL,
    lower_endplate=replace(LEVEL, height_mm=-13.0),
    scale=np.ones((2, 2)),
    blend_mm=0.0,
    ring_mm=0.0,
    lip_mm=0.0,
    barrel=0.0,
    dent_mm=0.0,
)


def scatter_points(bounds, n=4000, seed=3):
    return np.random.default_rng(seed).uniform(bounds[0] - 6, bounds[1] + 6, (n, 3))


def test_round_capsule_has_the_distance_of_a_capsule():
    points = scatter_points(ROUND.bounds)
    along = np.clip(points[:, 1], 0.0, 20.0)
    exact = np.linalg.norm(points - along[:, None] * np.array([0.0, 1.0, 0.0]), axis=1) - 4.0
    outside = exact > -2.0  # near the axis the field is kept finite rather than exact
    np.testing.assert_allclose(ROUND(points)[outside], exact[outside], atol=1e-9)


def test_roll_turns_the_section_about_the_chord():
    flat = replace(ROUND, width_mm=(6.0, 6.0, 0.0))
    upright = replace(flat, roll=np.pi / 2)
    beside, above = np.array([[6.0, 10.0, 0.0]]), np.array([[0.0, 10.0, 6.0]])
    assert flat(beside)[0] == pytest.approx(0.0, abs=1e-9)
    assert upright(above)[0] == pytest.approx(0.0, abs=1e-9)
    assert upright(beside)[0] > 1.0


def test_a_face_cuts_one_side_flat():
    faced = replace(ROUND, power=3.0, face=(1.0, 0.7, -1.0))
    side = faced.frame[0]
    middle = np.array([0.0, 10.0, 0.0])
    assert faced((middle + 2.8 * side)[None])[0] == pytest.approx(0.0, abs=0.15)
    assert faced((middle - 4.0 * side)[None])[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("change", [{"bend_mm": (3.0, -2.0)}, {"curl_mm": 2.0}, {"taper": 0.5}, {"roll": 0.7, "power": 3.0}])
def test_nothing_is_inside_beyond_the_bounds(change):
    part = replace(ROUND, height_mm=(7.0, 5.0, 1.0), **change)
    points = scatter_points(part.bounds)
    beyond = ((points < part.bounds[0]) | (points > part.bounds[1])).any(axis=1)
    assert (part(points[beyond]) > 0).all()


def test_body_of_one_circle_is_a_drum():
    points = scatter_points(DRUM.bounds)
    exact = np.maximum(np.hypot(points[:, 0], points[:, 1]) - 20.0, np.abs(points[:, 2]) - 13.0)
    near = np.abs(exact) < 3.0
    inside_box = near & (np.abs(points[:, 2]) < 13.0) & (np.abs(points[:, :2]) < 20.0).all(axis=1)
    np.testing.assert_allclose(DRUM(points)[inside_box], exact[inside_box], atol=1e-9)
    np.testing.assert_array_equal(DRUM(points) < 0, exact < 0)


def test_scale_widens_the_body():
    wide = replace(DRUM, scale=np.array([[1.2, 1.0], [1.2, 1.0]]))
    assert wide(np.array([[24.0, 0.0, 0.0], [0.0, 20.0, 0.0]])) == pytest.approx([0.0, 0.0], abs=1e-9)
