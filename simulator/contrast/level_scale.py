"""Vertebral levels as a scale along the canal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.soft_tissue.spine_curve import SpineCurve
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import DEFAULT_REGION

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class LevelScale:
    """Where each level ends along the canal.

    Attributes
    ----------
    lower_mm : ndarray, shape (k,)
        Lower border of each level: the middle of the disc below, in the sacrum the foramen; t, mm, rising.
    number : ndarray, shape (k,)
        Count of levels down to that border, from the region's first.
    levels : tuple of Level
        The region's, from cranial to caudal.
    """

    lower_mm: Array
    number: Array
    levels: tuple[Level, ...] = DEFAULT_REGION.levels

    def at(self, t_mm: ArrayLike) -> Array:
        """Levels below the first's top at places along the canal; goes on evenly beyond the ends."""
        t = np.asarray(t_mm, dtype=float)
        inside = np.interp(t, self.lower_mm, self.number)
        first, last = (np.diff(self.number)[end] / np.diff(self.lower_mm)[end] for end in (0, -1))
        return inside + np.minimum(t - self.lower_mm[0], 0) * first + np.maximum(t - self.lower_mm[-1], 0) * last

    def level(self, t_mm: float) -> Level:
        """The level at a place along the canal, the first and the last beyond the ends."""
        return self.levels[int(np.clip(np.floor(self.at(t_mm)), 0, len(self.levels) - 1))]


def build_ladder(curve: SpineCurve, landmarks: Landmarks) -> LevelScale:
    """The scale of a patient's levels."""
    region = landmarks.region
    discs = [level for level in region.vertebrae if level in landmarks.interspaces]
    foramina = [level for level in region.sacral if (level, Side.LEFT) in landmarks.sacrum.dorsal_foramen]
    middles = [np.mean([landmarks.sacrum.dorsal_foramen[level, side] for side in Side], axis=0) for level in foramina]
    places = np.array([*(landmarks.interspaces[level].disc_centre for level in discs), *middles])
    t = curve.coordinates(places)[:, 2]
    number = np.array([region.levels.index(level) + 1.0 for level in (*discs, *foramina)])
    order = np.argsort(t)
    return LevelScale(lower_mm=t[order], number=number[order], levels=region.levels)
