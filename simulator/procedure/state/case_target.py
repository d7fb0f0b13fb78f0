"""Where a case wants the tip: the one answer that score, guidance, room, lint, preview, scripts and debrief take.

The way is looked for in the tissue field with the case's findings, as the needle meets it: a scar that fills the textbook's place moves the
target to the nearest free one, for everyone.
"""

from dataclasses import dataclass

from phantoms.terms.levels import Level
from scenarios.names.enums import Approach
from scenarios.schema.task import TargetSide
from simulator.geometry.targets import NeedleTarget, find_target
from simulator.procedure.state.case import Case


@dataclass(frozen=True, kw_only=True, slots=True)
class Aimed:
    """Where a needle is meant to go.

    Attributes
    ----------
    approach : Approach
        Route.
    level : Level
        Upper vertebra of the interspace.
    side : TargetSide
        Of the needle.
    offset_mm : tuple of float
        From the approach's own point to the patient's left, dorsally, cranially, mm.
    """

    approach: Approach
    level: Level
    side: TargetSide
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)


def read_aim(case: Case) -> Aimed:
    """What the case asks for.

    Parameters
    ----------
    case : Case
    """
    task, shift = case.scenario.task, case.scenario.target
    return Aimed(approach=task.approach, level=task.level, side=task.side, offset_mm=(shift.left_mm, shift.dorsal_mm, shift.cranial_mm))


def find_case_target(case: Case, aimed: Aimed | None = None) -> NeedleTarget:
    """Target and course in this case's patient, worked out once for each aim.

    Parameters
    ----------
    case : Case
        With its findings.
    aimed : Aimed, optional
        Another place than the case asks for: an operator's who errs.

    Returns
    -------
    NeedleTarget
        World frame, mm.

    Raises
    ------
    ValueError
        Where the approach needs a side, or the patient lacks the level.
    """
    wanted = aimed or read_aim(case)

    def find() -> NeedleTarget:
        side, marks = wanted.side.lateral, case.patient.landmarks
        return find_target(wanted.approach, marks, wanted.level, side, case.wide_tissue, offset_mm=wanted.offset_mm)

    return case.compute_once(("target", wanted), find)
