"""A camera of the room."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.validate import as_vector

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Camera:
    """A perspective camera.

    Attributes
    ----------
    position, focus, up : ndarray, shape (3,)
        Where it stands, where it looks, mm; and which way is up on the picture.
    view_angle_deg : float
        From the lower to the upper rim of the picture.
    """

    position: Floats
    focus: Floats
    up: Floats
    view_angle_deg: float = 30.0

    def __post_init__(self) -> None:
        for name in ("position", "focus", "up"):
            object.__setattr__(self, name, as_vector(getattr(self, name), f"Camera.{name}"))

    def plain(self) -> dict[str, object]:
        """As the browser's view takes it; it orbits about where it looks."""
        position, focus, up = ([round(float(value), 2) for value in vector] for vector in (self.position, self.focus, self.up))
        return {"position": position, "focalPoint": focus, "viewUp": up, "viewAngle": self.view_angle_deg, "centerOfRotation": focus}
