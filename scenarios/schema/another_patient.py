"""A case played on another patient than its author's: name, record and texts follow the one who lies on the table."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from phantoms.terms.parameters import PatientParameters, Sex
from phantoms.terms.serialization import to_plain
from scenarios.schema.retelling import LANGUAGE, Person, describe_person, retell, retitle

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

TOLD = ("title", "summary", "record", "expected", "teaching", "questions", "debrief", "criteria")
"""Sections whose sentences tell of the patient."""
NAMES = frozenset({"id", "step", "right", "name", "use", "kind", "level", "side", "quantity", "of", "source", "axis", "unit", "reference"})
"""Keys whose values are names, not sentences."""

FEMALE_TO_MALE_STATURE = 0.926
"""Women's mean height over men's, 1.64 to 1.77 m (recalled, unverified): who is as tall among women as the author's man among men."""

NOT_APPLICABLE = "Not applicable."
MENOPAUSE_YEARS, SURELY_YEARS = 51, 55.0
"""Mean age at the last period, and from when on a woman is not asked about pregnancy (recalled, unverified)."""
FERTILE_YEARS = (18.0, 50.0)
"""Ages at which a case about a pregnancy can be played."""

REFERENCES: Mapping[str, Mapping[Sex, str]] = MappingProxyType(
    {
        "Creatinine": {Sex.MALE: "60-105", Sex.FEMALE: "45-90"},
        "Haemoglobin": {Sex.MALE: "130-170", Sex.FEMALE: "120-150"},
    }
)
"""Reference ranges that differ by sex, umol/L and g/L, as laboratories print them (recalled, unverified)."""

BMI_TOLERANCE = 5.0
"""How far a patient's BMI may lie from one that a case's title names, kg/m^2: the case is about it."""


def tell_of(scenario: "Scenario", params: PatientParameters) -> dict[str, Any]:
    """Values of a case, as its file holds them, told of another patient.

    Parameters
    ----------
    scenario : Scenario
    params : PatientParameters
        Of the patient who lies on the table.

    Raises
    ------
    ValueError
        Where the case cannot be told of this patient: one line with the place in the case, and what to do.
    """
    own = scenario.subject.parameters
    was, now = (describe_person(scenario.subject.name, who) for who in (own, params))
    _check_fits(scenario, params)
    said = scenario.model_dump(mode="json", exclude_unset=True)
    told = said | {key: _tell(said[key], lambda text: retell(text, was, now), key) for key in TOLD if key in said}
    told["subject"] = said["subject"] | {
        "name": retitle(scenario.subject.name, params.sex),
        "weight_kg": _weigh(scenario.subject.weight_kg, was, now),
        "anatomy": to_plain(params),
    }
    record = told["record"]
    if not scenario.subject.truth.pregnant:
        record["pregnancy"] = describe_pregnancy(params)
    record["laboratory"] = [_remeasure(result, was.sex, now.sex) for result in record.get("laboratory", [])]
    told.pop("translations", None)  # they tell of the author's patient
    return told


def describe_pregnancy(params: PatientParameters) -> str:
    """What the record of a patient who is not pregnant says about pregnancy."""
    if params.sex is Sex.MALE:
        return NOT_APPLICABLE
    if params.age_years >= SURELY_YEARS:
        return f"Postmenopausal for {int(params.age_years) - MENOPAUSE_YEARS} years."
    return "Last menstrual period ten days ago, contraception by a coil. A pregnancy test this morning was negative."


def _check_fits(scenario: "Scenario", params: PatientParameters) -> None:
    """Refuse a patient of whom the case cannot be."""
    low, high = FERTILE_YEARS
    if scenario.subject.truth.pregnant and not (params.sex is Sex.FEMALE and low <= params.age_years <= high):
        raise ValueError(f"{scenario.id} is about a pregnancy: expected a woman of {low:g} to {high:g} years, got {params.describe()}")
    named = re.search(r"\bBMI (?:of )?(\d+)\b", scenario.title)
    if named and abs(params.bmi - int(named[1])) > BMI_TOLERANCE:
        expected = f"{int(named[1]) - BMI_TOLERANCE:g} to {int(named[1]) + BMI_TOLERANCE:g}"
        raise ValueError(f"{scenario.id} is about a BMI of {named[1]}: expected one of {expected}, got {params.describe()}")
    if scenario.language != LANGUAGE:
        raise ValueError(f"{scenario.id} is told in {scenario.language!r}: only cases in {LANGUAGE!r} can be told of another patient")


def _tell(value: Any, retold: Callable[[str], str], place: str) -> Any:  # noqa: ANN401, whatever a case holds
    """A section with its sentences told anew, names left alone."""
    if isinstance(value, str):
        try:
            return retold(value)
        except ValueError as error:
            raise ValueError(f"{place} {error}") from None
    if isinstance(value, list):
        return [_tell(item, retold, place) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key in NAMES or (place, key) == ("record", "pregnancy") else _tell(item, retold, f"{place}.{key}")
            for key, item in value.items()
        }
    return value


def _weigh(weight_kg: float, was: Person, now: Person) -> float:
    """Weight of a patient as tall for their sex as the author's, kg."""
    taller = {(Sex.MALE, Sex.FEMALE): FEMALE_TO_MALE_STATURE, (Sex.FEMALE, Sex.MALE): 1.0 / FEMALE_TO_MALE_STATURE}
    return float(round(weight_kg / was.bmi * now.bmi * taller.get((was.sex, now.sex), 1.0) ** 2))


def _remeasure(result: dict[str, Any], was: Sex, now: Sex) -> dict[str, Any]:
    """A result against the range of the other sex, standing in it as it stood."""
    ranges = REFERENCES.get(result["name"], {})
    if was is now or result["reference"] != ranges.get(was):
        return result
    middles = {sex: sum(map(float, printed.split("-"))) / 2 for sex, printed in ranges.items()}
    return result | {"value": float(round(result["value"] * middles[now] / middles[was])), "reference": ranges[now]}
