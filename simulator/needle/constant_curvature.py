"""Courses of constant curvature and twist in closed form.

The tip carries a frame: direction, notch, and their cross product. While curvature and twist stay the same about that frame, its course
is a helix (an arc without twist, a line without curvature) and any way of cutting it into pieces gives the same end.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALL_RAD = 0.01  # below it the series are exact to rounding


@dataclass(frozen=True, eq=False, slots=True)
class TipFrame:
    """Tip: position, shape (3,), mm; direction and notch, unit vectors at right angles, shape (3,). All also (n, 3)."""

    point: Floats
    direction: Floats
    notch: Floats


def follow_arc(frame: TipFrame, distance_mm: Floats, curvature: float, twist: float) -> TipFrame:
    """Where a tip gets to on a course of constant curvature and twist, at each distance.

    Parameters
    ----------
    frame : TipFrame
        Where it starts.
    distance_mm : ndarray, shape (n,)
        Along the course, mm.
    curvature, twist : float
        Towards the notch, and about the direction, right-handed, 1/mm and rad/mm.
    """
    s = np.asarray(distance_mm, dtype=float)
    first, second, third = _series(float(np.hypot(twist, curvature)) * s)
    # exp of the turning rate (twist, 0, curvature) in the frame (direction, notch, their cross product), and its integral.
    bent, bent_more = curvature * second * s**2, curvature * third * s**3
    shift = np.stack((s - curvature * bent_more, bent, twist * bent_more), axis=1)
    direction = np.stack((1 - curvature * bent, curvature * first * s, twist * bent), axis=1)
    notch = np.stack((-curvature * first * s, 1 - (curvature**2 + twist**2) * second * s**2, twist * first * s), axis=1)
    axes = np.stack((frame.direction, frame.notch, cross(frame.direction, frame.notch)))
    return TipFrame(frame.point + shift @ axes, direction @ axes, notch @ axes)


def orthonormalise(frame: TipFrame) -> TipFrame:
    """The same frame with rounding taken out of its unit vectors."""
    direction = frame.direction / np.linalg.norm(frame.direction)
    return TipFrame(frame.point, direction, across(direction, frame.notch))


def across(direction: Floats, towards: Floats) -> Floats:
    """Unit vector across a direction, towards a given one, each shape (3,), dimensionless."""
    part = towards - (towards @ direction) * direction
    return part / np.linalg.norm(part)


def cross(a: Floats, b: Floats) -> Floats:
    """Cross product of two vectors, shape (3,), in the product of their units, e.g. mm2; for single ones far quicker than NumPy's."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def rotate_onto(vector: Floats, start: Floats, end: Floats) -> Floats:
    """A vector, shape (..., 3), after the smallest turn that brings unit vector `start` onto unit vector `end`."""
    axis, cosine = cross(start, end), float(start @ end)
    once = np.cross(axis, vector)
    return vector + once + np.cross(axis, once) / (1.0 + cosine)


def rotate_about(vector: Floats, axis: Floats, angle_rad: float) -> Floats:
    """A vector, shape (3,), across a unit axis, turned about it by an angle, right-handed."""
    return np.cos(angle_rad) * vector + np.sin(angle_rad) * cross(axis, vector)


def _series(angle: Floats) -> tuple[Floats, Floats, Floats]:
    """sin(a)/a, (1 - cos a)/a2 and (a - sin a)/a3, exact for small angles too."""
    square = angle**2
    series = (1 - square / 6 + square**2 / 120, 1 / 2 - square / 24 + square**2 / 720, 1 / 6 - square / 120 + square**2 / 5040)
    small = np.abs(angle) < SMALL_RAD
    if small.all():
        return series
    safe = np.where(small, 1.0, angle)
    closed = (np.sin(safe) / safe, 2 * (np.sin(safe / 2) / safe) ** 2, (safe - np.sin(safe)) / safe**3)
    first, second, third = (np.where(small, near, far) for near, far in zip(series, closed, strict=True))
    return first, second, third
