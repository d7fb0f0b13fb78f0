"""How the patient lies: the heights, widths and ends that the room's furniture and clothes are fitted to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SUNK_MM = 18.0  # a trunk sinks into its mattress
MATTRESS_MM, TOP_MM, UNDER_TABLE_MM = 60.0, 30.0, 860.0
SHARES = 13  # places of the profile from the midline to the flank
END_MM = 26.0  # the trunk's own ends are flat: rings nearer to them are not asked


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Lie:
    """A prone trunk's outline.

    Attributes
    ----------
    z : ndarray, shape (n,)
        Stations along the body, falling, mm.
    half : ndarray, shape (n,)
        Half width there, mm.
    back, front : ndarray, shape (n,)
        Heights of the back in the midline and of the lowest point of the front, mm.
    profile : ndarray, shape (n, SHARES)
        Heights of the upper side from the midline out to the half width, mm.
    """

    z: Floats
    half: Floats
    back: Floats
    front: Floats
    profile: Floats

    @property
    def bed_mm(self) -> float:
        """Height of the mattress' upper side."""
        return float(self.front.min()) + SUNK_MM

    @property
    def table_mm(self) -> float:
        """Height of the table top's lower side."""
        return self.bed_mm - MATTRESS_MM - TOP_MM

    @property
    def floor_mm(self) -> float:
        """Height of the floor."""
        return self.table_mm - UNDER_TABLE_MM

    def at(self, z_mm: float) -> tuple[float, float, float]:
        """Half width, back and front at a height along the body, mm."""
        half, back, front = (float(np.interp(-z_mm, -self.z, row)) for row in (self.half, self.back, self.front))
        return half, back, front

    def height_mm(self, x: Floats, z_mm: float) -> Floats:
        """Height of the upper side of the trunk at places across it, shape (n,), mm; minus infinity beside it."""
        half, _, _ = self.at(z_mm)
        rows = np.array([np.interp(-z_mm, -self.z, column) for column in self.profile.T])
        share = np.abs(x) / half
        return np.where(share <= 1, np.interp(share, np.linspace(0, 1, SHARES), rows), -np.inf)


def lie_of(skin: Floats, *, step_mm: float = 40.0) -> Lie:
    """Outline of a trunk.

    Parameters
    ----------
    skin : ndarray, shape (n, 3)
        Its vertices, world frame, mm.
    step_mm : float
        From one station to the next.
    """
    low, high = skin[:, 2].min() + END_MM, skin[:, 2].max() - END_MM
    stations = np.arange(high, low, -step_mm)
    rings = [skin[np.abs(skin[:, 2] - z) < 0.6 * step_mm] for z in stations]
    return Lie(
        z=stations,
        half=np.array([np.abs(ring[:, 0]).max() for ring in rings]),
        back=np.array([ring[np.abs(ring[:, 0]) < 40.0, 1].max() for ring in rings]),
        front=np.array([ring[:, 1].min() for ring in rings]),
        profile=np.stack([_upper(ring) for ring in rings]),
    )


def _upper(ring: Floats) -> Floats:
    """Highest points of a slice of skin from the midline outwards, both sides as one, shape (SHARES,), mm."""
    aside = np.abs(ring[:, 0])
    half = aside.max()
    middle = (ring[:, 1].max() + ring[:, 1].min()) / 2
    upper = ring[:, 1] >= ring[np.argmax(aside), 1]
    order = np.argsort(aside[upper])
    places, heights = aside[upper][order], ring[upper, 1][order]
    bins = np.linspace(0, half, SHARES)
    reach = 0.6 * half / (SHARES - 1)
    near = [heights[np.abs(places - at) <= reach] for at in bins]
    known = np.array([len(found) > 0 for found in near])
    tops = np.array([found.max() if len(found) else middle for found in near])
    return np.interp(bins, bins[known], tops[known])
