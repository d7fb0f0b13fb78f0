"""What an attempt is measured by: the names that criteria use, each with its unit and what it says.

Some quantities are of something, written ``name:of`` in a report, e.g. ``reviewed:medication``; `NEEDS_OF` says what may stand there.
Booleans are 1 or 0. Definitions follow PEERS.md section 4 (needle metrics 4a, imaging 4b) and DESIGN.md section 8.
"""

from collections.abc import Mapping
from enum import StrEnum

from scenarios.names.enums import Advice, Examination, OrderedTest, Party, ReviewItem


class Quantity(StrEnum):
    """Names of measured quantities."""

    # the case as a whole
    DECISION_RIGHT = "decision-right"
    RIGHTLY_DEFERRED = "rightly-deferred"
    DRUG_RIGHTLY_WITHHELD = "drug-rightly-withheld"
    CONTRAST_RIGHTLY_OMITTED = "contrast-rightly-omitted"
    COMPLETED = "completed"
    REVIEWED = "reviewed"
    EXAMINED_BEFORE = "examined-before"
    EXAMINED_AFTER = "examined-after"
    TESTED_BEFORE = "tested-before"
    CONTACTED = "contacted"
    DRUG_STOPPED_UNASKED = "drug-stopped-unasked"
    CONSENT_TAKEN = "consent-taken"
    CONSENT_RISKS = "consent-risks"
    TIME_OUT_RIGHT = "time-out-right"
    POSITIONED = "positioned"
    SKIN_PREPARED = "skin-prepared"
    PROTECTED = "protected"
    STERILE = "sterile"
    LEAD_WORN = "lead-worn"
    MONITORED = "monitored"
    LOCAL_ANAESTHETIC = "local-anaesthetic"
    ADVISED = "advised"
    OBSERVED_MIN = "observed-min"
    # safety of needle and drug
    WRONG_LEVEL_OR_SIDE = "wrong-level-or-side"
    DEPTH_VIEW_BEFORE_FLAVUM = "depth-view-before-flavum"
    ASPIRATED_BEFORE_INJECTION = "aspirated-before-injection"
    CONTRAST_BEFORE_DRUG = "contrast-before-drug"
    LAST_RUN_HEEDED = "last-run-heeded"
    LIVE_CONTRAST = "live-contrast"
    DURAL_PUNCTURES = "dural-punctures"
    DURA_BREACHED_BLIND = "dura-breached-blind"
    DURAL_BREACH_UNRECOGNISED = "dural-breach-unrecognised"
    NERVE_CONTACTS = "nerve-contacts"
    NERVE_BREACH_UNRECOGNISED = "nerve-breach-unrecognised"
    DRUG_EPIDURAL_SHARE = "drug-epidural-share"
    DRUG_INTRATHECAL_ML = "drug-intrathecal-ml"
    DRUG_VASCULAR_ML = "drug-vascular-ml"
    VASCULAR_UPTAKE_MISSED = "vascular-uptake-missed"
    PARTICULATE_ARTERIAL_RISK = "particulate-arterial-risk"
    PARTICULATE_WITHOUT_REASON = "particulate-without-reason"
    ALLERGEN_ML = "allergen-ml"
    GADOLINIUM_ML = "gadolinium-ml"
    STEROID_DOSE = "steroid-dose"
    STEROID_MG = "steroid-mg"
    # placement
    NAMED_SITE = "named-site"
    TIP_TO_TARGET_MM = "tip-to-target-mm"
    TIP_ALONG_MM = "tip-along-mm"
    TIP_ACROSS_MM = "tip-across-mm"
    COMPARTMENT_RIGHT = "compartment-right"
    TIP_TO_DURA_MM = "tip-to-dura-mm"
    TISSUE_DAMAGE_MM2 = "tissue-damage-mm2"
    PATH_INEFFICIENCY_PERCENT = "path-inefficiency-percent"
    PUNCTURES = "punctures"
    REDIRECTIONS = "redirections"
    BONE_CONTACTS = "bone-contacts"
    DRUG_AT_TARGET_SHARE = "drug-at-target-share"
    # imaging
    VIEW_QUALITY = "view-quality"
    TIP_IN_FIELD_SHARE = "tip-in-field-share"
    FIELD_SHARE = "field-share"
    HAND_IN_BEAM = "hand-in-beam"
    REFERENCE_IMAGES = "reference-images"
    FLUORO_S = "fluoro-s"
    EXPOSURES = "exposures"
    REFERENCE_KERMA_MGY = "reference-kerma-mgy"
    DAP_GY_CM2 = "dap-gy-cm2"
    STAFF_UGY = "staff-ugy"
    # efficiency
    DURATION_MIN = "duration-min"
    HINTS = "hints"
    CONTRAST_ML = "contrast-ml"
    # interpretation
    BRIER = "brier"
    ANSWER_RIGHT = "answer-right"


class BeliefPart(StrEnum):
    """Parts of a committed belief that a Brier score is taken of."""

    LEVEL = "level"
    SIDE = "side"
    COMPARTMENT = "compartment"
    VASCULAR = "vascular"


class ViewPurpose(StrEnum):
    """Views by what they are for; quality is judged for each by its own rule (DESIGN.md section 8)."""

    AP = "ap"
    DEPTH = "depth"
    COAXIAL = "coaxial"
    FINAL = "final"


UNITS: Mapping[Quantity, str] = {
    Quantity.OBSERVED_MIN: "min",
    Quantity.CONSENT_RISKS: "share",
    Quantity.PROTECTED: "share",
    Quantity.LEAD_WORN: "share",
    Quantity.DRUG_EPIDURAL_SHARE: "share",
    Quantity.LIVE_CONTRAST: "share",
    Quantity.DURAL_PUNCTURES: "count",
    Quantity.NERVE_CONTACTS: "count",
    Quantity.DRUG_STOPPED_UNASKED: "count",
    Quantity.DRUG_INTRATHECAL_ML: "mL",
    Quantity.DRUG_VASCULAR_ML: "mL",
    Quantity.ALLERGEN_ML: "mL",
    Quantity.GADOLINIUM_ML: "mL",
    Quantity.STEROID_DOSE: "times the ordinary dose",
    Quantity.STEROID_MG: "mg dexamethasone equivalent",
    Quantity.TIP_TO_TARGET_MM: "mm",
    Quantity.TIP_ALONG_MM: "mm",
    Quantity.TIP_ACROSS_MM: "mm",
    Quantity.TIP_TO_DURA_MM: "mm",
    Quantity.TISSUE_DAMAGE_MM2: "mm2",
    Quantity.PATH_INEFFICIENCY_PERCENT: "%",
    Quantity.PUNCTURES: "count",
    Quantity.REDIRECTIONS: "count",
    Quantity.BONE_CONTACTS: "count",
    Quantity.DRUG_AT_TARGET_SHARE: "share",
    Quantity.VIEW_QUALITY: "share",
    Quantity.TIP_IN_FIELD_SHARE: "share",
    Quantity.FIELD_SHARE: "share",
    Quantity.HAND_IN_BEAM: "count",
    Quantity.REFERENCE_IMAGES: "count",
    Quantity.FLUORO_S: "s",
    Quantity.EXPOSURES: "count",
    Quantity.REFERENCE_KERMA_MGY: "mGy",
    Quantity.DAP_GY_CM2: "Gy cm2",
    Quantity.STAFF_UGY: "µGy",
    Quantity.DURATION_MIN: "min",
    Quantity.HINTS: "count",
    Quantity.CONTRAST_ML: "mL",
    Quantity.BRIER: "score",
}
"""Unit of each quantity; those not listed are 1 for yes and 0 for no."""

NEEDS_OF: Mapping[Quantity, tuple[str, ...]] = {
    Quantity.REVIEWED: tuple(ReviewItem),
    Quantity.EXAMINED_BEFORE: tuple(Examination),
    Quantity.EXAMINED_AFTER: tuple(Examination),
    Quantity.TESTED_BEFORE: tuple(OrderedTest),
    Quantity.CONTACTED: tuple(Party),
    Quantity.ADVISED: tuple(Advice),
    Quantity.VIEW_QUALITY: tuple(ViewPurpose),
    Quantity.BRIER: tuple(BeliefPart),
    Quantity.ANSWER_RIGHT: (),  # the ids of the case's own questions
}


def unit(quantity: Quantity) -> str:
    """Unit of a quantity, for tables: "yes/no" for what is 1 or 0."""
    return UNITS.get(quantity, "yes/no")


class Occasion(StrEnum):
    """What must come about before some quantities can be measured at all."""

    BEAM = "beam"
    NEEDLE = "needle"
    CONTRAST = "contrast"
    DRUG = "drug"


def _of(occasion: Occasion, *quantities: Quantity) -> dict[Quantity, Occasion]:
    return dict.fromkeys(quantities, occasion)


OCCASIONS: Mapping[Quantity, Occasion] = {
    **_of(
        Occasion.BEAM,
        Quantity.PROTECTED,
        Quantity.LEAD_WORN,
        Quantity.VIEW_QUALITY,
        Quantity.TIP_IN_FIELD_SHARE,
        Quantity.FIELD_SHARE,
        Quantity.HAND_IN_BEAM,
        Quantity.REFERENCE_IMAGES,
        Quantity.FLUORO_S,
        Quantity.EXPOSURES,
        Quantity.REFERENCE_KERMA_MGY,
        Quantity.DAP_GY_CM2,
        Quantity.STAFF_UGY,
    ),
    **_of(
        Occasion.NEEDLE,
        Quantity.CONSENT_TAKEN,
        Quantity.CONSENT_RISKS,
        Quantity.TIME_OUT_RIGHT,
        Quantity.POSITIONED,
        Quantity.SKIN_PREPARED,
        Quantity.STERILE,
        Quantity.MONITORED,
        Quantity.LOCAL_ANAESTHETIC,
        Quantity.EXAMINED_AFTER,
        Quantity.OBSERVED_MIN,
        Quantity.WRONG_LEVEL_OR_SIDE,
        Quantity.NAMED_SITE,
        Quantity.DEPTH_VIEW_BEFORE_FLAVUM,
        Quantity.ASPIRATED_BEFORE_INJECTION,
        Quantity.DURAL_PUNCTURES,
        Quantity.DURA_BREACHED_BLIND,
        Quantity.NERVE_CONTACTS,
        Quantity.NERVE_BREACH_UNRECOGNISED,
        Quantity.ALLERGEN_ML,
        Quantity.GADOLINIUM_ML,
        Quantity.TIP_TO_TARGET_MM,
        Quantity.TIP_ALONG_MM,
        Quantity.TIP_ACROSS_MM,
        Quantity.COMPARTMENT_RIGHT,
        Quantity.TIP_TO_DURA_MM,
        Quantity.TISSUE_DAMAGE_MM2,
        Quantity.PATH_INEFFICIENCY_PERCENT,
        Quantity.PUNCTURES,
        Quantity.REDIRECTIONS,
        Quantity.BONE_CONTACTS,
        Quantity.DURATION_MIN,
        Quantity.HINTS,
        Quantity.BRIER,
    ),
    **_of(Occasion.CONTRAST, Quantity.LIVE_CONTRAST, Quantity.LAST_RUN_HEEDED, Quantity.CONTRAST_ML),
    **_of(
        Occasion.DRUG,
        Quantity.CONTRAST_BEFORE_DRUG,
        Quantity.DRUG_EPIDURAL_SHARE,
        Quantity.DRUG_INTRATHECAL_ML,
        Quantity.DRUG_VASCULAR_ML,
        Quantity.DURAL_BREACH_UNRECOGNISED,
        Quantity.VASCULAR_UPTAKE_MISSED,
        Quantity.PARTICULATE_ARTERIAL_RISK,
        Quantity.PARTICULATE_WITHOUT_REASON,
        Quantity.STEROID_DOSE,
        Quantity.STEROID_MG,
        Quantity.DRUG_AT_TARGET_SHARE,
    ),
}
"""Quantities that are measured only when their occasion came; all others are measured of every attempt."""

EXCUSES: Mapping[Occasion, tuple[Quantity, ...]] = {
    Occasion.BEAM: (Quantity.RIGHTLY_DEFERRED,),
    Occasion.NEEDLE: (Quantity.RIGHTLY_DEFERRED,),
    Occasion.CONTRAST: (Quantity.RIGHTLY_DEFERRED, Quantity.DRUG_RIGHTLY_WITHHELD, Quantity.CONTRAST_RIGHTLY_OMITTED),
    Occasion.DRUG: (Quantity.RIGHTLY_DEFERRED, Quantity.DRUG_RIGHTLY_WITHHELD),
}
"""Yes/no quantities, one of which must be yes for an occasion to have rightly not come: then nothing is at stake there."""


def list_excuses(quantity: Quantity) -> tuple[Quantity, ...]:
    """Quantities that say why one was rightly not measured; none for what is measured of every attempt."""
    occasion = OCCASIONS.get(quantity)
    return () if occasion is None else EXCUSES[occasion]
