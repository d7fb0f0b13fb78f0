"""Measure a vertebra: the lengths of `VertebraParameters` read off any implicit shape in the vertebra's own frame.

Definitions (x left, y posterior, z superior, origin at the body's centre; *the wall* is the body's at mid-height in the midline):

- endplate width and depth: of the body 3 mm inside the endplate, the width the largest over y from -10 to 4 mm;
- anterior and posterior height: along z, 2.5 mm inside the anterior and posterior wall;
- canal width: largest free width at the pedicles' mid-height; canal depth: shortest free depth in the midline;
- pedicle width: least of the widths across x at its mid-height between body and lamina; height: least of the heights in the same planes;
- spinous length: from the posterior wall to the most posterior point, straight; spinous height: along z, 8 mm before that point;
- transverse width: between the tips; facet angle: of the superior articular process' long section axis from the sagittal plane.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape
from phantoms.terms.parameters import VertebraParameters

Array = NDArray[np.float64]

STEP_MM = 0.25
X, Y, Z = np.eye(3)


def find_crossing(shape: Shape, start: Array, direction: Array, reach_mm: float) -> Array:
    """Distance along rays from starts, shape (k, 3), to the first change of sign, shape (k,), mm; nan where there is none."""
    s = np.arange(0.0, reach_mm, STEP_MM)
    points = start[:, None, :] + s[None, :, None] * direction
    d = shape(points.reshape(-1, 3)).reshape(len(start), -1)
    change = (d[:, :-1] < 0) != (d[:, 1:] < 0)
    found, at, row = change.any(axis=1), change.argmax(axis=1), np.arange(len(start))
    fall = np.where(found, d[row, at] - d[row, at + 1], 1.0)
    return np.where(found, s[at] + STEP_MM * d[row, at] / fall, np.nan)


def line(x: float | Array, y: float | Array, z: float | Array) -> Array:
    """Points whose coordinates broadcast together, shape (k, 3), mm."""
    return np.stack([np.ravel(a) for a in np.broadcast_arrays(np.atleast_1d(x), y, z)], axis=1).astype(float)


def measure(shape: Shape, facet_angle_deg: float = 30.0) -> VertebraParameters:
    """Morphometry of a vertebra in its own frame; the facet angle, which no ray finds, is handed through."""
    front, rear = walls(shape)
    (upper_width, upper_depth), (lower_width, lower_depth) = endplate_size(shape, 1), endplate_size(shape, -1)
    pedicle = pedicle_isthmus(shape)
    _, spinous_length, spinous_height = spinous_size(shape)
    return VertebraParameters(
        upper_width_mm=upper_width,
        upper_depth_mm=upper_depth,
        lower_width_mm=lower_width,
        lower_depth_mm=lower_depth,
        anterior_height_mm=body_height(shape, front + 2.5),
        posterior_height_mm=body_height(shape, rear - 2.5),
        canal_width_mm=canal_width(shape),
        canal_depth_mm=canal_depth(shape),
        pedicle_width_mm=pedicle.width_mm,
        pedicle_height_mm=pedicle.height_mm,
        spinous_length_mm=spinous_length,
        spinous_height_mm=spinous_height,
        transverse_width_mm=transverse_width(shape),
        facet_angle_deg=facet_angle_deg,
    )


def walls(shape: Shape) -> tuple[float, float]:
    """The y of the anterior and posterior wall at mid-height in the midline, mm."""
    middle = line(0.0, 0.0, 0.0)
    return -float(find_crossing(shape, middle, -Y, 40.0)[0]), float(find_crossing(shape, middle, Y, 40.0)[0])


def endplate_size(shape: Shape, sign: int) -> tuple[float, float]:
    """Width and depth of the upper (sign 1) or lower (-1) end of the body, mm."""
    top = float(find_crossing(shape, line(0.0, 0.0, 0.0), sign * Z, 30.0)[0])
    z = sign * (top - 3.0)
    width = 2 * float(np.nanmax(find_crossing(shape, line(0.0, np.arange(-10.0, 4.1, 2.0), z), X, 45.0)))
    at = line(0.0, 0.0, z)
    return width, float(find_crossing(shape, at, -Y, 40.0)[0] + find_crossing(shape, at, Y, 40.0)[0])


def body_height(shape: Shape, y: float) -> float:
    """Height of the body along z in the midline at y, mm."""
    at = line(0.0, y, 0.0)
    return float(find_crossing(shape, at, Z, 30.0)[0] + find_crossing(shape, at, -Z, 30.0)[0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Pedicle:
    """Isthmus of the left pedicle: its centre, shape (3,), and least width and height, mm."""

    centre: Array
    width_mm: float
    height_mm: float


def pedicle_isthmus(shape: Shape) -> Pedicle:
    """Find the isthmus of the left pedicle among planes across y behind the body."""
    y = walls(shape)[1] + np.arange(2.0, 7.1, 1.0)
    inner = _free_half_width(shape, y, 3.0)
    y, inner = y[np.isfinite(inner)], inner[np.isfinite(inner)]
    if not len(y):
        raise ValueError("pedicle_isthmus: no bone beside the canal behind the body; is the shape in its own frame?")
    up = find_crossing(shape, line(inner + 4.0, y, 3.0), Z, 25.0)
    down = find_crossing(shape, line(inner + 4.0, y, 3.0), -Z, 25.0)
    middle = 3.0 + np.nan_to_num(up - down) / 2
    widths = _least_widths(shape, y, middle)
    at = int(np.nanargmin(widths))
    inner_at = float(_free_half_width(shape, y[at : at + 1], middle[at])[0])
    centre = np.array([inner_at + widths[at] / 2, y[at], middle[at]])
    return Pedicle(centre=centre, width_mm=float(widths[at]), height_mm=float(np.nanmin(up + down)))


def _free_half_width(shape: Shape, y: Array, z: float | Array) -> Array:
    """Distance from the midline to the canal's side wall at (y, z), shape (k,), mm; nan where the canal is not open."""
    start = line(0.0, y, z)
    half = find_crossing(shape, start, X, 30.0)
    half[shape(start) <= 0] = np.nan
    return half


def _least_widths(shape: Shape, y: Array, z: Array) -> Array:
    """Least thickness of the canal's side wall from each (y, z) over axial directions 0 to 45 degrees forward, shape (k,), mm."""
    inner = _free_half_width(shape, y, z)
    start = line(np.nan_to_num(inner) + 0.3, y, z)
    turns = np.radians([0.0, 15.0, 30.0, 45.0])
    chords = np.array([0.3 * np.cos(a) + find_crossing(shape, start, np.array([np.cos(a), -np.sin(a), 0.0]), 45.0) for a in turns])
    chords[~(chords > 3.0)] = 99.0  # a grazing ray, or none
    return np.where(np.isfinite(inner), chords.min(axis=0), np.nan)


def canal_width(shape: Shape) -> float:
    """Largest free width of the canal at the pedicles' mid-height, mm."""
    z = float(pedicle_isthmus(shape).centre[2])
    y = walls(shape)[1] + np.arange(1.0, 8.1, 0.5)
    return 2 * float(np.nanmax(_free_half_width(shape, y, z)))


def ventral_line(shape: Shape) -> Array:
    """Ventral margin of the laminar arch and spinous process in the midline plane, cranial to caudal, shape (k, 3), mm."""
    wall = walls(shape)[1]
    z = np.arange(15.0, -30.0, -0.5)
    away = find_crossing(shape, line(0.0, wall + 4.0, z), Y, 45.0)
    free = np.isfinite(away) & (shape(line(0.0, wall + 4.0, z)) > 0)
    return line(0.0, wall + 4.0 + away[free], z[free])


def canal_depth(shape: Shape) -> float:
    """Shortest free depth of the canal in the midline, mm."""
    back = ventral_line(shape)
    wall = find_crossing(shape, line(0.0, back[:, 1] - 1.0, back[:, 2]), -Y, 40.0) + 1.0
    return float(np.nanmin(wall))


def spinous_size(shape: Shape) -> tuple[Array, float, float]:
    """Tip of the spinous process, shape (3,), its distance from the posterior wall and its height near the tip, mm."""
    behind = shape.bounds[1, 1] + 2.0
    z = np.arange(12.0, -45.0, -0.5)
    reach = behind - find_crossing(shape, line(0.0, behind, z), -Y, 40.0)
    best = int(np.nanargmax(reach))
    plateau = np.flatnonzero(reach > reach[best] - 0.15)
    tip = np.array([0.0, reach[best], z[plateau].mean()])
    at = line(0.0, tip[1] - 8.0, tip[2] + 2.0)
    height = find_crossing(shape, at, Z, 30.0)[0] + find_crossing(shape, at, -Z, 30.0)[0]
    return tip, float(np.linalg.norm(tip - walls(shape)[1] * Y)), float(height)


def transverse_width(shape: Shape) -> float:
    """Distance between the tips of the transverse processes, mm."""
    outside = shape.bounds[1, 0] + 2.0
    y, z = np.meshgrid(np.arange(5.0, 50.0, 1.5), np.arange(-10.0, 16.0, 1.5))
    return 2 * float(outside - np.nanmin(find_crossing(shape, line(outside, y.ravel(), z.ravel()), -X, 30.0)))
