"""An attempt that is over, played again from its log for its debrief, a little at a time, so that the engine goes on listening."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from simulator.procedure.case import Case
from simulator.procedure.replay import states
from simulator.procedure.state import ProcedureState
from simulator.viewer.debrief.keeping import Course

PIECE_S = 0.1  # of this machine's time at a stretch


@dataclass(kw_only=True)
class Opening:
    """A log on its way to a course; changes as it is played.

    Attributes
    ----------
    states : iterator of ProcedureState
        Those of the log that are still to come.
    count : int
        How many there are in all.
    course : Course
        Those that have come.
    come : int
        How many have come; more than the course holds where something was taken back.
    """

    states: Iterator[ProcedureState]
    count: int
    course: Course = field(default_factory=Course)
    come: int = 0

    @property
    def share(self) -> float:
        """How much of the log has been played, 0 to 1."""
        return min(1.0, self.come / max(1, self.count))

    def go_on(self, seconds: float = PIECE_S) -> bool:
        """Play on for a while; returns whether the end has been reached.

        Parameters
        ----------
        seconds : float
            Of this machine's time.

        Raises
        ------
        LogError
            Where the log cannot be read, is of another case or version, or its states differ from those recorded.
        """
        until_s = perf_counter() + seconds
        for state in self.states:
            self.come += 1
            self.course.add(state)
            if perf_counter() >= until_s:
                return False
        return True


def opening(log: Path, case: Case) -> Opening:
    """Begin to play a log.

    Parameters
    ----------
    log : Path
        Of the attempt.
    case : Case
        The one that it was begun with.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    with log.open("rb") as stream:
        count = sum(1 for _ in stream)  # as many states as lines: the header's is the first one
    return Opening(states=states(log, case), count=count)
