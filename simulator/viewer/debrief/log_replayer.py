"""An attempt that is over, played again from its log for its debrief, a little at a time, so that the engine goes on listening."""

from dataclasses import dataclass, field
from pathlib import Path
from sys import maxsize
from time import perf_counter

from simulator.observation import Monitor, watch
from simulator.observation.album import Album, Picture, concatenate
from simulator.observation.monitors import rewind
from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.attempt.replay import Replay, Verdict, replay_states
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.debrief.image_export import Stored, read_stored, restore_pictures

PIECE_S = 0.1  # of this machine's time at a stretch


@dataclass(kw_only=True)
class LogReplayer:
    """A log on its way to a course; changes as it is played.

    Attributes
    ----------
    states : Replay
        Those of the log that are still to come.
    count : int
        How many there are in all, known exactly at the end.
    seen : Album
        Pictures that are there already: those from its `since` on.
    stored : mapping or None
        All pictures of the attempt where they are kept (`image_export.read_stored`): then none is developed.
    course : StateArchive
        Those that have come.
    come : int
        How many have come; more than the course holds where something was taken back.
    """

    states: Replay
    count: int
    seen: Album = field(default_factory=Album)
    stored: Stored | None = None
    course: StateArchive = field(default_factory=StateArchive)
    come: int = 0
    _monitor: Monitor = field(default_factory=Monitor)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Those that were missing and those that were there, once the end has been reached."""
        if self.stored is not None:
            return restore_pictures(self.stored, self.course.shots)
        return concatenate(self._monitor.album, self.seen).pictures

    @property
    def verdict(self) -> Verdict:
        """What has been shown of the log so far."""
        return self.states.verdict

    def check_result(self, *, passed: bool) -> None:
        """Hold the score to the result that the log ends with; raises LogError where they differ."""
        self.states.check_result(passed=passed)

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
            Where the log cannot be read, is of another case, patient or engine, or its states differ from those recorded.
        """
        until_s = perf_counter() + seconds
        for state in self.states:
            self.come += 1
            self._watch(state)
            self.course.add(state)
            if perf_counter() >= until_s:
                return False
        self.count = self.come  # some lines give no state
        return True

    def _watch(self, state: ProcedureState) -> None:
        """Develop what is missing of a state's images: those of pulses that were given before the album begins."""
        if len(state.done) < len(self.course.states):
            self._monitor = rewind(self._monitor, state)
        elif self.stored is None and state.room.pulse <= self.seen.since:
            self._monitor = watch(self._monitor, state)


def open_log(log: Path, case: Case, seen: Album | None = None) -> LogReplayer:
    """Begin to play a log.

    Parameters
    ----------
    log : Path
        Of the attempt.
    case : Case
        The one that it was begun with.
    seen : Album, optional
        Pictures that are there already; those of a past attempt are taken from its folder, and developed where that lacks them.

    Raises
    ------
    OSError
        Where it cannot be read.
    """
    with log.open("rb") as stream:
        count = sum(1 for _ in stream)  # about as many states as lines: the header's is the first one
    if seen is not None:
        return LogReplayer(states=replay_states(log, case), count=count, seen=seen)
    return LogReplayer(states=replay_states(log, case), count=count, seen=Album(since=maxsize), stored=read_stored(log.parent))
