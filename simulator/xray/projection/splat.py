"""Smooth things without a surface: blobs of texture and cells of contrast medium, drawn through a coarse grid.

Each point's amount is shared between the nine nodes around it by a quadratic B-spline, then every pixel reads the grid through a cubic
one. Together they blur by sqrt(1/4 + 1/3) of the spacing wherever the point lies between the nodes, so the spacing is chosen to give the
blob's own width. Nothing is lost: the image holds what the points held. Sharing is a sparse matrix (nodes x points), reading two banded
ones, one by axis; where points and view stay, all three are kept.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from simulator.geometry.carm import CArm, project_points
from simulator.xray.projection.projection import obliquity

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

BLUR = np.sqrt(1 / 4 + 1 / 3)  # standard deviation of both B-splines together, in spacings
WIDTH_STEP = 1.25  # widths within this factor are drawn together
NODES_PER_WIDTH = 0.75  # spacing of a lattice's sheet over its width: two nodes or more per cell, or the two lattices would beat
MARGIN = 2  # nodes around the points
GAUSS_TRUNCATE = 3.0  # standard deviations
BLOCK = 64  # pixels that are read together: what they share of a banded matrix is small and dense


def splat_blobs(centres: Floats, sigma_mm: Floats, amounts: Floats, carm: CArm) -> Singles:
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
    if len(centres) == 0:
        return np.zeros((amounts.shape[1], *carm.shape), dtype=np.float32)
    pixels, per_mm = _project_points(centres, carm)
    sigma = sigma_mm * per_mm
    inside = np.flatnonzero(_near_field(pixels, 4 * sigma, carm))
    pixels, sigma, held = pixels[inside], sigma[inside], np.sqrt(2 * np.pi) ** 3 * sigma_mm[inside] * sigma[inside] ** 2
    layers = [
        Layer(_group_by_width(pixels[members], sigma[members], held[members] * amount, carm.shape), direction.astype(np.float32))
        for members, amount, direction in _group_alike(amounts[inside])
    ]
    return _image(layers, (amounts.shape[1], *carm.shape))


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class SplineReader:
    """How the pixels along one axis read the nodes along it.

    Attributes
    ----------
    first, last : int
        Pixels that lie near the nodes, last excluded.
    weights : ndarray, shape (last - first, nodes)
        Share of each node in each of those pixels, float32, zero but for a band.
    low, high : ndarray, shape (last - first,)
        The band: nodes that each of those pixels reads, high excluded.
    """

    first: int
    last: int
    weights: Singles
    low: NDArray[np.intp]
    high: NDArray[np.intp]

    def part(self, start: int, stop: int) -> tuple[slice, Singles]:
        """Nodes that some pixels read, as a slice, and their weights, shape (stop - start, nodes read)."""
        nodes = slice(int(self.low[start - self.first]), int(self.high[stop - 1 - self.first]))
        return nodes, self.weights[start - self.first : stop - self.first, nodes]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Sheet:
    """A coarse grid over part of an image, and the two matrices that go to it and from it.

    Attributes
    ----------
    sharing : csc_array, shape (nodes, points)
        What a unit at each point puts on each node, per pixel.
    rows, columns : SplineReader
        How the image reads the nodes.
    """

    sharing: csc_array
    rows: SplineReader
    columns: SplineReader

    def hold(self, amounts: NDArray[np.floating]) -> Singles:
        """Put amounts, shape (points,), on the nodes and read them along the columns' axis: shape (rows of nodes, columns of pixels)."""
        nodes = (self.sharing @ amounts.astype(np.float32)).reshape(self.rows.weights.shape[1], -1)
        along = np.empty((len(nodes), self.columns.last - self.columns.first), dtype=np.float32)
        for start in range(self.columns.first, self.columns.last, BLOCK):
            stop = min(start + BLOCK, self.columns.last)
            near, weights = self.columns.part(start, stop)
            np.matmul(nodes[:, near], weights.T, out=along[:, start - self.columns.first : stop - self.columns.first])
        return along


def lay_sheet(pixels: Floats, spacing: float, shape: tuple[int, int], extra: float = 0.0) -> Sheet:
    """Lay a grid under points.

    Parameters
    ----------
    pixels : ndarray, shape (n, 2)
        Column and row of all points that will be put on it.
    spacing : float
        Of the nodes, pixels; the points are blurred by `BLUR` times it.
    shape : (int, int)
        Rows and columns of the image.
    extra : float
        Standard deviation of a further Gaussian blur, in spacings.
    """
    origin, far = (np.array([extreme(place) for place in pixels.T]) for extreme in (np.min, np.max))
    origin -= MARGIN * spacing
    across, down = ((far - origin) / spacing + MARGIN + 1).astype(int).tolist()
    return Sheet(
        sharing=_make_sharing_matrix((pixels.T - origin[:, None]) / spacing, (down, across), 1 / spacing**2),
        rows=_reader(shape[0], origin[1], spacing, down, extra),
        columns=_reader(shape[1], origin[0], spacing, across, extra),
    )


def _make_sharing_matrix(place: Floats, nodes: tuple[int, int], unit: float) -> csc_array:
    """Matrix (nodes x points) that shares each point's unit between the nine nodes around its place, column and row in nodes."""
    middle = np.rint(place)
    across, down = (_quadratic(t) for t in (place - middle).astype(np.float32))
    node = middle.astype(np.int32)
    shares, where = (np.empty((9, place.shape[1]), dtype=kind) for kind in (np.float32, np.int32))
    first = (node[1] - 1) * np.int32(nodes[1]) + (node[0] - 1)
    for number in range(9):
        np.multiply(down[number // 3] * np.float32(unit), across[number % 3], out=shares[number])
        np.add(first, np.int32(number // 3 * nodes[1] + number % 3), out=where[number])
    after = np.arange(0, 9 * place.shape[1] + 1, 9, dtype=np.int32)
    return csc_array((shares.T.ravel(), where.T.ravel(), after), shape=(nodes[0] * nodes[1], place.shape[1]))


def _quadratic(t: Singles) -> tuple[NDArray[np.floating], ...]:
    """Weights of the node before, at and after a place that is t, from -1/2 to 1/2, beyond the middle one."""
    return (0.5 - t) ** 2 / 2, 0.75 - t**2, (0.5 + t) ** 2 / 2


def _reader(pixels: int, origin: float, spacing: float, nodes: int, extra: float) -> SplineReader:
    """Cubic B-spline weights, widened by a Gaussian over the nodes."""
    wide = _widen_spline(extra)
    reach = wide.shape[1] // 2
    first = int(np.clip(np.ceil(origin - reach * spacing), 0, pixels))
    last = int(np.clip(np.floor(origin + (nodes - 1 + reach) * spacing) + 1, first, pixels))
    place = (np.arange(first, last) - origin) / spacing
    node = np.floor(place).astype(np.intp)
    t = place - node
    cubic = np.stack(((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3), axis=1) / 6
    start = node + 1 - reach
    padded = np.zeros((last - first, nodes + 4 * reach), dtype=np.float32)  # where it reads beyond the nodes there is nothing
    padded[np.arange(last - first)[:, None], start[:, None] + 2 * reach + np.arange(wide.shape[1])] = cubic @ wide
    low, high = np.clip(start, 0, nodes), np.clip(start + wide.shape[1], 0, nodes)
    return SplineReader(first=first, last=last, weights=padded[:, 2 * reach : 2 * reach + nodes], low=low, high=high)


@cache
def _widen_spline(extra: float) -> Floats:
    """Share of each of a cubic spline's four nodes in all the nodes read after a Gaussian blur, shape (4, nodes read)."""
    reach = int(GAUSS_TRUNCATE * extra + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(extra, 1e-9)) ** 2)
    wide = np.zeros((4, 4 + 2 * reach))
    for number, row in enumerate(wide):
        row[number : number + len(kernel)] = kernel / kernel.sum()
    return wide


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """Sheets with what they hold (`Sheet.hold`), and the factor by which each channel sees it."""

    sheets: list[tuple[Sheet, Singles]]
    factors: Singles

    @property
    def window(self) -> tuple[int, int, int, int]:
        """First and last row, first and last column of the image (last excluded) that it reaches."""
        axes = [(drawn.rows, drawn.columns) for drawn, _ in self.sheets]
        (top, bottom), (left, right) = ((min(a.first for a in axis), max(a.last for a in axis)) for axis in zip(*axes, strict=True))
        return top, bottom, left, right


def _image(layers: list[Layer], shape: tuple[int, int, int]) -> Singles:
    """Read the layers along the rows' axis, some rows after others so that all stays near, into an image, (channels, rows, columns)."""
    image = np.empty(shape, dtype=np.float32)
    total, spare = (np.empty(BLOCK * shape[2], dtype=np.float32) for _ in range(2))
    for first in range(0, shape[1], BLOCK):
        image[:, first : first + BLOCK] = 0
        for layer in layers:
            top, bottom, left, right = layer.window
            top, bottom = max(first, top), min(first + BLOCK, bottom)
            if top < bottom and left < right:
                area = total[: (bottom - top) * (right - left)].reshape(bottom - top, right - left)
                area[:] = 0
                for drawn, along in layer.sheets:
                    _add_rows(drawn, along, (top, left), area, spare)
                _add_scaled(area, layer.factors, image[:, top:bottom, left:right], spare[: area.size].reshape(area.shape))
    return image


def _add_scaled(area: Singles, factors: Singles, image: Singles, spare: Singles) -> None:
    for channel, factor in zip(image, factors, strict=True):
        if factor != 0:
            np.multiply(area, factor, out=spare)
            channel += spare


def _add_rows(drawn: Sheet, along: Singles, corner: tuple[int, int], area: Singles, spare: Singles) -> None:
    """Add what a sheet holds to a part of the image that begins at a corner, row and column."""
    start, stop = max(corner[0], drawn.rows.first), min(corner[0] + len(area), drawn.rows.last)
    if start < stop and along.shape[1]:
        near, weights = drawn.rows.part(start, stop)
        product = spare[: (stop - start) * along.shape[1]].reshape(stop - start, along.shape[1])
        np.matmul(weights, along[near], out=product)
        column = drawn.columns.first - corner[1]
        area[start - corner[0] : stop - corner[0], column : column + along.shape[1]] += product


def _project_points(points: Floats, carm: CArm) -> tuple[Floats, Floats]:
    """Column and row of points, shape (n, 2), and pixels per mm at their depth, shape (n,)."""
    pixels, depth_mm = project_points(carm, points)
    return pixels, carm.source_to_image_mm / carm.pixel_mm / depth_mm


def _near_field(pixels: Floats, reach: Floats, carm: CArm) -> NDArray[np.bool_]:
    rows, columns = carm.shape
    column, row = pixels.T
    return (column > -reach) & (row > -reach) & (column < columns - 1 + reach) & (row < rows - 1 + reach)


def _group_alike(amounts: Floats) -> list[tuple[NDArray[np.intp], Floats, Floats]]:
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


def _group_by_width(pixels: Floats, sigma: Floats, held: Floats, shape: tuple[int, int]) -> list[tuple[Sheet, Singles]]:
    """Sheets of points in classes of about equal width, each spread by its class's root mean square width, pixels; and what they hold."""
    images, rest = [], np.arange(len(sigma))
    while rest.size:
        near = sigma[rest] <= WIDTH_STEP * sigma[rest].min()
        members, rest = rest[near], rest[~near]
        drawn = lay_sheet(pixels[members], float(np.sqrt((sigma[members] ** 2).mean())) / BLUR, shape)
        images.append((drawn, drawn.hold(held[members])))
    return images


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class PointsInView:
    """Points that stay where they are in a view that stays, so that only their masses are new: some ten times quicker than anew.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns, pixels.
    inside : ndarray, shape (n,)
        Which of the points may be seen, boolean.
    sheet : Sheet or None
        Grid under those, None where there is none.
    per_area : ndarray, shape (seen,)
        Pixels per mm2 at each one's depth.
    obliquity : ndarray, shape (rows, columns)
        Length of each ray between two planes across the detector's axis, over their distance.
    """

    shape: tuple[int, int]
    inside: NDArray[np.bool_]
    sheet: Sheet | None
    per_area: Floats
    obliquity: NDArray[np.floating]


def view_points(points: Floats, width_mm: float, carm: CArm) -> PointsInView:
    """Work out all but the masses.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        World frame, mm.
    width_mm : float
        Standard deviation by which each is spread, mm.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If a point lies at the focal spot or behind it.
    """
    pixels, per_mm = _project_points(points, carm)
    inside = _near_field(pixels, 8 * width_mm * per_mm, carm)
    pixels, per_mm, drawn = pixels[inside], per_mm[inside], None
    if len(pixels):
        spacing = NODES_PER_WIDTH * width_mm * float(per_mm.mean())
        drawn = lay_sheet(pixels, spacing, carm.shape, float(np.sqrt(1 / NODES_PER_WIDTH**2 - BLUR**2)))
    # A pixel covers 1 / per_mm^2 at that depth, and the slanted ray sees more of a layer.
    return PointsInView(shape=carm.shape, inside=inside, sheet=drawn, per_area=per_mm**2, obliquity=obliquity(carm))


def mass_per_area(view: PointsInView, masses: NDArray[np.floating], factor: float = 1.0) -> Singles:
    """Return the line integral of a density given as point masses, shape (rows, columns), mass per mm2.

    Parameters
    ----------
    view : PointsInView
        Where the points are.
    masses : ndarray, shape (n,)
        Of each point.
    factor : float
        On the result, for another unit.
    """
    if view.sheet is None:
        return np.zeros(view.shape, dtype=np.float32)
    layer = Layer([(view.sheet, view.sheet.hold(masses[view.inside] * view.per_area))], np.array([factor], dtype=np.float32))
    image = _image([layer], (1, *view.shape))[0]
    top, bottom, left, right = layer.window
    image[top:bottom, left:right] *= view.obliquity[top:bottom, left:right]
    return image
