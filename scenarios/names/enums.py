"""Words that a case file, a log and a report share: approaches, what can be reviewed, decided, prepared, asked, advised and measured.

The enums live here, on the ground floor; `simulator` registers what implements them, and a test asserts that the two agree.
"""

from enum import StrEnum

from scenarios.names.approaches import Approach as Approach
from scenarios.names.compartments import Compartment as Compartment


class ReviewItem(StrEnum):
    """What can be read before the patient is accepted."""

    HISTORY = "history"
    MEDICATION = "medication"
    ALLERGIES = "allergies"
    PREGNANCY = "pregnancy"
    LABORATORY = "laboratory"
    IMAGING = "imaging"


class Examination(StrEnum):
    """What can be examined, before and after."""

    PAIN_SCORE = "pain-score"
    NEUROLOGY = "neurology"
    VITAL_SIGNS = "vital-signs"


class OrderedTest(StrEnum):
    """What can be tested at the bedside before the needle."""

    PREGNANCY = "pregnancy"


class Decision(StrEnum):
    """What becomes of the case."""

    PROCEED = "proceed"
    POSTPONE = "postpone"
    REFUSE = "refuse"
    REFER = "refer"


class Party(StrEnum):
    """Who can be contacted."""

    PRESCRIBER = "prescriber"
    OBSTETRICIAN = "obstetrician"
    ALLERGIST = "allergist"
    DIABETES_TEAM = "diabetes-team"


class Risk(StrEnum):
    """Risks that consent names."""

    INFECTION = "infection"
    BLEEDING = "bleeding"
    NERVE_INJURY = "nerve-injury"
    DURAL_PUNCTURE = "dural-puncture"
    VASCULAR_UPTAKE = "vascular-uptake"
    ALLERGY = "allergy"
    STEROID_EFFECTS = "steroid-effects"
    FAILURE = "failure"


class HeldPart(StrEnum):
    """What hands and feet may hold down."""

    PEDAL = "pedal"
    PLUNGER = "plunger"
    THUMB = "thumb"
    CARM = "c-arm"
    TABLE = "table"


class Posture(StrEnum):
    """How the patient lies."""

    PRONE = "prone"
    PRONE_PILLOW = "prone-pillow"
    LATERAL = "lateral"
    SUPINE = "supine"


class Antiseptic(StrEnum):
    """Skin preparation."""

    CHLORHEXIDINE_ALCOHOL = "chlorhexidine-alcohol"
    POVIDONE_IODINE = "povidone-iodine"


class Protection(StrEnum):
    """What staff wear or put up."""

    APRON = "apron"
    THYROID_COLLAR = "thyroid-collar"
    LEAD_GLASSES = "lead-glasses"
    STERILE_GLOVES = "sterile-gloves"
    MASK = "mask"


class Attachment(StrEnum):
    """What sits on the needle's hub, besides the stylet."""

    LOR_SALINE = "lor-saline"
    LOR_AIR = "lor-air"
    SYRINGE = "syringe"
    NOTHING = "nothing"


class PatientQuestion(StrEnum):
    """What the awake patient can be asked."""

    PAIN = "pain"
    CONCORDANT = "concordant"
    LEGS = "legs"
    GENERAL = "general"


class Advice(StrEnum):
    """What a patient is told before going home."""

    DRIVER = "driver"
    LEG_WEAKNESS = "leg-weakness"
    ONSET_DAYS = "onset-days"
    PAIN_DIARY = "pain-diary"
    RED_FLAGS = "red-flags"
    GLUCOSE = "glucose"
    RESTART_MEDICATION = "restart-medication"


class Axis(StrEnum):
    """Axes of the score."""

    SAFETY = "safety"
    PLACEMENT = "placement"
    IMAGING = "imaging"
    EFFICIENCY = "efficiency"
    INTERPRETATION = "interpretation"


class Evidence(StrEnum):
    """How well a criterion is supported: A discriminates in trials ... D from code or opinion."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
