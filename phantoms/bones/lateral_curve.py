"""The lateral curve of a scoliotic spine: how far each vertebra tilts in the frontal plane and turns about its own axis."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level
from phantoms.terms.parameters import Scoliosis
from phantoms.terms.regions import Region

Vector = NDArray[np.float64]

CURVE_SPAN = 2
"""Vertebrae from the apex to the end vertebra on either side, where they exist."""


def tilts_and_turns(curve: Scoliosis, region: Region) -> tuple[dict[Level, float], dict[Level, float]]:
    """Frontal tilt (about +y) and axial rotation (about +z) of each level of a region's column, radians.

    Tilt is greatest at the end vertebrae and nil at the apex and the sacrum; rotation the other way round. Bodies turn to the convex
    side, so spinous processes point to the concave one.
    """
    levels, last = region.column, len(region.vertebrae)
    apex = levels.index(curve.apex)
    up, down = min(CURVE_SPAN, apex), min(CURVE_SPAN, last - 1 - apex)
    knots = np.array([apex - up - 3, apex - up, apex, apex + down, last], dtype=float)
    half = np.radians(curve.cobb_deg) / 2 * curve.convex.sign
    at = np.arange(len(levels), dtype=float)
    tilt = half * _smooth_between(at, knots, np.array([0.0, -1.0, 0.0, 1.0, 0.0]))
    reach = np.where(at < apex, up, down)
    bell = np.where(np.abs(at - apex) <= reach, np.cos(np.pi / 2 * (at - apex) / reach), 0.0)
    turn = np.radians(curve.axial_rotation_deg) * curve.convex.sign * bell
    return dict(zip(levels, tilt.tolist(), strict=True)), dict(zip(levels, turn.tolist(), strict=True))


def _smooth_between(at: Vector, knots: Vector, values: Vector) -> Vector:
    """Curve through the knots by quarter sine waves, steepest at the zeros and level at the extremes."""
    result = np.zeros_like(at)
    for (a, b), (u, v) in zip(pairwise(knots), pairwise(values), strict=True):
        inside = (at >= a) & (at <= b)
        share = (at[inside] - a) / (b - a)
        result[inside] = v * np.sin(np.pi / 2 * share) + u * np.cos(np.pi / 2 * share)
    return result
