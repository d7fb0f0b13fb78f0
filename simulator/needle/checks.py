"""What every movement of a needle checks at its door."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.validate import as_vector

Floats = NDArray[np.float64]


def as_direction(value: ArrayLike, name: str) -> Floats:
    """Return a direction, array_like, shape (3,), as a unit vector; ValueError where it has no length."""
    vector = as_vector(value, name)
    size = float(np.linalg.norm(vector))
    if not size > 0:
        raise ValueError(f"{name} must have a length above 0, got {vector}")
    return vector / size


def as_distance(value: float) -> float:
    """Return a distance, mm; ValueError where it is not finite or below 0."""
    distance = as_finite(value, "distance_mm")
    if distance < 0:
        raise ValueError(f"distance_mm must be 0 or above, got {distance:g}: use withdraw to pull, advance to push")
    return distance


def as_finite(value: float, name: str) -> float:
    """Return a finite number; ValueError where it is not."""
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {value}")
    return number
