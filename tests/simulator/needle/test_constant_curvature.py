"""Courses in closed form: composition, radius, helix, straight lines."""

import numpy as np
import pytest

from simulator.needle.constant_curvature import TipFrame, follow_arc, rotate_onto

ROUNDING = 1e-11
FRAME = TipFrame(np.array([1.0, 2.0, 3.0]), np.array([0.6, -0.8, 0.0]), np.array([0.0, 0.0, 1.0]))
COURSES = [(0.0, 0.0), (1 / 364, 0.0), (-1 / 90, 0.0), (0.0, 0.3), (1 / 90, 0.05), (1 / 4380, 1e-6), (0.004, -1.0)]


def end(frame: TipFrame, distance_mm: float, curvature: float, twist: float) -> TipFrame:
    whole = follow_arc(frame, np.array([distance_mm]), curvature, twist)
    return TipFrame(whole.point[0], whole.direction[0], whole.notch[0])


@pytest.mark.parametrize(("curvature", "twist"), COURSES)
def test_pieces_make_the_whole(curvature: float, twist: float, rng: np.random.Generator) -> None:
    pieces = rng.dirichlet(np.ones(17)) * 80.0
    frame = FRAME
    for piece in pieces:
        frame = end(frame, piece, curvature, twist)
    whole = end(FRAME, 80.0, curvature, twist)
    for name in ("point", "direction", "notch"):
        np.testing.assert_allclose(getattr(frame, name), getattr(whole, name), atol=ROUNDING)


@pytest.mark.parametrize(("curvature", "twist"), COURSES)
def test_the_frame_stays_square_and_the_direction_is_the_courses_tangent(curvature: float, twist: float) -> None:
    s = np.linspace(0.0, 60.0, 6001)
    course = follow_arc(FRAME, s, curvature, twist)
    np.testing.assert_allclose((course.direction**2).sum(axis=1), 1.0, atol=ROUNDING)
    np.testing.assert_allclose((course.notch**2).sum(axis=1), 1.0, atol=ROUNDING)
    np.testing.assert_allclose((course.direction * course.notch).sum(axis=1), 0.0, atol=ROUNDING)
    tangent = np.gradient(course.point, s, axis=0)[1:-1]
    np.testing.assert_allclose(tangent, course.direction[1:-1], atol=1e-4)  # central differences over 0.01 mm


def test_without_twist_it_is_an_arc_towards_the_notch() -> None:
    radius_mm, s = 364.0, np.linspace(0.0, 200.0, 11)
    course = follow_arc(FRAME, s, 1 / radius_mm, 0.0)
    centre = FRAME.point + radius_mm * FRAME.notch
    np.testing.assert_allclose(np.linalg.norm(course.point - centre, axis=1), radius_mm, rtol=1e-12)


def test_twist_alone_turns_the_notch_and_goes_straight() -> None:
    there = end(FRAME, 10.0, 0.0, np.pi / 20)
    np.testing.assert_allclose(there.point, FRAME.point + 10.0 * FRAME.direction, atol=ROUNDING)
    np.testing.assert_allclose(there.notch, np.cross(FRAME.direction, FRAME.notch), atol=ROUNDING)


def test_a_fast_roll_makes_a_tight_spiral_about_a_straight_course() -> None:
    """Curvature k and twist t make a helix of radius k / (k2 + t2)."""
    curvature, twist = 0.01, 1.0
    course = follow_arc(FRAME, np.linspace(0.0, 80.0, 4001), curvature, twist)
    middle = course.point.mean(axis=0)
    axis = np.linalg.svd(course.point - middle)[2][0]
    off = course.point - middle - ((course.point - middle) @ axis)[:, None] * axis
    assert np.linalg.norm(off, axis=1).max() == pytest.approx(curvature / (curvature**2 + twist**2), rel=0.1)


def test_the_smallest_turn_keeps_what_is_at_right_angles_to_both() -> None:
    start, after = np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.8, 0.0])
    np.testing.assert_allclose(rotate_onto(start, start, after), after, atol=ROUNDING)
    np.testing.assert_allclose(rotate_onto(np.array([0.0, 0.0, 1.0]), start, after), [0.0, 0.0, 1.0], atol=ROUNDING)
