"""Named points, directions and curves of a patient, all in the world frame, mm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import Region, region_of

Point = NDArray[np.float64]
Curve = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Plane:
    """A point on a plane, shape (3,), mm, and its unit normal, shape (3,)."""

    point: Point
    normal: Point


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class VertebraLandmarks:
    """One vertebra.

    `axes` columns are the vertebra's own left, posterior and superior unit vectors, shape (3, 3). Endplate normals point cephalad.
    Pairs are mappings from `Side`. `lamina` is a plane through each lamina's middle whose normal is perpendicular to the lamina's
    plate; `spinolaminar` the ventral midline point where the laminae join; `lamina_upper` and `lamina_lower` the ventral midline
    points of the laminar arch's upper and lower edges.
    """

    body_centre: Point
    axes: NDArray[np.float64]
    upper_endplate: Plane
    lower_endplate: Plane
    pedicle: Mapping[Side, Point]
    pedicle_axis: Mapping[Side, Point]
    lamina: Mapping[Side, Plane]
    pars: Mapping[Side, Point]
    superior_articular_tip: Mapping[Side, Point]
    inferior_articular_tip: Mapping[Side, Point]
    transverse_tip: Mapping[Side, Point]
    spinous_tip: Point
    spinolaminar: Point
    lamina_upper: Point
    lamina_lower: Point


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class InterspaceLandmarks:
    """Between one vertebra and the next below (key: the upper one's level).

    `interlaminar_window` is the closed outline of the gap between the laminae, shape (k, 3); `ventral_interlaminar_line` the curve
    along the ventral laminar margins in the midline plane from the upper lamina to the lower, shape (k, 3); `flavum` the dorsal and
    ventral midline points of the ligamentum flavum; `epidural_target` the middle of the dorsal epidural fat in the window;
    `foramen_roof` the lower border of the upper pedicle, straight below its middle along the vertebra's own axis.
    """

    disc_centre: Point
    interlaminar_window: Curve
    ventral_interlaminar_line: Curve
    facet_joint: Mapping[Side, Plane]
    foramen: Mapping[Side, Point]
    foramen_roof: Mapping[Side, Point]
    dorsal_root_ganglion: Mapping[Side, Point]
    flavum_dorsal: Point
    flavum_ventral: Point
    dura_dorsal: Point
    epidural_target: Point
    skin: Point


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class SacrumLandmarks:
    """Sacrum and coccyx. `canal` is the midline curve of the sacral canal from S1 to the hiatus, shape (k, 3)."""

    promontory: Point
    s1_endplate: Plane
    axes: NDArray[np.float64]
    dorsal_foramen: Mapping[tuple[Level, Side], Point]
    ventral_foramen: Mapping[tuple[Level, Side], Point]
    hiatus_apex: Point
    hiatus_floor: Point
    cornu: Mapping[Side, Point]
    canal: Curve
    coccyx_tip: Point
    dural_sac_end: Point
    s2_s3: Plane


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Landmarks:
    """All landmarks of a patient."""

    vertebrae: Mapping[Level, VertebraLandmarks]
    interspaces: Mapping[Level, InterspaceLandmarks]
    sacrum: SacrumLandmarks
    conus_tip: Point
    iliac_crest: Mapping[Side, Point]

    @property
    def region(self) -> Region:
        """The region that the vertebrae belong to."""
        return region_of(self.vertebrae)
