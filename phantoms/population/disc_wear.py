"""Discs and ligaments as age leaves them: how high, how thick, and slipped or not."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from phantoms.population.defaults import disc_of, flavum_gap_share, scale_fields
from phantoms.population.habitus import flavum_factor
from phantoms.population.sampling import draw_along_spine, pick
from phantoms.terms.levels import Level
from phantoms.terms.parameters import DiscParameters, Sex
from phantoms.terms.reference_tables import level_numbers, prevalence, read_spread
from phantoms.terms.regions import Region, Table

LEAST_SHARE = 0.4
"""Least share of its mean that a ligament or fat pad keeps, and nearly the least of a disc."""

DEGENERATE_SHARE: Mapping[Level, float] = level_numbers(Table.TRAITS, "worn_share")
"""Which discs are lower in someone whose discs are lower somewhere."""

HEIGHT_LEFT = np.array([0.9, 0.7, 0.4])
HEIGHT_SHARE = np.array([0.5, 0.35, 0.15])
"""Height left at Pfirrmann III, IV and V, and how frequent these are among lower discs (recalled, unverified)."""

SLIPPED: Mapping[Level, float] = level_numbers(Table.TRAITS, "slip_share")


def sample_discs(rng: np.random.Generator, region: Region, sex: Sex, age_years: float, scale: float) -> dict[Level, DiscParameters]:
    """Discs of a region, by the vertebra above each, in a patient of given sex, age and size."""
    count = len(region.vertebrae)
    height, flavum, fat = (draw_along_spine(rng, count) for _ in range(3))
    left, gaps = _height_left(rng, age_years), rng.random(count)
    slips = _slips(rng, age_years)
    discs = {}
    for i, level in enumerate(region.vertebrae):
        share = max(scale * (1 + read_spread("disc_residual").sd * float(height[i])) * left.get(level, 1.0), 0.25)
        factors = {
            "anterior_height_mm": share,
            "posterior_height_mm": share,
            "flavum_thickness_mm": flavum_factor(age_years) * max(1 + read_spread("flavum_residual").sd * float(flavum[i]), LEAST_SHARE),
            "epidural_depth_mm": max(1 + read_spread("epidural_residual").sd * float(fat[i]), LEAST_SHARE),
        }
        disc = scale_fields(disc_of(level, sex), factors)
        discs[level] = replace(disc, flavum_gap=bool(gaps[i] < flavum_gap_share(level)), slip_mm=slips.get(level, 0.0))
    return discs


def _height_left(rng: np.random.Generator, age_years: float) -> dict[Level, float]:
    """Share of its height that each worn disc has left."""
    someone = rng.random() < prevalence("disc_height_loss", age_years)
    worn = rng.random(len(DEGENERATE_SHARE)) < list(DEGENERATE_SHARE.values())
    grades = rng.choice(HEIGHT_LEFT, size=len(DEGENERATE_SHARE), p=HEIGHT_SHARE)
    return {level: float(grade) for level, is_worn, grade in zip(DEGENERATE_SHARE, worn, grades, strict=True) if someone and is_worn}


def _slips(rng: np.random.Generator, age_years: float) -> dict[Level, float]:
    """Degenerative slip of 3 to 6 mm of one vertebra (Meyerding I; recalled, unverified)."""
    someone = rng.random() < prevalence("spondylolisthesis", age_years)
    level, slip_mm = pick(rng, SLIPPED), float(rng.uniform(3.0, 6.0))
    return {level: slip_mm} if someone else {}
