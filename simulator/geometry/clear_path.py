"""A straight needle's course, and the nearest course to a wished one that meets neither bone nor nerve."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from phantoms.terms.tissues import Tissue

Vector = NDArray[np.float64]
Field = Callable[[Vector], NDArray[np.uint8] | NDArray[np.bool_]]

STANDARD_LENGTHS_MM = (89.0, 127.0, 152.0, 203.0)  # 3.5, 5, 6 and 8 inches
SEARCH_MM = 400.0
SEARCH_STEP_MM = 0.5
STEP_MM, FINE_STEP_MM = 2.0, 0.25
REACH_MM = 90.0  # how far out bone is looked for first; a course is taken only when it is free as far as the skin
BESIDE_MM = 1.0  # a needle bends: this far beside its axis must be free of bone too
CLEAR, NEAR, MET, OUTSIDE = 0, 1, 2, 3  # nothing blocks on the grid; something in a neighbouring cell; in the way; the tip is no goal
ABREAST, MOST_TRIED = 48, 600  # in a narrow foramen the grid is too coarse to tell: what it calls met is tried last
TURNS = 12  # directions round the wished one, at each angle from it
ANGLE_STEP_DEG = 5.0
MM_PER_DEG = 0.2  # how many mm of displaced tip a degree of turned needle is worth avoiding

BLOCKING = np.isin(
    np.arange(256),
    [
        Tissue.CORTICAL_BONE,
        Tissue.TRABECULAR_BONE,
        Tissue.ENDPLATE,
        Tissue.DURA,
        Tissue.CSF,
        Tissue.CORD,
        Tissue.CAUDA_EQUINA,
        Tissue.NERVE_ROOT,
        Tissue.DORSAL_ROOT_GANGLION,
        Tissue.ANNULUS,
        Tissue.NUCLEUS,
        Tissue.BOWEL_GAS,
        Tissue.VISCERA,
    ],
)
"""By label, what a needle must not meet on its way."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Course:
    """A straight needle's way: where it passes the skin and where its tip is, shape (3,), mm."""

    entry: Vector
    tip: Vector

    @property
    def depth_mm(self) -> float:
        """Length inside the body, mm."""
        return float(np.linalg.norm(self.tip - self.entry))

    @property
    def outward(self) -> Vector:
        """Unit vector from the tip to the hub, shape (3,)."""
        return (self.entry - self.tip) / self.depth_mm

    @property
    def length_mm(self) -> float:
        """The shortest standard needle that reaches the tip with its hub outside, mm."""
        return next((length for length in STANDARD_LENGTHS_MM if length > self.depth_mm), self.depth_mm + 20.0)

    @property
    def hub(self) -> Vector:
        """Where the shaft ends outside the body, shape (3,), mm."""
        return self.tip + self.outward * self.length_mm


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """Tissues in which the tip may lie, its shifts along the approach's own axes (lateral, dorsal, cranial), mm, and the widest turn.

    `beside_mm` is how far beside the needle's axis nothing may block; `wider` the search that is made where this one finds nothing.
    """

    goal: frozenset[Tissue]
    lateral_mm: tuple[float, ...]
    dorsal_mm: tuple[float, ...]
    cranial_mm: tuple[float, ...]
    aside_deg: float
    beside_mm: float = BESIDE_MM
    wider: "Search | None" = None


def find_skin(tip: Vector, outward: Vector, tissue: Field | None) -> Vector:
    """First point, shape (3,), mm, outside on the way out from a tip; a short needle's length away where the body is unknown."""
    if tissue is None:
        return tip + STANDARD_LENGTHS_MM[0] * 0.8 * outward
    distance_mm = np.arange(0.0, SEARCH_MM, SEARCH_STEP_MM)
    within = tissue(tip + distance_mm[:, None] * outward) != Tissue.AIR
    return tip + distance_mm[min(int(np.flatnonzero(within).max(initial=0)) + 1, len(distance_mm) - 1)] * outward


def find_nearest_clear(tip: Vector, outward: Vector, axes: NDArray[np.float64], search: Search, tissue: Field) -> tuple[Vector, Vector]:
    """Tip and outward direction nearest to the wished ones along which nothing blocks; the wished ones where there is none.

    Where the search finds none, its wider one is made.

    Parameters
    ----------
    tip, outward : ndarray, shape (3,)
        Wished, mm and unit vector.
    axes : ndarray, shape (3, 3)
        Lateral, dorsal and cranial unit vectors as columns, for the shifts.
    search : Search
        How far to look.
    tissue : callable
        Points, shape (n, 3), mm -> labels, shape (n,).
    """
    goal = np.isin(np.arange(256), list(search.goal))
    if is_clear(tip, outward, tissue, beside_mm=0.0) and goal[_labels(tissue, tip[None])].all():
        return tip, outward
    tips, outwards = _candidates(tip, outward, axes, search)
    blocked = _Blocked.around(tip, outward, search, tissue)
    rank = np.where(goal[_labels(tissue, tips)], blocked.rank(tips, outwards), OUTSIDE)
    hopeful = np.argsort(rank, kind="stable")[: int((rank < OUTSIDE).sum())]
    for index in _find_passing(tips, outwards, hopeful, tissue):
        if is_clear(tips[index], outwards[index], tissue, beside_mm=search.beside_mm):
            return tips[index], outwards[index]
    return (tip, outward) if search.wider is None else find_nearest_clear(tip, outward, axes, search.wider, tissue)


def is_clear(tip: Vector, outward: Vector, tissue: Field, *, beside_mm: float) -> bool:
    """Whether nothing blocks a straight needle from the skin to its tip, shape (3,), mm, nor lines `beside_mm` beside it on four sides."""
    depth_mm = float(np.linalg.norm(find_skin(tip, outward, tissue) - tip))
    across = np.linalg.svd(outward[None])[2][1:]
    offsets = beside_mm * np.vstack([np.zeros(3), across, -across]) if beside_mm else np.zeros((1, 3))
    points = tip + offsets[:, None] + np.arange(0.0, depth_mm, FINE_STEP_MM)[None, :, None] * outward
    return not BLOCKING[_labels(tissue, points.reshape(-1, 3))].any()


def _find_passing(tips: Vector, outwards: Vector, hopeful: NDArray[np.intp], tissue: Field) -> Iterator[int]:
    """Those of the hopeful whose axis is free at every millimetre; a batch at a time, as a call of the field costs more than a point."""
    distance_mm = np.arange(0.0, REACH_MM, 1.0)
    for start in range(0, min(len(hopeful), MOST_TRIED), ABREAST):
        some = hopeful[start : start + ABREAST]
        points = tips[some, None] + distance_mm[None, :, None] * outwards[some, None]
        met = BLOCKING[_labels(tissue, points.reshape(-1, 3))].reshape(len(some), -1).any(axis=1)
        yield from some[~met].tolist()


def _labels(tissue: Field, points: Vector) -> NDArray[np.intp]:
    return np.asarray(tissue(points), dtype=np.intp)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Blocked:
    """What blocks, on a coarse grid over the cone of all candidates, in the frame (across, across, outward) of the wished course."""

    tip: Vector
    frame: NDArray[np.float64]
    low: Vector
    grid: NDArray[np.bool_]

    @classmethod
    def around(cls, tip: Vector, outward: Vector, search: Search, tissue: Field) -> "_Blocked":
        frame = np.vstack([np.linalg.svd(outward[None])[2][1:], outward]).T
        shift = float(np.linalg.norm([np.abs(reach).max() for reach in (search.lateral_mm, search.dorsal_mm, search.cranial_mm)])) + STEP_MM
        wide = shift + REACH_MM * float(np.tan(np.deg2rad(search.aside_deg)))
        low = np.array([-wide, -wide, -shift])
        places = np.stack(
            np.meshgrid(*(np.arange(a, b + STEP_MM, STEP_MM) for a, b in zip(low, (wide, wide, REACH_MM), strict=True)), indexing="ij"),
            axis=-1,
        )
        cone = np.hypot(places[..., 0], places[..., 1]) <= shift + np.tan(np.deg2rad(search.aside_deg)) * np.maximum(places[..., 2], 0.0)
        grid = np.zeros(cone.shape, dtype=bool)
        grid[cone] = BLOCKING[_labels(tissue, tip + places[cone] @ frame.T)]
        return cls(tip=tip, frame=frame, low=low, grid=grid)

    def rank(self, tips: Vector, outwards: Vector) -> NDArray[np.intp]:
        """`CLEAR`, `NEAR` or `MET`: how candidates, shape (n, 3) each, stand to what blocks on the grid, shape (n,)."""
        starts, ways = (tips - self.tip) @ self.frame, outwards @ self.frame
        near = self.grid.astype(np.intp) + binary_dilation(self.grid)
        worst = np.full(len(tips), CLEAR)
        for distance_mm in np.arange(0.0, REACH_MM, STEP_MM):
            cell = np.rint((starts + distance_mm * ways - self.low) / STEP_MM).astype(np.intp)
            within = ((cell >= 0) & (cell < self.grid.shape)).all(axis=1)
            worst[within] = np.maximum(worst[within], near[tuple(cell[within].T)])
        return worst


def _candidates(tip: Vector, outward: Vector, axes: NDArray[np.float64], search: Search) -> tuple[Vector, Vector]:
    """Shifted tips with turned directions, shape (n, 3) each, the nearest to the wished first."""
    shifts = np.array([(x, y, z) for x in search.lateral_mm for y in search.dorsal_mm for z in search.cranial_mm])
    directions, angles_deg = _turn_directions(outward, search.aside_deg)
    cost = np.linalg.norm(shifts, axis=1)[:, None] + MM_PER_DEG * angles_deg[None]
    order = np.argsort(cost.ravel(), kind="stable")
    which, direction = np.divmod(order, len(directions))
    return tip + shifts[which] @ axes.T, directions[direction]


def _turn_directions(outward: Vector, most_deg: float) -> tuple[Vector, Vector]:
    """Directions on rings round a unit vector, shape (n, 3), and their angles from it, degrees, shape (n,)."""
    first, second = np.linalg.svd(outward[None])[2][1:]
    around = np.arange(TURNS) * 2 * np.pi / TURNS
    ring = np.cos(around)[:, None] * first + np.sin(around)[:, None] * second
    rings_deg = np.arange(ANGLE_STEP_DEG, most_deg + 1e-9, ANGLE_STEP_DEG)
    turned = [np.cos(angle) * outward + np.sin(angle) * ring for angle in np.deg2rad(rings_deg)]
    return np.vstack([outward[None], *turned]), np.concatenate([[0.0], np.repeat(rings_deg, TURNS)])
