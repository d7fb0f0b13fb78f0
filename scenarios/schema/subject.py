"""Who lies on the table: a patient of the phantoms, by parameters, seed or mesh, and what is true of them beyond the record."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field, model_validator

from phantoms.io.patient_file import from_mapping
from phantoms.terms.parameters import PatientParameters, Sex
from scenarios.schema.base_model import Line, Number, Part, Share

CHILD_BEARING_YEARS = (12.0, 56.0)
"""Ages between which a woman is asked about pregnancy before X-rays, 12 to 55 completed years (British practice; recalled, unverified)."""


class Truth(Part):
    """What is true of the patient and stands in no record; the engine knows it, the trainee must find it out."""

    pregnant: bool = False
    """Whether a test would be positive."""
    contrast_allergy: bool = False
    """Whether iodinated contrast brings a reaction."""
    bleeding_tendency: bool = False
    """Whether a puncture of the epidural space may bleed: raises the chance of a haematoma."""
    vasovagal_chance: Share = 0.02
    """Chance of fainting at the first needle; 1-3 % (recalled, unverified)."""
    glucose_rises: bool = False
    """Whether steroid raises blood glucose for two to three days."""


class Subject(Part):
    """The patient: name, weight, anatomy and hidden truth."""

    name: Line
    """As on the wrist band; every name is invented."""
    weight_kg: Number = Field(gt=20, lt=300)
    """Bears on the largest dose of local anaesthetic."""
    anatomy: Mapping[str, Any] = Field(default_factory=dict)
    """Keys and values of a patient file (`phantoms.io.patient_file`), `seed` among them; what is left out is the mean adult's."""
    mesh: Line | None = None
    """File beside the case that describes imported meshes instead; such a patient has an image only."""
    truth: Truth = Truth()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.mesh and self.anatomy:
            raise ValueError("anatomy and mesh exclude each other; keep one")
        _ = self.parameters
        return self

    @property
    def of_child_bearing_age(self) -> bool:
        """Whether the patient is a woman of an age at which pregnancy is asked about before X-rays."""
        youngest, oldest = CHILD_BEARING_YEARS
        return self.parameters.sex is Sex.FEMALE and youngest <= self.parameters.age_years < oldest

    @cached_property
    def parameters(self) -> PatientParameters:
        """Of which the phantom is built.

        Raises
        ------
        ValueError
            Where the anatomy is impossible.
        """
        return from_mapping(dict(self.anatomy), "anatomy")
