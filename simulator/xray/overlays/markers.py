"""Lead letters that say which side of the patient is which; part of the scene, so they flip with the image."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Side
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.validate import as_positive, as_vector

Floats = NDArray[np.float64]

LEAD_MM = 1.0  # thickness of a usual marker; recalled, unverified
GRAZING = 0.05  # least cosine: a letter seen edge-on is no longer than it is wide
SAMPLES = 4  # rays along each side of a pixel
STROKE = 0.2  # width of a stroke over the letter's height
WIDTH = 0.66  # of a letter over its height
LATERAL_COSINE = 0.94  # of the beam with the patient's left-right axis, 20 degrees off it: nearer it is a lateral view; a choice
STRAIGHT_ATOL = 1e-9  # rounding of a direction that has no share along an axis
FROM_EDGE = 0.07  # place of a marker on the detector, shares of its width and height from the edges


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Marker:
    """A flat letter of lead.

    Attributes
    ----------
    letter : "L" or "R"
        Which.
    centre : ndarray, shape (3,)
        Middle of the letter, world frame, mm.
    right, up : ndarray, shape (3,)
        Unit vectors along the letter's own right and up.
    height_mm, lead_mm : float
        Size and thickness, mm.

    Raises
    ------
    ValueError
        If the letter is another, a vector is not three finite numbers, or a size is not above 0.
    """

    letter: Literal["L", "R"]
    centre: Floats
    right: Floats
    up: Floats
    height_mm: float = 12.0
    lead_mm: float = LEAD_MM

    def __post_init__(self) -> None:
        if self.letter not in ("L", "R"):
            raise ValueError(f"Marker.letter must be 'L' or 'R', got {self.letter!r}")
        for name in ("centre", "right", "up"):
            object.__setattr__(self, name, as_vector(getattr(self, name), f"Marker.{name}"))
        for name in ("height_mm", "lead_mm"):
            object.__setattr__(self, name, as_positive(getattr(self, name), f"Marker.{name}"))


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkerPlace:
    """Which letter a view carries, and in which corner of its image.

    Attributes
    ----------
    side : Side
        The patient's, whose letter it is.
    at_left, at_top : bool
        Corner.
    """

    side: Side
    at_left: bool
    at_top: bool = True


def place_marker(carm: CArm) -> MarkerPlace:
    """Which letter a view carries, and where.

    In a lateral view the letter of the side nearer to the detector, at the image's ventral edge; in every other view an L in an upper
    corner, on that side of the image on which the patient's left is, in a lower one where the image is turned so far that left is below.
    Conventions of radiography: recalled, unverified.

    Parameters
    ----------
    carm : CArm
        The view.
    """
    towards_left = float(carm.normal[0])
    if abs(towards_left) >= LATERAL_COSINE:
        return MarkerPlace(side=Side.LEFT if towards_left > 0 else Side.RIGHT, at_left=float(carm.right[1]) > 0)
    across, down = float(carm.right[0]), float(carm.down[0])
    return MarkerPlace(side=Side.LEFT, at_left=across <= STRAIGHT_ATOL, at_top=abs(across) >= abs(down) or down < 0)


def side_marker(place: MarkerPlace, carm: CArm) -> Marker:
    """Return the letter of a side, put on the detector near a corner, the right way round in its image.

    Parameters
    ----------
    place : MarkerPlace
        Letter and corner, of `place_marker`.
    carm : CArm
        The view.
    """
    rows, columns = carm.shape
    column = (columns - 1) * (FROM_EDGE if place.at_left else 1 - FROM_EDGE)
    row = (rows - 1) * (FROM_EDGE if place.at_top else 1 - FROM_EDGE)
    return Marker(
        letter="L" if place.side is Side.LEFT else "R",
        centre=carm.at_pixels(column, row) - 1e-3 * carm.normal,
        right=carm.right,
        up=-carm.down,
        height_mm=0.06 * carm.pixel_mm * rows,
    )


def marker_mm(marker: Marker, carm: CArm) -> NDArray[np.float32]:
    """Return the lead along each pixel's rays, averaged over the pixel, shape (rows, columns), mm.

    Parameters
    ----------
    marker : Marker
        The letter.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If the letter comes to the focal spot or behind it.
    """
    image = np.zeros(carm.shape, dtype=np.float32)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2 * marker.height_mm
    outline, _ = project_points(carm, marker.centre + half @ np.stack((marker.right, marker.up)))
    low = np.maximum(np.floor(outline.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 1, np.array(carm.shape[::-1]) - 1)
    if (low > high).any():
        return image
    within = slice(low[1], high[1] + 1), slice(low[0], high[0] + 1)
    image[within] = _lead_mm(marker, carm, np.arange(low[1], high[1] + 1), np.arange(low[0], high[0] + 1))
    return image


def _lead_mm(marker: Marker, carm: CArm, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """Mean over the rays of each pixel of a window, shape (rows, columns), mm."""
    offsets = (np.arange(SAMPLES) + 0.5) / SAMPLES - 0.5
    down = (rows[:, None] + offsets).reshape(-1, 1) * carm.pixel_mm
    across = (columns[:, None] + offsets).ravel() * carm.pixel_mm
    to_corner, to_centre = carm.corner - carm.source, marker.centre - carm.source

    def component(axis: Floats) -> Floats:
        """Of every ray to the detector, mm."""
        return to_corner @ axis + (carm.right @ axis) * across + (carm.down @ axis) * down

    normal = np.cross(marker.right, marker.up)
    through = component(normal)
    share = (to_centre @ normal) / np.where(through == 0, np.inf, through)  # of the way to the detector; a letter seen edge-on is missed
    x, y = ((share * component(axis) - to_centre @ axis) / marker.height_mm for axis in (marker.right, marker.up))
    hit = GLYPHS[marker.letter](x, y).reshape(len(rows), SAMPLES, len(columns), SAMPLES).mean(axis=(1, 3))
    slant = through / np.sqrt(component(carm.right) ** 2 + component(carm.down) ** 2 + component(carm.normal) ** 2)
    cosine = np.abs(slant).reshape(len(rows), SAMPLES, len(columns), SAMPLES).mean(axis=(1, 3))
    return hit * marker.lead_mm / np.maximum(cosine, GRAZING)


def _letter_l(x: Floats, y: Floats) -> NDArray[np.bool_]:
    stem = (np.abs(x + (WIDTH - STROKE) / 2) <= STROKE / 2) & (np.abs(y) <= 0.5)
    foot = (np.abs(x) <= WIDTH / 2) & (np.abs(y + 0.5 - STROKE / 2) <= STROKE / 2)
    return stem | foot


def _letter_r(x: Floats, y: Floats) -> NDArray[np.bool_]:
    stem = (np.abs(x + (WIDTH - STROKE) / 2) <= STROKE / 2) & (np.abs(y) <= 0.5)
    radius = 0.28
    middle = WIDTH / 2 - radius
    outer = _capsule(x, y - 0.5 + radius, middle, radius)
    bowl = outer & ~_capsule(x, y - 0.5 + radius, middle, radius - STROKE * 0.8) & (x >= -WIDTH / 2)
    share = (0.5 - 2 * radius + STROKE - y) / (1 - 2 * radius + STROKE)  # from the bowl down to the foot
    leg = (np.abs(x - (-0.08 + share * (WIDTH / 2 - STROKE * 0.55 + 0.08))) <= STROKE * 0.6) & (share >= 0.2) & (y >= -0.5)
    return stem | bowl | leg


def _capsule(x: Floats, y: Floats, end: float, radius: float) -> NDArray[np.bool_]:
    """Tell which points lie within a radius of the ray that comes from the left and stops at `end`."""
    return np.hypot(np.maximum(x - end, 0), y) <= radius


GLYPHS = {"L": _letter_l, "R": _letter_r}
