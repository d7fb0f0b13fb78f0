"""A patient as a YAML file: flat names with their units, angles in degrees.

A file states what is particular about its patient; the rest comes from the mean adult of its sex, age and body-mass index or, where it
names a ``seed``, from the patient drawn with that seed::

    version: 1
    sex: female
    age_years: 71
    bmi: 31
    lordosis_deg: 45
    scoliosis: {cobb_deg: 18, apex: L3, convex: right, axial_rotation_deg: 10}
    discs:
      L4: {anterior_height_mm: 6, posterior_height_mm: 4, slip_mm: 5}
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import yaml

from phantoms.bones.alignment import with_lordosis
from phantoms.io.atomic_file import replace_file
from phantoms.io.paths import as_path
from phantoms.population.population import parameters_of
from phantoms.terms.number_kinds import is_number
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.serialization import refuse_unknown, to_plain, update_record
from phantoms.terms.value_text import describe_value

VERSION = 1

WHO = ("seed", "sex", "age_years", "bmi")
BESIDES = ("version", "seed", "lordosis_deg")
"""Keys of a file that are no fields of `PatientParameters`: the format's version, the seed of the patient to start from, and the wanted
lordosis, given to the discs after all else."""


def read(path: Path) -> PatientParameters:
    """Read a patient from a YAML file.

    Parameters
    ----------
    path : Path
        Where the file is.

    Returns
    -------
    PatientParameters

    Raises
    ------
    ValueError
        Where the file is missing, is no YAML mapping, or has an unknown key or an impossible value: one line with the file's name, the key
        and what to do.
    """
    try:
        text = as_path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'it is no text'})") from error
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {_place_of(error)}") from None
    return from_mapping(document, str(path))


def from_mapping(document: object, source: str) -> PatientParameters:
    """A patient from the keys and values of a file; `source` names it in messages.

    Raises
    ------
    ValueError
        As `read` does.
    """
    if not isinstance(document, Mapping):
        raise ValueError(f"{source}: expected keys and values, such as 'sex: female', got {describe_value(document)}")
    known = [item.name for item in fields(PatientParameters)]
    refuse_unknown(document, [*known, *BESIDES], f"{source}: ")
    if document.get("version", VERSION) != VERSION:
        raise ValueError(
            f"{source}: version must be {VERSION}, got {describe_value(document['version'])}; this file is of another epifluoro"
        )
    base = _base(document, source)
    params = update_record(base, {key: value for key, value in document.items() if key not in BESIDES}, f"{source}: ")
    return _with_lordosis(params, document, source)


def write(path: Path, params: PatientParameters) -> None:
    """Write a patient in full to a YAML file that `read` turns into an equal one; the file appears whole or not at all.

    Parameters
    ----------
    path : Path
        Where the file goes.
    params : PatientParameters

    Raises
    ------
    TypeError
        Where these are no parameters: a whole patient has them as `params`.
    OSError
        Where the folder cannot be written.
    """
    if not isinstance(params, PatientParameters):
        raise TypeError(f"expected PatientParameters, got {describe_value(params)}{_advise(params)}")
    text = yaml.safe_dump({"version": VERSION} | to_plain(params), sort_keys=False, allow_unicode=True)
    with replace_file(as_path(path)) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _advise(given: object) -> str:
    return "; give its `params`" if isinstance(getattr(given, "params", None), PatientParameters) else ""


def _base(document: Mapping[str, Any], source: str) -> PatientParameters:
    try:
        return parameters_of({name: document[name] for name in WHO if name in document})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{source}: {error}") from None


def _with_lordosis(params: PatientParameters, document: Mapping[str, Any], source: str) -> PatientParameters:
    if "lordosis_deg" not in document:
        return params
    wanted = document["lordosis_deg"]
    if not is_number(wanted):
        raise ValueError(f"{source}: lordosis_deg must be a number, got {describe_value(wanted)}")
    try:
        posed = with_lordosis(params, float(wanted))
    except ValueError as error:
        raise ValueError(f"{source}: lordosis_deg: {error}") from None
    asked_slope = isinstance(document.get("sacrum"), Mapping) and "slope_deg" in document["sacrum"]
    return replace(posed, sacrum=params.sacrum) if asked_slope else posed


def _place_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}not YAML ({getattr(error, 'problem', None) or 'unreadable'})"
