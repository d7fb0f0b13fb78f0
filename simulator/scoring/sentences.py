"""Why points were lost, in a teacher's sentences: of what was measured, and of what was never done."""

from collections.abc import Mapping
from types import MappingProxyType

from scenarios.names.quantities import Quantity, unit
from scenarios.schema.criterion import Criterion
from simulator.scoring.quantity_text import fill_sentence, name_criterion, tell_bound

NO_IMAGE = "No X-ray image was taken, so"
NO_INJECTION = "Nothing was injected, so"
NO_CONTRAST = "No contrast medium was injected, so"
NO_DRUG = "No drug was given, so"
NO_NEEDLE = "No needle was put in, so"

UNDONE: Mapping[str, str] = MappingProxyType(
    {
        f"{Quantity.VIEW_QUALITY}:ap": f"{NO_IMAGE} no AP view was found.",
        f"{Quantity.VIEW_QUALITY}:depth": f"{NO_IMAGE} no view showed the depth.",
        f"{Quantity.VIEW_QUALITY}:coaxial": f"{NO_IMAGE} no view looked down the needle's path.",
        f"{Quantity.VIEW_QUALITY}:final": f"{NO_INJECTION} the tip was never confirmed in two planes before an injection.",
        Quantity.CONSENT_TAKEN: f"{NO_NEEDLE} consent was never put to use.",
        Quantity.CONSENT_RISKS: f"{NO_NEEDLE} it never mattered which risks consent named.",
        Quantity.TIME_OUT_RIGHT: f"{NO_NEEDLE} no time-out was due.",
        Quantity.POSITIONED: f"{NO_NEEDLE} the patient's position was never put to use.",
        Quantity.SKIN_PREPARED: f"{NO_NEEDLE} no clean skin was needed.",
        Quantity.STERILE: f"{NO_NEEDLE} no sterile conditions were needed.",
        Quantity.MONITORED: f"{NO_NEEDLE} nobody had to be monitored.",
        Quantity.LOCAL_ANAESTHETIC: f"{NO_NEEDLE} no skin had to be numbed.",
        Quantity.PROTECTED: f"{NO_IMAGE} no protection was needed.",
        Quantity.LEAD_WORN: f"{NO_IMAGE} no lead was needed.",
        Quantity.FLUORO_S: f"{NO_IMAGE} there is no beam time to judge.",
        Quantity.EXPOSURES: f"{NO_IMAGE} there is nothing to count.",
        Quantity.REFERENCE_KERMA_MGY: f"{NO_IMAGE} there is no dose to judge.",
        Quantity.DAP_GY_CM2: f"{NO_IMAGE} there is no dose to judge.",
        Quantity.STAFF_UGY: f"{NO_IMAGE} there is no dose to judge.",
        Quantity.DURAL_PUNCTURES: f"{NO_NEEDLE} keeping clear of the dura was never shown.",
        Quantity.DURA_BREACHED_BLIND: f"{NO_NEEDLE} keeping clear of the dura was never shown.",
        Quantity.NERVE_CONTACTS: f"{NO_NEEDLE} keeping clear of nerves was never shown.",
        Quantity.NERVE_BREACH_UNRECOGNISED: f"{NO_INJECTION} keeping clear of nerves was never shown.",
        Quantity.ALLERGEN_ML: f"{NO_INJECTION} no agent was chosen.",
        Quantity.GADOLINIUM_ML: f"{NO_INJECTION} no contrast medium was chosen.",
        Quantity.CONTRAST_ML: f"{NO_CONTRAST} there is no volume to judge.",
        Quantity.LAST_RUN_HEEDED: f"{NO_CONTRAST} there was no spread to heed.",
        Quantity.DRUG_EPIDURAL_SHARE: f"{NO_DRUG} none came into the epidural space.",
        Quantity.PARTICULATE_WITHOUT_REASON: f"{NO_DRUG} no steroid was chosen.",
        Quantity.STEROID_DOSE: f"{NO_DRUG} there is no dose.",
        Quantity.NAMED_SITE: f"{NO_INJECTION} the named level and side were never reached.",
        Quantity.HINTS: f"{NO_NEEDLE} doing without hints was never shown.",
        Quantity.DRUG_RIGHTLY_WITHHELD: "No drug had to be withheld.",
        Quantity.CONTRAST_RIGHTLY_OMITTED: "No contrast medium had to be left out.",
        Quantity.FIELD_SHARE: f"{NO_IMAGE} no field was collimated.",
        Quantity.HAND_IN_BEAM: f"{NO_IMAGE} keeping the hands out of the beam was never shown.",
        Quantity.REFERENCE_IMAGES: f"{NO_IMAGE} none was kept to show where the needle and the contrast medium were.",
        Quantity.TIP_IN_FIELD_SHARE: "No X-ray image was taken with the needle in, so the tip was never followed.",
        Quantity.DEPTH_VIEW_BEFORE_FLAVUM: "The needle never came to where a view of its depth is due.",
        Quantity.ASPIRATED_BEFORE_INJECTION: f"{NO_INJECTION} there was no aspiration before an injection.",
        Quantity.LIVE_CONTRAST: f"{NO_INJECTION} no contrast medium was watched live.",
        Quantity.VASCULAR_UPTAKE_MISSED: f"{NO_INJECTION} no injection was watched for a vessel.",
        Quantity.CONTRAST_BEFORE_DRUG: f"{NO_DRUG} no contrast medium came before it.",
        Quantity.WRONG_LEVEL_OR_SIDE: f"{NO_INJECTION} no injection was made at the level and side that were asked for.",
        Quantity.DURAL_BREACH_UNRECOGNISED: f"{NO_INJECTION} knowing the dura from the epidural space was never shown.",
        Quantity.DRUG_INTRATHECAL_ML: f"{NO_INJECTION} keeping the drug out of the cerebrospinal fluid was never shown.",
        Quantity.DRUG_VASCULAR_ML: f"{NO_INJECTION} keeping the drug out of the vessels was never shown.",
        Quantity.PARTICULATE_ARTERIAL_RISK: f"{NO_INJECTION} no steroid was chosen.",
        Quantity.STEROID_MG: f"{NO_DRUG} there is no dose.",
        Quantity.TIP_TO_TARGET_MM: f"{NO_INJECTION} the tip was never where it counts.",
        Quantity.TIP_ALONG_MM: f"{NO_INJECTION} the tip's depth was never where it counts.",
        Quantity.TIP_ACROSS_MM: f"{NO_INJECTION} the tip's place across the course was never where it counts.",
        Quantity.COMPARTMENT_RIGHT: f"{NO_INJECTION} the tip was never used in the compartment that the procedure is meant for.",
        Quantity.TIP_TO_DURA_MM: f"{NO_INJECTION} no distance to the dura was kept while injecting.",
        Quantity.DRUG_AT_TARGET_SHARE: f"{NO_DRUG} none came to the root that it was meant for.",
        Quantity.TISSUE_DAMAGE_MM2: f"{NO_NEEDLE} there is no path to judge.",
        Quantity.PATH_INEFFICIENCY_PERCENT: f"{NO_NEEDLE} there is no path to judge.",
        Quantity.PUNCTURES: f"{NO_NEEDLE} the skin was never punctured.",
        Quantity.REDIRECTIONS: f"{NO_NEEDLE} there is no steering to judge.",
        Quantity.BONE_CONTACTS: f"{NO_NEEDLE} there is no path to judge.",
        Quantity.DURATION_MIN: "There was no time-out, or the needle was never taken out, so the procedure has no length.",
        Quantity.OBSERVED_MIN: f"{NO_INJECTION} there was no observation after it.",
        f"{Quantity.EXAMINED_AFTER}:pain-score": f"{NO_INJECTION} no pain score was taken after it.",
        f"{Quantity.EXAMINED_AFTER}:neurology": f"{NO_INJECTION} strength and sensation were not checked after it.",
        f"{Quantity.EXAMINED_AFTER}:vital-signs": f"{NO_INJECTION} no vital signs were taken after it.",
        f"{Quantity.BRIER}:level": "No belief about the level was committed with the needle in.",
        f"{Quantity.BRIER}:side": "No belief about the side was committed with the needle in.",
        f"{Quantity.BRIER}:compartment": "No belief about the compartment was committed with the needle in.",
        f"{Quantity.BRIER}:vascular": "No belief about a vessel was committed with the needle in.",
        Quantity.ANSWER_RIGHT: "The question was not answered.",
    }
)
"""What was not done where a quantity was not measured, by its key, or by the quantity for every ``of``."""
ELSE = "What this judges was not done in the attempt."


def tell_loss(criterion: Criterion, value: float, note: str = "") -> str:
    """Why points were lost by what was measured: the criterion's sentence, and what happened as a second one.

    Parameters
    ----------
    criterion : Criterion
    value : float
        In the quantity's unit.
    note : str
        What happened, as `Measured.note` has it.
    """
    said = end_sentence(fill_sentence(criterion.lost, criterion.quantity, value, criterion.low, criterion.high))
    return f"{said} {end_sentence(note)}" if note else said


def tell_undone(criterion: Criterion) -> str:
    """What was not done, where the quantity was not measured; for a question, which.

    Parameters
    ----------
    criterion : Criterion
    """
    if criterion.quantity is Quantity.ANSWER_RIGHT:
        return f"{UNDONE[Quantity.ANSWER_RIGHT][:-1]}: {str(criterion.of).replace('-', ' ')}."
    return UNDONE.get(criterion.key) or UNDONE.get(criterion.quantity) or f"{name_criterion(criterion.name)}: {ELSE[0].lower()}{ELSE[1:]}"


def tell_uncounted(criterion: Criterion) -> str:
    """Why points of efficiency are lost whatever was measured.

    Parameters
    ----------
    criterion : Criterion
    """
    return f"{name_criterion(criterion.name)} does not count, for a view that safety asks for was not taken."


def tell_bounds(criterion: Criterion) -> str:
    """What is right, in words: "at least 80 %", "4 mg to 12 mg", "yes".

    Parameters
    ----------
    criterion : Criterion
    """
    low, high = (None if limit is None else tell_bound(criterion.quantity, limit) for limit in (criterion.low, criterion.high))
    if low is not None and high is not None:
        return f"{low} to {high}"
    if unit(criterion.quantity) == "yes/no":
        return str(low or high)
    return f"at least {low}" if high is None else f"at most {high}"


def end_sentence(text: str) -> str:
    """Words with a capital at their beginning and one full stop at their end.

    Examples
    --------
    >>> end_sentence("7 days (ASRA/ESRA 2018)."), end_sentence("it was muscle")
    ('7 days (ASRA/ESRA 2018).', 'It was muscle.')
    """
    said = text.rstrip()
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."
