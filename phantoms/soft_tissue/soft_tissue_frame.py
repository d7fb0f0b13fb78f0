"""What the soft tissues are built on: the posed skeleton, the canal's curve and profile, and where each interspace lies."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.skeleton import Skeleton
from phantoms.bones.skeleton_builder import build_skeleton
from phantoms.shapes.implicit import Shape
from phantoms.soft_tissue.canal import CanalProfile
from phantoms.soft_tissue.canal_profile import (
    DEEPEST,
    SacralStation,
    Station,
    canal_curve,
    canal_profile,
    position_along,
    posterior_walls,
    sacral_station,
    stations,
    windows,
)
from phantoms.soft_tissue.spine_curve import SpineCurve
from phantoms.terms.landmarks import Plane
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.regions import Mark, Region

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

    @property
    def region(self) -> Region:
        """The patient's."""
        return self.params.region

    def window_middle(self, level: Level) -> float:
        """Place in the interlaminar window below a level where the dorsal fat is deepest, about its middle; t, mm."""
        low, high = self.windows[level]
        return low + DEEPEST * (high - low)

    def foramen_range(self, level: Level) -> tuple[float, float]:
        """Stretch of t between the pedicles that bound the foramen below a level (at L5 down to the wing of the sacrum), mm."""
        height = self.params.vertebrae[level].pedicle_height_mm
        upper = float(np.mean([place[2] for place in self.stations[level].pedicle.values()])) + height / 2
        if level is self.region.last_mobile:
            return upper, self.sacral.t_top + 2.0
        return upper, self.pedicle_below(level) - self.params.vertebrae[self.region.below(level)].pedicle_height_mm / 2

    def clearest_v(self, level: Level, u: Array, t: Array, reach_mm: tuple[float, float]) -> tuple[Array, Array]:
        """Places v, within a reach dorsal to the posterior wall, farthest from the bones beside an interspace, and their distance.

        All arrays have shape (n,), mm.
        """
        v = np.array([self.profile.at("front", place) for place in t])[:, None] + np.linspace(*reach_mm, 12)
        local = np.stack(np.broadcast_arrays(u[:, None], v, t[:, None]), axis=-1)
        points = self.curve.world(local.reshape(-1, 3))
        room = np.minimum(self.skeleton.vertebrae[level].outer(points), self.bone_below(level)(points)).reshape(v.shape)
        best = np.arange(len(u)), np.argmax(np.minimum(room, 6.0), axis=1)
        return v[best], room[best]

    def endplates(self, level: Level) -> tuple[Plane, Plane]:
        """The endplates above and below the disc under a level."""
        above = self.skeleton.vertebrae[level].landmarks.lower_endplate
        if level is self.region.last_mobile:
            return above, self.skeleton.sacrum.landmarks.s1_endplate
        return above, self.skeleton.vertebrae[self.region.below(level)].landmarks.upper_endplate

    def superior_articular(self, level: Level) -> Shape:
        """Superior processes of the bone below a level."""
        if level is self.region.last_mobile:
            return self.skeleton.sacrum.superior_articular
        return self.skeleton.vertebrae[self.region.below(level)].superior_articular

    def bone_below(self, level: Level) -> Shape:
        """The vertebra below a level, or the sacrum."""
        return self.skeleton.sacrum.outer if level is self.region.last_mobile else self.skeleton.vertebrae[self.region.below(level)].outer

    def curve_back(self, points: Array) -> Array:
        """Unit vectors pointing dorsal from the canal at the places along it nearest to points, shape (n, 3) -> (n, 3), mm."""
        return np.stack([self.curve.axis(t, 1) for t in self.curve.coordinates(points)[:, 2]])

    def pedicle_below(self, level: Level) -> float:
        """Place of the next pedicle's centre below a level; t, mm."""
        if level is self.region.last_mobile:
            return self.sacral.t_top + 12.0
        return float(np.mean([place[2] for place in self.stations[self.region.below(level)].pedicle.values()]))


def measure_anatomy(params: PatientParameters) -> Anatomy:
    """Measure a patient's posed bones."""
    bones = build_skeleton(params)
    walls = posterior_walls(bones)
    curve = canal_curve(bones, params, walls)
    levels = stations(bones, params, curve, walls)
    sacral = sacral_station(bones.sacrum, curve)
    sac_end = float(curve.coordinates(bones.sacrum.landmarks.dural_sac_end[None])[0, 2])
    tops = np.array([*(s.t_top for s in levels), sacral.t_top])
    first = [s.level for s in levels].index(params.region.at(Mark.CONUS_ORIGIN))
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
