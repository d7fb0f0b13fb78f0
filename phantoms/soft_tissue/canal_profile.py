"""Measures the canal of a posed skeleton: where its walls, its roof and the dural sac lie along the spine curve."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from phantoms.bones.skeleton import PosedSacrum, PosedVertebra, Skeleton
from phantoms.soft_tissue.canal import CanalProfile
from phantoms.soft_tissue.spine_curve import STEP_MM, SpineCurve, spine_curve
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import PatientParameters

Array = NDArray[np.float64]

ATTACHMENT_MM = 9.0  # flavum's cranial border above the lower edge of the lamina, 8.2-11.1 (MRI, FACTS 1.6 [52])
LEAST_DORSAL_MM = 0.8  # dorsal fat under the upper edge of each lamina; near zero, recalled, unverified
DEEPEST = 0.45  # share of the interlaminar window, from above, at which the dorsal fat is deepest and its depth is stated
VENTRAL_MM = 1.2
VENTRAL_L5_S1_MM = 4.0  # the ventral fat is deep at L5-S1; recalled, unverified
SAC_LATERAL_MM = 2.5
ABOVE_MM = 30.0  # how far the canal runs on above the uppermost vertebra's centre


@dataclass(frozen=True, kw_only=True, eq=False)
class Station:
    """One vertebra along the curve: t and v of the upper and lower edge of its laminae's ventral face, mm.

    `t_top`, `t_bottom` are the endplates' places, `front` the posterior wall's v, `pedicle` the left and right pedicle's (u, v, t).
    """

    level: Level
    t_upper: float
    v_upper: float
    t_lower: float
    v_lower: float
    t_top: float
    t_bottom: float
    front: float
    slope: float
    half_width: float
    pedicle: Mapping[Side, Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class SacralStation:
    """The sacral canal along the curve: its own tables of v_front, roof and half width at places t, mm, each shape (k,)."""

    t_lamina: float
    t_top: float
    t: Array
    front: Array
    roof: Array
    half_width: Array


def posterior_walls(skeleton: Skeleton) -> Mapping[Level, float]:
    """Distance of every body's posterior wall from its centre, mm."""
    return {level: _posterior_wall(vertebra) for level, vertebra in skeleton.vertebrae.items()}


def canal_curve(skeleton: Skeleton, params: PatientParameters, walls: Mapping[Level, float]) -> SpineCurve:
    """Curve through the middle of the canal, from above the uppermost vertebra to the sacral hiatus; `walls` of `posterior_walls`."""
    knots, dorsal = [], []
    for level, vertebra in skeleton.vertebrae.items():
        marks = vertebra.landmarks
        reach = walls[level] + params.vertebrae[level].canal_depth_mm / 2
        knots.append(marks.body_centre + reach * marks.axes[:, 1])
        dorsal.append(marks.axes[:, 1])
    first = next(iter(skeleton.vertebrae.values())).landmarks.axes
    head = [knots[0] + first[:, 2] * step for step in (2 * ABOVE_MM, ABOVE_MM)]
    sacral, backs = _sacral_knots(skeleton.sacrum, knots[-1])
    return spine_curve(np.array([*head, *knots, *sacral]), np.array([first[:, 1], first[:, 1], *dorsal, *backs]))


def _posterior_wall(vertebra: PosedVertebra) -> float:
    """Distance from the body's centre to its posterior wall in the midline, just below the upper endplate, mm."""
    marks = vertebra.landmarks
    height = 0.6 * float((marks.upper_endplate.point - marks.body_centre) @ marks.axes[:, 2])
    reach = np.arange(6.0, 32.0, 0.5)
    values = vertebra.outer(marks.body_centre + height * marks.axes[:, 2] + reach[:, None] * marks.axes[:, 1])
    return _first_crossing(reach, values, rising=True)


def _first_crossing(places: Array, values: Array, *, rising: bool) -> float:
    """Place at which values first change sign (from negative where rising), linearly interpolated."""
    sign = values if rising else -values
    hits = np.flatnonzero((sign[:-1] < 0) & (sign[1:] >= 0))
    if len(hits) == 0:
        return float(places[np.argmin(np.abs(values))])
    i = int(hits[0])
    return float(places[i] + (places[i + 1] - places[i]) * sign[i] / (sign[i] - sign[i + 1]))


def _sacral_knots(sacrum: PosedSacrum, above: Array) -> tuple[list[Array], list[Array]]:
    path = sacrum.landmarks.canal
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0.0, length[-1], max(4, round(length[-1] / 14.0)))
    points = np.stack([np.interp(at, length, column) for column in path.T], axis=1)
    points = points[np.linalg.norm(points - above, axis=1) > 15.0]
    caudal = np.gradient(points, axis=0)
    back = np.cross(sacrum.landmarks.axes[:, 0], caudal / np.linalg.norm(caudal, axis=1, keepdims=True))
    return list(points), list(back)


def stations(skeleton: Skeleton, params: PatientParameters, curve: SpineCurve, walls: Mapping[Level, float]) -> tuple[Station, ...]:
    """Every vertebra's place along the curve."""
    return tuple(_station(vertebra, params, curve, walls[level]) for level, vertebra in skeleton.vertebrae.items())


def _station(vertebra: PosedVertebra, params: PatientParameters, curve: SpineCurve, wall_mm: float) -> Station:
    marks = vertebra.landmarks
    upper, lower, top, bottom, left, right, wall = curve.coordinates(
        np.array(
            [
                marks.lamina_upper,
                marks.lamina_lower,
                marks.upper_endplate.point + 18 * marks.axes[:, 1],
                marks.lower_endplate.point + 18 * marks.axes[:, 1],
                marks.pedicle[Side.LEFT],
                marks.pedicle[Side.RIGHT],
                marks.body_centre + wall_mm * marks.axes[:, 1],
            ]
        )
    )
    return Station(
        level=vertebra.level,
        t_upper=upper[2],
        v_upper=upper[1],
        t_lower=lower[2],
        v_lower=lower[1],
        t_top=top[2],
        t_bottom=bottom[2],
        front=wall[1],
        slope=_lamina_slope(vertebra),
        half_width=params.vertebrae[vertebra.level].canal_width_mm / 2,
        pedicle={Side.LEFT: left, Side.RIGHT: right},
    )


def _lamina_slope(vertebra: PosedVertebra) -> float:
    normals = [vertebra.landmarks.axes.T @ vertebra.landmarks.lamina[side].normal for side in Side]
    return float(np.clip(np.mean([abs(n[0]) / max(abs(n[1]), 0.2) for n in normals]), 0.3, 1.6))


def sacral_station(sacrum: PosedSacrum, curve: SpineCurve) -> SacralStation:
    """The sacral canal measured along the curve from its own lumen."""
    t_top = float(curve.coordinates(sacrum.landmarks.s1_endplate.point[None])[0, 2])
    t = np.arange(t_top, curve.length_mm - 1.0, 4.0)
    reach = np.arange(0.0, 24.0, 1.0)
    walls = np.stack([_reach(sacrum, curve, t, reach, direction) for direction in ((0, -1), (0, 1), (1, 0))])
    return SacralStation(
        t_lamina=_sacral_lamina(sacrum, curve, t_top),
        t_top=t_top,
        t=t,
        front=-walls[0],
        roof=walls[1],
        half_width=np.maximum(walls[2], 3.0),
    )


def _reach(sacrum: PosedSacrum, curve: SpineCurve, t: Array, reach: Array, direction: tuple[int, int]) -> Array:
    """How far the lumen reaches from the curve towards (u, v) direction at each t, mm."""
    grid = np.array([[direction[0] * r, direction[1] * r, place] for place in t for r in reach])
    values = sacrum.canal(curve.world(grid)).reshape(len(t), len(reach))
    return np.array([_first_crossing(reach, row, rising=True) if row[0] < 0 else 1.0 for row in values])


def _sacral_lamina(sacrum: PosedSacrum, curve: SpineCurve, t_top: float) -> float:
    """Place at which bone first roofs the sacral canal in the midline; t, mm."""
    t = np.arange(t_top - 6.0, t_top + 40.0, 1.0)
    v = np.arange(4.0, 26.0, 1.5)
    grid = np.array([[0.0, depth, place] for place in t for depth in v])
    roofed = (sacrum.outer(curve.world(grid)).reshape(len(t), len(v)) < 0).any(axis=1)
    return float(t[np.argmax(roofed)]) if roofed.any() else t_top + 12.0


def position_along(tops: Array, first: int, heights: float) -> float:
    """Place at a number of vertebral heights below the top of the entry `first` of `tops` (t of the vertebrae's tops, shape (k,)), mm."""
    return float(np.interp(first + heights, np.arange(len(tops)), tops))


def canal_profile(
    curve: SpineCurve, levels: tuple[Station, ...], sacral: SacralStation, params: PatientParameters, sac_end_mm: float
) -> CanalProfile:
    """Tables of the canal's section along the curve; the sac ends at t = `sac_end_mm`."""
    t = STEP_MM * np.arange(len(curve.positions), dtype=np.float64)
    roof = _through(t, _roof_knots(levels, sacral, params))
    front = _through(t, [*((s.pedicle[Side.LEFT][2], s.front) for s in levels), *zip(sacral.t + 0.0, sacral.front, strict=True)])
    half_width = _through(
        t, [*((s.pedicle[Side.LEFT][2], s.half_width) for s in levels), *zip(sacral.t[2:], sacral.half_width[2:], strict=True)]
    )
    slope = _through(t, [*(((s.t_upper + s.t_lower) / 2, s.slope) for s in levels), (sacral.t_lamina + 10, 0.45), (curve.length_mm, 0.2)])
    back = _through(t, _sac_back_knots(levels, sacral, params, roof, t))
    belly = front + _through(t, [(levels[-1].t_top, VENTRAL_MM), (sacral.t_top, VENTRAL_L5_S1_MM), (sacral.t_top + 40, 2.0)])
    taper = _taper(t, sac_end_mm, curve.length_mm)
    half_depth = np.maximum(back - belly, 2.0) / 2
    return CanalProfile(
        curve=curve,
        roof=roof,
        slope=slope,
        flavum=_flavum(t, levels, sacral, params),
        front=front,
        half_width=half_width,
        sac_centre=gaussian_filter1d((back + belly) / 2, 8),
        sac_half_depth=half_depth * taper,
        sac_half_width=np.minimum(half_width - SAC_LATERAL_MM, 10.0) * taper,
    )


def _through(t: Array, knots: list[tuple[float, float]]) -> Array:
    """Smooth curve through knots (t, value), level beyond the ends; knots closer than 1 mm are merged."""
    ordered = sorted((float(a), float(b)) for a, b in knots)
    kept = [ordered[0]]
    for knot in ordered[1:]:
        if knot[0] - kept[-1][0] > 1.0:
            kept.append(knot)
    places, values = np.array(kept).T
    if len(kept) == 1:
        return np.full_like(t, values[0])
    return PchipInterpolator(places, values)(np.clip(t, places[0], places[-1]))


def _below(levels: tuple[Station, ...], sacral: SacralStation, index: int, roof_at: float) -> tuple[float, float]:
    """Upper laminar edge below a vertebra, (t, v), mm."""
    if index + 1 < len(levels):
        return levels[index + 1].t_upper, levels[index + 1].v_upper
    return sacral.t_lamina, roof_at


def _roof_knots(levels: tuple[Station, ...], sacral: SacralStation, params: PatientParameters) -> list[tuple[float, float]]:
    knots: list[tuple[float, float]] = [(levels[0].t_upper - 25.0, levels[0].v_upper + 3.0)]
    for station in levels:
        thickness = params.discs[station.level].flavum_thickness_mm
        attach = max(station.t_lower - ATTACHMENT_MM, station.t_upper + 2.0)
        along = (attach - station.t_upper) / (station.t_lower - station.t_upper)
        v_attach = station.v_upper + along * (station.v_lower - station.v_upper)
        knots += [(station.t_upper, station.v_upper), (attach, v_attach), (station.t_lower, station.v_lower - thickness)]
    keep = sacral.t > sacral.t_lamina - 2.0
    return knots + list(zip(sacral.t[keep], sacral.roof[keep], strict=True))


def windows(levels: tuple[Station, ...], sacral: SacralStation) -> dict[Level, tuple[float, float]]:
    """Stretch of t between the lower edge of each lamina and the upper edge of the next, mm."""
    return {s.level: (s.t_lower, _below(levels, sacral, i, 0.0)[0]) for i, s in enumerate(levels)}


def _flavum(t: Array, levels: tuple[Station, ...], sacral: SacralStation, params: PatientParameters) -> Array:
    thickness = np.zeros_like(t)
    for station, (low, high) in zip(levels, windows(levels, sacral).values(), strict=True):
        full = params.discs[station.level].flavum_thickness_mm
        ramp = np.clip((t - (low - ATTACHMENT_MM)) / 4.0, 0.0, 1.0) * (t <= high + 1.5)
        thickness = np.maximum(thickness, full * ramp)
    return thickness


def _sac_back_knots(
    levels: tuple[Station, ...], sacral: SacralStation, params: PatientParameters, roof: Array, t: Array
) -> list[tuple[float, float]]:
    """Dorsal face of the sac: close to each lamina's upper edge, the stated epidural depth in front of each window's middle."""
    knots = []
    for station, (low, high) in zip(levels, windows(levels, sacral).values(), strict=True):
        middle = low + DEEPEST * (high - low)
        depth = params.discs[station.level].epidural_depth_mm
        under = station.t_upper + 0.35 * (station.t_lower - station.t_upper)
        knots.append((station.t_upper, station.v_upper - LEAST_DORSAL_MM))
        knots.append((under, float(np.interp(under, t, roof)) - 2.5 * LEAST_DORSAL_MM))
        knots.append((middle, float(np.interp(middle, t, roof)) - depth))
    return knots + [(place, height - 3.5) for place, height in zip(sacral.t, sacral.roof, strict=True) if place > sacral.t_lamina + 6]


def _taper(t: Array, end_mm: float, length_mm: float) -> Array:
    """Section's scale: 1, then falling over the last 35 mm to a blunt tip."""
    left = np.clip((end_mm - t) / 35.0, 0.0, 1.0)
    return np.sqrt(left * (2 - left)) * (t < length_mm)
