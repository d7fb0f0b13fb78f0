"""How the patient lies: the heights, widths and ends that the room's furniture and clothes are fitted to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.surface import Surface

Floats = NDArray[np.float64]

SUNK_MM = 18.0  # a trunk sinks into its mattress
MATTRESS_MM, TOP_MM, UNDER_TABLE_MM = 60.0, 30.0, 860.0
SHARES = 13  # places of the profile from the midline to the flank
REACH_MM = 0.5  # how far beside a place a slice may still count as over it
END_MM = 26.0  # the trunk's own ends are flat: rings nearer to them are not asked


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class PatientOutline:
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


def lie_of(skin: Surface, *, step_mm: float = 40.0) -> PatientOutline:
    """Outline of a trunk.

    Parameters
    ----------
    skin : Surface
        Closed, around the trunk.
    step_mm : float
        From one station to the next.
    """
    low, high = skin.vertices[:, 2].min() + END_MM, skin.vertices[:, 2].max() - END_MM
    stations = np.arange(high, low, -step_mm)
    slices = [_slice(skin, float(z)) for z in stations]
    points = [cut.reshape(-1, 2) for cut in slices]
    half = np.array([np.abs(cut[:, 0]).max() for cut in points])
    profile = np.stack([_upper(cut, np.linspace(0, wide, SHARES)) for cut, wide in zip(slices, half, strict=True)])
    return PatientOutline(z=stations, half=half, back=profile[:, 0], front=np.array([cut[:, 1].min() for cut in points]), profile=profile)


def _slice(skin: Surface, z_mm: float) -> Floats:
    """Where a plane across the body cuts a surface: segments, shape (n, 2, 2), of x and y, mm."""
    corners = skin.vertices[skin.faces]
    above = corners[:, :, 2] > z_mm
    cut, above = corners[above.any(axis=1) & ~above.all(axis=1)], above[above.any(axis=1) & ~above.all(axis=1)]
    lone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))  # the corner that is alone on its side
    rows = np.arange(len(cut))
    start, others = cut[rows, lone], np.stack([cut[rows, (lone + 1) % 3], cut[rows, (lone + 2) % 3]], axis=1)
    share = (z_mm - start[:, None, 2]) / (others[:, :, 2] - start[:, None, 2])
    return np.asarray(start[:, None, :2] + share[:, :, None] * (others[:, :, :2] - start[:, None, :2]))


def _upper(segments: Floats, places: Floats) -> Floats:
    """Highest points of a slice over places from the midline outwards, both sides as one, shape (k,), mm."""
    (x0, y0), (x1, y1) = segments[:, 0].T, segments[:, 1].T
    heights = np.full(len(places), -np.inf)
    for number, place in enumerate(places):
        for x in (place, -place):
            over = (np.minimum(x0, x1) <= x + REACH_MM) & (np.maximum(x0, x1) >= x - REACH_MM)
            share = np.clip((x - x0[over]) / np.where(x1[over] == x0[over], 1.0, x1[over] - x0[over]), 0, 1)
            heights[number] = max(heights[number], (y0[over] + share * (y1[over] - y0[over])).max(initial=-np.inf))
    return heights
