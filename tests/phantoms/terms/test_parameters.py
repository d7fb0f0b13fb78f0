"""Parameters refuse what nobody can have, by the field's name; the defaults are the mean adult."""

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest

from phantoms.bones.vertebra.vertebra import default_vertebra
from phantoms.population.defaults import default_disc, default_parameters, disc_of, flavum_gap_share, vertebra_of
from phantoms.terms.body_size import bone_density, trunk_depth_mm, trunk_width_mm
from phantoms.terms.levels import Level
from phantoms.terms.parameters import DiscParameters, PatientParameters, SacrumParameters, Scoliosis, Sex, VertebraParameters, ranges
from phantoms.terms.regions import LUMBOSACRAL


@pytest.fixture(scope="module")
def man() -> PatientParameters:
    return default_parameters()


@pytest.mark.parametrize("record", [VertebraParameters, DiscParameters, SacrumParameters, Scoliosis, PatientParameters])
def test_every_number_has_a_range(record):
    numbers = {item.name for item in fields(record) if item.type is float}
    assert numbers == set(ranges(record))
    assert all(low < high for low, high in ranges(record).values())


@pytest.mark.parametrize("name", [item.name for item in fields(VertebraParameters)])
@pytest.mark.parametrize("bad", [-1.0, 1e3, np.nan, np.inf])
def test_impossible_vertebra_is_refused_by_field(man, name, bad):
    with pytest.raises(ValueError, match=rf"VertebraParameters\.{name} must be between .* and .*, got {bad}"):
        replace(man.vertebrae[Level.L3], **{name: bad})


@pytest.mark.parametrize("bad", ["50", None, True, [50.0]])
def test_what_is_no_number_is_refused(man, bad):
    with pytest.raises(TypeError, match=r"PatientParameters\.skin_to_epidural_mm must be a number between 25 and 140, got"):
        replace(man, skin_to_epidural_mm=bad)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age_years": 5}, r"PatientParameters\.age_years must be between 16 and 110, got 5"),
        ({"bmi": 90.0}, r"PatientParameters\.bmi must be between 12 and 70, got 90"),
        ({"bone_density": 0.0}, r"bone_density must be between"),
        ({"sex": "other"}, "'other' is not a valid Sex"),
        ({"texture_seed": -1}, r"texture_seed must be a whole number >= 0, got -1"),
        ({"texture_seed": 1.5}, r"texture_seed must be a whole number >= 0, got 1\.5"),
        ({"vertebrae": {}}, r"vertebrae must have one entry for each of T11, .* it is without L1, L2"),
    ],
)
def test_impossible_patient_is_refused(man, change, message):
    with pytest.raises(ValueError, match=message):
        replace(man, **change)


def test_strange_and_missing_levels_are_named(man):
    with pytest.raises(ValueError, match="strange level 'S1'"):
        replace(man, discs={**man.discs, Level.S1: man.discs[Level.L5]})
    with pytest.raises(ValueError, match="it is without L3"):
        replace(man, discs={level: disc for level, disc in man.discs.items() if level is not Level.L3})


@pytest.mark.parametrize("change", [{"sacrum": None}, {"scoliosis": 12.0}, {"vertebrae": 3}])
def test_wrong_kinds_are_refused(man, change):
    with pytest.raises(TypeError, match=f"PatientParameters.{next(iter(change))} must"):
        replace(man, **change)


def test_scoliosis_needs_a_vertebra_on_either_side():
    with pytest.raises(ValueError, match=r"Scoliosis\.apex must be one of T12, L1, L2, L3, L4, got L5"):
        Scoliosis(cobb_deg=20, apex=Level.L5)
    with pytest.raises(ValueError, match=r"Scoliosis\.cobb_deg must be between 0 and 60, got 80"):
        Scoliosis(cobb_deg=80)


def test_names_become_their_enums(man):
    assert replace(man, sex="female").sex is Sex.FEMALE
    assert Scoliosis(cobb_deg=20, apex="L1", convex="right").apex is Level.L1


def test_whole_numbers_are_numbers(man):
    assert replace(man, bmi=25) == replace(man, bmi=25.0)
    assert isinstance(replace(man, bmi=np.int64(25)).bmi, float)


def test_parameters_are_frozen_through_and_through(man):
    with pytest.raises(FrozenInstanceError):
        man.bmi = 20.0
    with pytest.raises(TypeError, match="does not support item assignment"):
        man.vertebrae[Level.L3] = None


def test_parameters_travel_between_processes(man):
    assert pickle.loads(pickle.dumps(man)) == man
    assert copy.deepcopy(man) == man


@pytest.mark.parametrize("level", LUMBOSACRAL.vertebrae)
def test_sexes_lie_on_either_side_of_the_table(level):
    table = default_vertebra(level)
    woman, man = vertebra_of(level, Sex.FEMALE), vertebra_of(level, Sex.MALE)
    assert woman.upper_depth_mm < table.upper_depth_mm < man.upper_depth_mm
    # Body depth, L5 by CT: 33.3 mm in women, 37.1 in men (Int J Spine Surg 2021;15(6):1072).
    assert woman.upper_depth_mm / man.upper_depth_mm == pytest.approx(33.3 / 37.1, abs=0.01)


def test_discs_have_the_published_heights():
    # Supine MRI, n = 300 (Onishi 2019), anterior.
    measured = [default_disc(level).anterior_height_mm for level in (Level.L3, Level.L4, Level.L5)]
    assert measured == [9.3, 10.9, 12.4]
    # Flavum, n = 350 (Khasawneh 2023).
    assert [default_disc(level).flavum_thickness_mm for level in (Level.L2, Level.L3, Level.L4, Level.L5)] == [3.19, 3.38, 3.71, 3.64]
    assert flavum_gap_share(Level.L5) == 0.0
    assert disc_of(Level.L4, Sex.FEMALE).anterior_height_mm < disc_of(Level.L4, Sex.MALE).anterior_height_mm


def test_disc_of_a_sacral_level_is_refused():
    with pytest.raises(ValueError, match="level must be one of T11, .* got S1"):
        default_disc(Level.S1)


def test_default_trunk_is_the_measured_one():
    # Prone abdominal depth 21.2 cm at BMI 26.6 (Radiol Oncol 2018 raon-2018-0021).
    assert trunk_depth_mm(26.6) == pytest.approx(212, abs=1)
    assert all(trunk_depth_mm(b) < trunk_width_mm(b) for b in (15, 26.6, 45))
    assert trunk_depth_mm(20) < trunk_depth_mm(30) < trunk_depth_mm(40)


def test_bone_thins_with_age_and_more_in_women():
    assert bone_density(30, Sex.MALE) == 1.0
    assert bone_density(75, Sex.FEMALE) < bone_density(75, Sex.MALE) < 1.0
    assert bone_density(110, Sex.FEMALE) >= 0.5
