"""Epidural veins and the radicular artery."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from phantoms.shapes.implicit import Tube
from phantoms.soft_tissue.canal import CanalProfile, Strands
from phantoms.soft_tissue.canal_profile import Station
from phantoms.terms.levels import Side

Array = NDArray[np.float64]

VEIN_MM = 2.2  # paired ventral veins 1.5-3 mm across, at the pedicles' medial line; recalled, unverified
ARTERY_MM = 1.0  # radiculomedullary artery 0.8-1.3 mm (FACTS 1.7 [70])


def ventral_veins(profile: CanalProfile, stations: tuple[Station, ...], t_range_mm: tuple[float, float]) -> Strands:
    """The paired ventral longitudinal veins, nearest the midline behind each body, bowed outwards over the discs."""
    t = profile.t_mm
    middle = np.array([(s.t_top + s.t_bottom) / 2 for s in stations])
    pitch = float(np.median(np.diff(middle))) if len(middle) > 1 else 36.0
    phase = np.interp(t, middle, np.arange(len(middle)), left=0.0, right=len(middle) - 1) + np.maximum(t - middle[-1], 0.0) / pitch
    out = profile.half_width - 3.6 - 1.6 * (0.5 + 0.5 * np.cos(2 * np.pi * phase))
    u = np.stack([out, -out], axis=1)
    v = np.repeat((profile.front + VEIN_MM / 2 + 0.1)[:, None], 2, axis=1)
    radius = np.where((t > t_range_mm[0]) & (t < t_range_mm[1]), VEIN_MM / 2, -1.0)
    return Strands(curve=profile.curve, u=u, v=v, radius=np.repeat(radius[:, None], 2, axis=1), t_range_mm=t_range_mm)


def radicular_artery(profile: CanalProfile, station: Station, side: Side, sizes: tuple[float, float]) -> Tube:
    """Artery of Adamkiewicz: through the upper third of a foramen, ventral to the root, then up along the front of the sac.

    `sizes` are the width and height of the pedicle above, mm.
    """
    width, height = sizes
    s, (u, _, t) = side.sign, station.pedicle[side]
    t_in = float(t) + height / 2 + 2.0
    front = profile.at("front", t_in)
    u = abs(float(u))
    local = np.array(
        [
            [s * (u + width / 2 + 12.0), front - 8.0, t_in + 4.0],
            [s * (u + width / 2 + 2.0), front + 1.2, t_in + 0.5],
            [s * u, front + 1.6, t_in],
            [s * 0.6 * u, front + 1.2, t_in - 4.0],
            [s * 0.35 * u, front + 0.9, t_in - 11.0],
        ]
    )
    knots = profile.curve.world(local)
    chord = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
    return Tube(CubicSpline(chord, knots)(np.linspace(0.0, chord[-1], 18)), ARTERY_MM / 2)
