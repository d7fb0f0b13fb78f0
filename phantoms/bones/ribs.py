"""The floating ribs, 11 and 12, in the local frame of the vertebra they hang on (origin in the middle of its body)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.shapes.implicit import Array, Shape
from phantoms.shapes.primitives import FlatTube, Mirrored
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import VertebraParameters
from phantoms.terms.reference_tables import level_entries
from phantoms.terms.regions import Table

LENGTH_MM: Mapping[Level, float] = MappingProxyType({level: row["length_mm"] for level, row in level_entries(Table.RIBS).items()})
"""Length along the rib."""
HEAD_GAP_MM = 2.0
CORTEX_MM = 0.7
POINTS = 18

THIN_MM = np.array([4.2, 3.6, 3.6, 3.3, 3.0, 2.0])


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class RibsShape:
    """One pair of ribs in its vertebra's local frame."""

    sides: Mapping[Side, Shape]
    tip: Mapping[Side, NDArray[np.float64]]

    def cortex_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), mm."""
        return np.full(len(points), CORTEX_MM)


def ribs(level: Level, vertebra: VertebraParameters, length_mm: float | None = None) -> RibsShape:
    """Pair of floating ribs of one level.

    Parameters
    ----------
    level : Level
        One of `LENGTH_MM`.
    vertebra : VertebraParameters
        Its morphometry: the heads lie beside the upper part of the body, in front of the pedicle.
    length_mm : float, optional
        Length along the rib, mm; by default the level's.

    Returns
    -------
    RibsShape
        One piece each, vertebra's local frame, mm.

    Raises
    ------
    ValueError
        At a level without a floating rib.
    """
    if level not in LENGTH_MM:
        raise ValueError(f"ribs are modelled at {' and '.join(LENGTH_MM)}, got {level}")
    path = _path(level, LENGTH_MM[level] if length_mm is None else length_mm) + _head(vertebra)
    left = FlatTube(path, _outward(path), _along(THIN_MM), _along(np.array(level_entries(Table.RIBS)[level]["broad_mm"])))
    return RibsShape(
        sides=MappingProxyType({Side.LEFT: left, Side.RIGHT: Mirrored(left)}),
        tip=MappingProxyType({side: path[-1] * [side.sign, 1, 1] for side in Side}),
    )


def _head(vertebra: VertebraParameters) -> Array:
    """Middle of the left head: beside the upper third of the body, near its back."""
    lateral = vertebra.upper_width_mm / 2 + HEAD_GAP_MM + THIN_MM[0] - 1.0
    return np.array([lateral, vertebra.upper_depth_mm / 2 - 4.0, 0.15 * vertebra.posterior_height_mm])


def _path(level: Level, length_mm: float) -> Array:
    course = np.array(level_entries(Table.RIBS)[level]["course_mm"], float)
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(course, axis=0), axis=1))])
    path = CubicSpline(chord, course)(np.linspace(0.0, chord[-1], POINTS))
    return path * (length_mm / np.linalg.norm(np.diff(path, axis=0), axis=1).sum())


def _outward(path: Array) -> Array:
    """Thin direction: away from the trunk's axis, which runs in front of the column."""
    outward = (path - [0.0, -60.0, 0.0]) * [1.0, 1.0, 0.0]
    return outward / np.linalg.norm(outward, axis=1)[:, None]


def _along(values: Array) -> Array:
    return np.interp(np.linspace(0, 1, POINTS), np.linspace(0, 1, len(values)), values)
