"""Places to look from: the operator's, the head end, overhead, and close to the needle."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.room.camera import Camera

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """Where to stand and where to look, from the isocentre or the needle, for an operator at the patient's left, mm."""

    stand: tuple[float, float, float]
    look: tuple[float, float, float]
    up: tuple[float, float, float] = (0.0, 1.0, 0.0)
    at_needle: bool = False
    view_angle_deg: float = 38.0


PRESETS = {
    "operator": Preset(stand=(1020.0, 800.0, -430.0), look=(-60.0, 40.0, -30.0), view_angle_deg=46.0),
    "room": Preset(stand=(2050.0, 1150.0, -1750.0), look=(-150.0, -260.0, -60.0)),
    "head": Preset(stand=(260.0, 900.0, 1650.0), look=(0.0, -80.0, -120.0)),
    "overhead": Preset(stand=(1.0, 2150.0, 0.0), look=(0.0, 0.0, 0.0), up=(0.0, 0.0, 1.0)),
    "needle": Preset(stand=(-40.0, 190.0, -300.0), look=(0.0, 22.0, 0.0), at_needle=True, view_angle_deg=30.0),
}


def make_cameras(isocentre: Floats, entry: Floats, side: float) -> dict[str, Camera]:
    """All presets.

    Parameters
    ----------
    isocentre : ndarray, shape (3,)
        Of the C-arm, world frame, mm.
    entry : ndarray, shape (3,)
        Where the needle pierces the skin, or will, world frame, mm.
    side : float
        +1 where the operator stands at the patient's left, -1 at the right.
    """
    return {name: _camera(preset, entry if preset.at_needle else isocentre, side) for name, preset in PRESETS.items()}


def _camera(preset: Preset, origin: Floats, side: float) -> Camera:
    mirror = np.array([side, 1.0, 1.0])
    return Camera(
        position=origin + mirror * preset.stand,
        focus=origin + mirror * preset.look,
        up=np.array(preset.up),
        view_angle_deg=preset.view_angle_deg,
    )
