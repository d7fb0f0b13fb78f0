"""Intervertebral discs: outlines taken from the endplates above and below, annulus outside, nucleus inside."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Ellipsoid, Placed, Shape
from phantoms.terms.landmarks import Plane

Array = NDArray[np.float64]

BULGE_MM = 1.0  # beyond the rims at mid-height, healthy disc; recalled, unverified
PROBE_DEPTH_MM = 1.5
TUCK = 1.6  # how fast the outline shrinks inside the bone, mm per mm, so that no disc shows outside a rim
HARMONICS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Disc:
    """A disc in its own frame: origin midway between the endplates, x left, y posterior, z cephalad.

    `upper`, `lower` are outline coefficients: r(theta) = sum a_n cos(n theta), theta from posterior, shape (HARMONICS + 1,), mm;
    `ends` hold the height and the y-slope of the endplates above and below.
    """

    upper: Array
    lower: Array
    ends: tuple[tuple[float, float], tuple[float, float]]
    bulge_mm: float = BULGE_MM

    @cached_property
    def height_mm(self) -> float:
        """Height in the middle, mm."""
        return self.ends[0][0] - self.ends[1][0]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        angle = np.linspace(0, 2 * np.pi, 73)
        radius = np.maximum(*(outline(a, angle) for a in (self.upper, self.lower))) + self.bulge_mm
        x, y = radius * np.sin(angle), radius * np.cos(angle)
        tilt = max(abs(slope) for _, slope in self.ends) * float(np.abs(y).max()) + 4.0
        return np.array([[x.min(), y.min(), self.ends[1][0] - tilt], [x.max(), y.max(), self.ends[0][0] + tilt]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order."""
        x, y, z = points.T
        (above, up), (below, down) = self.ends
        over, under = z - above - up * y, below + down * y - z
        share = np.clip((z - below - down * y) / np.maximum(over * -1 + under * -1, 1.0), 0.0, 1.0)
        angle = np.arctan2(x, y)
        r0, r1 = outline(self.lower, angle), outline(self.upper, angle)
        s0, s1 = outline(self.lower, angle, slope=True), outline(self.upper, angle, slope=True)
        radius = r0 + share * (r1 - r0) + self.bulge_mm * 4 * share * (1 - share)
        radius -= TUCK * np.maximum(np.maximum(over, under), 0.0)
        turn = (s0 + share * (s1 - s0)) / np.maximum(radius, 5.0)
        side = (np.hypot(x, y) - radius) / np.sqrt(1.0 + turn * turn)
        return np.maximum(side, np.maximum(over, under) - 4.0)


def outline(coefficients: Array, angle: Array, *, slope: bool = False) -> Array:
    """Radius (or its derivative) of a cosine series at angles, shape (n,), mm."""
    cosine = np.cos(angle)
    # Chebyshev: cos(n a) = T_n(cos a); cheaper than calling cos for every harmonic.
    series = np.polynomial.chebyshev.Chebyshev(coefficients)
    return -np.sin(angle) * series.deriv()(cosine) if slope else series(cosine)


def probe_outline(bone: Shape, plate: Plane, axes: Array, inward: float) -> Array:
    """Outline coefficients of a vertebral body just inside an endplate, shape (HARMONICS + 1,), mm.

    `inward` is +1 or -1 along the plate's normal towards the bone.
    """
    angle = np.radians(np.arange(-180.0, 180.0, 10.0))
    reach = np.arange(9.0, 36.0, 1.5)
    y = axes[:, 1] - (axes[:, 1] @ plate.normal) * plate.normal
    directions = np.outer(np.sin(angle), axes[:, 0]) + np.outer(np.cos(angle), y / np.linalg.norm(y))
    start = plate.point + inward * PROBE_DEPTH_MM * plate.normal
    grid = start + reach[None, :, None] * directions[:, None, :]
    inside = bone(grid.reshape(-1, 3)).reshape(len(angle), len(reach))
    radius = np.array([_exit(reach, row) for row in inside])
    design = np.cos(np.outer(angle, np.arange(HARMONICS + 1)))
    fit = np.linalg.lstsq(design, radius, rcond=None)[0]
    # The pedicles start behind the corners: what sticks out of the smooth outline is theirs.
    keep = radius < design @ fit + 1.5
    return np.linalg.lstsq(design[keep], radius[keep], rcond=None)[0]


def _exit(reach: Array, values: Array) -> float:
    out = np.flatnonzero(values >= 0)
    if len(out) == 0:
        return float(reach[-1])
    i = int(out[0])
    if i == 0:
        return float(reach[0])
    return float(reach[i - 1] + (reach[i] - reach[i - 1]) * values[i - 1] / (values[i - 1] - values[i]))


def disc_frame(above: Plane, below: Plane, left: Array) -> Array:
    """world_from_disc, shape (4, 4), mm: midway between the endplates above and below; `left` a unit vector, shape (3,)."""
    z = above.normal + below.normal
    z = z / np.linalg.norm(z)
    y = np.cross(z, left)
    y /= np.linalg.norm(y)
    frame = np.eye(4)
    frame[:3, :3] = np.stack([np.cross(y, z), y, z], axis=1)
    frame[:3, 3] = (above.point + below.point) / 2
    return frame


def disc(above: Plane, below: Plane, upper: Array, lower: Array, world_from_disc: Array) -> tuple[Shape, Shape]:
    """Annulus (whole disc) and nucleus between two endplates, given by their outlines' coefficients, shape (HARMONICS + 1,), mm."""
    ends = (_end(above, world_from_disc), _end(below, world_from_disc))
    shape = Disc(upper=upper, lower=lower, ends=ends)
    mean = (upper + lower) / 2
    width, front, back = (float(outline(mean, np.array([a]))[0]) for a in (np.pi / 2, np.pi, 0.0))
    radii = np.array([0.62 * width, 0.31 * (front + back), max(0.42 * shape.height_mm, 1.0)])
    nucleus = Ellipsoid(np.array([0.0, (back - front) / 2 + 1.5, 0.0]), radii)
    return Placed(shape, world_from_disc), Placed(nucleus, world_from_disc)


def _end(plate: Plane, world_from_disc: Array) -> tuple[float, float]:
    point = world_from_disc[:3, :3].T @ (plate.point - world_from_disc[:3, 3])
    normal = world_from_disc[:3, :3].T @ plate.normal
    slope = float(-normal[1] / normal[2])
    return float(point[2] - slope * point[1]), slope
