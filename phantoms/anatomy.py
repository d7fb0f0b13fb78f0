"""What the soft tissues are built on: the posed skeleton, the canal's curve and profile, and where each interspace lies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.canal import CanalProfile
from phantoms.canal_profile import (
    SacralStation,
    Station,
    canal_curve,
    canal_profile,
    position_along,
    sacral_station,
    stations,
    windows,
)
from phantoms.levels import PRESACRAL, Level
from phantoms.parameters import PatientParameters
from phantoms.posing import skeleton
from phantoms.skeleton import Skeleton
from phantoms.spinecurve import SpineCurve

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Anatomy:
    """Skeleton and canal of one patient.

    `windows` are the interlaminar windows' stretches of t, keyed by the upper vertebra; `conus_mm` and `sac_end_mm` places along the
    curve.
    """

    params: PatientParameters
    skeleton: Skeleton
    curve: SpineCurve
    stations: Mapping[Level, Station]
    sacral: SacralStation
    windows: Mapping[Level, tuple[float, float]]
    profile: CanalProfile
    conus_mm: float
    sac_end_mm: float

    def window_middle(self, level: Level) -> float:
        """t of the middle of the interlaminar window below a level, mm."""
        low, high = self.windows[level]
        return (low + high) / 2

    def curve_back(self, points: Array) -> Array:
        """Unit vectors pointing dorsal from the canal at the places along it nearest to points, shape (n, 3) -> (n, 3)."""
        return np.stack([self.curve.axis(t, 1) for t in self.curve.coordinates(points)[:, 2]])

    def pedicle_below(self, level: Level) -> float:
        """t of the upper border's neighbourhood of the pedicle below a level: the next pedicle's centre, mm."""
        if level is PRESACRAL[-1]:
            return self.sacral.t_top + 12.0
        below = PRESACRAL[PRESACRAL.index(level) + 1]
        return float(np.mean([place[2] for place in self.stations[below].pedicle.values()]))


def anatomy(params: PatientParameters) -> Anatomy:
    """Measure a patient's posed bones."""
    bones = skeleton(params)
    curve = canal_curve(bones, params)
    levels = stations(bones, params, curve)
    sacral = sacral_station(bones.sacrum, curve)
    sac_end = float(curve.coordinates(bones.sacrum.landmarks.dural_sac_end[None])[0, 2])
    tops = np.array([*(s.t_top for s in levels), sacral.t_top])
    first = [s.level for s in levels].index(Level.L1)
    return Anatomy(
        params=params,
        skeleton=bones,
        curve=curve,
        stations={s.level: s for s in levels},
        sacral=sacral,
        windows=windows(levels, sacral),
        profile=canal_profile(curve, levels, sacral, params, sac_end),
        conus_mm=position_along(tops, first, params.conus_end),
        sac_end_mm=sac_end,
    )
