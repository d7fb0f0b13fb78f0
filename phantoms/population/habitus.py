"""What BMI and sex decide of a trunk: depth of the epidural space, trunk size, dorsal fat.

BMI reaches the skin by this module alone. `PatientParameters` derive depth, depth and width of the trunk from BMI, sex, bones and the
patient's own factors (`phantoms.terms.body_size`), unless a file states them; `habitus_of` gives a patient's own to what builds skin, fat
and muscle. Besides, BMI bears on the pressure that a syringe meets (`simulator.needle.variation`).
"""

from dataclasses import dataclass, replace

from phantoms.terms.body_size import dorsal_fat_mm, skin_to_epidural_mm, trunk_depth_mm, trunk_width_mm
from phantoms.terms.parameters import PatientParameters, Sex


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


def flavum_factor(age_years: float) -> float:
    """Thickness of the ligamentum flavum relative to that at 50 years; it thickens with age (rate recalled, unverified)."""
    return 1.0 + 0.004 * (age_years - 50.0)
