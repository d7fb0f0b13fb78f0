"""Where a root is felt, in a patient's words."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape
from phantoms.terms.levels import Level, Side

FELT = {
    Level.T11: "across the belly, below the navel",
    Level.T12: "across the lower belly, above the groin",
    Level.L1: "into the groin",
    Level.L2: "into the front of the thigh",
    Level.L3: "down the front of the thigh to the knee",
    Level.L4: "over the knee to the inner shin",
    Level.L5: "down the outer shin to the big toe",
    Level.S1: "down the calf to the little toe",
    Level.S2: "down the back of the thigh",
    Level.S3: "into the buttock",
}
"""Dermatomes T11 to S3 in a patient's words (recalled, unverified)."""


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


def felt(level: Level, side: Side) -> str:
    """Where a root is felt, with its side.

    Examples
    --------
    >>> felt(Level.L5, Side.LEFT)
    'on the left, down the outer shin to the big toe'
    """
    return f"on the {side}, {FELT.get(level, FELT[Level.S3])}"
