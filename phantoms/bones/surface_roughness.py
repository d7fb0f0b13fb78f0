"""The fine relief of real bone: low hills and hollows on its surface and in its cortex, different in every bone and on either side.

Without it a written bone is glass: perfectly smooth, mirror-symmetric, and a beam along its flat walls draws lines as with ink.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.skeleton import Thickness
from phantoms.shapes.implicit import Shape, take_points

Array = NDArray[np.float64]

WAVES = 6
LENGTH_SPREAD = 1.7  # longest and shortest wave over the middle one
PEAK = 1.7  # values are held within this many standard deviations
REACH_MM = 3.5  # deeper than any cortex; further from the surface the relief is left out
LEAST_CORTEX_MM = 0.3
# Standard deviation at a pitch of 0.7 mm (vertebrae, whose signs must stay clear), and how much more per mm of pitch (sacrum, hip bones).
FINE_MM = (0.13, 0.12)
COARSE_MM = (0.09, 0.32)
UNEVEN = (0.2, 0.08)  # of the cortex' thickness, over its mean
VERTEBRAL_PITCH_MM = 0.7


@dataclass(frozen=True, kw_only=True, eq=False)
class Relief:
    """Smooth noise in space: a few plane waves, standard deviation 1.

    Attributes
    ----------
    waves : ndarray, shape (3, k)
        Wave vectors, 1/mm.
    phases : ndarray, shape (k,)
        Radians.
    """

    waves: Array
    phases: Array

    def __call__(self, points: Array) -> Array:
        """Height at points, shape (n, 3) -> (n,), dimensionless."""
        heights = np.sin(self.waves.T @ points.T + self.phases[:, None]).sum(axis=0)
        heights *= np.sqrt(2.0 / len(self.phases))
        return np.clip(heights, -PEAK, PEAK, out=heights)


def make_relief(wavelength_mm: float, rng: np.random.Generator) -> Relief:
    """Noise of about a wavelength, mm."""
    directions = rng.normal(size=(3, WAVES))
    lengths = wavelength_mm * LENGTH_SPREAD ** rng.uniform(-1.0, 1.0, WAVES)
    return Relief(waves=2 * np.pi * directions / np.linalg.norm(directions, axis=0) / lengths, phases=rng.uniform(0.0, 2 * np.pi, WAVES))


@dataclass(frozen=True, kw_only=True, eq=False)
class Rough:
    """A shape with relief on its surface, `heights_mm` the standard deviation of each."""

    shape: Shape
    reliefs: tuple[Relief, ...]
    heights_mm: tuple[float, ...]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return np.asarray(self.shape.bounds) + np.array([[-1.0], [1.0]]) * PEAK * sum(self.heights_mm)

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        distance = np.array(self.shape(points))
        near = np.flatnonzero(np.abs(distance) < REACH_MM)
        if len(near):
            places = take_points(points, near)
            for one, height in zip(self.reliefs, self.heights_mm, strict=True):
                distance[near] += height * one(places)
        return distance


def roughen(shape: Shape, thickness_mm: Thickness, pitch_mm: float, rng: np.random.Generator) -> tuple[Rough, Thickness]:
    """A bone's surface and cortex made uneven.

    Parameters
    ----------
    shape : Shape
        The bone.
    thickness_mm : callable
        Points, shape (n, 3), mm -> thickness of its cortex, shape (n,), mm.
    pitch_mm : float
        Grid on which the bone will be meshed: the finest relief spans some eight of it.
    rng : Generator
        The patient's, for this bone.

    Returns
    -------
    Rough, callable
        The same two, uneven.
    """
    fine, coarse, walls = (make_relief(span * pitch_mm, rng) for span in (8.0, 22.0, 11.0))
    surface = Rough(shape=shape, reliefs=(fine, coarse), heights_mm=(_at(FINE_MM, pitch_mm), _at(COARSE_MM, pitch_mm)))

    uneven = _at(UNEVEN, pitch_mm)

    def cortex(points: Array) -> Array:
        return np.maximum(thickness_mm(points) * (1.0 + uneven * walls(points)), LEAST_CORTEX_MM)

    return surface, cortex


def _at(size: tuple[float, float], pitch_mm: float) -> float:
    base, growth = size
    return max(base + growth * (pitch_mm - VERTEBRAL_PITCH_MM), 0.0)
