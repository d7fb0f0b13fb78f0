"""The patient in the anatomist's words: frozen records of morphometry, alignment and habitus, checked where they are made.

Angles here end in ``_deg``: this is a door (scenario files carry these names), everything behind it works in radians.
The mean adult is made by :func:`phantoms.population.defaults.default_parameters`, plausible others by
:func:`phantoms.population.population.sample`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np

from phantoms.terms import body_size
from phantoms.terms.body_size import UNSTATED, Derived
from phantoms.terms.levels import Level, Side
from phantoms.terms.number_kinds import is_number, is_whole
from phantoms.terms.regions import DEFAULT_REGION, REGIONS, Mark, Region, region_of
from phantoms.terms.value_text import describe_value

Range = tuple[float, float]


class Sex(StrEnum):
    """Sex as it bears on morphometry and fat."""

    FEMALE = "female"
    MALE = "male"


def read_sex(word: str) -> Sex:
    """Return the sex of a word.

    Raises
    ------
    ValueError
        If it is neither "female" nor "male".

    Examples
    --------
    >>> read_sex("f")
    Traceback (most recent call last):
    ...
    ValueError: sex must be "female" or "male", got 'f'
    """
    if word not in tuple(Sex):
        raise ValueError(f'sex must be "female" or "male", got {describe_value(word)}')
    return Sex(word)


def make_ranged_field(low: float, high: float, *, default: Any = MISSING) -> Any:  # noqa: ANN401, a dataclass field fits every annotation
    """A number field that must lie in [low, high]; `default=` gives its default."""
    return field(metadata={"range": (low, high)}, default=default)


def ranges(record: type) -> dict[str, Range]:
    """Allowed range of each number field of a record type, in the field's unit."""
    return {item.name: item.metadata["range"] for item in fields(record) if "range" in item.metadata}


@dataclass(frozen=True, kw_only=True, slots=True)
class VertebraParameters:
    """Morphometry of one presacral vertebra, mm (angles in degrees), as Panjabi measured it.

    `facet_angle_deg` is the superior facet's angle from the sagittal plane on an axial slice.

    Raises
    ------
    TypeError, ValueError
        Where a field is not a number, or outside what a living adult can have.
    """

    upper_width_mm: float = make_ranged_field(20, 80)
    upper_depth_mm: float = make_ranged_field(15, 60)
    lower_width_mm: float = make_ranged_field(20, 80)
    lower_depth_mm: float = make_ranged_field(15, 60)
    anterior_height_mm: float = make_ranged_field(8, 45)
    posterior_height_mm: float = make_ranged_field(8, 45)
    canal_width_mm: float = make_ranged_field(10, 45)
    canal_depth_mm: float = make_ranged_field(6, 32)
    pedicle_width_mm: float = make_ranged_field(2, 32)
    pedicle_height_mm: float = make_ranged_field(5, 32)
    spinous_length_mm: float = make_ranged_field(15, 110)
    spinous_height_mm: float = make_ranged_field(5, 45)
    transverse_width_mm: float = make_ranged_field(25, 140)
    facet_angle_deg: float = make_ranged_field(0, 90)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscParameters:
    """Disc below a vertebra, its flavum and what lies behind the dura there; lordosis follows from heights and endplates.

    Attributes
    ----------
    anterior_height_mm, posterior_height_mm : float
        Between the endplates' rims.
    flavum_thickness_mm : float
        Ligamentum flavum at the interlaminar level.
    epidural_depth_mm : float
        Depth of the dorsal epidural fat in the midline.
    flavum_gap : bool
        Whether the flavum leaves a full-thickness gap in the midline.
    slip_mm : float
        How far the vertebra above has slipped forward on the one below; negative backward.

    Raises
    ------
    TypeError, ValueError
        Where a field is not a number, or outside what a living adult can have.
    """

    anterior_height_mm: float = make_ranged_field(1, 25)
    posterior_height_mm: float = make_ranged_field(1, 18)
    flavum_thickness_mm: float = make_ranged_field(0.5, 10)
    epidural_depth_mm: float = make_ranged_field(0, 16)
    flavum_gap: bool = False
    slip_mm: float = make_ranged_field(-10, 20, default=0.0)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class SacrumParameters:
    """Sacrum and coccyx, mm and degrees.

    `slope_deg` is the angle of the S1 endplate to the world's transverse plane, prone; `kyphosis_deg` the sacrum's own bend.
    The slope is that of a pelvis which a pillow under the belly rolls back: L5-S1 opens at 15 to 25 degrees of cranial tilt in prone
    patients, the S1 foramen at 5 to 15 (FACTS.md 3.1, 9.1), and L5's upper endplate stands at 11 to 14 (Pain Pract
    2015;15:393); supine it is 44.5 +- 9.9 (Okpala, AMHSR). Widths, length and canal: recalled, unverified; the hiatus: Nastoulis,
    Folia Morphol 2023;82:603 and BJA 1997;78:391.

    Raises
    ------
    TypeError, ValueError
        Where a field is not a number, or outside what a living adult can have.
    """

    length_mm: float = make_ranged_field(70, 150, default=108.0)
    width_mm: float = make_ranged_field(75, 150, default=110.0)
    s1_width_mm: float = make_ranged_field(30, 75, default=50.0)
    s1_depth_mm: float = make_ranged_field(20, 50, default=33.0)
    s1_canal_depth_mm: float = make_ranged_field(8, 30, default=17.0)
    s1_canal_width_mm: float = make_ranged_field(18, 45, default=31.0)
    slope_deg: float = make_ranged_field(0, 75, default=25.5)
    kyphosis_deg: float = make_ranged_field(10, 110, default=65.0)
    hiatus_length_mm: float = make_ranged_field(4, 50, default=22.0)
    hiatus_depth_mm: float = make_ranged_field(0.5, 12, default=5.4)
    intercornual_mm: float = make_ranged_field(4, 28, default=13.0)

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoliosis:
    """A lateral curve; Cobb 0 is a straight spine.

    `convex` names the side to which the curve bulges; `axial_rotation_deg` is the apex's, spinous process towards the concavity.

    Raises
    ------
    TypeError, ValueError
        Where a field is not a number or out of range, or the apex has no vertebra above or below it.
    """

    cobb_deg: float = make_ranged_field(0, 60, default=0.0)
    apex: Level = DEFAULT_REGION.at(Mark.APEX)
    convex: Side = Side.LEFT
    axial_rotation_deg: float = make_ranged_field(0, 40, default=0.0)

    def __post_init__(self) -> None:
        check_ranges(self)
        object.__setattr__(self, "apex", Level(self.apex))
        object.__setattr__(self, "convex", Side(self.convex))
        inner = [level for region in REGIONS.values() for level in region.vertebrae[1:-1]]
        if self.apex not in inner:
            raise ValueError(f"Scoliosis.apex must be one of {', '.join(inner)}, got {self.apex}")


@dataclass(frozen=True, kw_only=True)
class PatientParameters:
    """Everything of which a patient is built; equal parameters give equal bits.

    Attributes
    ----------
    sex : Sex
    age_years, bmi : float
        Years, kg/m^2. Both bear on what is derived below, BMI on the dorsal fat too.
    vertebrae : mapping of Level to VertebraParameters
        All vertebrae of one region; the lumbosacral one has T11 to L5.
    discs : mapping of Level to DiscParameters
        Keyed by the vertebra above: T11 (the disc T11-12) to L5 (L5-S1), all of the region.
    sacrum : SacrumParameters
    scoliosis : Scoliosis
    cover_factor, trunk_factor, density_factor : float
        The patient's own share of what covers the spinous processes, of the trunk's depth and width, and of bone mineral: 1 in the mean of
        their sex, BMI and age.
    skin_to_epidural_mm : float
        Depth of the epidural space from the skin at L3-4, in the midline, perpendicular to the skin.
    trunk_depth_mm, trunk_width_mm : float
        Front to back, prone on a table, and side to side, at L3.
    bone_density : float
        Factor on the mass density of bone, 1 in a young adult. It and the three sizes before it are derived from sex, age, BMI, L3 and the
        factors (`phantoms.terms.body_size`) unless they are stated: `replace` of any of those works them out anew, and what was stated
        stays.
    dural_sac_end : float
        Where the dural sac ends, in sacral segments below the upper edge of S2 (0.33: at its upper third; -1: at the top of S1).
    conus_end : float
        Where the conus ends, in vertebral heights below the upper edge of L1 (0.67: at its lower third).
    texture_seed : int
        Seed of the trabecular and gas texture.

    Raises
    ------
    TypeError, ValueError
        Where a field is of the wrong kind or out of range, or a level is missing or strange.
    """

    sex: Sex
    age_years: float = make_ranged_field(16, 110)
    bmi: float = make_ranged_field(12, 70)
    vertebrae: Mapping[Level, VertebraParameters]
    discs: Mapping[Level, DiscParameters]
    sacrum: SacrumParameters = field(default_factory=SacrumParameters)
    scoliosis: Scoliosis = field(default_factory=Scoliosis)
    cover_factor: float = make_ranged_field(0.1, 5, default=1.0)
    trunk_factor: float = make_ranged_field(0.5, 2, default=1.0)
    density_factor: float = make_ranged_field(0.3, 2, default=1.0)
    skin_to_epidural_mm: float = make_ranged_field(25, 140, default=UNSTATED)
    trunk_depth_mm: float = make_ranged_field(100, 480, default=UNSTATED)
    trunk_width_mm: float = make_ranged_field(180, 700, default=UNSTATED)
    bone_density: float = make_ranged_field(0.3, 1.5, default=UNSTATED)
    dural_sac_end: float = make_ranged_field(-1.5, 2.5, default=0.33)
    conus_end: float = make_ranged_field(-2.0, 3.0, default=0.67)
    texture_seed: int = 0

    def __post_init__(self) -> None:
        check_ranges(self)
        object.__setattr__(self, "sex", Sex(self.sex))
        object.__setattr__(self, "vertebrae", _per_level(self.vertebrae, VertebraParameters, "vertebrae"))
        object.__setattr__(self, "discs", _per_level(self.discs, DiscParameters, "discs"))
        _check_kind(self.sacrum, SacrumParameters, "sacrum")
        _check_kind(self.scoliosis, Scoliosis, "scoliosis")
        if not is_whole(self.texture_seed) or self.texture_seed < 0:
            raise ValueError(f"PatientParameters.texture_seed must be a whole number >= 0, got {describe_value(self.texture_seed)}")
        self._derive_sizes()

    def _derive_sizes(self) -> None:
        """Work out what nobody stated: fields left out, and those that an earlier record of this patient derived."""
        bone = self.vertebrae[self.region.at(Mark.WAIST)]
        basis = (self.bmi, self.sex, self.age_years, bone, self.cover_factor, self.trunk_factor, self.density_factor)
        found = {
            "skin_to_epidural_mm": body_size.own_skin_to_epidural_mm(self.bmi, self.sex, bone, self.cover_factor),
            "trunk_depth_mm": body_size.trunk_depth_mm(self.bmi) * self.trunk_factor,
            "trunk_width_mm": body_size.trunk_width_mm(self.bmi) * self.trunk_factor,
            "bone_density": body_size.bone_density(self.age_years, self.sex) * self.density_factor,
        }
        given = {name: getattr(self, name) for name in found}
        # Where others are this record's own, a derived number of another basis is another patient's, and stated here.
        settled = any(isinstance(value, Derived) and value.basis == basis for value in given.values())
        for name, value in given.items():
            worked_out = Derived(float(np.clip(found[name], *ranges(PatientParameters)[name])), basis)
            stated = not isinstance(value, Derived) or (settled and value is not UNSTATED and value.basis != basis)
            object.__setattr__(self, name, float(value) if stated and value != worked_out else worked_out)

    def __repr__(self) -> str:
        return f"<PatientParameters {self.describe()}>"

    def describe(self) -> str:
        """Sex, age in completed years and body-mass index in a few words."""
        return f"{self.sex}, {int(self.age_years)} years, BMI {self.bmi:.1f}"

    @property
    def region(self) -> Region:
        """The stretch of the spine whose vertebrae the patient has."""
        return region_of(self.vertebrae)

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy cannot be pickled, and parameters travel between processes.
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return _rebuild, (values | {"vertebrae": dict(self.vertebrae), "discs": dict(self.discs)},)


def check_ranges(record: Any) -> None:  # noqa: ANN401, any of the records here
    """Refuse a record with a number field that is no finite number or lies outside its range; whole numbers become floats."""
    for name in ranges(type(record)):
        value = getattr(record, name)
        if not isinstance(value, Derived):
            object.__setattr__(record, name, read_ranged(type(record), name, value))


def read_ranged(record: type, name: str, value: object) -> float:
    """Return the number for a field of a record type, before there is a record.

    Parameters
    ----------
    record : type
        Any of the records here.
    name : str
        One of its number fields.
    value : float
        In the field's unit.

    Raises
    ------
    TypeError, ValueError
        If it is no number, or lies outside the field's range.

    Examples
    --------
    >>> read_ranged(PatientParameters, "age_years", "60")
    Traceback (most recent call last):
    ...
    TypeError: PatientParameters.age_years must be a number between 16 and 110, got '60'
    """
    (low, high), where = ranges(record)[name], f"{record.__name__}.{name}"
    if not is_number(value):
        raise TypeError(f"{where} must be a number between {low} and {high}, got {describe_value(value)}")
    if not low <= value <= high:
        raise ValueError(f"{where} must be between {low} and {high}, got {describe_value(value)}")
    return float(value)


def _per_level(values: Any, kind: type, name: str) -> Mapping[Level, Any]:  # noqa: ANN401, checked here
    if not isinstance(values, Mapping):
        known, found = ", ".join(DEFAULT_REGION.vertebrae), describe_value(values)
        raise TypeError(f"PatientParameters.{name} must map each of {known} to a {kind.__name__}, got {found}")
    wanted = region_of(values).vertebrae
    missing, strange = set(wanted) - set(values), set(values) - set(wanted)
    if missing or strange:
        problem = f"is without {', '.join(sorted(missing))}" if missing else f"has the strange level {sorted(map(str, strange))[0]!r}"
        raise ValueError(f"PatientParameters.{name} must have one entry for each of {', '.join(wanted)}; it {problem}")
    for level in wanted:
        _check_kind(values[level], kind, f"{name}[{level}]")
    return MappingProxyType({level: values[level] for level in wanted})


def _check_kind(value: object, kind: type, name: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"PatientParameters.{name} must be a {kind.__name__}, got {describe_value(value)}")


def _rebuild(values: dict[str, Any]) -> PatientParameters:
    return PatientParameters(**values)
