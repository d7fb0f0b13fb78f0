"""Path lengths inside closed surfaces, for one surface or, weighted, for a whole patient in one pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.terms.surface import Surface
from simulator.geometry.carm import CArm
from simulator.xray.projection.boundary_row import top_row
from simulator.xray.projection.crossings import ColumnBand
from simulator.xray.projection.edge_jumps import add_column_jumps, integrate
from simulator.xray.projection.edges import EdgeMesh, build_edge_mesh, join
from simulator.xray.projection.level_of_detail import ROUGH, choose_level
from simulator.xray.projection.lod_cache import load_meshes
from simulator.xray.projection.projected_mesh import draw

EXACT_EDGE_MM = 6.0  # longest edge where one surface is asked for: lengths are then right to 6^2 / (4 x 700) = 0.013 mm
OBLIQUITY_DIGITS = 9  # of a pixel: turned views whose numbers differ by rounding then share one table, and no length changes by 1e-9


def project(surface: Surface, carm: CArm) -> NDArray[np.float64]:
    """Return the length of each pixel's ray inside a closed surface, shape (rows, columns), mm.

    Parameters
    ----------
    surface : Surface
        The closed mesh, world frame, mm.
    carm : CArm
        The view.

    Raises
    ------
    ValueError
        If the mesh is open, or comes to the focal spot or behind it.

    Examples
    --------
    >>> from phantoms.terms.tissues import Tissue
    >>> corners = [(-10, -10, -10), (30, -10, -10), (-10, 30, -10), (-10, -10, 30)]
    >>> wedge = Surface(name="wedge", vertices=corners, faces=[(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)], tissue=Tissue.CORTICAL_BONE)
    >>> float(project(wedge, CArm.from_angles(size=5))[2, 2].round(9))
    20.0
    """
    mesh = build_edge_mesh(surface.vertices, surface.faces, surface.name, EXACT_EDGE_MM)
    weights = np.full((1, len(mesh.start)), _handedness(carm))
    drawing, target = draw(mesh, carm, map, bulge=False), ColumnBand(carm.shape[0], 0, carm.shape[1], carm.shape[1])
    lengths = np.empty((1, *carm.shape))
    jumps = np.zeros((carm.shape[0] + 2, carm.shape[1], 1))
    add_column_jumps(mesh, drawing, weights, target, jumps)
    integrate(jumps, top_row(mesh, drawing, weights, carm.shape[1]), obliquity(carm), lengths)
    return lengths[0]


class Projector:
    """A set of surfaces, prepared once, whose weighted path lengths are summed in one pass per view.

    Parameters
    ----------
    surfaces : sequence of Surface
        Closed meshes, world frame, mm.
    weights : array_like, shape (surfaces, channels)
        What one mm inside each surface adds to each channel, e.g. its material minus its parent's, 1/mm.
    threads : int
        Threads that share the work of a view; the result is the same to the last bit.
    full_detail : bool
        Draw every face at every pixel pitch, rather than as many as the pitch can show (`simulator.xray.projection.level_of_detail`).

    Raises
    ------
    ValueError
        If there is no surface, a mesh is open, or the weights' shape does not fit.
    """

    def __init__(self, surfaces: Sequence[Surface], weights: ArrayLike, *, threads: int = 1, full_detail: bool = False) -> None:
        self._weights = _as_weights(weights, len(surfaces))
        self._surfaces = tuple(surfaces)
        self._full_detail = full_detail
        self._levels: dict[int, _Prepared] = {}
        self._spare: list[NDArray[np.float64]] = []
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        vertices = [surface.vertices for surface in surfaces]
        self._centre = (np.min([points.min(axis=0) for points in vertices], 0) + np.max([points.max(axis=0) for points in vertices], 0)) / 2
        self._load_meshes(0)  # an open mesh is refused here rather than in the first view

    def count_faces(self, carm: CArm, *, rough: bool = False) -> int:
        """Return how many faces are drawn in a view.

        Parameters
        ----------
        carm : CArm
            The view.
        rough : bool
            As in `project`.
        """
        return self._prepare(carm, rough).mesh.corners.shape[1]

    def project(self, carm: CArm, *, rough: bool = False) -> NDArray[np.float32]:
        """Return the sum over surfaces of weight times length inside, shape (channels, rows, columns).

        Parameters
        ----------
        carm : CArm
            The view.
        rough : bool
            Draw a quarter of the faces: for images on the move, and means over large cells.

        Raises
        ------
        ValueError
            If a surface comes to the focal spot or behind it.
        """
        mesh, weights = self._prepare(carm, rough)
        apply: Callable[..., Iterable] = self._pool.map if self._pool else map
        drawing = draw(mesh, carm, apply)
        top = top_row(mesh, drawing, weights, carm.shape[1])
        image = np.empty((len(weights), *carm.shape), dtype=np.float32)
        factor = obliquity(carm, _handedness(carm))

        with self._borrow_memory((carm.shape[0] + 2, carm.shape[1], len(weights))) as jumps:

            def fill(band: tuple[int, int]) -> None:
                within, target = slice(*band), ColumnBand(carm.shape[0], *band, carm.shape[1])
                add_column_jumps(mesh, drawing, weights, target, jumps)
                integrate(jumps[:, within], (top[0][within], top[1][within]), factor[:, within], image[..., within])

            list(apply(fill, _bands(drawing.column, carm.shape[1], self._threads)))
        return image

    @contextmanager
    def _borrow_memory(self, shape: tuple[int, ...]) -> Iterator[NDArray[np.float64]]:
        """Zeros that no other thread is using, from the last view where they fit: fresh memory costs as much as the sums."""
        size = prod(shape)
        try:
            memory = self._spare.pop()
        except IndexError:
            memory = np.empty(0)
        memory = memory if memory.size >= size else np.empty(size)
        memory[:size] = 0.0
        yield memory[:size].reshape(shape)
        self._spare.append(memory)

    def _prepare(self, carm: CArm, rough: bool) -> "_Prepared":
        if self._full_detail:
            return self._load_meshes(0)
        return self._load_meshes(ROUGH if rough else choose_level(carm, self._centre))

    def _load_meshes(self, wanted: int) -> "_Prepared":
        """Surfaces at a level of detail, made when it is first asked for (seconds for a whole patient that is new)."""
        if wanted not in self._levels:
            importance = np.abs(self._weights / np.maximum(np.abs(self._weights).max(axis=0), np.finfo(float).tiny)).max(axis=1)
            mesh = join(load_meshes(self._surfaces, importance.tolist(), wanted))
            self._levels[wanted] = _Prepared(mesh, np.ascontiguousarray(self._weights[mesh.surface].T))
        return self._levels[wanted]


class _Prepared(NamedTuple):
    """All surfaces at one level of detail, and what each edge adds to each channel."""

    mesh: EdgeMesh
    weights: NDArray[np.float64]


def obliquity(carm: CArm, sign: float = 1.0) -> NDArray[np.float64]:
    """Return the length of each pixel's ray per mm of depth, shape (rows, columns): 1 on the perpendicular, more off it.

    Parameters
    ----------
    carm : CArm
        The view.
    sign : float
        1, or -1 for lengths that count backwards.
    """
    column, row = carm.principal_pixel.round(OBLIQUITY_DIGITS).tolist()
    return _obliquity(carm.shape, column, row, round(carm.pixel_mm / carm.source_to_image_mm, 3 + OBLIQUITY_DIGITS), sign)


@lru_cache(maxsize=4)
def _obliquity(shape: tuple[int, int], column: float, row: float, step: float, sign: float) -> NDArray[np.float64]:
    across, down = (np.arange(shape[1]) - column) * step, (np.arange(shape[0]) - row) * step
    lengths = sign * np.sqrt(1 + across**2 + down[:, None] ** 2)
    lengths.setflags(write=False)
    return lengths


def _bands(column: NDArray[np.float64], columns: int, number: int) -> list[tuple[int, int]]:
    """Cut the image between columns so that each band has about as many vertices."""
    inside = column[(column > 0) & (column < columns - 1)] if number > 1 else column[:0]
    cuts = np.quantile(inside, np.arange(1, number) / number).astype(int).tolist() if len(inside) else []
    edges = [0, *cuts, columns]
    return [(left, right) for left, right in zip(edges[:-1], edges[1:], strict=True) if right > left]


def _handedness(carm: CArm) -> float:
    """Sign that makes lengths positive: -1 where right x down points at the source, as in every view that is no mirror image."""
    return 1.0 if np.cross(carm.right, carm.down) @ carm.normal > 0 else -1.0


def _as_weights(weights: ArrayLike, surfaces: int) -> NDArray[np.float64]:
    array = np.array(weights, dtype=np.float64)
    if surfaces == 0:
        raise ValueError("a projector needs surfaces, got none")
    if array.ndim != 2 or len(array) != surfaces or array.shape[1] == 0:
        raise ValueError(f"weights must have shape ({surfaces}, channels), one row per surface, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("weights must be finite")
    return array
