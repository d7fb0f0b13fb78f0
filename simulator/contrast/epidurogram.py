"""Where an injection got to, as a radiologist reads it: compartments, levels, sides, margins, and which roots the drug reaches."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from scenarios.names.agents import Agent
from scenarios.names.compartments import EPIDURAL, Compartment
from simulator.contrast.agents import properties
from simulator.contrast.lattice import SPACING_MM
from simulator.contrast.level_scale import build_ladder
from simulator.contrast.media import COMPARTMENTS, code
from simulator.contrast.spread import Spread
from simulator.geometry.validate import as_vector

Array = NDArray[np.float64]

VISIBLE_MG_MM = 2.0  # iodine per mm of canal that an image shows: 8 mm2 of undiluted iohexol 240
SEEN_MG_CM2 = 6.0  # iodine along a ray that shows at an edge: a quarter millimetre of iohexol 240
LINE_MG_CM2 = 20.0  # that shows as a line in a lateral, behind the articular pillars: 0.8 mm of iohexol 240
RETROVERTEBRAL_MM = 6.0  # from the midline that fat lies in front of the sac
SHORTEST_MM = 10.0  # of visible contrast before a zone counts as filled
LEAST_OF_COLUMN = 0.25  # of the column's length, likewise
MINOR_SHARE = 0.2  # of the column's length that the other side may fill while contrast still counts as on one side
MIDLINE_MM = 2.0  # either side of the midline that belongs to neither
ROOT_MM = 6.0  # from a ganglion's centre: drug this near bathes it; unverified
TOUCH_MM = 1.0  # gap to a margin that no reader sees


@dataclass(frozen=True, kw_only=True, slots=True)
class Epidurogram:
    """What a reader of the epidurogram would say.

    Attributes
    ----------
    cephalad_levels, caudad_levels : float
        From the tip to the ends of the visible column, in vertebral levels.
    top, bottom : Level or None
        Levels at these ends; None where nothing is visible.
    dorsal, ventral : bool
        Whether contrast fills the dorsal and the ventral epidural space over some length.
    unilateral : bool
        Whether it stays on one side.
    """

    cephalad_levels: float
    caudad_levels: float
    top: Level | None
    bottom: Level | None
    dorsal: bool
    ventral: bool
    unilateral: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RootCoverage:
    """An agent within `ROOT_MM` of a ganglion: its volume, mL, and its share of the room there, 0 to 1 and more where tissue swells."""

    volume_ml: float
    share: float


def by_compartment(spread: Spread) -> dict[Compartment, dict[Agent, float]]:
    """Volume of each agent in each compartment that holds any, mL."""
    found = {}
    for number, compartment in enumerate(COMPARTMENTS):
        volumes = spread.ml[spread.domain.compartment == number].sum(axis=0)
        if volumes.any():
            found[compartment] = dict(zip(spread.agents, volumes.tolist(), strict=True))
    return found


def reach(spread: Spread, tip: ArrayLike, landmarks: Landmarks) -> Epidurogram:
    """Read the column of contrast.

    Parameters
    ----------
    spread : Spread
    tip : array_like, shape (3,)
        Needle's tip, world frame, mm.
    landmarks : Landmarks
        The patient's.
    """
    scale = build_ladder(spread.domain.curve, landmarks)
    tip_level = float(scale.at(_t_of(spread, as_vector(tip, "tip"))))
    places = _visible_mm(spread, np.ones(len(spread.domain), dtype=bool))
    ends = (float(places.min()), float(places.max()) + 1.0) if len(places) else None
    return Epidurogram(
        cephalad_levels=max(tip_level - float(scale.at(ends[0])), 0.0) if ends else 0.0,
        caudad_levels=max(float(scale.at(ends[1])) - tip_level, 0.0) if ends else 0.0,
        top=scale.level(ends[0]) if ends else None,
        bottom=scale.level(ends[1]) if ends else None,
        dorsal=_fills(spread, _dorsal(spread)),
        ventral=_fills(spread, _ventral(spread)),
        unilateral=_unilateral(spread),
    )


def root_coverage(spread: Spread, landmarks: Landmarks, agents: tuple[Agent, ...]) -> dict[tuple[Level, Side], RootCoverage]:
    """How much of given agents together lies around each ganglion (in the sacrum: each foramen) that the domain reaches."""
    column = [spread.agents.index(agent) for agent in agents if agent in spread.agents]
    volume_ml = spread.ml[:, column].sum(axis=1)
    return {root: _coverage(spread, volume_ml, centre) for root, centre in _ganglia(landmarks).items() if _within(spread, centre)}


def share_near(spread: Spread, path: Array, agents: tuple[Agent, ...], within_mm: float) -> float:
    """Share of what a spread holds of given agents that lies near a root's course; 0 where it holds none.

    Parameters
    ----------
    spread : Spread
    path : ndarray, shape (k, 3)
        Points of the course, world frame, mm, closer together than `within_mm`.
    agents : tuple of Agent
        Counted together.
    within_mm : float
        Distance that counts as near, mm.
    """
    column = [spread.agents.index(agent) for agent in agents if agent in spread.agents]
    volume_ml = spread.ml[:, column].sum(axis=1)
    total_ml = float(volume_ml.sum())
    distance_mm, _ = cKDTree(path).query(spread.domain.centres, distance_upper_bound=within_mm)
    return float(volume_ml[np.isfinite(distance_mm)].sum()) / total_ml if total_ml > 0 else 0.0


def clo_gap_mm(spread: Spread, landmarks: Landmarks, level: Level, side: Side) -> float:
    """Gap between contrast and the ventral laminar margin in a contralateral oblique along the lamina; mm, infinite without contrast.

    Parameters
    ----------
    spread : Spread
    landmarks : Landmarks
    level : Level
        The interspace below this vertebra.
    side : Side
        The needle's: the beam runs along this side's lamina.
    """
    normal = landmarks.vertebrae[level].lamina[side].normal
    beam = np.cross(normal, landmarks.vertebrae[level].axes[:, 2])
    line = landmarks.interspaces[level].ventral_interlaminar_line
    return _gap(spread, line, beam, landmarks.vertebrae[level].axes[:, 2], SEEN_MG_CM2)


def lateral_gap_mm(spread: Spread, landmarks: Landmarks, level: Level) -> float:
    """Gap between contrast and the spinolaminar junctions beside an interspace in a lateral; mm, infinite without contrast."""
    marks = landmarks.vertebrae[level]
    below = level if level is landmarks.region.last_mobile else landmarks.region.below(level)
    junctions = np.array([marks.spinolaminar, landmarks.vertebrae[below].spinolaminar])
    return _gap(spread, junctions, marks.axes[:, 0], marks.axes[:, 2], LINE_MG_CM2)


def touches_laminar_margin(spread: Spread, landmarks: Landmarks, level: Level, side: Side) -> bool:
    """Whether contrast hugs the ventral laminar margin in the contralateral oblique, as epidural contrast does (FACTS 3.3)."""
    return clo_gap_mm(spread, landmarks, level, side) <= TOUCH_MM


def touches_spinolaminar_junction(spread: Spread, landmarks: Landmarks, level: Level) -> bool:
    """Whether contrast reaches the spinolaminar junction in the lateral, as it seldom does (29 %, FACTS 3.3)."""
    return lateral_gap_mm(spread, landmarks, level) <= TOUCH_MM


def iodine_mg(spread: Spread) -> Array:
    """Iodine in each cell, shape (n,), mg."""
    content = np.array([properties(agent).iodine_mg_ml for agent in spread.agents])
    return np.asarray(spread.ml @ content) if len(content) else np.zeros(len(spread.domain))


def _t_of(spread: Spread, point: Array) -> float:
    return float(spread.domain.curve.coordinates(point[None])[0, 2])


def _visible_mm(spread: Spread, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Whole millimetres along the canal at which some cells together hold enough iodine to see."""
    t = np.maximum(spread.domain.place[chosen, 2], 0.0).astype(np.intp)
    return np.flatnonzero(np.bincount(t, iodine_mg(spread)[chosen], minlength=1) >= VISIBLE_MG_MM)


def _fills(spread: Spread, zone: NDArray[np.bool_]) -> bool:
    """Whether a lateral shows a line in a zone: some ray at each millimetre along the canal with enough iodine, over some length."""
    v, t = np.floor(spread.domain.place[zone, 1:] / SPACING_MM).astype(np.intp).T
    if len(t) == 0:
        return False
    high = v - v.min()
    t = np.maximum(t, 0)
    mass_mg = np.zeros((int(t.max()) + 1, int(high.max()) + 1))
    np.add.at(mass_mg, (t, high), iodine_mg(spread)[zone])
    line_mm = int((mass_mg.max(axis=1) >= LINE_MG_CM2 * (SPACING_MM / 10) ** 2).sum())
    column_mm = len(_visible_mm(spread, np.ones(len(spread.domain), dtype=bool)))
    return line_mm >= max(SHORTEST_MM, LEAST_OF_COLUMN * column_mm)


def _dorsal(spread: Spread) -> NDArray[np.bool_]:
    """What a lateral shows along the back of the canal: dorsal fat, and lateral fat in the canal's dorsal half."""
    lateral = spread.domain.compartment == code(Compartment.EPIDURAL_LATERAL)
    return np.asarray(spread.domain.inside([Compartment.EPIDURAL_DORSAL]) | (lateral & (spread.domain.place[:, 1] > 0)))


def _ventral(spread: Spread) -> NDArray[np.bool_]:
    """What a lateral shows as a line behind the bodies: fat in front of the sac, not the recess that leads to the foramen."""
    return np.asarray(spread.domain.inside([Compartment.EPIDURAL_VENTRAL]) & (np.abs(spread.domain.place[:, 0]) < RETROVERTEBRAL_MM))


def _unilateral(spread: Spread) -> bool:
    """Contrast in the canal proper on one side, over most of the column."""
    canal = spread.domain.inside(tuple(EPIDURAL - {Compartment.FORAMINAL}))
    u = spread.domain.place[:, 0]
    left, right = (_visible_mm(spread, canal & (sign * u > MIDLINE_MM)) for sign in (1, -1))
    both = len(np.intersect1d(left, right))
    total = len(np.union1d(left, right))
    return total > 0 and both <= MINOR_SHARE * total


def _ganglia(landmarks: Landmarks) -> Mapping[tuple[Level, Side], Array]:
    marks = landmarks.sacrum
    lumbar = {(level, side): item.dorsal_root_ganglion[side] for level, item in landmarks.interspaces.items() for side in Side}
    sacral = {root: (marks.dorsal_foramen[root] + marks.ventral_foramen[root]) / 2 for root in marks.dorsal_foramen}
    return lumbar | sacral


def _within(spread: Spread, centre: Array) -> bool:
    return bool((np.linalg.norm(spread.domain.centres - centre, axis=1) < ROOT_MM).any())


def _coverage(spread: Spread, volume_ml: Array, centre: Array) -> RootCoverage:
    near = np.linalg.norm(spread.domain.centres - centre, axis=1) < ROOT_MM
    volume = float(volume_ml[near].sum())
    return RootCoverage(volume_ml=volume, share=volume / float(spread.domain.capacity_ml[near].sum()))


def _gap(spread: Spread, line: Array, beam: Array, up: Array, least_mg_cm2: float) -> float:
    """Least distance, seen along a beam, from contrast that shows to points on a margin, shape (k, 3); less half a cell."""
    along = beam / np.linalg.norm(beam)
    across = np.stack([np.cross(along, up), up], axis=1)
    seen = _find_visible_pixels(spread, across, least_mg_cm2)
    if len(seen) == 0:
        return float("inf")
    gaps = [float(np.linalg.norm(seen - point, axis=1).min()) for point in line @ across]
    return max(min(gaps) - 0.5 * SPACING_MM, 0.0)


def _find_visible_pixels(spread: Spread, across: Array, least_mg_cm2: float) -> Array:
    """Middles of the pixels, as large as a cell, with enough iodine along their rays, shape (k, 2), mm in the plane `across`."""
    mass_mg = iodine_mg(spread)
    some = mass_mg > 0
    pixels, member = np.unique(np.floor(spread.domain.centres[some] @ across / SPACING_MM), axis=0, return_inverse=True)
    mg_cm2 = np.bincount(member.ravel(), mass_mg[some], minlength=len(pixels)) / (SPACING_MM / 10) ** 2
    return np.asarray((pixels[mg_cm2 >= least_mg_cm2] + 0.5) * SPACING_MM)
