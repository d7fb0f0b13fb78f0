"""What BMI, sex and age decide of a trunk: depth of the epidural space, trunk size, dorsal fat, mineral in the bone.

BMI reaches the skin by this module alone. `mean_habitus` derives the mean of a BMI: `PatientParameters` take depth and width from it, with
a residual where the patient is drawn, unless a file states them. `habitus_of` gives a patient's own to what builds skin, fat and muscle.
Besides, BMI bears on the pressure that a syringe meets (`simulator.needle.variation`).
"""

from dataclasses import dataclass, replace

from phantoms.terms.parameters import PatientParameters, Sex

CM = 10.0

PRONE_SHARE = 0.845
"""Prone over computed depth of the abdomen: makes 21.2 cm of 25.1 at BMI 26.6, as measured prone (Radiol Oncol 2018 raon-2018-0021)."""

SPINOUS_SHARE = 0.63
"""Share of a spinous process' length, taken from the back of the body, that stands out behind the ligamentum flavum (mean of 87 patients:
Clouthier, J Biomech 2023;146:111421)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Habitus:
    """Size of a trunk and thickness of its dorsal fat.

    Attributes
    ----------
    skin_to_epidural_mm : float
        Depth of the epidural space from the skin at L3-4, in the midline, mm.
    trunk_depth_mm, trunk_width_mm : float
        Front to back, prone on a table, and side to side, at L3, mm.
    dorsal_fat_mm : float
        Thickness of the dorsal subcutaneous fat at L3-4, mm.
    """

    skin_to_epidural_mm: float
    trunk_depth_mm: float
    trunk_width_mm: float
    dorsal_fat_mm: float


def mean_habitus(bmi: float, sex: Sex) -> Habitus:
    """Derive the mean habitus of a BMI, kg/m^2, and sex."""
    return Habitus(
        skin_to_epidural_mm=skin_to_epidural_mm(bmi, sex),
        trunk_depth_mm=trunk_depth_mm(bmi),
        trunk_width_mm=trunk_width_mm(bmi),
        dorsal_fat_mm=dorsal_fat_mm(bmi, sex),
    )


def habitus_of(params: PatientParameters) -> Habitus:
    """A patient's habitus: depth and width as the parameters state them, fat of the mean, which no parameter states.

    Parameters
    ----------
    params : PatientParameters
        A file may state a depth or width that does not go with its BMI: the fat still follows the BMI, and the skin gives way to it.
    """
    return replace(
        mean_habitus(params.bmi, params.sex),
        skin_to_epidural_mm=params.skin_to_epidural_mm,
        trunk_depth_mm=params.trunk_depth_mm,
        trunk_width_mm=params.trunk_width_mm,
    )


def skin_to_epidural_mm(bmi: float, sex: Sex) -> float:
    """Mean depth of the epidural space at L3-4, mm, from the BMI: So, JKARM 1997;21:1141 (loss of resistance, fluoroscopy, n = 120)."""
    return 0.89 * bmi + 23.1 if sex is Sex.MALE else 0.41 * bmi + 31.6


def trunk_width_mm(bmi: float) -> float:
    """Mean width of the trunk at L3, mm (recalled, unverified)."""
    return CM * (0.9 * bmi + 11.0)


def trunk_depth_mm(bmi: float) -> float:
    """Depth of the trunk at L3, prone, mm: effective diameter squared over width, compressed (Eur Radiol Exp 2018 s41747-018-0070-5)."""
    effective_mm = CM * (0.76 * bmi + 9.4)
    return PRONE_SHARE * effective_mm**2 / trunk_width_mm(bmi)


def dorsal_fat_mm(bmi: float, sex: Sex) -> float:
    """Mean thickness of the dorsal subcutaneous fat at L3-4: 0.8 (BMI - 18) + 6 mm in men, + 10 in women (recalled, unverified)."""
    return max(0.8 * (bmi - 18.0), 0.0) + (10.0 if sex is Sex.FEMALE else 6.0)


def bone_density(age_years: float, sex: Sex) -> float:
    """Mean mineral relative to a young adult's: a slow loss from 40, in women a faster one from 50 to 60 (recalled, unverified)."""
    loss = 0.004 * max(age_years - 40.0, 0.0)
    if sex is Sex.FEMALE:
        loss += 0.010 * min(max(age_years - 50.0, 0.0), 10.0)
    return max(1.0 - loss, 0.5)


def flavum_factor(age_years: float) -> float:
    """Thickness of the ligamentum flavum relative to that at 50 years; it thickens with age (rate recalled, unverified)."""
    return 1.0 + 0.004 * (age_years - 50.0)


def least_skin_to_epidural_mm(spinous_length_mm: float) -> float:
    """Depth at L3-4, mm, that leaves room for L3's spinous process and 6 mm of skin and fat behind the epidural space."""
    return SPINOUS_SHARE * spinous_length_mm + 6.0
