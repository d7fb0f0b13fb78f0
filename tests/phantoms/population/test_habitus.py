"""BMI reaches the skin by one way: mean habitus, parameters, a patient's own habitus."""

import ast
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

import phantoms.soft_tissue
from phantoms.io.patient_file import from_mapping
from phantoms.population.defaults import default_parameters
from phantoms.population.habitus import Habitus, habitus_of, mean_habitus
from phantoms.population.population import parameters_of, sample
from phantoms.terms.body_size import dorsal_fat_mm
from phantoms.terms.parameters import Sex

STATED = {"skin_to_epidural_mm": 71.0, "trunk_depth_mm": 260.0, "trunk_width_mm": 415.0}


@pytest.mark.parametrize("sex", Sex)
@pytest.mark.parametrize("bmi", [16.0, 26.6, 45.0])
def test_the_mean_adult_has_the_mean_habitus(sex: Sex, bmi: float) -> None:
    assert asdict(habitus_of(default_parameters(sex, bmi=bmi))) == pytest.approx(asdict(mean_habitus(bmi, sex)), abs=0.1)


@pytest.mark.parametrize("sex", Sex)
def test_every_size_grows_with_the_bmi(sex: Sex) -> None:
    sizes = [asdict(mean_habitus(bmi, sex)) for bmi in (20.0, 30.0, 40.0)]
    for item in fields(Habitus):
        first, second, third = (size[item.name] for size in sizes)
        assert first < second < third, item.name


def test_what_a_file_states_stands_and_the_fat_follows_the_bmi() -> None:
    stated = from_mapping({"sex": "female", "bmi": 33, **STATED}, "p.yaml")
    assert habitus_of(stated) == Habitus(**STATED, dorsal_fat_mm=dorsal_fat_mm(33.0, Sex.FEMALE))
    other = habitus_of(replace(stated, bmi=40.0))
    assert replace(other, dorsal_fat_mm=0.0) == replace(habitus_of(stated), dorsal_fat_mm=0.0)
    assert other.dorsal_fat_mm - habitus_of(stated).dorsal_fat_mm == pytest.approx(0.8 * 7)


def test_a_drawn_patient_keeps_own_sizes_and_the_mean_fat() -> None:
    drawn = sample(7, bmi=34)
    own = habitus_of(drawn)
    assert (own.skin_to_epidural_mm, own.trunk_depth_mm, own.trunk_width_mm) == (
        drawn.skin_to_epidural_mm,
        drawn.trunk_depth_mm,
        drawn.trunk_width_mm,
    )
    assert own.trunk_width_mm != mean_habitus(34, drawn.sex).trunk_width_mm
    assert own.dorsal_fat_mm == mean_habitus(34, drawn.sex).dorsal_fat_mm


def test_few_words_make_the_mean_adult_or_with_a_seed_a_drawn_patient() -> None:
    assert parameters_of({}) == default_parameters()
    assert parameters_of({"sex": "female", "age_years": 70, "bmi": 31}) == default_parameters(Sex.FEMALE, age_years=70, bmi=31)
    assert parameters_of({"seed": 3, "age_years": 70, "bmi": 31}) == sample(3, age=70, bmi=31)
    with pytest.raises(ValueError, match="seed must be a whole number >= 0, got None"):
        parameters_of({"seed": None})


def test_soft_tissue_is_built_of_a_habitus_and_reads_no_bmi() -> None:
    modules = list(Path(phantoms.soft_tissue.__file__).parent.glob("*.py"))
    assert len(modules) > 10
    for module in modules:
        read = {node.attr for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)}
        assert "bmi" not in read, module.name
