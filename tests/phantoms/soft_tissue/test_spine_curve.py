"""Coordinates along a curve: there and back, and exact on a circle."""

import numpy as np
import pytest

from phantoms.soft_tissue.spine_curve import spine_curve


@pytest.fixture
def arc():
    """A quarter-circle-like curve of radius 200 mm in the sagittal plane, from cranial to caudal."""
    angle = np.linspace(-0.6, 0.6, 13)
    knots = np.stack([np.zeros(13), 200 * (1 - np.cos(angle)), -200 * np.sin(angle)], axis=1)
    dorsal = np.stack([np.zeros(13), np.cos(angle), np.sin(angle)], axis=1)
    return spine_curve(knots, dorsal)


def test_world_and_back(arc, rng):
    local = rng.uniform([-20, -20, 10], [20, 20, arc.length_mm - 10], (300, 3))
    np.testing.assert_allclose(arc.coordinates(arc.world(local)), local, atol=0.02)


def test_length_of_an_arc(arc):
    assert arc.length_mm == pytest.approx(200 * 1.2, abs=0.6)


def test_axes_are_right_handed_and_point_where_their_names_say(arc):
    middle = arc.length_mm / 2
    left, dorsal, caudal = (arc.axis(middle, i) for i in range(3))
    np.testing.assert_allclose([left, dorsal, caudal], [[1, 0, 0], [0, 1, 0], [0, 0, -1]], atol=0.01)


def test_beyond_its_ends_the_curve_goes_straight_on(arc):
    beyond = arc.positions[0] - 15 * arc.axes[0, 2]
    np.testing.assert_allclose(arc.coordinates(beyond[None])[0], [0, 0, -15], atol=1e-6)


def test_knots_out_of_order_are_refused():
    with pytest.raises(ValueError, match="cranial to caudal"):
        spine_curve(np.array([[0, 0, 0], [0, 0, 10.0]]), np.array([[0, 1.0, 0]] * 2))
