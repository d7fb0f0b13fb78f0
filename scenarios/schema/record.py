"""The patient's record: what can be read, examined and asked for before the needle."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from phantoms.terms.levels import Side
from scenarios.names.enums import ReviewItem
from scenarios.schema.base_model import Interspace, Line, Number, Part, Text, join_lines

SPELLED = {"10^9/L": "\u00d7 10\u2079/L", "umol/L": "\u00b5mol/L"}
CONSENT = "Consent was given and recorded in the clinic."

PainScore = Annotated[int, Field(strict=True, ge=0, le=10)]


class Drug(Part):
    """A drug of the medication list."""

    name: Line
    dose: Line
    """As prescribed, with units: ``75 mg once daily``."""
    last_taken_h: Number = Field(ge=0, le=24 * 365)
    """Hours since the last dose."""
    indication: Line
    prescriber: Line = "general practitioner"


class Allergy(Part):
    """A recorded reaction."""

    substance: Line
    reaction: Line


class Laboratory(Part):
    """One result."""

    name: Line
    value: Number
    unit: Line
    reference: Line
    """Range, as printed beside it."""


class LesionKind(StrEnum):
    """What a lesion is made of, for the slices."""

    DISC_PROTRUSION = "disc-protrusion"
    DISC_EXTRUSION = "disc-extrusion"
    CENTRAL_STENOSIS = "central-stenosis"
    FORAMINAL_STENOSIS = "foraminal-stenosis"
    SCAR = "scar"
    SYNOVIAL_CYST = "synovial-cyst"


class Lesion(Part):
    """A finding that the MR-like slices show and that may block contrast."""

    kind: LesionKind
    level: Interspace
    side: Side | None = None
    """None in the midline or on both sides."""
    size_mm: Number = Field(gt=0, le=30)
    blocks_contrast: bool = False
    """Whether injectate cannot pass, as in a filling defect from adhesions."""


class Imaging(Part):
    """Imaging before the procedure."""

    modality: Line
    date: Line
    report: Text
    lesions: tuple[Lesion, ...] = ()

    @property
    def shows_stenosis_alone(self) -> bool:
        """Whether the canal is narrow and no disc, cyst, foramen or scar is named beside it."""
        return bool(self.lesions) and all(lesion.kind is LesionKind.CENTRAL_STENOSIS for lesion in self.lesions)


class Pain(Part):
    """The complaint, as the patient scores it."""

    score: PainScore
    """0 to 10, before."""
    after: PainScore
    """0 to 10 at 30 minutes where the drug reached its target."""
    side: Side | None = None
    dermatome: Line
    """Root whose skin hurts: ``L5``."""
    words: Line
    """What the patient calls it."""


class VitalSigns(Part):
    """At rest, before."""

    systolic_mmhg: Number = Field(gt=50, lt=260)
    diastolic_mmhg: Number = Field(gt=20, lt=160)
    heart_rate_per_min: Number = Field(gt=25, lt=220)
    oxygen_percent: Number = Field(gt=60, le=100)


class PregnancyTest(Part):
    """A pregnancy test in urine, if it is ordered."""

    positive: bool | None = None
    """What it shows; None: what is true of the patient (`scenarios.schema.subject.Truth.pregnant`)."""
    takes_min: Number = Field(default=5.0, gt=0, le=120)
    """Minutes until it is read (recalled, unverified)."""


class Record(Part):
    """Everything on paper."""

    history: Text
    medication: tuple[Drug, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    pregnancy: Text = "Not applicable."
    pregnancy_test: PregnancyTest = PregnancyTest()
    """Only patients of child-bearing age can be tested (`scenarios.schema.subject.Subject.of_child_bearing_age`)."""
    laboratory: tuple[Laboratory, ...] = ()
    laboratory_note: Text = "No other results."
    imaging: Imaging
    consent_recorded: bool = False
    """Whether consent with its risks was recorded in the clinic, so that it need only be confirmed before the skin is punctured."""
    neurology: Text
    pain: Pain
    vital_signs: VitalSigns

    def read(self, item: ReviewItem) -> str:
        """What a reviewer reads under a heading, as plain lines."""
        texts: Mapping[ReviewItem, str] = {
            ReviewItem.HISTORY: join_lines(self.history) + (f"\n{CONSENT}" if self.consent_recorded else ""),
            ReviewItem.MEDICATION: _join_items(map(_describe_drug, self.medication), "No regular medication."),
            ReviewItem.ALLERGIES: _join_items((f"{known.substance}: {known.reaction}" for known in self.allergies), "No known allergies."),
            ReviewItem.PREGNANCY: join_lines(self.pregnancy),
            ReviewItem.LABORATORY: "\n".join([*map(_describe_result, self.laboratory), join_lines(self.laboratory_note)]),
            ReviewItem.IMAGING: f"{self.imaging.modality}, {self.imaging.date}.\n{join_lines(self.imaging.report)}",
        }
        return texts[item]


def _join_items(items: Iterable[str], otherwise: str) -> str:
    return "\n".join(items) or otherwise


def _describe_drug(drug: Drug) -> str:
    hours = drug.last_taken_h
    ago = f"{hours:g} h ago" if hours < 48 else f"{hours / 24:.0f} days ago"
    return f"{drug.name} {drug.dose}, for {drug.indication} ({drug.prescriber}); last taken {ago}"


def _describe_result(result: Laboratory) -> str:
    """A result as the laboratory prints it: as many digits as its reference range, no unit where there is none ("INR 1.0")."""
    digits = max((len(part) for part in re.findall(r"\.(\d+)", result.reference)), default=0)
    value = f"{result.value:.{digits}f}" if round(result.value, digits) == result.value else f"{result.value:g}"
    unit = "" if result.unit in ("", "1") else f" {SPELLED.get(result.unit, result.unit)}"
    return f"{result.name} {value}{unit} (reference {result.reference})"
