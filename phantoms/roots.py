"""Nerve roots from the sac to beyond the foramen, with their ganglia, and the rootlets of the cauda equina inside the sac."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.canal import CanalProfile, Strands
from phantoms.canal_profile import SacralStation, Station
from phantoms.landmarks import SacrumLandmarks
from phantoms.levels import Level, Side
from phantoms.shapes import Tube

Array = NDArray[np.float64]

# Ganglion width and length, mm: L1-L5 measured (FACTS 1.7 [66]); the others recalled or extrapolated, unverified.
GANGLION_MM: Mapping[Level, tuple[float, float]] = {
    Level.T11: (4.0, 5.0),
    Level.T12: (4.2, 5.2),
    Level.L1: (4.36, 5.39),
    Level.L2: (4.56, 5.83),
    Level.L3: (4.99, 7.24),
    Level.L4: (5.22, 7.97),
    Level.L5: (5.82, 10.83),
    Level.S1: (6.5, 13.0),
    Level.S2: (5.0, 9.0),
}

# Root diameter, mm: L1 3.9 and S1 5.45 measured (FACTS 1.7 [47]), evenly between; T11, T12 and S2 recalled, unverified.
ROOT_MM: Mapping[Level, float] = {
    Level.T11: 2.8,
    Level.T12: 3.0,
    Level.L1: 3.4,
    Level.L2: 3.6,
    Level.L3: 3.9,
    Level.L4: 4.2,
    Level.L5: 4.6,
    Level.S1: 4.6,
    Level.S2: 3.6,
}

TAKE_OFF = np.radians(40.0)  # from the sac's axis; 50-59 degrees measured between root and vertical beyond the sleeve (FACTS 1.7 [67])
ROOTLET_MM = 1.0
FRONT_OF_FORAMEN = 0.45


@dataclass(frozen=True, kw_only=True, eq=False)
class Root:
    """One root of one side: its tube, its ganglion, and where it leaves the sac as (u, v, t), shape (3,)."""

    level: Level
    side: Side
    nerve: Tube
    ganglion: Tube
    ganglion_centre: Array
    leaves_sac: Array


def lumbar_root(profile: CanalProfile, station: Station, below: float, side: Side, sizes: tuple[float, float]) -> Root:
    """Root that leaves under a vertebra's pedicle.

    Parameters
    ----------
    profile : CanalProfile
    station : Station
        The vertebra whose number the root bears.
    below : float
        t of the next pedicle below, mm.
    side : Side
    sizes : tuple of float
        Width and height of the pedicle, mm.
    """
    width, height = sizes
    pedicle = station.pedicle[side]
    ganglion_width, ganglion_length = GANGLION_MM[station.level]
    s, u_pedicle = side.sign, abs(float(pedicle[0]))
    medial = u_pedicle - width / 2
    t_under = float(pedicle[2]) + height / 2 + ganglion_width / 2 + 1.2
    # The ganglion lies in the medial foramen at L1-L4 and laterally at L5 (FACTS 1.7 [67]).
    u_ganglion = u_pedicle + (0.35 * width if station.level is Level.L5 else -0.1 * width)
    front = profile.at("front", t_under)
    v_ganglion = front + FRONT_OF_FORAMEN * 11.0
    u_sac = 0.85 * profile.at("sac_half_width", t_under - 8.0)
    t_sac = max(t_under - (u_ganglion - u_sac) / np.tan(TAKE_OFF), station.t_top - 12.0)
    v_sac = profile.at("sac_centre", t_sac) - 0.25 * profile.at("sac_half_depth", t_sac)
    reach = max(below - t_under, 12.0)
    local = np.array(
        [
            [s * (u_sac - 0.5), v_sac, t_sac],
            [s * (medial - 0.5), (v_sac + v_ganglion) / 2, t_sac + 0.72 * (t_under - t_sac)],
            [s * u_ganglion, v_ganglion, t_under],
            [s * (u_pedicle + width / 2 + 5.0), v_ganglion - 3.0, t_under + 0.35 * reach],
            [s * (u_pedicle + width / 2 + 12.0), v_ganglion - 9.0, t_under + 0.9 * reach],
            [s * (u_pedicle + width / 2 + 18.0), v_ganglion - 16.0, t_under + 1.6 * reach],
        ]
    )
    return _root(profile, station.level, side, local, 2, ganglion_length)


def sacral_root(profile: CanalProfile, sacral: SacralStation, marks: SacrumLandmarks, level: Level, side: Side) -> Root:
    """Root S1 or S2: its ganglion lies in the canal, the nerve leaves by the ventral foramen."""
    exit_point = profile.curve.coordinates(np.array([marks.ventral_foramen[(level, side)], marks.dorsal_foramen[(level, side)]]))
    ventral, dorsal = exit_point
    middle = 0.5 * (ventral + dorsal)
    s = side.sign
    half = profile.at("half_width", float(middle[2]) - 12.0)
    t_sac = max(float(middle[2]) - (34.0 if level is Level.S1 else 30.0), sacral.t_top - 14.0)
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
    return _root(profile, level, side, local, 2, GANGLION_MM[level][1])


def _root(profile: CanalProfile, level: Level, side: Side, local: Array, ganglion_at: int, length_mm: float) -> Root:
    knots = profile.curve.world(local)
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    spline = CubicSpline(chord, knots)
    path = spline(np.linspace(0.0, chord[-1], 22))
    stretch = chord[ganglion_at] + np.linspace(-0.5, 0.5, 7) * length_mm
    bulge = np.sqrt(np.maximum(1.0 - np.linspace(-0.93, 0.93, 7) ** 2, 0.0))
    inner = chord[ganglion_at] + np.linspace(-0.5, 0.5, 7) * (length_mm - 2.0)
    width = GANGLION_MM[level][0]
    return Root(
        level=level,
        side=side,
        nerve=Tube(path, ROOT_MM[level] / 2),
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
