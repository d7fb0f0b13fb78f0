"""One lumbar or lower thoracic vertebra as an implicit shape driven by its morphometry.

Frame of a vertebra: origin at the centre of its body, x left, y posterior, z superior, the mid-plane of the two endplates at z = 0.
"""

import csv
from dataclasses import dataclass, fields
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from phantoms.landmarks import VertebraLandmarks
from phantoms.levels import Level
from phantoms.parameters import VertebraParameters
from phantoms.shapes import Shape, Union, evaluate_near
from phantoms.vertebra_constants import JOIN_ORDER, BoneConstants, bone_constants
from phantoms.vertebra_landmarks import landmarks
from phantoms.vertebra_morph import morphed

Array = NDArray[np.float64]

MIDLINE_ROUNDING_MM = 0.8  # rounds the crease that mirroring leaves in the midline
CORTEX_MM = {  # recalled, unverified: thin on the body, thickest where the arch carries load
    "superior_articular": 1.3,
    "inferior_articular": 1.6,
    "lamina": 1.9,
    "pedicle": 1.5,
    "transverse": 0.9,
    "spinous": 1.1,
    "mammillary": 1.0,
    "accessory": 0.8,
}
BODY_SIDE_CORTEX_MM = 0.45
ENDPLATE_CORTEX_MM = 0.7
CORTEX_BLEND_MM = 1.5


def folded(points: Array) -> Array:
    """Points, shape (n, 3), brought to the left half, with the midline crease rounded; a copy, mm."""
    half = points.copy()
    half[:, 0] = np.sqrt(half[:, 0] ** 2 + MIDLINE_ROUNDING_MM**2)
    return half


@dataclass(frozen=True, eq=False)
class Mirrored:
    """A shape given for x >= 0 and its mirror image."""

    half: Shape

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        low, high = self.half.bounds
        return np.array([[-high[0], low[1], low[2]], high])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return self.half(folded(points))


@dataclass(frozen=True, eq=False)
class VertebraShape:
    """A vertebra in its own frame.

    Attributes
    ----------
    constants : BoneConstants
        Its left half, as swept parts and a body.
    """

    constants: BoneConstants

    @cached_property
    def outer(self) -> Shape:
        """The whole bone."""
        parts, blends = self.constants.parts, self.constants.blends_mm
        shapes: tuple[Shape, ...] = (*(parts[name] for name in JOIN_ORDER), self.constants.body)
        return Mirrored(Union(shapes, tuple(blends[name] for name in (*JOIN_ORDER[1:], "body"))))

    @cached_property
    def superior_articular(self) -> Shape:
        """Both superior articular processes."""
        return Mirrored(self.constants.parts["superior_articular"])

    @cached_property
    def inferior_articular(self) -> Shape:
        """Both inferior articular processes with their partes interarticulares."""
        return Mirrored(self.constants.parts["inferior_articular"])

    @cached_property
    def landmarks(self) -> VertebraLandmarks:
        """Named points in the vertebra's own frame, mm."""
        return landmarks(self.constants, self.outer)

    def cortex_mm(self, points: Array) -> Array:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), mm; trabecular bone is where outer + cortex_mm < 0."""
        half = folded(points)
        body = self.constants.body
        ended = np.clip(4.0 * (np.abs(points[:, 2]) / body.upper_endplate.height_mm - 0.6), 0.0, 1.0)
        weight = _share(body, half)
        total = weight * (BODY_SIDE_CORTEX_MM + ended * (ENDPLATE_CORTEX_MM - BODY_SIDE_CORTEX_MM))
        for name, millimetres in CORTEX_MM.items():
            share = _share(self.constants.parts[name], half)
            weight += share
            total += share * millimetres
        return total / weight


def _share(part: Shape, points: Array) -> Array:
    """How much a part decides the cortex at points, shape (n, 3) -> (n,), dimensionless."""
    return np.exp(-np.maximum(evaluate_near(part, points, 9.0), -4.0) / CORTEX_BLEND_MM)


@cache
def _default_rows() -> dict[Level, VertebraParameters]:
    names = [field.name for field in fields(VertebraParameters)]
    text = files("phantoms.data").joinpath("vertebrae.csv").read_text()
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {Level(row["level"]): VertebraParameters(**{name: float(row[name]) for name in names}) for row in rows}


def default_vertebra(level: Level) -> VertebraParameters:
    """Mean morphometry of a presacral level, T11 to L5; each row of ``phantoms/data/vertebrae.csv`` names its source.

    Raises
    ------
    ValueError
        If the level is not presacral.

    Examples
    --------
    >>> default_vertebra(Level.L4).canal_width_mm > default_vertebra(Level.L3).canal_width_mm
    True
    """
    rows = _default_rows()
    if level not in rows:
        raise ValueError(f"default_vertebra: level must be one of {', '.join(rows)}, got {level}")
    return rows[level]


def vertebra(level: Level, params: VertebraParameters) -> VertebraShape:
    """A vertebra of the given level with the given morphometry, in its own frame.

    Parameters
    ----------
    level : Level
        T11 to L5: sets the kind of bone (facets, processes, wedge).
    params : VertebraParameters
        Its lengths, mm, as `phantoms.morphometry` defines them.

    Raises
    ------
    ValueError
        If the level is not presacral.
    """
    return VertebraShape(morphed(bone_constants(level), default_vertebra(level), params))
