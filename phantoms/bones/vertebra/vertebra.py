"""One lumbar or lower thoracic vertebra as an implicit shape driven by its morphometry.

Frame of a vertebra: origin at the centre of its body, x left, y posterior, z superior, the mid-plane of the two endplates at z = 0.
"""

from dataclasses import dataclass, fields
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.vertebra.vertebra_constants import JOIN_ORDER, BoneConstants, bone_constants
from phantoms.bones.vertebra.vertebra_landmarks import find_landmarks
from phantoms.bones.vertebra.vertebra_morph import morph
from phantoms.shapes.implicit import Shape, Union, box_distance, evaluate_near, smooth_min
from phantoms.shapes.swept import Swept, SweptBundle
from phantoms.terms.landmarks import VertebraLandmarks
from phantoms.terms.levels import Level
from phantoms.terms.parameters import VertebraParameters
from phantoms.terms.reference_tables import level_rows
from phantoms.terms.regions import Table

Array = NDArray[np.float64]

MIDLINE_ROUNDING_MM = 0.8  # rounds the crease that mirroring leaves in the midline
CORTEX_MM = {  # recalled, unverified: thin on the body, thickest where the arch carries load
    "superior_articular": 1.1,
    "inferior_articular": 1.5,
    "lamina": 1.7,
    "pedicle": 2.1,
    "transverse": 0.8,
    "spinous": 0.45,
    "mammillary": 0.9,
    "accessory": 0.8,
}
BODY_SIDE_CORTEX_MM = 0.4
ENDPLATE_CORTEX_MM = (0.36, 0.54)  # middle and ring, of bone as dense as compact bone: the plate is 0.6 - 1.0 mm thick and porous
CORTEX_BLEND_MM = 1.5
ABSENT_MM = 1e3  # stands for a part that is too far to matter


def fold(points: Array) -> Array:
    """Points, shape (n, 3), brought to the left half, with the midline crease rounded; a copy, mm."""
    half = points.copy(order="K")
    half[:, 0] = np.sqrt(half[:, 0] ** 2 + MIDLINE_ROUNDING_MM**2)
    return half


@dataclass(frozen=True, eq=False)
class MirrorSymmetric:
    """A shape given for x >= 0 and its mirror image."""

    half: Shape

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        low, high = self.half.bounds
        return np.array([[-high[0], low[1], low[2]], high])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return self.half(fold(points))


@dataclass(frozen=True, eq=False)
class Joined:
    """Parts joined one after the other, each asked only near its own box.

    Unlike `phantoms.shapes.implicit.Union` it leaves far parts out altogether, for in a chain of nine fillets even far distances add up; at
    twice the fillet's width a part can no longer move the surface, not even through another.
    """

    shapes: tuple[Shape, ...]
    blends_mm: tuple[float, ...]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return Union(self.shapes, self.blends_mm).bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; beyond the reach of every part a lower bound of it."""
        reach = 2.0 * max(self.blends_mm)
        result = np.full(len(points), ABSENT_MM)
        columns = np.ascontiguousarray(points.T)
        for near, values, blend in zip(*self._near(columns, reach), (0.0, *self.blends_mm), strict=True):
            if len(near):
                result[near] = smooth_min(result[near], values, blend)
        nowhere = np.flatnonzero(result >= ABSENT_MM)
        if len(nowhere):
            result[nowhere] = np.maximum(box_distance(columns.take(nowhere, axis=1).T, self.bounds), reach)
        return result

    @cached_property
    def _sheaf(self) -> SweptBundle:
        """The swept parts, which come first."""
        return SweptBundle(tuple(shape for shape in self.shapes if isinstance(shape, Swept)))

    @cached_property
    def _boxes(self) -> Array:
        """Lower and upper corners of the parts, shape (2, 3, k, 1), mm."""
        return np.stack([shape.bounds for shape in self.shapes], axis=2)[..., None]

    def _near(self, columns: Array, reach_mm: float) -> tuple[list[NDArray[np.intp]], list[Array]]:
        """For each part the points, shape (3, n), within a reach of its box, and its values there, mm."""
        (low_x, low_y, low_z), (high_x, high_y, high_z) = self._boxes[0] - reach_mm, self._boxes[1] + reach_mm
        x, y, z = columns
        within = (x > low_x) & (x < high_x) & (y > low_y) & (y < high_y) & (z > low_z) & (z < high_z)
        nears = [np.flatnonzero(row) for row in within]
        counts = np.array([len(near) for near in nears])
        first = len(self._sheaf.parts)
        swept = self._sheaf(columns.take(np.concatenate(nears[:first]), axis=1), counts[:first])
        values = np.split(swept, np.cumsum(counts[: first - 1]))
        rest = zip(self.shapes[first:], nears[first:], strict=True)
        return nears, values + [shape(columns.take(near, axis=1).T) if len(near) else np.zeros(0) for shape, near in rest]


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
        return MirrorSymmetric(Joined(shapes, tuple(blends[name] for name in (*JOIN_ORDER[1:], "body"))))

    @cached_property
    def superior_articular(self) -> Shape:
        """Both superior articular processes."""
        return MirrorSymmetric(self.constants.parts["superior_articular"])

    @cached_property
    def inferior_articular(self) -> Shape:
        """Both inferior articular processes with their partes interarticulares."""
        return MirrorSymmetric(self.constants.parts["inferior_articular"])

    @cached_property
    def landmarks(self) -> VertebraLandmarks:
        """Named points in the vertebra's own frame, mm."""
        return find_landmarks(self.constants, self.outer)

    def cortex_mm(self, points: Array) -> Array:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), mm; trabecular bone is where outer + cortex_mm < 0."""
        half = fold(points)
        body = self.constants.body
        ended = np.clip(4.0 * (np.abs(points[:, 2]) / body.upper_endplate.height_mm - 0.6), 0.0, 1.0)
        middle, ring = ENDPLATE_CORTEX_MM
        endplate = middle + (ring - middle) * np.minimum(((half / body.bounds[1])[:, :2] ** 2).sum(axis=1), 1.0)
        weight = _share(body, half)
        total = weight * (BODY_SIDE_CORTEX_MM + ended * (endplate - BODY_SIDE_CORTEX_MM))
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
    rows = level_rows(Table.VERTEBRAE)
    return {level: VertebraParameters(**{name: float(row[name]) for name in names}) for level, row in rows.items()}


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
        Its lengths, mm, as `phantoms.bones.vertebra.morphometry` defines them.

    Raises
    ------
    ValueError
        If the level is not presacral.
    """
    return VertebraShape(morph(bone_constants(level), default_vertebra(level), params))
