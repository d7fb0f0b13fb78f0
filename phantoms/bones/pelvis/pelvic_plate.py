"""A curved plate of bone of varying thickness behind an outline: the primitive of the innominate bone.

The plate is a height field over the sagittal plane: its middle lies at x(y, z), its half-thickness is t(y, z), and a closed outline in
(y, z) bounds it. The three are tabulated once on a lattice, so that a point costs one bilinear look-up however fine the outline is.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, RBFInterpolator
from scipy.spatial import cKDTree
from skimage.measure import points_in_poly

from phantoms.shapes.implicit import Array

PITCH_MM = 2.0
MARGIN_MM = 12.0
EDGE_ROUND = 1.6
LEAST_HALF_MM = 1.25  # the wing's thinnest place, which real bone may even leave open


@dataclass(frozen=True, kw_only=True, eq=False)
class Plate:
    """Height-field plate; tables have shape (rows along y, columns along z), mm, and start at `origin` (y, z)."""

    origin: Array
    middle: Array
    half_thickness: Array
    edge: Array
    steepness: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        inside = self.edge < PITCH_MM
        thickness = self.half_thickness * self.steepness
        y, z = (self.origin[:, None] + PITCH_MM * np.argwhere(inside).T)[:2]
        low, high = (self.middle - thickness)[inside].min(), (self.middle + thickness)[inside].max()
        return np.array([[low, y.min() - PITCH_MM, z.min() - PITCH_MM], [high, y.max() + PITCH_MM, z.max() + PITCH_MM]])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm; first order."""
        middle, thickness, edge, steepness = self._look_up(points[:, 1:])
        through = np.abs(points[:, 0] - middle) / steepness - thickness
        return _round_edge(through, edge, thickness)

    def middle_at(self, plane: Array) -> Array:
        """Lateral position of the plate's middle at (y, z), shape (n, 2) -> (n,), mm."""
        return self._look_up(plane)[0]

    def _look_up(self, plane: Array) -> tuple[Array, ...]:
        shape = np.array(self.edge.shape)
        place = np.clip((plane - self.origin) / PITCH_MM, 0.0, shape - 1.001)
        low = place.astype(np.intp)
        u, v = (place - low).T
        first = low[:, 0] * shape[1] + low[:, 1]
        tables = (self.middle, self.half_thickness, self.edge, self.steepness)
        return tuple(_bilinear(table.ravel(), first, int(shape[1]), u, v) for table in tables)


def fit_plate(outline: Array, controls: Array, smoothing: float = 20.0) -> Plate:
    """Plate through control points.

    Parameters
    ----------
    outline : ndarray, shape (k, 2)
        Corners (y, z) of a closed outline, joined by a periodic cubic, mm.
    controls : ndarray, shape (m, 4)
        Rows (y, z, x of the middle, half-thickness), mm, joined by a thin-plate spline.
    smoothing : float
        How much the spline may miss its points (RBFInterpolator's parameter).

    Returns
    -------
    Plate
        Tabulated every `PITCH_MM`.
    """
    curve = smooth_outline(outline)
    low, high = curve.min(axis=0) - MARGIN_MM, curve.max(axis=0) + MARGIN_MM
    axes = [np.arange(a, b, PITCH_MM) for a, b in zip(low, high, strict=True)]
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    flat = lattice.reshape(-1, 2)
    spline = RBFInterpolator(controls[:, :2], controls[:, 2:], smoothing=smoothing, kernel="thin_plate_spline")
    middle, thickness = (column.reshape(lattice.shape[:2]) for column in spline(flat).T)
    slopes = np.gradient(middle, PITCH_MM)
    return Plate(
        origin=low,
        middle=middle,
        half_thickness=np.maximum(thickness, LEAST_HALF_MM),
        edge=_signed_distance(flat, curve).reshape(lattice.shape[:2]),
        steepness=np.sqrt(1 + slopes[0] ** 2 + slopes[1] ** 2),
    )


def smooth_outline(corners: Array, per_side: int = 6) -> Array:
    """Closed periodic cubic through corners, shape (k, 2) -> (k * per_side, 2), mm."""
    closed = np.vstack([corners, corners[:1]])
    at = np.concatenate([[0.0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(closed, axis=0), axis=1)))])
    fine = np.concatenate([np.linspace(a, b, per_side, endpoint=False) for a, b in zip(at[:-1], at[1:], strict=True)])
    return CubicSpline(at, closed, bc_type="periodic")(fine)


def _signed_distance(points: Array, curve: Array) -> Array:
    """Signed distance to a closed polygon, shape (n, 2), (k, 2) -> (n,), mm; good to a tenth of a millimetre."""
    closed = np.vstack([curve, curve[:1]])
    shares = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None, None]
    dense = (closed[:-1] + shares * np.diff(closed, axis=0)).reshape(-1, 2)
    distance, _ = cKDTree(dense).query(points)
    return np.where(points_in_poly(points, closed), -distance, distance)


def _bilinear(table: Array, first: NDArray[np.intp], columns: int, u: Array, v: Array) -> Array:
    a, b = table.take(first), table.take(first + 1)
    c, d = table.take(first + columns), table.take(first + columns + 1)
    near = a + v * (b - a)
    return near + u * (c + v * (d - c) - near)


def _round_edge(through: Array, edge: Array, thickness: Array) -> Array:
    """Plate and outline joined with an edge as round as the plate is thick."""
    blend = np.minimum(EDGE_ROUND * thickness, 12.0)
    h = np.maximum(blend - np.abs(through - edge), 0.0) / blend
    return np.maximum(through, edge) + h * h * (blend / 4)
