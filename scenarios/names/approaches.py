"""Approaches by name, and what a case may ask of each; `simulator.geometry.approaches` registers what implements them.

To add an approach see CONTRIBUTING.md. A test asserts that this module and the simulator's register name the same approaches, and that no
other module of code names one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from phantoms.terms.levels import Level
from phantoms.terms.regions import LUMBOSACRAL


class Approach(StrEnum):
    """Route of the needle, FACTS.md 3.1."""

    INTERLAMINAR = "interlaminar"
    SUBPEDICULAR = "transforaminal-subpedicular"
    INFRANEURAL = "transforaminal-infraneural"
    S1_TRANSFORAMINAL = "transforaminal-s1"
    CAUDAL = "caudal"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApproachRule:
    """What a case may ask of one approach.

    Attributes
    ----------
    sided : bool
        Whether the request names a side, left or right; else the midline too.
    only_level : Level or None
        The one interspace, by its upper vertebra, that the approach is counted from; None where any will do.
    site : str or None
        What a time-out calls the place; None where it is the interspace.
    near_artery : bool
        Whether what is injected may reach an artery of the cord, so that the safeguards ask for a non-particulate steroid first.
    """

    sided: bool
    only_level: Level | None = None
    site: str | None = None
    near_artery: bool = False


RULES: Mapping[Approach, ApproachRule] = MappingProxyType(
    {
        Approach.INTERLAMINAR: ApproachRule(sided=False),
        Approach.SUBPEDICULAR: ApproachRule(sided=True, near_artery=True),
        Approach.INFRANEURAL: ApproachRule(sided=True, near_artery=True),
        Approach.S1_TRANSFORAMINAL: ApproachRule(
            sided=True, only_level=LUMBOSACRAL.last_mobile, site=LUMBOSACRAL.base.value, near_artery=True
        ),
        Approach.CAUDAL: ApproachRule(sided=False, only_level=LUMBOSACRAL.last_mobile, site="sacral hiatus"),
    }
)
