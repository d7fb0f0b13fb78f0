"""Contents of the abdomen that an image shows: psoas margins (by the fat beside them), kidneys, viscera and bowel gas."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.shapes.implicit import Ellipsoid, Shape, Tube, smooth_max
from phantoms.shapes.loft import Loft
from phantoms.terms.levels import Side

Array = NDArray[np.float64]

FAT_MM = 9.0  # of fat between the wall and the viscera; recalled, unverified
RETROPERITONEAL_FAT_MM = 5.0  # between viscera and psoas: its margin is an edge, not a band; recalled, unverified

# Psoas: left side, offset from the body's centre (x, y, z below L1 in levels of spacing), radius, mm; recalled, unverified.
PSOAS = np.array(
    [
        [25.0, 2.0, -0.3, 7.0],
        [31.0, 0.0, 0.6, 12.0],
        [36.0, -1.0, 1.5, 16.0],
        [41.0, -3.0, 2.5, 19.5],
        [47.0, -8.0, 3.5, 21.5],
        [55.0, -24.0, 4.6, 20.0],
        [66.0, -46.0, 5.8, 18.0],
        [78.0, -60.0, 7.2, 16.0],
    ]
)

ILIACUS = np.array(
    [[64.0, 10.0, 3.5, 12.0], [80.0, 0.0, 4.2, 19.0], [86.0, -18.0, 5.0, 22.0], [86.0, -44.0, 6.2, 20.0], [80.0, -60.0, 7.4, 16.0]]
)

# Muscle behind and beside the column that the cavity must leave free (quadratus lumborum, intertransverse muscles): x, y, radius, mm.
FLANK = np.array([[20.0, 14.0, 15.0], [42.0, 20.0, 17.0]])

# Haustra: places along the colon as shares of the cavity's half-width (x, y about its axis) and z from L3, mm, with a mean radius.
COLON: dict[str, Array] = {
    "ascending": np.array(
        [[-0.74, -0.25, -95.0, 19.0], [-0.80, -0.20, -40.0, 17.0], [-0.76, -0.25, 20.0, 16.0], [-0.62, -0.45, 62.0, 15.0]]
    ),
    "transverse": np.array([[-0.45, -0.72, 60.0, 14.0], [0.0, -0.84, 38.0, 13.0], [0.42, -0.72, 62.0, 14.0]]),
    "descending": np.array([[0.74, -0.30, 78.0, 14.0], [0.82, -0.15, 20.0, 11.0], [0.82, -0.15, -45.0, 11.0], [0.70, -0.25, -92.0, 12.0]]),
    "sigmoid": np.array([[0.55, -0.30, -118.0, 9.0], [0.15, -0.15, -140.0, 10.0], [-0.10, 0.05, -165.0, 11.0]]),
}
FILLING = {"ascending": 0.7, "transverse": 0.3, "descending": 0.45, "sigmoid": 0.15}
POCKETS = 7
BESIDE_SPINE = (0.3, 0.7)  # of the cavity's half-width: where loops of small bowel lie, so that the bodies stay clear in AP
HAUSTRUM_MM = 23.0
FOLD = 0.55
GAS_DENSITY = 320.0  # of the gas with what is mixed into it, by that of air: a third of the volume; recalled, unverified
LONGEST_RUN = 6  # every so many haustra one is contracted: gas lies in short runs
SACCULATION_MM = 3.5  # haustra bulge to one side and the other
CRUMPLE_MM = 3.5
CRUMPLE_SHARE = 0.35  # of a loop's radius, where that is less
FLATTENED = (1.0, 0.55, 1.0)  # the prone patient lies on the bowel
LEVEL = (-1.0, -0.6)  # height of the fluid in a lumen, in its radii: most of what holds gas holds little else
LEVEL_ROUND_MM = 7.0  # content is pasty, no mirror
WAVES = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Abdomen:
    """Shapes inside the cavity; gas is a tuple of pockets, each one piece."""

    cavity: Shape
    viscera: Shape
    kidneys: tuple[Shape, ...]
    gas: tuple[Shape, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LessSmooth:
    """A shape without another, which keeps a distance and a rounded edge."""

    shape: Shape
    cutter: Shape
    gap_mm: float

    @property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return self.shape.bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return np.maximum(self.shape(points), self.gap_mm - self.cutter(points))


@dataclass(frozen=True, kw_only=True, eq=False)
class Bubble:
    """Gas in a stretch of bowel: it lies dorsal to a fluid level (the patient is prone), its wall crumpled by a few waves.

    `lumen` is round in a frame stretched by 1 / `FLATTENED`; `waves` are wave vectors, shape (k, 3), 1/mm, `phases` their phases,
    shape (k,).
    """

    lumen: Tube
    level_y_mm: float
    crumple_mm: float
    waves: Array
    phases: Array

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        box = self.lumen.bounds * FLATTENED + np.array([[-1.0], [1.0]]) * self.crumple_mm
        box[0, 1] = max(box[0, 1], min(self.level_y_mm, box[1, 1] - 0.5))
        return box

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        crumple = np.sin(points @ self.waves.T + self.phases).mean(axis=1) * self.crumple_mm
        return smooth_max(min(FLATTENED) * self.lumen(points / FLATTENED) + crumple, self.level_y_mm - points[:, 1], LEVEL_ROUND_MM)


def psoas(left: bool, origin: Array, axes: Array, spacing_mm: float) -> Tube:
    """Psoas of one side, given L1's centre, shape (3,), mm, its axes, shape (3, 3), and the mean spacing of the vertebrae."""
    return _muscle(PSOAS, left, origin, axes, spacing_mm)


def iliacus(left: bool, origin: Array, axes: Array, spacing_mm: float) -> Tube:
    """Iliacus of one side, between the psoas and the wing of the ilium; arguments as of `psoas`: centre, shape (3,), mm, and axes."""
    return _muscle(ILIACUS, left, origin, axes, spacing_mm)


def _muscle(rows: Array, left: bool, origin: Array, axes: Array, spacing_mm: float) -> Tube:
    place = rows[:, :3] * [1.0 if left else -1.0, 1.0, -spacing_mm]
    dense = np.linspace(0, len(rows) - 1, 20)
    path = CubicSpline(np.arange(len(rows)), place)(dense)
    radius = np.interp(dense, np.arange(len(rows)), rows[:, 3])
    return Tube(origin + path @ np.array([axes[:, 0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), radius)


def flank(left: bool, centres: Array, row: Array) -> Tube:
    """Muscle beside the column, along the vertebrae's centres, shape (k, 3); `row` is x, y and radius, mm."""
    return Tube(centres + [row[0] if left else -row[0], row[1], 0.0], float(row[2]))


def column(centres: Array, radius_mm: Array) -> Tube:
    """Vertebral column and sacrum with the tissue on their front, as one tube through centres, shape (k, 3), mm."""
    return Tube(centres, radius_mm)


def abdomen(cavity: Loft, behind: Shape, kidney_places: dict[Side, Array], rng: np.random.Generator) -> Abdomen:
    """Contents of a cavity whose back is indented by `behind` (column and psoas muscles); kidneys at places, shape (2, 3), mm."""
    inner = cavity.inset(FAT_MM)
    hollow = LessSmooth(shape=cavity, cutter=behind, gap_mm=0.0)
    viscera = LessSmooth(shape=inner, cutter=behind, gap_mm=RETROPERITONEAL_FAT_MM)
    kidneys = tuple(Ellipsoid(place, np.array([25.0, 20.0, 54.0])) for place in kidney_places.values())
    return Abdomen(cavity=hollow, viscera=viscera, kidneys=kidneys, gas=tuple(_gas(inner, rng)))


def _gas(cavity: Loft, rng: np.random.Generator) -> list[Shape]:
    pockets = [pocket for name, knots in COLON.items() for pocket in _haustra(cavity, knots, FILLING[name], rng)]
    return pockets + [_pocket(cavity, rng) for _ in range(POCKETS)]


def _inside(cavity: Loft, share: Array, z: Array) -> Array:
    """World points at shares, shape (n, 2), of the cavity's half-width and half-depth at heights z, shape (n,); shape (n, 3), mm."""
    row = np.abs(cavity.z_mm - z[:, None]).argmin(axis=1)
    angle = np.mod(np.arctan2(share[:, 1], share[:, 0]), 2 * np.pi)
    columns = cavity.radius_mm.shape[1]
    column = angle * (columns / (2 * np.pi))
    index, over = column.astype(np.intp), np.mod(column, 1.0)
    low, high = cavity.radius_mm[row, index % columns], cavity.radius_mm[row, (index + 1) % columns]
    distance = np.minimum(np.hypot(share[:, 0], share[:, 1]), 0.9) * (low + over * (high - low))
    return np.stack([distance * np.cos(angle), cavity.axis_y_mm[row] + distance * np.sin(angle), z], axis=1)


def _haustra(cavity: Loft, knots: Array, filling: float, rng: np.random.Generator) -> list[Shape]:
    """Gas over fluid along a stretch of colon, in runs, broken where stool fills it."""
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(knots[:, 2])) + 60 * np.hypot(*np.diff(knots[:, :2], axis=0).T))])
    at = np.arange(6.0, length[-1] - 4.0, HAUSTRUM_MM / 6)
    places = CubicSpline(length, knots)(at)
    path = _inside(cavity, places[:, :2], places[:, 2])
    along = at / HAUSTRUM_MM + rng.uniform(0.0, 1.0)
    folds = 1.0 - FOLD * np.abs(np.cos(np.pi * along)) ** 6
    radius = places[:, 3] * folds * np.interp(at, np.linspace(0, at[-1], 8), rng.uniform(0.7, 1.0, 8))
    path += SACCULATION_MM * np.sin(np.pi * along)[:, None] * _unit(rng.normal(size=3) * [1.0, 1.0, 0.3])
    haustrum = along.astype(int)
    filled = (rng.random(haustrum[-1] + 1)[haustrum] < filling) & (haustrum % LONGEST_RUN != 0)
    runs = np.split(np.arange(len(at)), np.flatnonzero(np.diff(filled)) + 1)
    return [_bubble(path[run], radius[run], rng) for run in runs if filled[run[0]] and len(run) > 3]


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _pocket(cavity: Loft, rng: np.random.Generator) -> Shape:
    """A short, bent loop of small bowel with some gas in it."""
    side = rng.choice([-1.0, 1.0])
    share, z = rng.uniform([BESIDE_SPINE[0], -0.85], [BESIDE_SPINE[1], -0.35]), float(rng.uniform(-110.0, 60.0))
    path = _inside(cavity, share[None] * [side, 1.0], np.array([z])) + np.cumsum(rng.normal(0, [5.0, 2.5, 5.0], (7, 3)), axis=0)
    return _bubble(path, rng.uniform(3.0, 7.0, 7), rng)


def _bubble(path: Array, radius_mm: Array, rng: np.random.Generator) -> Bubble:
    level = float(np.mean(path[:, 1]) + rng.uniform(*LEVEL) * FLATTENED[1] * np.mean(radius_mm))
    waves = rng.normal(0, 1.0, (WAVES, 3))
    waves *= (2 * np.pi / rng.uniform(9.0, 24.0, WAVES) / np.linalg.norm(waves, axis=1))[:, None]
    return Bubble(
        lumen=Tube(path / FLATTENED, radius_mm),
        level_y_mm=level,
        crumple_mm=min(CRUMPLE_MM, CRUMPLE_SHARE * float(np.mean(radius_mm))),
        waves=waves,
        phases=rng.uniform(0, 2 * np.pi, WAVES),
    )
