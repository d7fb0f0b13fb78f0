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
    """Route of the needle."""

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
    words : str
        What a request calls the approach.
    sided : bool
        Whether the request names a side, left or right; else the midline too.
    only_level : Level or None
        The one interspace, by its upper vertebra, that the approach is counted from; None where any will do.
    site : str or None
        What a time-out calls the place; None where it is the interspace.
    near_artery : bool
        Whether what is injected may reach an artery of the cord, so that the safeguards ask for a non-particulate steroid first.
    levels_off : int or None
        How far from the named level (on a side: from the named root) the needle may stand before it is at a wrong one; None where no level
        is asked for. Nearer than that a miss is scored, but endangers nobody.
    """

    words: str
    sided: bool
    only_level: Level | None = None
    site: str | None = None
    near_artery: bool = False
    levels_off: int | None = 1


RULES: Mapping[Approach, ApproachRule] = MappingProxyType(
    {
        Approach.INTERLAMINAR: ApproachRule(words="interlaminar", sided=False, levels_off=2),
        Approach.SUBPEDICULAR: ApproachRule(words="transforaminal (subpedicular)", sided=True, near_artery=True),
        Approach.INFRANEURAL: ApproachRule(words="transforaminal (infraneural)", sided=True, near_artery=True),
        Approach.S1_TRANSFORAMINAL: ApproachRule(
            words="transforaminal", sided=True, only_level=LUMBOSACRAL.last_mobile, site=LUMBOSACRAL.base.value, near_artery=True
        ),
        Approach.CAUDAL: ApproachRule(
            words="caudal", sided=False, only_level=LUMBOSACRAL.last_mobile, site="sacral hiatus", levels_off=None
        ),
    }
)
