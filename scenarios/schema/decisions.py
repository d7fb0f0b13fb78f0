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
    followed: bool = True
    """False: named for comparison, where guidelines differ; the case follows another."""


class Alternative(Part):
    """Another course that is accepted as well."""

    decision: Decision
    why: Text
    without_contrast: bool = False
    """Whether drug may then follow without contrast: interlaminar by views and loss of resistance,
    transforaminal with non-particulate steroid only."""


class SharedDecision(Part):
    """A drug that may be stopped or gone on with: both are accepted once it was talked over."""

    drug: Line
    """As the medication list has it."""
    after: tuple[Party, ...] = Field(default=(Party.PRESCRIBER,), min_length=1)
    """With whom it must have been talked over before the patient is told to stop it."""
    why: Text


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
    accepted: tuple[SharedDecision, ...] = ()
    """Drugs whose stopping is a shared decision; all others may be stopped with the prescriber's word, save those of `never_stop`."""
    alternatives: tuple[Alternative, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        asked = {"contact": self.contact, "accepted": tuple(party for item in self.accepted for party in item.after)}
        for key, parties in asked.items():
            silent = [party for party in parties if party not in self.answers]
            if silent:
                raise ValueError(f"answers lacks what the {silent[0]} says, whom {key} names; add answers.{silent[0]}")
        shared = [item.drug for item in self.accepted]
        twice = next((drug for number, drug in enumerate(shared) if drug in shared[:number]), None)
        if twice is not None:
            raise ValueError(f"accepted names {twice!r} twice; say it once, with all parties in after")
        torn = next((drug for drug in shared if drug in self.never_stop), None)
        if torn is not None:
            raise ValueError(f"accepted lets {torn!r} be stopped, never_stop forbids it; keep one of the two")
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
