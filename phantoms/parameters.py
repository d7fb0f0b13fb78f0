"""The patient in the anatomist's words: frozen records of morphometry, alignment and habitus, with published defaults.

Angles here end in ``_deg``: this is a door (scenario files carry these names), everything behind it works in radians.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from phantoms.levels import Level, Side


class Sex(StrEnum):
    """Sex as it bears on morphometry and fat."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, kw_only=True, slots=True)
class VertebraParameters:
    """Morphometry of one presacral vertebra, mm (angles in degrees), as Panjabi measured it.

    `facet_angle_deg` is the superior facet's angle from the sagittal plane on an axial slice.
    """

    upper_width_mm: float
    upper_depth_mm: float
    lower_width_mm: float
    lower_depth_mm: float
    anterior_height_mm: float
    posterior_height_mm: float
    canal_width_mm: float
    canal_depth_mm: float
    pedicle_width_mm: float
    pedicle_height_mm: float
    spinous_length_mm: float
    spinous_height_mm: float
    transverse_width_mm: float
    facet_angle_deg: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscParameters:
    """Disc below a vertebra: its heights and flavum, mm; segmental lordosis follows from heights and endplates."""

    anterior_height_mm: float
    posterior_height_mm: float
    flavum_thickness_mm: float
    epidural_depth_mm: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SacrumParameters:
    """Sacrum and coccyx, mm and degrees."""

    length_mm: float = 108.0
    width_mm: float = 110.0
    s1_width_mm: float = 50.0
    s1_depth_mm: float = 33.0
    s1_canal_depth_mm: float = 17.0
    s1_canal_width_mm: float = 31.0
    slope_deg: float = 38.0
    kyphosis_deg: float = 65.0
    hiatus_length_mm: float = 22.0
    hiatus_depth_mm: float = 5.4
    intercornual_mm: float = 13.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoliosis:
    """A lateral curve; Cobb 0 is a straight spine. `convex` names the side to which the curve bulges."""

    cobb_deg: float = 0.0
    apex: Level = Level.L2
    convex: Side = Side.LEFT
    axial_rotation_deg: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PatientParameters:
    """Everything of which a patient is built; equal parameters give equal bits."""

    sex: Sex
    age_years: float
    bmi: float
    vertebrae: Mapping[Level, VertebraParameters]
    discs: Mapping[Level, DiscParameters]
    sacrum: SacrumParameters = field(default_factory=SacrumParameters)
    scoliosis: Scoliosis = field(default_factory=Scoliosis)
    skin_to_epidural_mm: float = 50.0
    trunk_depth_mm: float = 212.0
    trunk_width_mm: float = 340.0
    bone_density: float = 1.0
    dural_sac_end: float = 0.33
    conus_end: float = 0.67
    texture_seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertebrae", MappingProxyType(dict(self.vertebrae)))
        object.__setattr__(self, "discs", MappingProxyType(dict(self.discs)))
