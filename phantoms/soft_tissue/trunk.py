"""The trunk of a prone patient: skin, subcutaneous fat, muscle wall and the abdominal and pelvic cavity, as nested lofts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter, gaussian_filter1d, maximum_filter, minimum_filter

from phantoms.population.habitus import Habitus
from phantoms.shapes.loft import Loft

Array = NDArray[np.float64]

SKIN_MM = 2.0
LEAST_FAT_MM = 2.0
BONE_COVER_MM = 2.5
BONE_CLEAR_MM = 3.0
WALL_MM = 14.0  # three flat muscles of the abdominal wall; recalled, unverified
BEHIND_CAVITY_MM = 58.0  # from the fascia to the back of the cavity: erector spinae and quadratus lumborum; recalled, unverified
BUTTOCK_FALL = 0.12  # mm per mm caudad; recalled, unverified
COLUMNS = 180
ROW_MM = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class TrunkAnchors:
    """Where the trunk must lie.

    Attributes
    ----------
    skin : ndarray, shape (k, 2)
        Heights z and dorsal skin y in the midline furrow, mm, z falling.
    fascia : ndarray, shape (k, 2)
        Heights z and y of the thoracolumbar fascia over the spinous tips, mm, z falling.
    bones : ndarray, shape (n, 4)
        Points of the bones, which the muscle must cover, and their signed distance from the bone's surface, mm.
    z_range_mm : tuple of two floats
        Lower and upper end of the trunk.
    waist_z_mm, pelvis_z_mm : float
        Heights of the waist (L3) and of the hips (coccyx).
    """

    skin: Array
    fascia: Array
    bones: Array
    z_range_mm: tuple[float, float]
    waist_z_mm: float
    pelvis_z_mm: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Trunk:
    """Nested solids of the trunk, each inside the one before."""

    skin: Loft
    fat: Loft
    muscle: Loft
    cavity: Loft


def make_trunk(habitus: Habitus, anchors: TrunkAnchors) -> Trunk:
    """Skin, fat, muscle and cavity around given bones.

    The skin passes through the anchors in the midline; depth and width of the trunk at the waist are those of the habitus. Where fat
    and bones need more room than that, the skin gives way.
    """
    grid = _Grid(anchors)
    muscle = grid.cover(_muscle_radius(habitus, anchors, grid), anchors.bones)
    skin = np.maximum(_skin_radius(habitus, anchors, grid), muscle + LEAST_FAT_MM + SKIN_MM)
    skin_loft = grid.loft(skin)
    fat = skin_loft.inset(SKIN_MM)
    # Where skin is steep, as in the natal cleft, its inset runs deeper along the radius.
    muscle_loft = grid.loft(np.minimum(muscle, fat.radius_mm - LEAST_FAT_MM))
    return Trunk(skin=skin_loft, fat=fat, muscle=_trim(muscle_loft, 2.0), cavity=_trim(_cavity(habitus, anchors, grid, muscle), 12.0))


def _trim(loft: Loft, trim_mm: float) -> Loft:
    """The rows that lie at least `trim_mm` inside both ends."""
    z = np.linspace(loft.z_mm[0] + trim_mm, loft.z_mm[-1] - trim_mm, len(loft.z_mm))
    radius = np.stack([np.interp(z, loft.z_mm, column) for column in loft.radius_mm.T], axis=1)
    return Loft(z_mm=z, axis_y_mm=np.interp(z, loft.z_mm, loft.axis_y_mm), radius_mm=radius)


class _Grid:
    """Heights and angles of the tables, and the axis between back and belly."""

    def __init__(self, anchors: TrunkAnchors) -> None:
        low, high = anchors.z_range_mm
        self.z = np.linspace(low, high, round((high - low) / ROW_MM) + 1)
        self.angle = np.arange(COLUMNS) * (2 * np.pi / COLUMNS)
        fascia = curve(anchors.fascia, self.z)
        self.axis = gaussian_filter1d(fascia - 75.0, 8.0, mode="nearest")

    def loft(self, radius: Array) -> Loft:
        return Loft(z_mm=self.z, axis_y_mm=self.axis, radius_mm=radius)

    def section(self, half_width: Array, dorsal: Array, ventral: Array, power: Array | float) -> Array:
        """Superelliptic sections from y = ventral to y = dorsal, each (k,), as radii (k, m)."""
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        depth = np.where(sine > 0, (dorsal - self.axis)[:, None], (self.axis - ventral)[:, None])
        n = np.broadcast_to(power, self.z.shape)[:, None]
        return ((np.abs(cosine) / half_width[:, None]) ** n + (np.abs(sine) / np.maximum(depth, 10.0)) ** n) ** (-1.0 / n)

    def cover(self, radius: Array, points: Array) -> Array:
        """Radii raised so as to cover bones, told by points and signed distances, shape (n, 4), with `BONE_COVER_MM`, smoothly."""
        cells, reach = self._polar(points)
        needed = np.zeros_like(radius)
        np.maximum.at(needed, cells, reach - points[:, 3] + BONE_COVER_MM)
        # Widen before smoothing, so that the smooth cover still reaches over every point.
        needed = maximum_filter(np.maximum(needed - radius, 0.0), size=(5, 7), mode=("nearest", "wrap"))
        return radius + gaussian_filter(needed, (1.3, 1.6), mode=("nearest", "wrap"))

    def clear(self, radius: Array, points: Array) -> Array:
        """Radii lowered so as to end before bones, told as for `cover`: the cavity's coarse mesh cannot go round a rib."""
        cells, reach = self._polar(points)
        room = np.full_like(radius, np.inf)
        np.minimum.at(room, cells, reach + points[:, 3] - BONE_CLEAR_MM)
        excess = minimum_filter(np.minimum(room - radius, 0.0), size=(7, 9), mode=("nearest", "wrap"))
        return radius + gaussian_filter(excess, (1.3, 1.6), mode=("nearest", "wrap"))

    def _polar(self, points: Array) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], Array]:
        """Row and column of points, and their distances from the axis, mm."""
        y = points[:, 1] - np.interp(points[:, 2], self.z, self.axis)
        column = np.round(np.mod(np.arctan2(y, points[:, 0]), 2 * np.pi) * (COLUMNS / (2 * np.pi))).astype(np.intp) % COLUMNS
        row = np.clip(np.round((points[:, 2] - self.z[0]) / (self.z[1] - self.z[0])).astype(np.intp), 0, len(self.z) - 1)
        return (row, column), np.hypot(points[:, 0], y)


def curve(knots: Array, z: Array) -> Array:
    """Smooth y(z) through knots, shape (k, 2), mm, z falling; level beyond the ends; shape of z."""
    inside = np.clip(z, knots[-1, 0], knots[0, 0])
    return PchipInterpolator(knots[::-1, 0], knots[::-1, 1])(inside)


def _hips(anchors: TrunkAnchors, z: Array) -> Array:
    """0 at the waist and above, 1 at the hips, shape of z."""
    s = np.clip((anchors.waist_z_mm - z) / (anchors.waist_z_mm - anchors.pelvis_z_mm), 0.0, 1.0)
    return s * s * (3 - 2 * s)


def _crown(anchors: TrunkAnchors, z: Array, midline: Array) -> Array:
    """Height of the back beside the midline: below the waist it falls slowly where the midline sinks into the natal cleft, shape of z."""
    fall = BUTTOCK_FALL * (z[1] - z[0])
    crown = midline.copy()
    for i in range(len(z) - 2, -1, -1):
        if z[i] < anchors.waist_z_mm:
            crown[i] = max(midline[i], crown[i + 1] - fall)
    return gaussian_filter1d(crown, 4.0, mode="nearest")


def _skin_radius(habitus: Habitus, anchors: TrunkAnchors, grid: _Grid) -> Array:
    hips = _hips(anchors, grid.z)
    furrow = curve(anchors.skin, grid.z)
    waist = float(np.interp(anchors.waist_z_mm, grid.z, furrow))
    ventral = waist - habitus.trunk_depth_mm + 14.0 * hips
    chest = np.clip((grid.z - anchors.waist_z_mm) / 200.0, 0.0, 1.0)
    half_width = habitus.trunk_width_mm / 2 + 12.0 * hips - 8.0 * chest
    x = np.cos(grid.angle)
    dorsal_side = np.clip(np.sin(grid.angle), 0.0, 1.0) ** 0.5
    radius = grid.section(half_width, _crown(anchors, grid.z, furrow) + 5.0 + 10.0 * hips, np.full_like(furrow, 0.0) + ventral, 2.5)
    # Midline furrow between the erectors, deeper between the buttocks.
    depth = (grid.axis + radius[:, COLUMNS // 4] - furrow)[:, None]
    width = 18.0 + 10.0 * hips[:, None]
    return radius - depth * np.exp(-((radius * x / width) ** 2)) * dorsal_side


def _muscle_radius(habitus: Habitus, anchors: TrunkAnchors, grid: _Grid) -> Array:
    hips = _hips(anchors, grid.z)
    fascia = curve(anchors.fascia, grid.z)
    fat = habitus.dorsal_fat_mm
    skin = curve(anchors.skin, grid.z)
    ventral = float(np.interp(anchors.waist_z_mm, grid.z, skin)) - habitus.trunk_depth_mm + SKIN_MM + 0.8 * fat + 8.0 * hips
    half_width = habitus.trunk_width_mm / 2 - SKIN_MM - 0.9 * fat - 4.0 * hips
    dorsal = _crown(anchors, grid.z, fascia) + 3.0 + 8.0 * hips
    radius = grid.section(half_width, dorsal, ventral, 2.5)
    depth = (grid.axis + radius[:, COLUMNS // 4] - fascia)[:, None]
    groove = depth * np.exp(-((radius * np.cos(grid.angle) / 12.0) ** 2)) * (np.sin(grid.angle) > 0)
    return radius - groove


def _cavity(habitus: Habitus, anchors: TrunkAnchors, grid: _Grid, muscle: Array) -> Loft:
    """Abdomen and pelvis: inside the muscle wall, ventral to the transverse processes."""
    hips = _hips(anchors, grid.z)
    fascia = curve(anchors.fascia, grid.z)
    wall = grid.loft(muscle).inset(WALL_MM).radius_mm
    half_width = (habitus.trunk_width_mm / 2 - 0.9 * habitus.dorsal_fat_mm - WALL_MM) * (1 - hips) + 62.0 * hips
    dorsal = fascia - BEHIND_CAVITY_MM + 6.0 * hips
    radius = grid.section(half_width, dorsal, fascia - 400.0, 3.0)
    return grid.loft(np.maximum(grid.clear(np.minimum(radius, wall), anchors.bones), 12.0))
