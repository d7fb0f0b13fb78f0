"""A body of one soft tissue, for needles that only have to curve."""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue


def muscle(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Muscle below y = 80 mm, air above."""
    return np.where(points[:, 1] < 80.0, Tissue.MUSCLE, Tissue.AIR).astype(np.uint8)
