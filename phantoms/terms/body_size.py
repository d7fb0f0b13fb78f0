"""Mean sizes of a body by BMI, sex and age, and a patient's own: what is derived wherever no file states it.

A patient's own size is the mean's, turned by what is theirs alone: the length of their spinous processes and their factors. A `Derived`
number is one that was worked out so; `PatientParameters` work it out anew when BMI, sex, age or bones are replaced.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # parameters are built on this module
    from phantoms.terms.parameters import Sex, VertebraParameters

CM = 10.0

PRONE_SHARE = 0.845
"""Prone over computed depth of the abdomen: makes 21.2 cm of 25.1 at BMI 26.6, as measured prone (Radiol Oncol 2018 raon-2018-0021)."""

SLOPE_MM: Mapping[str, float] = MappingProxyType({"male": 0.89, "female": 0.41})
INTERCEPT_MM: Mapping[str, float] = MappingProxyType({"male": 27.6, "female": 36.1})
"""Depth of the epidural space at L3-4 on BMI, mm per kg/m^2 and mm. Slopes: So, JKARM 1997;21:1141 (fluoroscopy, n = 120; r2 0.52 and
0.35). Its intercepts, 23.1 and 31.6, are of one small cohort: both are raised by 4.5 mm, the mean by which the depths of six cohorts lie
over them, weighted by their sizes: Cha, Anesth Pain Med 2011;6:16 (46 mm, n = 1653); Pain Pract 2005;5:125 (men 53.7, women 48.3,
n = 406); RAPM 2019;44:A192 (53, n = 100); Iran, MRI, rs-6675174 (57.1, n = 227); So. BMI of the cohorts, 24 to 29: recalled, unverified."""

MEAN_LEAST_MM: Mapping[str, float] = MappingProxyType({"male": 45.4, "female": 41.4})
"""`least_skin_to_epidural_mm` of the mean man and woman; a test holds it to them."""

FOLLOWS_PROCESS = 0.65
"""How far the epidural space lies deeper in one whose processes stand out by 1 mm more at one BMI: with it and the factors of
``population.csv`` r2 is 0.52 in men and 0.31 in women, as So (JKARM 1997) found; who has long processes has less over them."""

LEAST_COVER_MM = 2.0
"""How soft the mean depth of the thin bends away from the tips of their processes."""


class Derived(float):
    """A number that follows from others; `dataclasses.replace` of those works it out anew.

    Attributes
    ----------
    basis : tuple
        What it was worked out of.
    """

    basis: tuple[Any, ...]

    def __new__(cls, value: float, basis: tuple[Any, ...] = ()) -> "Derived":
        """Make a number of a value and its basis."""
        made = super().__new__(cls, value)
        made.basis = basis
        return made


UNSTATED = Derived(float("nan"))
"""Default of a field that is derived where nobody states it."""


def skin_to_epidural_mm(bmi: float, sex: "Sex") -> float:
    """Mean depth of the epidural space at L3-4, mm, from the BMI, kg/m^2: the line of `SLOPE_MM` and `INTERCEPT_MM`.

    In the very thin it bends: skin keeps clear of the processes.
    """
    return MEAN_LEAST_MM[sex] + _bend(_line_mm(bmi, sex) - MEAN_LEAST_MM[sex])


def own_skin_to_epidural_mm(bmi: float, sex: "Sex", bone: "VertebraParameters", factor: float) -> float:
    """One patient's depth of the epidural space at L3-4, mm; it rises with BMI and never comes down to the tips of the processes.

    Parameters
    ----------
    bmi : float
        kg/m^2.
    sex : Sex
    bone : VertebraParameters
        Of L3.
    factor : float
        On what covers the processes, 1 in the mean.
    """
    least = least_skin_to_epidural_mm(bone)
    longer = least - MEAN_LEAST_MM[sex]
    return least + factor * _bend(_line_mm(bmi, sex) - MEAN_LEAST_MM[sex] - (1.0 - FOLLOWS_PROCESS) * longer)


def least_skin_to_epidural_mm(bone: "VertebraParameters") -> float:
    """Depth at L3-4, mm, at which skin, fat and fascia lie at their thinnest over L3's spinous process.

    Fitted to 160 built patients, to 1.5 mm: a process' length counts from the back of the body, and what of it is canal does not stand out.
    """
    return 4.4 + 1.008 * bone.spinous_length_mm - 1.141 * bone.canal_depth_mm


def _line_mm(bmi: float, sex: "Sex") -> float:
    return SLOPE_MM[sex] * bmi + INTERCEPT_MM[sex]


def _bend(room_mm: float) -> float:
    """A room, mm, that stays over 0: nearly itself where it is large."""
    return LEAST_COVER_MM * float(np.logaddexp(0.0, room_mm / LEAST_COVER_MM))


def trunk_width_mm(bmi: float) -> float:
    """Mean width of the trunk at L3, mm (recalled, unverified)."""
    return CM * (0.9 * bmi + 11.0)


def trunk_depth_mm(bmi: float) -> float:
    """Depth of the trunk at L3, prone, mm: effective diameter squared over width, compressed (Eur Radiol Exp 2018 s41747-018-0070-5)."""
    effective_mm = CM * (0.76 * bmi + 9.4)
    return PRONE_SHARE * effective_mm**2 / trunk_width_mm(bmi)


def dorsal_fat_mm(bmi: float, sex: "Sex") -> float:
    """Mean thickness of the dorsal subcutaneous fat at L3-4: 0.8 (BMI - 18) + 6 mm in men, + 10 in women (recalled, unverified)."""
    return max(0.8 * (bmi - 18.0), 0.0) + (10.0 if sex == "female" else 6.0)


def bone_density(age_years: float, sex: "Sex") -> float:
    """Mean mineral relative to a young adult's: a slow loss from 40, in women a faster one from 50 to 60 (recalled, unverified)."""
    loss = 0.004 * max(age_years - 40.0, 0.0)
    if sex == "female":
        loss += 0.010 * min(max(age_years - 50.0, 0.0), 10.0)
    return max(1.0 - loss, 0.5)
