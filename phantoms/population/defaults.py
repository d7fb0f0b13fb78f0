"""The mean adult: published morphometry by level from the tables that ship with the package, turned to one sex, age and habitus."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from phantoms.bones.alignment import with_lordosis
from phantoms.bones.vertebra.vertebra import default_vertebra
from phantoms.terms.levels import Level
from phantoms.terms.parameters import DiscParameters, PatientParameters, SacrumParameters, Sex, VertebraParameters, read_ranged
from phantoms.terms.reference_tables import level_rows
from phantoms.terms.regions import DEFAULT_REGION, Region, Table

Record = TypeVar("Record", VertebraParameters, DiscParameters, SacrumParameters)

FEMALE_TO_MALE: Mapping[str, float] = MappingProxyType(
    {
        "upper_width_mm": 0.91,
        "lower_width_mm": 0.91,
        "upper_depth_mm": 0.90,
        "lower_depth_mm": 0.90,
        "anterior_height_mm": 0.955,
        "posterior_height_mm": 0.955,
        "canal_width_mm": 0.965,
        "canal_depth_mm": 0.965,
        "pedicle_width_mm": 0.91,
        "pedicle_height_mm": 0.955,
        "spinous_length_mm": 0.92,
        "spinous_height_mm": 0.92,
        "transverse_width_mm": 0.92,
    }
)
"""Women's mean over men's: L5 by CT in 196 (Int J Spine Surg 2021;15(6):1072), widths of dry bone (Gujarat, 2012); the processes'
recalled, unverified."""

RECUMBENT_LORDOSIS_DEG = 36.8
"""Mean of 627 recumbent volunteers, T12 to S1 (Asian Spine J, PMC6680033)."""

DISC_FEMALE_TO_MALE = 0.93
SACRUM_FEMALE_TO_MALE: Mapping[str, float] = MappingProxyType(
    {"length_mm": 0.93, "width_mm": 1.0, "s1_width_mm": 0.91, "s1_depth_mm": 0.92}
)
"""Women's sacra are shorter, and wide for their length: recalled, unverified."""


def default_parameters(
    sex: Sex = Sex.MALE, *, age_years: float = 45.0, bmi: float = 26.6, region: Region = DEFAULT_REGION
) -> PatientParameters:
    """The mean adult of one sex, age and body-mass index, without deformity or disease.

    Parameters
    ----------
    sex : Sex
        Men's and women's means lie on either side of the tables'.
    age_years : float
        Bears on bone density only; discs and ligaments stay as in the tables, but for the wedge that gives the mean recumbent lordosis.
    bmi : float
        kg/m^2; bears on the depth of the epidural space and on the trunk.
    region : Region
        Stretch of the spine that the patient has.

    Returns
    -------
    PatientParameters

    Raises
    ------
    TypeError, ValueError
        Where an argument is out of range.

    Examples
    --------
    >>> patient = default_parameters(Sex.FEMALE, bmi=30)
    >>> round(patient.skin_to_epidural_mm, 1)
    48.5
    """
    age_years, bmi = read_ranged(PatientParameters, "age_years", age_years), read_ranged(PatientParameters, "bmi", bmi)
    stacked = PatientParameters(
        sex=sex,
        age_years=age_years,
        bmi=bmi,
        vertebrae={level: vertebra_of(level, sex) for level in region.vertebrae},
        discs={level: disc_of(level, sex) for level in region.vertebrae},
        sacrum=sacrum_of(sex),
    )
    return replace(with_lordosis(stacked, RECUMBENT_LORDOSIS_DEG), sacrum=stacked.sacrum)


def vertebra_of(level: Level, sex: Sex) -> VertebraParameters:
    """Mean morphometry of one vertebra for one sex: the table's, which is of both sexes, turned by half the dimorphism."""
    return scale_fields(default_vertebra(level), {name: sex_factor(sex, ratio) for name, ratio in FEMALE_TO_MALE.items()})


def disc_of(level: Level, sex: Sex) -> DiscParameters:
    """Mean disc below a vertebra for one sex."""
    factor = sex_factor(sex, DISC_FEMALE_TO_MALE)
    return scale_fields(default_disc(level), {"anterior_height_mm": factor, "posterior_height_mm": factor})


def sacrum_of(sex: Sex) -> SacrumParameters:
    """Mean sacrum of one sex."""
    return scale_fields(SacrumParameters(), {name: sex_factor(sex, ratio) for name, ratio in SACRUM_FEMALE_TO_MALE.items()})


@cache
def default_disc(level: Level) -> DiscParameters:
    """Mean adult disc below `level`, of both sexes, from ``data/discs.csv``.

    Raises
    ------
    ValueError
        Where `level` has no disc below it.
    """
    row = level_rows(Table.DISCS).get(Level(level))
    if row is None:
        raise ValueError(f"level must be one of {', '.join(level_rows(Table.DISCS))}, got {level}")
    return DiscParameters(
        anterior_height_mm=float(row["anterior_height_mm"]),
        posterior_height_mm=float(row["posterior_height_mm"]),
        flavum_thickness_mm=float(row["flavum_thickness_mm"]),
        epidural_depth_mm=float(row["epidural_depth_mm"]),
    )


def flavum_gap_share(level: Level) -> float:
    """Share of adults whose ligamentum flavum below `level` has a full-thickness midline gap."""
    return float(level_rows(Table.DISCS)[level]["flavum_gap_share"])


def sex_factor(sex: Sex, female_to_male: float) -> float:
    """Factor from the mean of both sexes to one sex's."""
    return female_to_male ** (0.5 if sex is Sex.FEMALE else -0.5)


def scale_fields(record: Record, factors: Mapping[str, float]) -> Record:
    """The record with the named fields multiplied."""
    return replace(record, **{name: getattr(record, name) * factor for name, factor in factors.items()})
