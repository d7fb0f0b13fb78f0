"""A needle's shaft as a curve with a radius."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.validate import as_points, as_positive


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class PolylineTube:
    """Round tube around a polyline.

    Attributes
    ----------
    axis : ndarray, shape (n, 3)
        At least two distinct points of the centre line, hub first, tip last, world frame, mm.
    radius_mm : float
        Outer radius, mm.

    Raises
    ------
    ValueError
        If there are fewer than two points, two neighbours coincide, a number is not finite, or the radius is not above 0.
    """

    axis: NDArray[np.float64]
    radius_mm: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "axis", as_points(self.axis, "Tube.axis"))
        object.__setattr__(self, "radius_mm", as_positive(self.radius_mm, "Tube.radius_mm"))
        if len(self.axis) < 2:
            raise ValueError(f"Tube.axis must have at least 2 points, got {len(self.axis)}")
        if not (np.diff(self.axis, axis=0) != 0).any(axis=1).all():
            raise ValueError("Tube.axis must not repeat a point: drop coinciding neighbours")

    @property
    def tip(self) -> NDArray[np.float64]:
        """Last point of the axis, shape (3,), mm."""
        return self.axis[-1]

    @property
    def length_mm(self) -> float:
        """Length along the axis, mm."""
        return float(np.linalg.norm(np.diff(self.axis, axis=0), axis=1).sum())
