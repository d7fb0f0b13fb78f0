"""Nerve roots from the sac to beyond the foramen, with their ganglia, and the rootlets of the cauda equina inside the sac."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.shapes.implicit import Tube
from phantoms.soft_tissue.canal import CanalProfile, Strands
from phantoms.soft_tissue.canal_profile import SacralStation, Station
from phantoms.terms.landmarks import SacrumLandmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.reference_tables import level_rows
from phantoms.terms.regions import Table

Array = NDArray[np.float64]

TAKE_OFF = np.radians(32.0)  # of the sleeve from the sac's axis; the root beyond runs at 50-59 degrees (FACTS 1.7 [67])
ROOTLET_MM = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Root:
    """One root of one side: its tube, its ganglion, and where it leaves the sac as (u, v, t), shape (3,)."""

    level: Level
    side: Side
    nerve: Tube
    ganglion: Tube
    ganglion_centre: Array
    leaves_sac: Array


def ganglion_mm(level: Level) -> tuple[float, float]:
    """Width and length of a root's ganglion, mm, from ``phantoms/data/roots.csv``."""
    return _number(level, "ganglion_width_mm"), _number(level, "ganglion_length_mm")


def _number(level: Level, column: str) -> float:
    return float(level_rows(Table.ROOTS)[level][column])


def lumbar_root(
    profile: CanalProfile, station: Station, side: Side, sizes: tuple[float, float], ganglion_uvt: Array, reach_mm: float
) -> Root:
    """Root that leaves under a vertebra's pedicle.

    Parameters
    ----------
    profile : CanalProfile
    station : Station
        The vertebra whose number the root bears.
    side : Side
    sizes : tuple of float
        Width and height of the pedicle, mm.
    ganglion_uvt : ndarray, shape (3,)
        Where its ganglion lies, mm.
    reach_mm : float
        From the ganglion down to the next pedicle, mm.
    """
    width, height = sizes
    pedicle = station.pedicle[side]
    s, u_pedicle = side.sign, abs(float(pedicle[0]))
    medial, t_low = u_pedicle - width / 2 - 1.0, float(pedicle[2]) + height / 2 + 1.0
    u, v, t = abs(float(ganglion_uvt[0])), float(ganglion_uvt[1]), float(ganglion_uvt[2])
    u_sac = 0.85 * profile.at("sac_half_width", t_low - 8.0)
    t_sac = t_low - max(medial - u_sac, 2.0) / np.tan(TAKE_OFF)
    v_sac = profile.at("sac_centre", t_sac) - 0.25 * profile.at("sac_half_depth", t_sac)
    lateral = u_pedicle + width / 2
    local = np.array(
        [
            [s * (u_sac - 0.5), v_sac, t_sac],
            [s * medial, 0.5 * (v_sac + v), t_low],
            [s * u, v, t],
            [s * max(lateral + 5.0, u + 6.0), v - 3.0, t + 0.35 * reach_mm],
            [s * max(lateral + 12.0, u + 12.0), v - 9.0, t + 0.9 * reach_mm],
            [s * max(lateral + 18.0, u + 18.0), v - 16.0, t + 1.6 * reach_mm],
        ]
    )
    return _root(profile, station.level, side, local, 2, ganglion_mm(station.level)[1])


def ganglion_place(station: Station, side: Side, sizes: tuple[float, float]) -> tuple[float, float]:
    """Place (u, t) of a ganglion under its pedicle: in the medial foramen, at the last laterally, as its row says; mm."""
    width, height = sizes
    pedicle = station.pedicle[side]
    aside = _number(station.level, "ganglion_aside") * width
    below = ganglion_mm(station.level)[0] / 2 + 1.2 + 0.3 * max(aside, 0.0)
    return side.sign * (abs(float(pedicle[0])) + aside), float(pedicle[2]) + height / 2 + below


def sacral_root(profile: CanalProfile, sacral: SacralStation, marks: SacrumLandmarks, level: Level, side: Side) -> Root:
    """Sacral root: its ganglion lies in the canal, the nerve leaves by the ventral foramen."""
    exit_point = profile.curve.coordinates(np.array([marks.ventral_foramen[(level, side)], marks.dorsal_foramen[(level, side)]]))
    ventral, dorsal = exit_point
    middle = 0.5 * (ventral + dorsal)
    s = side.sign
    half = profile.at("half_width", float(middle[2]) - 12.0)
    t_sac = max(float(middle[2]) - _number(level, "sac_to_exit_mm"), sacral.t_top - 14.0)
    u_sac = 0.8 * max(profile.at("sac_half_width", t_sac), 2.5)
    t_ganglion = float(middle[2]) - 9.0
    v_ganglion = profile.at("front", t_ganglion) + 4.0
    outward = ventral - middle
    outward /= max(float(np.linalg.norm(outward)), 1e-6)
    local = np.array(
        [
            [s * (u_sac - 0.5), profile.at("sac_centre", t_sac), t_sac],
            [s * min(0.72 * half, abs(ventral[0]) - 4.0), v_ganglion + 1.0, t_ganglion - 6.0],
            [s * min(0.80 * half, abs(ventral[0]) - 3.0), v_ganglion, t_ganglion],
            0.75 * ventral + 0.25 * middle,
            ventral + 8.0 * outward + [0.0, 0.0, 6.0],
            ventral + 16.0 * outward + [s * 4.0, 0.0, 22.0],
        ]
    )
    return _root(profile, level, side, local, 2, ganglion_mm(level)[1])


def _root(profile: CanalProfile, level: Level, side: Side, local: Array, ganglion_at: int, length_mm: float) -> Root:
    knots = profile.curve.world(local)
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    spline = CubicSpline(chord, knots)
    path = spline(np.linspace(0.0, chord[-1], 22))
    stretch = chord[ganglion_at] + np.linspace(-0.5, 0.5, 7) * length_mm
    bulge = np.sqrt(np.maximum(1.0 - np.linspace(-0.93, 0.93, 7) ** 2, 0.0))
    inner = chord[ganglion_at] + np.linspace(-0.5, 0.5, 7) * (length_mm - 2.0)
    width = ganglion_mm(level)[0]
    return Root(
        level=level,
        side=side,
        nerve=Tube(path, _number(level, "root_mm") / 2),
        ganglion=Tube(spline(inner), width / 2 * bulge),
        ganglion_centre=spline(stretch[3]),
        leaves_sac=local[0],
    )


def cauda_equina(profile: CanalProfile, roots: tuple[Root, ...], conus_mm: float, sac_end_mm: float) -> Strands:
    """Rootlets from the conus (t = `conus_mm`) to where each root leaves the sac, the outermost leaving first.

    A prone patient's rootlets hang ventrally; lower ones lie nearer the midline.
    """
    t = profile.t_mm
    start = conus_mm - 20.0
    leaving = [root for root in roots if root.leaves_sac[2] > conus_mm + 5.0]
    columns = [_rootlet(profile, root, start) for root in leaving]
    columns += [_filament(profile, x, start, sac_end_mm - 6.0) for x in (-0.9, 0.9)]
    u, v, radius = (np.stack(parts, axis=1) for parts in zip(*columns, strict=True))
    end = max([sac_end_mm - 6.0, *(float(root.leaves_sac[2]) for root in leaving)])
    return Strands(curve=profile.curve, u=u, v=v, radius=radius, t_range_mm=(start, min(end, float(t[-1]))))


def _rootlet(profile: CanalProfile, root: Root, start: float) -> tuple[Array, Array, Array]:
    t = profile.t_mm
    end = float(root.leaves_sac[2])
    share = np.clip((t - start) / (end - start), 0.0, 1.0)
    u_in = root.side.sign * 2.2
    v_low = profile.sac_centre - 0.30 * profile.sac_half_depth
    v_out = float(root.leaves_sac[1])
    u = u_in + (0.8 * float(root.leaves_sac[0]) - u_in) * share**1.5
    v = v_low + (v_out - np.interp(end, t, v_low)) * share**4
    return u, v, np.where((t > start) & (t < end), ROOTLET_MM, -1.0)


def _filament(profile: CanalProfile, u: float, start: float, end: float) -> tuple[Array, Array, Array]:
    """Lower sacral rootlets with the filum, near the midline all the way to the sac's end."""
    t = profile.t_mm
    v = profile.sac_centre - 0.35 * profile.sac_half_depth
    return np.full_like(t, u), v, np.where((t > start) & (t < end), 1.1, -1.0)
