"""The mean adult: published morphometry by level from the tables that ship with the package, turned to one sex, age and habitus."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TypeVar

from phantoms.habitus import bone_density, skin_to_epidural_mm, trunk_depth_mm, trunk_width_mm
from phantoms.levels import PRESACRAL, Level
from phantoms.parameters import DiscParameters, PatientParameters, SacrumParameters, Sex, VertebraParameters

TEMPORARY = {
    Level.T11: (34.9, 31.9, 39.1, 31.8, 20.5, 21.3, 19.4, 16, 8, 17, 50, 16, 52, 20),
    Level.T12: (39.0, 32.8, 42.1, 33.4, 22.0, 22.7, 22.2, 18, 8, 16.5, 47, 18, 47, 20),
    Level.L1: (41.2, 34.1, 43.3, 35.3, 25, 26.5, 23.7, 19, 8.6, 15.9, 58, 20, 71.2, 22),
    Level.L2: (42.6, 34.6, 45.5, 34.9, 26.7, 28.2, 23.8, 18.2, 8.3, 15, 60, 22, 76.1, 26),
    Level.L3: (44.1, 35.2, 48, 34.8, 27.6, 28.2, 24.3, 17.5, 10.2, 14.4, 61, 23, 85.7, 32),
    Level.L4: (46.6, 35.5, 49.5, 33.9, 27.1, 26.6, 25.4, 18.6, 14.1, 15.5, 58, 21, 79.4, 40),
    Level.L5: (47.3, 34.7, 49.4, 33.2, 27.6, 24, 27.1, 19.7, 18, 19, 52, 18, 92.5, 50),
}


def default_vertebra(level: Level) -> VertebraParameters:  # noqa: D103
    from dataclasses import fields

    return VertebraParameters(**{item.name: float(v) for item, v in zip(fields(VertebraParameters), TEMPORARY[level], strict=True)})


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

DISC_FEMALE_TO_MALE = 0.93
SACRUM_FEMALE_TO_MALE: Mapping[str, float] = MappingProxyType(
    {"length_mm": 0.93, "width_mm": 1.0, "s1_width_mm": 0.91, "s1_depth_mm": 0.92}
)
"""Women's sacra are shorter, and wide for their length: recalled, unverified."""


def default_parameters(sex: Sex = Sex.MALE, *, age_years: float = 45.0, bmi: float = 26.6) -> PatientParameters:
    """The mean adult of one sex, age and body-mass index, without deformity or disease.

    Parameters
    ----------
    sex : Sex
        Men's and women's means lie on either side of the tables'.
    age_years : float
        Bears on bone density only; discs and ligaments stay as in the tables.
    bmi : float
        kg/m^2; bears on the depth of the epidural space and on the trunk.

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
    43.9
    """
    return PatientParameters(
        sex=sex,
        age_years=age_years,
        bmi=bmi,
        vertebrae={level: vertebra_of(level, sex) for level in PRESACRAL},
        discs={level: disc_of(level, sex) for level in PRESACRAL},
        sacrum=sacrum_of(sex),
        skin_to_epidural_mm=skin_to_epidural_mm(bmi, sex),
        trunk_depth_mm=trunk_depth_mm(bmi),
        trunk_width_mm=trunk_width_mm(bmi),
        bone_density=bone_density(age_years, sex),
    )


def vertebra_of(level: Level, sex: Sex) -> VertebraParameters:
    """Mean morphometry of one vertebra for one sex: the table's, which is of both sexes, turned by half the dimorphism."""
    return scaled(default_vertebra(level), {name: sex_factor(sex, ratio) for name, ratio in FEMALE_TO_MALE.items()})


def disc_of(level: Level, sex: Sex) -> DiscParameters:
    """Mean disc below a vertebra for one sex."""
    factor = sex_factor(sex, DISC_FEMALE_TO_MALE)
    return scaled(default_disc(level), {"anterior_height_mm": factor, "posterior_height_mm": factor})


def sacrum_of(sex: Sex) -> SacrumParameters:
    """Mean sacrum of one sex."""
    return scaled(SacrumParameters(), {name: sex_factor(sex, ratio) for name, ratio in SACRUM_FEMALE_TO_MALE.items()})


@cache
def default_disc(level: Level) -> DiscParameters:
    """Mean adult disc below `level`, of both sexes, from ``data/discs.csv``.

    Raises
    ------
    ValueError
        Where `level` has no disc below it.
    """
    row = _disc_rows().get(Level(level))
    if row is None:
        raise ValueError(f"level must be one of {', '.join(PRESACRAL)}, got {level}")
    return DiscParameters(
        anterior_height_mm=float(row["anterior_height_mm"]),
        posterior_height_mm=float(row["posterior_height_mm"]),
        flavum_thickness_mm=float(row["flavum_thickness_mm"]),
        epidural_depth_mm=float(row["epidural_depth_mm"]),
    )


def flavum_gap_share(level: Level) -> float:
    """Share of adults whose ligamentum flavum below `level` has a full-thickness midline gap."""
    return float(_disc_rows()[level]["flavum_gap_share"])


def sex_factor(sex: Sex, female_to_male: float) -> float:
    """Factor from the mean of both sexes to one sex's."""
    return female_to_male ** (0.5 if sex is Sex.FEMALE else -0.5)


def scaled(record: Record, factors: Mapping[str, float]) -> Record:
    """The record with the named fields multiplied."""
    return replace(record, **{name: getattr(record, name) * factor for name, factor in factors.items()})


@cache
def _disc_rows() -> Mapping[Level, Mapping[str, str]]:
    table = (files("phantoms.data") / "discs.csv").read_text(encoding="utf-8")
    return {Level(row["level"]): row for row in csv.DictReader(table.splitlines())}
