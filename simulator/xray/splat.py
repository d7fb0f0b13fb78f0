"""Smooth things without a surface: blobs of texture and cells of contrast medium, drawn through a coarse grid.

Each point's amount is shared between the nine nodes around it by a quadratic B-spline, then every pixel reads the grid through a cubic
one. Together they blur by sqrt(1/4 + 1/3) of the spacing wherever the point lies between the nodes, so the spacing is chosen to give the
blob's own width. Nothing is lost: the image holds what the points held.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array

from simulator.geometry.carm import CArm, project_points
from simulator.xray.projection import obliquity

Floats = NDArray[np.float64]

BLUR = np.sqrt(1 / 4 + 1 / 3)  # standard deviation of both B-splines together, in spacings
WIDTH_STEP = 1.2  # widths within this factor are drawn together
NODES_PER_WIDTH = 0.75  # spacing of a lattice's sheet over its width: two nodes or more per cell, or the two lattices would beat
MARGIN = 5  # nodes around the points
GAUSS_TRUNCATE = 3.0  # standard deviations


def blobs(centres: Floats, sigma_mm: Floats, amounts: Floats, carm: CArm) -> NDArray[np.float32]:
    """Return the line integrals of Gaussian blobs, shape (channels, rows, columns).

    Parameters
    ----------
    centres : ndarray, shape (n, 3)
        World frame, mm.
    sigma_mm : ndarray, shape (n,)
        Standard deviation of each blob, mm.
    amounts : ndarray, shape (n, channels)
        Value at the middle of each blob, per mm; a ray through the middle reads sqrt(2 pi) sigma times this.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If a blob lies at the focal spot or behind it.
    """
    image = np.zeros((amounts.shape[1], *carm.shape), dtype=np.float32)
    if len(centres) == 0:
        return image
    pixels, per_mm = _on_detector(centres, carm)
    sigma = sigma_mm * per_mm
    inside = np.flatnonzero(_near_field(pixels, 4 * sigma, carm))
    held = np.sqrt(2 * np.pi) ** 3 * sigma_mm * sigma**2
    for members, amount, direction in _alike(amounts[inside]):
        chosen = inside[members]
        blurred = _blurred(pixels[chosen], sigma[chosen], held[chosen] * amount, carm.shape)
        for layer, share in zip(image, direction.astype(np.float32), strict=True):
            if share != 0:
                layer += share * blurred
    return image


class Sheet:
    """A coarse grid over part of an image.

    Parameters
    ----------
    pixels : ndarray, shape (n, 2)
        Column and row of all points that will be put on it.
    spacing : float
        Of the nodes, pixels.
    shape : (int, int)
        Rows and columns of the image.
    """

    def __init__(self, pixels: Floats, spacing: float, shape: tuple[int, int]) -> None:
        self.spacing, self.sigma = spacing, spacing * BLUR
        self._origin = pixels.min(axis=0) - MARGIN * spacing
        extent = (pixels.max(axis=0) - pixels.min(axis=0)) / spacing
        self._nodes = (int(extent[1]) + 2 * MARGIN + 2, int(extent[0]) + 2 * MARGIN + 2)
        self._shape = shape
        self._layer = np.zeros(self._nodes)

    def add(self, pixels: Floats, amounts: Floats, extra_sigma: float = 0.0) -> None:
        """Put amounts on the grid.

        Parameters
        ----------
        pixels : ndarray, shape (n, 2)
            Column and row.
        amounts : ndarray, shape (n,)
            Sum over pixels that each contributes.
        extra_sigma : float
            Blur beyond the grid's own, in nodes.
        """
        place = (pixels - self._origin) / self.spacing
        node = np.rint(place).astype(np.intp)
        across, down = (_quadratic(place[:, axis] - node[:, axis]) for axis in (0, 1))
        flat, cells = node[:, 1] * self._nodes[1] + node[:, 0], self._nodes[0] * self._nodes[1]
        share = amounts / self.spacing**2
        grid = np.zeros(cells)
        for step_down, weight_down in enumerate(down, start=-1):
            for step_across, weight_across in enumerate(across, start=-1):
                grid += np.bincount(flat + (step_down * self._nodes[1] + step_across), share * weight_down * weight_across, cells)
        layer = grid.reshape(self._nodes)
        if extra_sigma > 0.1:
            layer = gaussian_filter(layer, extra_sigma, mode="constant", truncate=GAUSS_TRUNCATE)
        self._layer += layer

    def image(self) -> NDArray[np.float32]:
        """Return what was put on the grid, per pixel, shape (rows, columns)."""
        image = np.zeros(self._shape, dtype=np.float32)
        rows, by_row = _spline(self._shape[0], self._origin[1], self.spacing, self._nodes[0])
        columns, by_column = _spline(self._shape[1], self._origin[0], self.spacing, self._nodes[1])
        across = by_column @ np.ascontiguousarray(self._layer.T, dtype=np.float32)
        image[rows, columns] = by_row @ np.ascontiguousarray(across.T)
        return image


def _quadratic(t: Floats) -> tuple[Floats, Floats, Floats]:
    """Weights of the node before, at and after a place that is t, from -1/2 to 1/2, beyond the middle one."""
    return (0.5 - t) ** 2 / 2, 0.75 - t**2, (0.5 + t) ** 2 / 2


def _spline(pixels: int, origin: float, spacing: float, nodes: int) -> tuple[slice, csr_array]:
    """Pixels within reach of the nodes, and the matrix (those pixels x nodes) of cubic B-spline weights."""
    reach = 2 * spacing
    first = int(np.clip(np.ceil(origin - reach), 0, pixels))
    last = int(np.clip(np.floor(origin + (nodes - 1) * spacing + reach) + 1, first, pixels))
    place = (np.arange(first, last) - origin) / spacing
    node = np.floor(place).astype(int)
    t = place - node
    weights = np.stack(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), axis=1) / 6
    where = node[:, None] + np.arange(-1, 3)
    valid = (where >= 0) & (where < nodes)
    after = np.concatenate(([0], np.cumsum(valid.sum(axis=1))))
    return slice(first, last), csr_array((weights[valid].astype(np.float32), where[valid], after), shape=(last - first, nodes))


def _on_detector(points: Floats, carm: CArm) -> tuple[Floats, Floats]:
    """Column and row of points, shape (n, 2), and pixels per mm at their depth, shape (n,)."""
    pixels, depth_mm = project_points(carm, points)
    return pixels, carm.source_to_image_mm / carm.pixel_mm / depth_mm


def _near_field(pixels: Floats, reach: Floats | float, carm: CArm) -> NDArray[np.bool_]:
    edge = np.array(carm.shape[::-1]) - 1
    margin = np.broadcast_to(np.asarray(reach, dtype=float), len(pixels))[:, None]
    return ((pixels > -margin) & (pixels < edge + margin)).all(axis=1)


def _alike(amounts: Floats) -> list[tuple[NDArray[np.intp], Floats, Floats]]:
    """Points whose channels go together (one tissue's), their amounts, and the direction; or every channel for itself."""
    if len(amounts) == 0:
        return []
    largest = np.take_along_axis(amounts, np.abs(amounts).argmax(axis=1)[:, None], axis=1)
    directions = amounts / np.where(largest == 0, 1.0, largest)
    # One number tells directions apart, and sorting numbers is ten times quicker than sorting rows.
    keys = directions.round(9) @ np.sqrt(np.arange(2.0, 2.0 + amounts.shape[1]))
    found, group = np.unique(keys.round(8), return_inverse=True)
    if len(found) <= amounts.shape[1]:
        members = [np.flatnonzero(group == one) for one in range(len(found))]
        return [(these, largest[these, 0], directions[these[0]]) for these in members]
    everyone = np.arange(len(amounts))
    return [(everyone, amounts[:, channel], axis) for channel, axis in enumerate(np.eye(amounts.shape[1]))]


def _blurred(pixels: Floats, sigma: Floats, held: Floats, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Image of points, each spread by its own width in pixels."""
    sheet = Sheet(pixels, float(sigma.min()) / BLUR, shape)
    for width, members in _by_width(sigma):
        extra = np.sqrt(max(width**2 - sheet.sigma**2, 0.0)) / sheet.spacing
        sheet.add(pixels[members], held[members], extra)
    return sheet.image()


def _by_width(sigma: Floats) -> list[tuple[float, NDArray[np.intp]]]:
    """Points in classes of about equal width, each with its root mean square width."""
    number = np.floor(np.log(sigma / sigma.min()) / np.log(WIDTH_STEP)).astype(int)
    classes = [np.flatnonzero(number == one) for one in np.unique(number)]
    return [(float(np.sqrt((sigma[members] ** 2).mean())), members) for members in classes]


def points_per_area(points: Floats, masses: Floats, width_mm: float, carm: CArm) -> NDArray[np.float32]:
    """Return the line integral of a density given as many point masses, shape (rows, columns), mass per mm2.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        World frame, mm.
    masses : ndarray, shape (n,)
        Of each point.
    width_mm : float
        Standard deviation by which each is spread, mm.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If a point lies at the focal spot or behind it.
    """
    pixels, per_mm = _on_detector(points, carm)
    inside = _near_field(pixels, 8 * width_mm * per_mm, carm)
    if not inside.any():
        return np.zeros(carm.shape, dtype=np.float32)
    pixels, per_mm = pixels[inside], per_mm[inside]
    width = float(width_mm * per_mm.mean())
    sheet = Sheet(pixels, NODES_PER_WIDTH * width, carm.shape)
    extra = np.sqrt(width**2 - sheet.sigma**2) / sheet.spacing
    sheet.add(pixels, masses[inside] * per_mm**2, extra)  # a pixel covers 1 / per_mm^2 at that depth
    image = sheet.image()
    image *= obliquity(carm)  # the slanted ray sees more of a layer
    return image
