"""Needles and pointers, thinner than two pixels: chords through analytic solids, averaged over each pixel's area.

Every solid is a convex piece of a round rod: a cylinder cut by two or more planes. A bent shaft is rods that meet at mitred joints, a
hollow one is the outer solid less the bore. Seen end-on the same chords give a dot inside the ring of its hub.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.carm import CArm, project_points
from simulator.geometry.gauges import GAUGES_MM
from simulator.geometry.tube import PolylineTube
from simulator.geometry.validate import as_vector

Floats = NDArray[np.float64]
Layers = tuple[tuple[float, float], ...]

LATTICES = ((5, 3), (8, 5), (13, 8), (21, 13), (34, 21), (55, 34))  # rays per pixel, and the step from one to the next: Fibonacci's
RAYS_ACROSS = 36  # at different places across a rod's width at least, so that its steel is kept within 1 %
SLANT = 1.05  # a rod off the beam's axis looks wider than its radius over its depth, by less than this
BEVEL_DEG = 20.0  # of a Quincke tip to the shaft; recalled, unverified
STYLET_FIT = 0.92  # stylet's diameter over the bore's; recalled, unverified

HUB_STEEL = 0.02  # polypropylene 0.9 g/cm3 at 60 keV over steel: 0.18 / 9.4 per cm; recalled, unverified
HUB_MM = 24.0  # length, outer and inner radius of the barrel, radius and thickness of the flange, depth of its notch: a Luer hub
HUB_RADIUS_MM, HUB_BORE_MM = 3.6, 2.1
FLANGE_RADIUS_MM, FLANGE_MM, NOTCH_MM = 5.5, 2.5, 2.0


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Needle:
    """Steel shaft with a bevelled tip and a plastic hub.

    Attributes
    ----------
    shaft : PolylineTube
        Centre line from where the shaft leaves the hub to the tip, and outer radius.
    bore_radius_mm : float
        Inner radius, mm; 0 for a solid rod.
    stylet : bool
        Whether a steel stylet fills the bore.
    notch : ndarray, shape (3,)
        Direction, across the shaft, to the notch in the hub's flange; the bevel opens to this side.
    hub : bool
        Whether to draw the hub.

    Raises
    ------
    ValueError
        If the bore is not inside the shaft, or the notch's direction is along the shaft.
    """

    shaft: PolylineTube
    bore_radius_mm: float
    notch: Floats
    stylet: bool = True
    hub: bool = True

    def __repr__(self) -> str:
        tip = ", ".join(f"{part:.1f}" for part in self.shaft.axis[-1])
        return f"<Needle {2 * self.shaft.radius_mm:.2f} mm across, tip ({tip}) mm>"

    def __post_init__(self) -> None:
        object.__setattr__(self, "notch", as_vector(self.notch, "Needle.notch"))
        if not 0 <= self.bore_radius_mm < self.shaft.radius_mm:
            raise ValueError(f"Needle.bore_radius_mm must be from 0 to below {self.shaft.radius_mm}, got {self.bore_radius_mm}")
        for along in (self.shaft.axis[1] - self.shaft.axis[0], self.shaft.axis[-1] - self.shaft.axis[-2]):
            if not np.linalg.norm(np.cross(self.notch, along)) > 1e-6 * np.linalg.norm(along):
                raise ValueError(f"Needle.notch must point across the shaft, got {self.notch}")


@dataclass(frozen=True, eq=False, slots=True)
class _Rod:
    """Cylinders about one axis, cut by the same planes; each counts as steel by its share."""

    start: Floats
    end: Floats
    layers: Layers  # radius, mm, and share; the widest first
    normals: Floats  # (k, 3), outward
    points: Floats  # (k, 3), one on each plane


def gauge_needle(gauge: int, axis: ArrayLike, *, notch: ArrayLike | None = None, stylet: bool = True, hub: bool = True) -> Needle:
    """Return a needle of a gauge.

    Parameters
    ----------
    gauge : int
        16 to 27.
    axis : array_like, shape (n, 3)
        Centre line from hub to tip, world frame, mm.
    notch : array_like, shape (3,), optional
        Direction to the notch on the hub; any across the shaft where it is left out.
    stylet, hub : bool
        Whether the stylet is in, and whether to draw the hub.

    Raises
    ------
    ValueError
        If the gauge is unknown, or the axis is not a line of distinct points.

    Examples
    --------
    >>> gauge_needle(22, [(0, 90, 0), (0, 0, 0)]).shaft.radius_mm
    0.359
    """
    if gauge not in GAUGES_MM:
        raise ValueError(f"gauge must be one of {', '.join(map(str, GAUGES_MM))}, got {gauge}")
    outer_mm, inner_mm = GAUGES_MM[gauge]
    shaft = PolylineTube(axis=np.asarray(axis), radius_mm=outer_mm / 2)
    side = _across(shaft.axis[-1] - shaft.axis[-2]) if notch is None else as_vector(notch, "notch")
    return Needle(shaft=shaft, bore_radius_mm=inner_mm / 2, notch=side, stylet=stylet, hub=hub)


def needle_mm(needle: Needle, carm: CArm) -> NDArray[np.float32]:
    """Return the steel along each pixel's rays, averaged over the pixel, shape (rows, columns), mm.

    The hub's plastic counts as its equivalent of steel.

    Parameters
    ----------
    needle : Needle
        The needle.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If the needle comes to the focal spot or behind it.
    """
    layers = [(needle.shaft.radius_mm, 1.0)]
    if needle.bore_radius_mm > 0:
        layers.append((needle.bore_radius_mm, -1.0))
    if needle.bore_radius_mm > 0 and needle.stylet:
        layers.append((needle.bore_radius_mm * STYLET_FIT, 1.0))
    rods = _rods(needle.shaft.axis, tuple(layers), needle.notch)
    return _draw(rods + (_hub(needle.shaft.axis, needle.notch) if needle.hub else []), carm)


def rod_mm(tube: PolylineTube, carm: CArm) -> NDArray[np.float32]:
    """Return the path inside a solid rod, such as a radiopaque skin pointer, averaged over each pixel, shape (rows, columns), mm.

    Parameters
    ----------
    tube : PolylineTube
        The rod, square at both ends.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If the rod comes to the focal spot or behind it.
    """
    return _draw(_rods(tube.axis, ((tube.radius_mm, 1.0),), None), carm)


def _rods(axis: Floats, layers: Layers, bevel_side: Floats | None) -> list[_Rod]:
    """Rods along a polyline, mitred where they meet, square at the start, and bevelled at the end towards a side."""
    steps = np.diff(axis, axis=0)
    directions = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    cuts = np.concatenate((directions[:1], directions[:-1] + directions[1:], directions[-1:]))
    tip = axis[-1]
    if bevel_side is not None:
        across = _across(directions[-1], bevel_side)
        cuts[-1] = np.sin(np.deg2rad(BEVEL_DEG)) * directions[-1] + np.cos(np.deg2rad(BEVEL_DEG)) * across
        tip = tip - layers[0][0] * across  # the point is on the wall away from the bevel's opening
    points = np.concatenate((axis[:-1], tip[None]))
    planes = (np.stack((-cuts[:-1], cuts[1:]), axis=1), np.stack((points[:-1], points[1:]), axis=1))
    return [_Rod(start, end, layers, normals, points) for start, end, normals, points in zip(axis[:-1], axis[1:], *planes, strict=True)]


def _hub(axis: Floats, notch: Floats) -> list[_Rod]:
    """Barrel and notched flange behind the shaft, hollow, of plastic."""
    back = axis[0] - axis[1]
    back = back / np.linalg.norm(back)
    across = _across(back, notch)
    end, flange = axis[0] + HUB_MM * back, axis[0] + (HUB_MM - FLANGE_MM) * back
    notch_at = end + (FLANGE_RADIUS_MM - NOTCH_MM) * across
    wall, rim = ((HUB_RADIUS_MM, HUB_STEEL), (HUB_BORE_MM, -HUB_STEEL)), ((FLANGE_RADIUS_MM, HUB_STEEL), (HUB_RADIUS_MM, -HUB_STEEL))
    return [
        _Rod(axis[0], end, wall, np.stack((-back, back)), np.stack((axis[0], end))),
        _Rod(flange, end, rim, np.stack((-back, back, across)), np.stack((flange, end, notch_at))),
    ]


def _across(along: Floats, towards: Floats | None = None) -> Floats:
    """Unit vector across a direction, towards a given one or just any."""
    along = along / np.linalg.norm(along)
    guess = np.eye(3)[np.argmin(np.abs(along))] if towards is None else towards
    across = guess - (guess @ along) * along
    return across / np.linalg.norm(across)


def _draw(rods: list[_Rod], carm: CArm) -> NDArray[np.float32]:
    image = np.zeros(carm.shape, dtype=np.float32)
    for rod in rods:
        rows, columns, offsets = _pixels(rod, carm)
        if len(rows):
            image[rows, columns] += _mean_chord_mm(rod, carm, rows, columns, offsets)
    return image


def _pixels(rod: _Rod, carm: CArm) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Pixels that the rod may touch, and where in each of them the rays go, shape (2, rays)."""
    ends, depths_mm = project_points(carm, np.stack((rod.start, rod.end)))
    radius_px = rod.layers[0][0] * carm.source_to_image_mm / carm.pixel_mm / depths_mm.min()
    flat = abs(ends[1, 0] - ends[0, 0]) >= abs(ends[1, 1] - ends[0, 1])
    along, across = _strip(ends if flat else ends[:, ::-1], SLANT * radius_px)
    columns, rows = (along, across) if flat else (across, along)
    inside = (columns >= 0) & (rows >= 0) & (columns < carm.shape[1]) & (rows < carm.shape[0])
    return rows[inside], columns[inside], _offsets(2 * radius_px)


def _offsets(width_px: float) -> Floats:
    """Places of rays in a pixel, (down, right) from its middle: a lattice on which no two are level, in rows, columns or diagonals."""
    number, step = next((lattice for lattice in LATTICES if lattice[0] * width_px >= RAYS_ACROSS), LATTICES[-1])
    order = np.arange(number)
    return np.stack((order, order * step % number)) / number + 0.5 / number - 0.5


def _strip(ends: Floats, radius: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pixels about a line that is no steeper than 45 degrees: all that lie within a radius of it by a corner, and beyond its ends."""
    (start, at_start), (end, at_end) = ends[np.argsort(ends[:, 0])]
    slope = (at_end - at_start) / max(end - start, 1e-9)
    reach = np.floor(radius * np.hypot(1, slope) + (1 + abs(slope)) / 2 + 0.5)  # the middle is rounded by up to a half
    along = np.arange(np.floor(start - radius - 1), np.ceil(end + radius + 1) + 1)
    middle = np.round(at_start + slope * (np.clip(along, start, end) - start))
    across = middle[:, None] + np.arange(-reach, reach + 1)
    return np.broadcast_to(along[:, None], across.shape).ravel().astype(np.intp), across.ravel().astype(np.intp)


def _mean_chord_mm(rod: _Rod, carm: CArm, rows: NDArray[np.intp], columns: NDArray[np.intp], offsets: Floats) -> Floats:
    """Mean over the rays of each pixel of the steel, shape (pixels,), mm.

    A ray's product with any vector is the one of its pixel's middle plus the one of its place in the pixel: a sum, and no ray is made.
    """
    middles = carm.at_pixels(columns, rows) - carm.source
    places = offsets.T @ np.stack((carm.down, carm.right)) * carm.pixel_mm

    def along(vector: Floats) -> Floats:
        return np.add.outer(places @ vector, middles @ vector)

    return _steel(rod, carm, along).mean(axis=0) * np.linalg.norm(middles, axis=1)


def _steel(rod: _Rod, carm: CArm, along: Callable[[Floats], Floats]) -> Floats:
    """Sum over the layers of share times part inside of the way from the source to the detector, of rays given by `along`."""
    axis = (rod.end - rod.start) / np.linalg.norm(rod.end - rod.start)
    offset = (carm.source - rod.start) - ((carm.source - rod.start) @ axis) * axis
    across2 = along(carm.right) ** 2 + along(carm.down) ** 2 + carm.source_to_image_mm**2 - along(axis) ** 2
    across2 = np.maximum(across2, 1e-12)  # square of the way across the axis; a ray along the axis never meets the wall
    towards = along(offset)
    middle = towards / -across2
    nearest2 = offset @ offset + middle * towards
    enter, leave = _between_planes(rod, carm.source, along)
    steel = np.zeros(across2.shape)
    for radius_mm, share in rod.layers:
        half = np.sqrt(np.maximum(radius_mm**2 - nearest2, 0) / across2)  # zero for a ray that misses it
        steel += share * np.maximum(np.minimum(leave, middle + half) - np.maximum(enter, middle - half), 0)
    return steel


def _between_planes(rod: _Rod, source: Floats, along: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
    """Where rays pass into and out of what the planes leave, as parts of the way to the detector; into after out where they miss it."""
    enter, leave = np.array(-np.inf), np.array(np.inf)
    for normal, point in zip(rod.normals, rod.points, strict=True):
        approach, gap = along(normal), float((point - source) @ normal)
        if approach.min() > 0:
            leave = np.minimum(leave, gap / approach)
        elif approach.max() < 0:
            enter = np.maximum(enter, gap / approach)
        else:
            forward, at = approach > 0, gap / np.where(approach == 0, -1e-18, approach)  # along it: within it all the way, or never
            enter = np.maximum(enter, np.where(forward, -np.inf, at))
            leave = np.minimum(leave, np.where(forward, at, np.inf))
    return enter, leave
