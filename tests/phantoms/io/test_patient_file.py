"""Patient files: what is written is read, what is left out is the mean adult's, what is wrong is named with its place."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from phantoms.bones.alignment import lordosis_deg, pose_spine
from phantoms.io import patient_file
from phantoms.io.patient_file import from_mapping, read, write
from phantoms.patient import Patient
from phantoms.population.defaults import default_parameters
from phantoms.population.population import sample
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import Sex


@pytest.mark.parametrize("seed", [1, 2, 12])
def test_written_patient_reads_back_equal(tmp_path, seed):
    write(tmp_path / "p.yaml", sample(seed))
    assert read(tmp_path / "p.yaml") == sample(seed)
    assert [file.name for file in tmp_path.iterdir()] == ["p.yaml"]


def test_empty_choice_is_the_mean_adult():
    assert from_mapping({}, "p.yaml") == default_parameters()
    woman = from_mapping({"sex": "female", "bmi": 31, "age_years": 70}, "p.yaml")
    assert woman == default_parameters(Sex.FEMALE, bmi=31, age_years=70)


def test_seed_is_the_drawn_patient_and_the_rest_is_changed():
    patient = from_mapping({"seed": 9, "sex": "male", "discs": {"L4": {"slip_mm": 5}}}, "p.yaml")
    drawn = sample(9, sex=Sex.MALE)
    assert patient.vertebrae == drawn.vertebrae
    assert patient.discs[Level.L4].slip_mm == 5.0
    assert patient.discs[Level.L5] == drawn.discs[Level.L5]


def test_words_and_units_of_the_documented_example(tmp_path):
    (tmp_path / "p.yaml").write_text(patient_file.__doc__.split("::", 1)[1])
    patient = read(tmp_path / "p.yaml")
    assert patient.scoliosis.convex is Side.RIGHT
    straight = from_mapping(yaml.safe_load("{sex: female, age_years: 71, bmi: 31, lordosis_deg: 45}"), "p.yaml")
    assert lordosis_deg(pose_spine(straight), straight) == pytest.approx(45.0, abs=1e-6)


def test_asked_slope_stays_beside_an_asked_lordosis():
    patient = from_mapping({"lordosis_deg": 50, "sacrum": {"slope_deg": 41}}, "p.yaml")
    assert patient.sacrum.slope_deg == 41.0


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"bmii": 30}, r"p\.yaml: bmii: unknown key; did you mean 'bmi'\?"),
        ({"discs": {"L3": {"flavum_mm": 3}}}, r"p\.yaml: discs\.L3\.flavum_mm: unknown key; did you mean 'flavum_\w+'\?"),
        ({"discs": {"l3": {}}}, r"p\.yaml: discs\.l3: unknown key; did you mean 'L3'\?"),
        ({"scoliosis": {"apex": "L9", "cobb_deg": 20}}, r"p\.yaml: scoliosis: 'L9' is not a valid Level"),
        ({"vertebrae": {"L4": {"canal_depth_mm": 3}}}, r"p\.yaml: vertebrae\.L4: VertebraParameters\.canal_depth_mm must be between 6"),
        ({"vertebrae": {"L4": {"canal_depth_mm": "wide"}}}, r"canal_depth_mm must be a number between 6 and 32, got 'wide'"),
        ({"bmi": 300}, r"p\.yaml: .*bmi must be between 12 and 70, got 300"),
        ({"sex": "x"}, r"p\.yaml: 'x' is not a valid Sex"),
        ({"seed": -2}, r"p\.yaml: seed must be a whole number >= 0, got -2"),
        ({"version": 9}, r"p\.yaml: version must be 1, got 9"),
        ({"lordosis_deg": "much"}, r"p\.yaml: lordosis_deg must be a number, got 'much'"),
        ({"lordosis_deg": 170}, r"p\.yaml: lordosis_deg: discs this thin allow no lordosis"),
        ({"discs": 3}, r"p\.yaml: discs: expected keys and values, got 3"),
        ({"sacrum": [1]}, r"p\.yaml: sacrum: expected keys and values, got \[1\]"),
        ("male", r"p\.yaml: expected keys and values, such as 'sex: female', got 'male'"),
        (None, r"p\.yaml: expected keys and values"),
        ({1: 2}, r"p\.yaml: 1: unknown key"),
    ],
)
def test_mistakes_are_named_with_their_place(document, message):
    with pytest.raises(ValueError, match=message) as caught:
        from_mapping(document, "p.yaml")
    assert "\n" not in str(caught.value)


def test_broken_yaml_is_named_with_its_line(tmp_path):
    (tmp_path / "p.yaml").write_text("sex: male\nbmi: [1, 2\nage_years: 3")
    with pytest.raises(ValueError, match=r"p\.yaml: line 3, column 10: not YAML"):
        read(tmp_path / "p.yaml")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_unreadable_file_is_refused(tmp_path, content):
    if content:
        (tmp_path / "p.yaml").write_bytes(content)
    with pytest.raises(ValueError, match=r"p\.yaml: cannot be read"):
        read(tmp_path / "p.yaml")


def test_yaml_cannot_build_objects(tmp_path):
    (tmp_path / "p.yaml").write_text("sex: !!python/object/apply:os.system ['true']")
    with pytest.raises(ValueError, match="not YAML"):
        read(tmp_path / "p.yaml")


def test_failed_write_leaves_nothing_behind(tmp_path):
    (tmp_path / "p.yaml").mkdir()
    with pytest.raises(OSError, match="p.yaml"):
        write(tmp_path / "p.yaml", default_parameters())
    assert [file.name for file in tmp_path.iterdir()] == ["p.yaml"]


def test_a_whole_patient_is_not_written_for_its_parameters(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"expected PatientParameters, got <Patient male, 45 years, BMI 26\.6>; give its `params`"):
        write(tmp_path / "p.yaml", Patient.mean())
    assert not (tmp_path / "p.yaml").exists()
    write(tmp_path / "p.yaml", Patient.mean().params)
    assert Patient.read(str(tmp_path / "p.yaml")).params == Patient.mean().params


def test_what_is_no_path_is_refused() -> None:
    for act in (Patient.read, read, lambda path: write(path, Patient.mean().params)):
        with pytest.raises(TypeError, match="expected the path of a file, .* got 3"):
            act(3)


@pytest.mark.parametrize("words", [{"age": "60"}, {"bmi": "30"}, {"age": None}, {"bmi": True}, {"age": [60]}])
def test_a_patient_of_no_number_is_refused_in_words(words: dict) -> None:
    ways = [lambda: Patient.mean(**words)] + ([] if None in words.values() else [lambda: Patient.sample(1, **words)])
    for act in ways:
        with pytest.raises(TypeError, match=r"PatientParameters\.(age_years|bmi) must be a number between \d+ and \d+, got "):
            act()


def test_numbers_of_numpy_make_the_same_patient() -> None:
    assert Patient.mean(age=np.int64(60), bmi=np.float32(30)).params == Patient.mean(age=60, bmi=30).params
    assert Patient.sample(np.uint8(7), bmi=np.float32(30)).params == Patient.sample(7, bmi=30).params


@pytest.mark.parametrize("params", [7, None, {"sex": "male"}, "male"])
def test_a_patient_of_something_else_is_refused(params: object) -> None:
    with pytest.raises(TypeError, match=r"Patient\.params: expected PatientParameters, got .*; Patient\.mean, sample and read"):
        Patient(params=params)
