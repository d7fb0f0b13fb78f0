"""A vertebral body: polar sections with a waist, closed by two curved endplates with a ring apophysis."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import clamp, smooth_max
from phantoms.shapes.swept import no_less_than_box

Array = NDArray[np.float64]

ORDERS = 5  # of the outline's cosine series
RING_FROM, RING_TO = 0.60, 0.86  # the endplate rises to its ring apophysis between these fractions of the outline
LIP_WIDTH = 0.14  # share of the height from waist to rim
DENT_WIDTH_MM = 5.0
DENT_HEIGHT_MM = 3.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Endplate:
    """Height of an endplate over the mid-plane, a polynomial of the place on it.

    Attributes
    ----------
    height_mm : float
        At the middle, mm (negative for the lower endplate).
    y, yy, yyy, yyyy, xx, xxy, xxyy : float
        Coefficients of y, y^2, y^3, y^4, x^2, x^2 y, x^2 y^2 (1, 1/mm, 1/mm^2 ...).
    """

    height_mm: float
    y: float
    yy: float
    yyy: float
    yyyy: float
    xx: float
    xxy: float
    xxyy: float

    def __call__(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Height z and slope factor sqrt(1 + |grad z|^2) at (x, y), each shape (n,), mm and 1."""
        xx = x * x
        across = self.xx + y * (self.xxy + y * self.xxyy)
        z = self.height_mm + y * (self.y + y * (self.yy + y * (self.yyy + y * self.yyyy))) + xx * across
        by_y = self.y + y * (2 * self.yy + y * (3 * self.yyy + 4 * self.yyyy * y)) + xx * (self.xxy + 2 * self.xxyy * y)
        by_x = 2 * x * across
        return z, np.sqrt(1.0 + by_x * by_x + by_y * by_y)


@dataclass(frozen=True, kw_only=True, eq=False)
class VertebralBody:
    """Body of a vertebra in its own frame (x left, y posterior, z superior, origin at its centre).

    The outline at each height is r(theta) = sum a_n cos(n theta), theta from posterior; it flares from the waist to either rim with
    the square of the height, less towards the rim.

    Attributes
    ----------
    upper, waist, lower : ndarray, shape (5,)
        Coefficients a_0 .. a_4 of the outline, mm.
    waist_at_mm : float
        Height of the waist, mm.
    upper_endplate, lower_endplate : Endplate
        The two ends.
    scale : ndarray, shape (2, 2)
        Factors on width and depth (columns) at the upper and the lower rim (rows).
    blend_mm : float
        Rounding of the rim, mm.
    ring_mm, lip_mm : float
        How far the ring apophysis stands above the endplate's middle and out from the side, mm.
    barrel : float
        How upright the rims stand: 0 flares to the last, 1 ends in a vertical band.
    dent_mm : float
        Depth of the hollow of the basivertebral foramen in the posterior wall, mm.
    """

    upper: Array
    waist: Array
    lower: Array
    waist_at_mm: float
    upper_endplate: Endplate
    lower_endplate: Endplate
    scale: Array
    blend_mm: float
    ring_mm: float
    lip_mm: float
    barrel: float
    dent_mm: float

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        reach = max(np.abs(a).sum() for a in (self.upper, self.waist, self.lower)) + self.lip_mm
        x, y = (reach * self.scale.max(axis=0)).tolist()
        grid = np.meshgrid(np.linspace(0, x, 9), np.linspace(-y, y, 17))
        inside = np.hypot(grid[0] / x, grid[1] / y) <= 1
        high = max(float(self.upper_endplate(grid[0], grid[1])[0][inside].max()), 8.0) + self.ring_mm
        low = min(float(self.lower_endplate(grid[0], grid[1])[0][inside].min()), -8.0) - self.ring_mm
        return np.array([[-x, -y, low], [x, y, high]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        x, y, z = np.ascontiguousarray(points.T)
        top, top_slope = self.upper_endplate(x, y)
        bottom, bottom_slope = self.lower_endplate(x, y)
        side, ring = self._side(x, y, z)
        ring *= self.ring_mm
        ends = np.maximum((z - top - ring) / top_slope, (bottom - ring - z) / bottom_slope)
        return no_less_than_box(smooth_max(side, ends, self.blend_mm), points, self.bounds)

    def _side(self, x: Array, y: Array, z: Array) -> tuple[Array, Array]:
        """Signed distance to the side wall, mm, and the ring apophysis' profile in [0, 1], each shape (n,)."""
        up = z > self.waist_at_mm
        span = np.where(up, self.upper_endplate.height_mm - self.waist_at_mm, self.lower_endplate.height_mm - self.waist_at_mm)
        v = clamp((z - self.waist_at_mm) / span, 0.0, 1.15)
        share = clamp(0.5 + 0.5 * z / self.upper_endplate.height_mm, 0.0, 1.0)
        (widen, deepen), (width, depth) = (self.scale[0] - self.scale[1]).tolist(), self.scale[1].tolist()
        widened, deepened = width + widen * share, depth + deepen * share
        x, y = x / widened, y / deepened
        rho = np.sqrt(x * x + y * y)
        r, by_angle, by_v = self._outline(y / np.maximum(rho, 1e-9), up, v)
        near = np.maximum(rho, 0.7 * r)
        rear = np.flatnonzero((y > 0.0) & (np.abs(x) < 3 * DENT_WIDTH_MM))
        if len(rear):
            r[rear] -= self.dent_mm * np.exp(-((x[rear] / DENT_WIDTH_MM) ** 2) - ((z[rear] - self.waist_at_mm) / DENT_HEIGHT_MM) ** 2)
        steepness = np.sqrt(1.0 + (by_angle / near) ** 2 + (by_v / span) ** 2)
        rise = clamp((rho / r - RING_FROM) / (RING_TO - RING_FROM), 0.0, 1.0)
        ring = rise * rise * (3.0 - 2.0 * rise)
        return (rho - r) / steepness * np.minimum(widened, deepened), ring

    @cached_property
    def _series(self) -> Array:
        """Coefficients of the waist's outline and of how the upper and the lower rim's differ from it, shape (3, 5)."""
        return np.array([self.waist, self.upper - self.waist, self.lower - self.waist])

    @cached_property
    def _turns(self) -> Array:
        return self._series * -np.arange(ORDERS)

    def _outline(self, cosine: Array, up: NDArray[np.bool_], v: Array) -> tuple[Array, Array, Array]:
        """Radius r and its derivatives by angle and by v, each shape (n,), mm."""
        c, s = _harmonics(cosine)
        waist, above, below = self._series @ c
        waist_turn, above_turn, below_turn = self._turns @ s
        flared, turned = np.where(up, above, below), np.where(up, above_turn, below_turn)
        vv = np.minimum(v * v, 1.0)
        grown = vv * (1.0 + self.barrel * (1.0 - vv))
        gap = (1.0 - v) / LIP_WIDTH
        lip = self.lip_mm * np.exp(-gap * gap)
        by_v = 2 * v * (1.0 + self.barrel * (1.0 - 2.0 * vv)) * flared + lip * 2 * gap / LIP_WIDTH
        return waist + grown * flared + lip, waist_turn + grown * turned, by_v


def _harmonics(cosine: Array) -> tuple[Array, Array]:
    """The cosines and sines of n theta, n = 0 .. 4, from cos theta, theta in [0, pi]; each shape (5, n)."""
    c, s = np.empty((2, ORDERS, len(cosine)))
    c[0], c[1] = 1.0, cosine
    s[0], s[1] = 0.0, np.sqrt(np.maximum(1.0 - cosine * cosine, 0.0))
    double = 2 * cosine
    for n in range(2, ORDERS):
        c[n] = double * c[n - 1] - c[n - 2]
        s[n] = double * s[n - 1] - s[n - 2]
    return c, s
