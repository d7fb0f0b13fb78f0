"""Relief and grain: small, smooth, different on either side, and along the lines on which bone carries load."""

import numpy as np
import pytest

from phantoms.bones.surface_roughness import PEAK, make_relief, roughen
from phantoms.shapes.implicit import Ellipsoid, Placed
from phantoms.soft_tissue.trabecular_pattern import grain

WALL_MM = 1.5
ROUNDING_MM = 1e-9


@pytest.fixture
def ball() -> Ellipsoid:
    return Ellipsoid(np.zeros(3), np.full(3, 20.0))


def test_noise_has_mean_zero_and_standard_deviation_one(rng: np.random.Generator) -> None:
    heights = make_relief(5.0, rng)(rng.uniform(-200, 200, (20000, 3)))
    assert abs(heights.mean()) < 0.05
    assert heights.std() == pytest.approx(1.0, abs=0.08)  # the clipped tails take a little
    assert np.abs(heights).max() <= PEAK


@pytest.mark.parametrize("pitch_mm", [0.7, 0.95, 1.7])
def test_rough_bone_stays_near_the_smooth_and_within_its_bounds(ball: Ellipsoid, pitch_mm: float, rng: np.random.Generator) -> None:
    surface, cortex = roughen(ball, lambda points: np.full(len(points), WALL_MM), pitch_mm, rng)
    points = rng.uniform(*surface.bounds, (20000, 3))
    moved = surface(points) - ball(points)
    most_mm = PEAK * sum(surface.heights_mm)
    assert 0.5 * most_mm < np.abs(moved).max() <= most_mm + ROUNDING_MM
    assert most_mm < 1.2
    assert (surface(points[ball(points) > surface.bounds[1, 0] - 20.0]) > -ROUNDING_MM).all()
    assert (cortex(points) > 0.5 * WALL_MM).all()
    assert cortex(points).mean() == pytest.approx(WALL_MM, rel=0.05)


def test_relief_differs_from_side_to_side(ball: Ellipsoid, rng: np.random.Generator) -> None:
    surface, _ = roughen(ball, lambda points: np.full(len(points), WALL_MM), 0.7, rng)
    points = rng.normal(size=(500, 3))
    points *= 20.0 / np.linalg.norm(points, axis=1, keepdims=True)
    assert np.abs(surface(points) - surface(points * [-1, 1, 1])).max() > 0.05


def test_grain_follows_the_bone_that_it_is_placed_with(ball: Ellipsoid) -> None:
    tilt = np.deg2rad(20.0)
    matrix = np.eye(4)
    matrix[1:3, 1:3] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
    upright = grain("L5 trabecular", Placed(ball, matrix)).along(np.zeros((1, 3)))[0]
    assert upright @ matrix[:3, 2] == pytest.approx(1.0)
    wing = grain("sacrum trabecular", Placed(ball, matrix)).along(np.array([[40.0, 0, 0], [-40.0, 0, 0]]))
    assert wing[0, 0] == pytest.approx(-wing[1, 0])
    assert wing[0, 0] > 0.3
