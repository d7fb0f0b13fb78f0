"""Where a root is felt, in a patient's words."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape
from phantoms.terms.levels import Level, Side
from phantoms.terms.reference_tables import level_rows
from phantoms.terms.regions import Table

FELT: Mapping[Level, str] = {level: row["felt"] for level, row in level_rows(Table.DERMATOMES).items()}
"""Dermatomes in a patient's words, from cranial to caudal."""


class RootLike(Protocol):
    """A nerve root that can say how far away it is."""

    @property
    def level(self) -> Level:
        """Which root."""

    @property
    def side(self) -> Side:
        """On which side."""

    @property
    def nerve(self) -> Shape:
        """The nerve."""

    @property
    def ganglion(self) -> Shape:
        """Its ganglion."""


def distance_mm(root: RootLike, point: NDArray[np.float64]) -> float:
    """Distance of a point, shape (3,), mm, from a root or its ganglion; negative inside."""
    place = np.asarray(point, dtype=float).reshape(1, 3)
    return float(min(root.nerve(place)[0], root.ganglion(place)[0]))


def name_felt_place(level: Level, side: Side) -> str:
    """Where a root is felt, with its side; a root below the table as its last.

    Examples
    --------
    >>> name_felt_place(Level.L5, Side.LEFT)
    'on the left, down the outer shin to the big toe'
    """
    return f"on the {side}, {FELT.get(level, list(FELT.values())[-1])}"
