"""A case as data: everything that a file in the library says.

Why pydantic: one declaration gives the reading, the checking with the place of every mistake, and the JSON Schema for an editor.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from phantoms.terms.parameters import PatientParameters
from phantoms.terms.regions import Region
from scenarios.names.enums import Axis
from scenarios.names.quantities import Quantity
from scenarios.schema.another_patient import tell_of
from scenarios.schema.base_model import Line, Part, Share, Slug, Text, Whole
from scenarios.schema.criterion import Criterion
from scenarios.schema.decisions import Expected, Guideline, Question, Teaching
from scenarios.schema.record import Record
from scenarios.schema.subject import Subject
from scenarios.schema.task import Complications, Equipment, Help, Target, Task

FORMAT = 1
NOTICE = "For education and research only, never for guiding a real needle."


class Scenario(Part):
    """One case."""

    format: Literal[1] = 1
    """Of the file; another number is of another epifluoro."""
    id: Slug
    """As the folder is called."""
    version: Whole = Field(ge=1)
    """Raised whenever scores would change."""
    title: Line
    summary: Text
    """The brief that the trainee reads first."""
    author: Line
    licence: Line
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    difficulty: Literal[1, 2, 3] = 2
    """1 for a first case, 3 for one that wants experience; the library's page shows it."""
    translations: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = ()
    """Other languages, each with its file ``translations/<code>.yaml`` beside the case."""
    disclaimer: Text = NOTICE
    guidelines: tuple[Guideline, ...] = ()
    subject: Subject
    record: Record
    task: Task
    target: Target = Target()
    equipment: Equipment
    help: Help = Help()
    complications: Complications = Complications()
    expected: Expected
    views: tuple[Slug, ...] = Field(min_length=1)
    """Views that the case needs, by the names of `simulator.geometry.views`; the preview shows them."""
    teaching: tuple[Teaching, ...] = ()
    questions: tuple[Question, ...] = ()
    debrief: tuple[Text, ...] = ()
    criteria_from: tuple[Slug, ...] = ()
    """Sets of shared criteria (``scenarios/criteria_sets.yaml``); a criterion of the case replaces a set's of the same name."""
    sets_unless: Quantity | None = None
    """Yes/no quantity that, where it is yes, excuses all criteria of the sets: ``rightly-deferred`` where postponing is accepted too."""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    """Whole, or ``use: NAME`` of ``scenarios/criteria.yaml`` with what differs."""
    pass_mark: Share = 0.7
    axis_minimum: Mapping[Axis, Share] = Field(default_factory=dict)
    """Share of its points below which an axis fails the attempt, whatever the sum: ``{placement: 0.7}``; 0 asks for none. What is left out
    is as in ``scenarios/criteria_sets.yaml``."""

    def __repr__(self) -> str:
        return f"<Scenario {self.id}, version {self.version}>"

    def __str__(self) -> str:
        return repr(self)

    @property
    def sha256(self) -> str:
        """Hash of everything that the case says, hexadecimal; neither the order of fields nor a new one that is left out changes it.

        Told of another patient it is the same case: who lies on the table stands beside it, in a log as in a database.
        """
        if self._case_sha256 is not None:
            return self._case_sha256
        said = self.model_dump(mode="json", exclude_defaults=True)
        return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def region(self) -> Region:
        """Stretch of the spine that the patient is built for."""
        return self.subject.parameters.region

    def tell_of(self, params: PatientParameters) -> "Scenario":
        """The case with another patient on the table, of whom name, weight, record and texts then tell.

        Parameters
        ----------
        params : PatientParameters

        Raises
        ------
        ValueError
            Where it cannot be told of this patient, such as a pregnancy of a man.
        """
        told = type(self).model_validate(tell_of(self, params))
        told._folder, told._case_sha256 = self._folder, self.sha256
        return told

    _folder: Path | None = PrivateAttr(default=None)
    _case_sha256: str | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """Where the case's files lie; None for one that was made in memory."""
        return self._folder

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_unique("criteria", [criterion.name for criterion in self.criteria])
        _check_unique("questions", [question.id for question in self.questions])
        _check_unique("teaching", [teaching.step for teaching in self.teaching])
        drugs = [drug.name for drug in self.record.medication]
        named = {"never_stop": self.expected.never_stop, "accepted": tuple(item.drug for item in self.expected.accepted)}
        for key, names in named.items():
            strange = [name for name in names if name not in drugs]
            if strange:
                raise ValueError(f"expected.{key} names {strange[0]!r}, which record.medication lacks")
        return self


def _check_unique(where: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{where} must have different names, got {twice[0]!r} twice")
