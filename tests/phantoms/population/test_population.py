"""Five hundred draws against the published means and spreads; sizes that go together; nobody impossible."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.bones.alignment import cobb_deg, lordosis_deg, pose_spine
from phantoms.population.defaults import default_parameters
from phantoms.population.population import sample
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters, Scoliosis, Sex
from phantoms.terms.reference_tables import prevalence, read_rows, read_spread
from phantoms.terms.regions import LUMBOSACRAL, Table

DRAWS = 500

# How far a mean may lie from a published one: what two cohorts differ by (5 % of the value), and four standard errors of ours.
COHORT = 0.05
ERRORS = 4.0

# Sampled spreads are sums of recalled parts; a third either way of the published ones is agreement.
SD_RATIO = (0.67, 1.5)


@cache
def patients() -> tuple[PatientParameters, ...]:
    return tuple(sample(seed) for seed in range(DRAWS))


def of_sex(sex: Sex) -> list[PatientParameters]:
    return [patient for patient in patients() if patient.sex is sex]


def bone(who: list[PatientParameters], level: Level, name: str) -> NDArray[np.float64]:
    return np.array([getattr(patient.vertebrae[level], name) for patient in who])


def agrees(values: NDArray[np.float64], mean: float, sd: float, cohort: float = COHORT) -> None:
    assert abs(values.mean() - mean) < cohort * abs(mean) + ERRORS * sd / np.sqrt(len(values))
    assert SD_RATIO[0] < values.std() / sd < SD_RATIO[1]


# L5 by CT in 196 adults (Int J Spine Surg 2021;15(6):1072): mean and standard deviation in men and women.
L5_CT = {
    "anterior_height_mm": ((30.7, 1.9), (29.6, 1.8)),
    "posterior_height_mm": ((26.8, 1.9), (25.5, 1.6)),
    "upper_depth_mm": ((37.1, 3.2), (33.3, 2.6)),
    "lower_depth_mm": ((36.7, 3.1), (32.8, 3.0)),
    "pedicle_height_mm": ((13.1, 1.4), (12.5, 1.0)),
    "pedicle_width_mm": ((16.6, 2.3), (15.1, 1.8)),
    "canal_depth_mm": ((15.9, 2.2), (15.1, 1.9)),
    "canal_width_mm": ((28.5, 3.2), (27.6, 2.9)),
}


@pytest.mark.parametrize("name", L5_CT)
@pytest.mark.parametrize("sex", Sex)
def test_l5_agrees_with_ct(name, sex):
    mean, sd = L5_CT[name][0 if sex is Sex.MALE else 1]
    # L5's pedicle is oblique and as wide as one cuts it: 18 mm as measured for the table.
    agrees(bone(of_sex(sex), Level.L5, name), mean, sd, cohort=0.15 if name == "pedicle_width_mm" else COHORT)


def test_means_are_the_tables():
    scale = read_spread("global_scale").sd
    for level in LUMBOSACRAL.vertebrae:
        for name, residual in {"upper_width_mm": 0.04, "canal_depth_mm": 0.09, "transverse_width_mm": 0.06}.items():
            values = bone(of_sex(Sex.MALE), level, name)
            mean = getattr(default_parameters(Sex.MALE).vertebrae[level], name)
            assert abs(values.mean() - mean) < ERRORS * mean * np.hypot(scale, residual) / np.sqrt(len(values))


@pytest.mark.parametrize(("name", "residual"), [("upper_width_mm", 0.04), ("canal_depth_mm", 0.09), ("canal_width_mm", 0.07)])
def test_adjacent_levels_go_together(name, residual):
    # The global scale is common to all levels and residuals correlate by 0.8, so together by
    scale = read_spread("global_scale").sd
    expected = (scale**2 + 0.8 * residual**2) / (scale**2 + residual**2)
    values = np.array([bone(of_sex(Sex.MALE), level, name) for level in LUMBOSACRAL.vertebrae])
    adjacent = np.array([np.corrcoef(values[i], values[i + 1])[0, 1] for i in range(len(values) - 1)])
    # The standard error of a correlation in n = 240 is (1 - r^2) / sqrt(n) = 0.02.
    assert np.abs(adjacent - expected).max() < 0.08
    assert np.corrcoef(values[0], values[-1])[0, 1] < adjacent.min()


@pytest.mark.parametrize(("name", "ratio"), [("upper_depth_mm", 0.90), ("upper_width_mm", 0.91), ("canal_width_mm", 0.965)])
def test_women_are_smaller_by_the_measured_ratio(name, ratio):
    women, men = bone(of_sex(Sex.FEMALE), Level.L4, name), bone(of_sex(Sex.MALE), Level.L4, name)
    assert women.mean() / men.mean() == pytest.approx(ratio, abs=ERRORS * 0.08 * np.sqrt(2 / 240))


@pytest.mark.parametrize("level", [Level.L3, Level.L4, Level.L5])
def test_unworn_discs_agree_with_supine_mri(level):
    published = {Level.L3: 9.30, Level.L4: 10.94, Level.L5: 12.41}[level]
    unworn = [sample(seed, age=20).discs[level].anterior_height_mm for seed in range(200)]
    # Disc loss takes some 4 % off the mean at 20 years; the lordosis shifts the anterior height with the wedge.
    assert np.median(unworn) == pytest.approx(published, rel=0.08)


def test_discs_wear_with_age():
    young, old = (np.mean([sample(seed, age=age).discs[Level.L4].anterior_height_mm for seed in range(150)]) for age in (25, 80))
    assert old < 0.95 * young


@pytest.mark.parametrize(("level", "mean", "sd"), [(Level.L3, 3.45, 0.97), (Level.L4, 3.77, 1.14), (Level.L5, 3.72, 1.20)])
def test_flavum_agrees_with_mri(level, mean, sd):
    # Right and left pooled, n = 200 (Asian Spine J 2015;9:245).
    agrees(np.array([patient.discs[level].flavum_thickness_mm for patient in patients()]), mean, sd)


def test_flavum_gaps_are_as_frequent_as_published():
    for level, share in {Level.L1: 0.22, Level.L3: 0.11, Level.L5: 0.0}.items():
        found = np.mean([patient.discs[level].flavum_gap for patient in patients()])
        assert abs(found - share) <= ERRORS * np.sqrt(share * (1 - share) / DRAWS)


def test_bmi_and_trunk_agree():
    agrees(np.array([patient.bmi for patient in patients()]), 28.0, 5.5)
    depth = np.array([sample(seed, bmi=26.6).trunk_depth_mm for seed in range(100)])
    # Prone 21.2 +- 2.8 cm over all BMIs; at one BMI less of it.
    assert depth.mean() == pytest.approx(212, abs=ERRORS * 13 / 10)
    assert depth.std() < 28


def test_spine_is_posed_like_recumbent_volunteers():
    upright = [replace(patient, scoliosis=Scoliosis()) for patient in patients()]
    agrees(np.array([lordosis_deg(pose_spine(params), params) for params in upright]), 36.8, 13.2)
    agrees(np.array([patient.sacrum.slope_deg for patient in patients()]), 25.5, 5.5)


def test_neuraxis_ends_where_published():
    agrees(np.array([patient.dural_sac_end for patient in patients()]), 0.33, 0.6)
    agrees(np.array([patient.conus_end for patient in patients()]), 0.67, 0.55)
    # At most 0.7 % of cords reach L2-3 (Spine 1998;23(13)): 2.2 heights below the upper edge of L1.
    assert np.mean([patient.conus_end > 2.2 for patient in patients()]) < 0.02


def test_hiatus_agrees_with_dry_bone():
    agrees(np.array([patient.sacrum.hiatus_depth_mm for patient in patients()]), 5.39, 1.84)
    agrees(np.array([patient.sacrum.intercornual_mm for patient in patients()]), 13.0, 3.0)


def test_curves_and_slips_come_with_age():
    def shares(age: float) -> tuple[float, float]:
        who = [sample(seed, age=age) for seed in range(300)]
        curves = np.mean([patient.scoliosis.cobb_deg > 0 for patient in who])
        return float(curves), float(np.mean([any(disc.slip_mm for disc in patient.discs.values()) for patient in who]))

    for age in (40.0, 80.0):
        curves, slips = shares(age)
        for found, share in ((curves, prevalence("scoliosis", age)), (slips, prevalence("spondylolisthesis", age))):
            assert abs(found - share) < ERRORS * np.sqrt(share * (1 - share) / 300)


def test_curves_are_mostly_mild_and_measure_as_drawn():
    curved = [patient for patient in patients() if patient.scoliosis.cobb_deg > 0]
    assert len(curved) > 40
    # 80.6 % of curves are mild, below 20 degrees (Spine 2010 0b013e3181e9f120).
    assert np.mean([patient.scoliosis.cobb_deg < 20 for patient in curved]) == pytest.approx(0.78, abs=0.15)
    for patient in curved[:10]:
        assert cobb_deg(pose_spine(patient), patient) == pytest.approx(patient.scoliosis.cobb_deg, abs=0.5)


def test_nobody_is_impossible():
    for patient in patients():
        poses = pose_spine(patient)
        heights = [poses[level][2, 3] for level in (*LUMBOSACRAL.vertebrae, Level.S1)]
        assert (np.diff(heights) < -12).all()
        assert patient.trunk_depth_mm > 80 + patient.skin_to_epidural_mm
        for level, vertebra in patient.vertebrae.items():
            disc = patient.discs[level]
            assert vertebra.canal_width_mm < vertebra.upper_width_mm
            assert vertebra.pedicle_height_mm < min(vertebra.anterior_height_mm, vertebra.posterior_height_mm)
            assert min(disc.anterior_height_mm, disc.posterior_height_mm) >= 1.4
            assert disc.flavum_thickness_mm > 1.0


def test_equal_seeds_give_equal_patients_and_others_differ():
    assert sample(3) == sample(3)
    assert sample(3) != sample(4)
    assert sample(3).texture_seed == 3


def test_another_bmi_changes_no_bone():
    thin, stout = sample(11, bmi=19), sample(11, bmi=42)
    assert thin.vertebrae == stout.vertebrae
    assert thin.discs == stout.discs
    assert thin.sacrum == stout.sacrum
    assert thin.trunk_width_mm < stout.trunk_width_mm


def test_asked_for_is_what_comes():
    patient = sample(5, age=71, sex="female", bmi=31.5)
    assert (patient.age_years, patient.sex, patient.bmi) == (71.0, Sex.FEMALE, 31.5)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", None, True])
def test_strange_seeds_are_refused(seed):
    with pytest.raises(ValueError, match="seed must be a whole number >= 0"):
        sample(seed)


@pytest.mark.parametrize(("asked", "message"), [({"age": 3}, "age_years must be between"), ({"bmi": 5}, "bmi must be between")])
def test_what_nobody_has_is_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        sample(1, **asked)


BY_LEVEL = (file for table, file in LUMBOSACRAL.tables.items() if file.endswith(".csv") and table is not Table.VERTEBRAE)  # its head says
TABLES = ("population.csv", "prevalence.csv", *BY_LEVEL)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_its_source(table):
    assert all(len(row["source"]) > 10 for row in read_rows(table))
