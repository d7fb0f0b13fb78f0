"""What a good clinician decides, what is asked, and what is taught."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from phantoms.terms.serialization import refuse_unknown
from scenarios.names.enums import Decision, Party
from scenarios.schema.base_model import Line, Part, Slug, Text


class Guideline(Part):
    """A guideline that a case rests on, with the version that was read."""

    name: Line
    version: Line
    states: Text
    """What it states, in the case author's words."""
    verified: bool = False
    """False: recalled, unverified."""


class Alternative(Part):
    """Another course that is accepted as well."""

    decision: Decision
    why: Text
    without_contrast: bool = False
    """Whether drug may then follow without contrast: interlaminar by views and loss of resistance, or non-particulate only."""


class Expected(Part):
    """The decision before the needle, and whom to speak with."""

    decision: Decision = Decision.PROCEED
    why: Text
    contact: tuple[Party, ...] = ()
    """Who must be asked first."""
    answers: Mapping[Party, Text] = Field(default_factory=dict)
    """What they say; who is not named says that the decision is yours."""
    never_stop: tuple[Line, ...] = ()
    """Drugs that the operator must not stop unasked."""
    alternatives: tuple[Alternative, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        silent = [party for party in self.contact if party not in self.answers]
        if silent:
            raise ValueError(f"answers lacks what the {silent[0]} says, whom contact names; add answers.{silent[0]}")
        return self


class Question(Part):
    """A question with one right choice: reading of the epidurogram, follow-up, debrief."""

    id: Slug
    text: Text
    choices: Mapping[Slug, Line] = Field(min_length=2)
    right: Slug
    why: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse_unknown([self.right], self.choices, "right: ")
        return self


class Teaching(Part):
    """Text of one step: what is done and why; the hint is shown when asked for."""

    step: Slug
    text: Text
    hint: Text | None = None
