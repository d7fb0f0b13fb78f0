"""What BMI, sex and age say of a trunk on the average: depth of the epidural space, trunk size, mineral in the bone."""

from phantoms.terms.parameters import Sex

CM = 10.0

PRONE_SHARE = 0.845
"""Prone over computed depth of the abdomen: makes 21.2 cm of 25.1 at BMI 26.6, as measured prone (Radiol Oncol 2018 raon-2018-0021)."""

SPINOUS_SHARE = 0.63
"""Share of a spinous process' length, taken from the back of the body, that stands out behind the ligamentum flavum (mean of 87 patients:
Clouthier, J Biomech 2023;146:111421)."""


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
