"""Laws of what BMI makes of a body: depth on BMI as published, nobody on a floor, and one patient at any BMI."""

import copy
import json
import pickle
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest

from phantoms.io.patient_file import from_mapping
from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.population.habitus import habitus_of
from phantoms.population.population import sample
from phantoms.terms.body_size import MEAN_LEAST_MM, Derived, least_skin_to_epidural_mm
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters, Sex, ranges
from phantoms.terms.serialization import to_plain
from tests.laws import count

PUBLISHED = {Sex.MALE: (0.89, 0.52), Sex.FEMALE: (0.41, 0.35)}
"""Slope, mm per kg/m^2, and r2 of depth at L3-4 on BMI: So, JKARM 1997;21:1141."""
COHORTS_MM = {Sex.MALE: 53.7, Sex.FEMALE: 48.3}
"""Mean depth in 406 Greek adults (Pain Pract 2005;5:125)."""
SLOPE_TOLERANCE, R2_TOLERANCE = 0.15, 0.10
FLOOR_MM = 0.5
"""As near to the thinnest cover as counts as lying on it."""
GAVE_WAY_MM = 1.0
"""How much deeper than its parameter a built patient's space lies where skin had to give way to the bones."""


@cache
def people(sex: Sex) -> tuple[PatientParameters, ...]:
    return tuple(sample(seed, sex=sex) for seed in range(count(400, 3000)))


@pytest.mark.laws
@pytest.mark.parametrize("sex", Sex)
def test_depth_follows_the_bmi_as_published(sex: Sex) -> None:
    bmi = np.array([patient.bmi for patient in people(sex)])
    depth = np.array([patient.skin_to_epidural_mm for patient in people(sex)])
    slope, r2 = np.polyfit(bmi, depth, 1)[0], np.corrcoef(bmi, depth)[0, 1] ** 2
    assert slope == pytest.approx(PUBLISHED[sex][0], rel=SLOPE_TOLERANCE)
    assert r2 == pytest.approx(PUBLISHED[sex][1], abs=R2_TOLERANCE)
    assert depth.mean() == pytest.approx(COHORTS_MM[sex], abs=2.5)


@pytest.mark.laws
@pytest.mark.parametrize("sex", Sex)
def test_nobody_gathers_on_a_floor(sex: Sex) -> None:
    room = np.array([patient.skin_to_epidural_mm - least_skin_to_epidural_mm(patient.vertebrae[Level.L3]) for patient in people(sex)])
    assert room.min() > 0
    assert (room < FLOOR_MM).mean() < 0.03
    for name in ("skin_to_epidural_mm", "trunk_depth_mm", "trunk_width_mm", "bone_density"):
        values = np.array([getattr(patient, name) for patient in people(sex)])
        assert np.isin(values, ranges(PatientParameters)[name]).mean() < 0.005, name
        assert len(np.unique(values)) > 0.99 * len(values), name


@pytest.mark.slow
@pytest.mark.laws
def test_built_patients_have_the_depth_of_their_parameter() -> None:
    """Where the spine is straight: beside a crooked one the skin's furrow is not over the process."""
    beyond = []
    for seed in range(1000, 1000 + count(12, 150)):
        patient = build(sample(seed))
        if patient.params.scoliosis.cobb_deg == 0:
            marks = patient.landmarks.interspaces[Level.L3]
            beyond.append(np.linalg.norm(marks.skin - marks.flavum_ventral) - patient.params.skin_to_epidural_mm)
    assert min(beyond) > -0.5
    assert np.mean(np.array(beyond) > GAVE_WAY_MM) < 0.1


@pytest.mark.parametrize("sex", Sex)
def test_the_least_depth_of_the_mean_is_the_mean_adults(sex: Sex) -> None:
    assert least_skin_to_epidural_mm(default_parameters(sex).vertebrae[Level.L3]) == pytest.approx(MEAN_LEAST_MM[sex], abs=0.1)


@pytest.mark.laws
def test_replacing_the_bmi_is_drawing_with_it() -> None:
    rng = np.random.default_rng(22)
    for seed in range(count(60, 1000)):
        bmi = float(rng.uniform(14, 55))
        drawn, other = sample(seed), sample(seed, bmi=bmi)
        assert replace(drawn, bmi=bmi) == other
        assert replace(other, bmi=drawn.bmi) == drawn
        assert habitus_of(replace(drawn, bmi=bmi)) == habitus_of(other)


@pytest.mark.laws
def test_every_size_grows_with_ones_own_bmi() -> None:
    for seed in range(count(60, 1000)):
        patient = sample(seed)
        sizes = np.array([list(asdict(habitus_of(replace(patient, bmi=bmi))).values()) for bmi in range(18, 50, 4)])
        assert (np.diff(sizes, axis=0) > 0).all()


@pytest.mark.parametrize(("name", "change"), [("sex", "female"), ("age_years", 88), ("cover_factor", 1.4), ("density_factor", 0.8)])
def test_what_follows_from_the_others_follows_any_of_them(name: str, change: object) -> None:
    man = default_parameters()
    assert replace(man, **{name: change}) != replace(man, texture_seed=man.texture_seed)
    derived = {"sex": "skin_to_epidural_mm", "age_years": "bone_density", "cover_factor": "skin_to_epidural_mm"}.get(name, "bone_density")
    assert getattr(replace(man, **{name: change}), derived) != getattr(man, derived)
    if name in ("sex", "age_years"):
        assert replace(man, **{name: change}).trunk_width_mm == man.trunk_width_mm


def test_what_is_stated_stays_whatever_is_replaced() -> None:
    stated = replace(sample(5), skin_to_epidural_mm=61.0)
    assert replace(stated, bmi=44).skin_to_epidural_mm == 61.0
    assert replace(stated, bmi=44).trunk_depth_mm == replace(sample(5), bmi=44).trunk_depth_mm
    other = sample(6)
    assert replace(sample(5), skin_to_epidural_mm=other.skin_to_epidural_mm).skin_to_epidural_mm == other.skin_to_epidural_mm


def test_a_copy_a_pickle_and_a_file_are_the_same_patient_at_another_bmi_too() -> None:
    drawn = sample(9)
    heavier = replace(drawn, bmi=41)
    written = from_mapping(json.loads(json.dumps(to_plain(drawn))), "p.yaml")
    for same in (copy.deepcopy(drawn), pickle.loads(pickle.dumps(drawn)), written):
        assert same == drawn
        assert replace(same, bmi=41) == heavier
    assert not any(isinstance(value, Derived) for value in to_plain(drawn).values())
