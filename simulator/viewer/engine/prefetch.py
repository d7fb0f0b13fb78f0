"""What the first image of an attempt would wait for, prepared in a thread while the page shows the case."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from simulator.geometry.targets import NeedleTarget
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.state import ProcedureState
from simulator.xray.physics.brightness import voltages_near
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.detector_response import fit_response
from simulator.xray.physics.technique import Technique


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Prefetch:
    """Preparation under way.

    Attributes
    ----------
    first : Future
        Of the anatomy as the first image needs it; its result is the case's target, where that is shown.
    """

    first: "Future[NeedleTarget | None]"

    @property
    def target(self) -> NeedleTarget | None:
        """What the needle is for, once it is known."""
        return self.first.result() if self.first.done() else None

    def wait(self) -> None:
        """Wait until the first image can be made."""
        self.first.result()


def start_warming(state: ProcedureState, size: int, *, reveal: bool) -> Prefetch:
    """Begin to prepare.

    Parameters
    ----------
    state : ProcedureState
        As the attempt begins.
    size : int
        Pixels of the live monitor each way.
    reveal : bool
        Whether the target is shown.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="warm")
    first = pool.submit(_project, state, size, reveal)
    pool.submit(_fit_beams, state.room.technique)  # not the state: beams outlast an attempt that is left at once
    pool.shutdown(wait=False)
    return Prefetch(first=first)


def _project(state: ProcedureState, size: int, reveal: bool) -> NeedleTarget | None:
    case, room = state.case, state.room
    target = find_case_target(case) if reveal else None
    case.layers(room.pose, size, case.technique(room.pose, room.technique, room.collimator, room.kvp), room.collimator, False)
    return target


def _fit_beams(technique: Technique) -> None:
    """Work out the beam at each voltage that a turn of the C-arm may need: the first image at each would wait for it."""
    for kvp in voltages_near(technique.kvp):
        fit_response(kvp, technique.copper_mm, Panel())
