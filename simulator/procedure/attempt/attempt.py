"""An attempt under way: its history, its log, and how it goes on after the program was killed."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from simulator.procedure.actions.actions import Action
from simulator.procedure.attempt import log as logs
from simulator.procedure.attempt import snapshot
from simulator.procedure.attempt.history import History, advance, take_back
from simulator.procedure.attempt.replay import checking, make_first_state, replay_entry
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.state import ProcedureState

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario

SNAPSHOT_EVERY_S = 10.0  # simulated
SNAPSHOT_WORTH_S = 1.0  # of this machine's time spent since the last one: less is replayed sooner than a snapshot is written
SNAPSHOT_SHARE, SNAPSHOT_LATEST_S = 20.0, 2.0  # one that took long to write is not written more often than needed to go on within 5 s


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Attempt:
    """An attempt under way.

    Attributes
    ----------
    history : History
        The state, and the way back.
    path : Path or None
        Of the log.
    writer : Writer or None
        The log, open.
    saved_s : float
        Simulated time of the last snapshot, s.
    spent_s : float
        Of this machine's time since then, s.
    saver : Saver
        Writes the snapshots, beside the attempt.
    """

    history: History
    path: Path | None = None
    writer: logs.Writer | None = None
    saved_s: float = 0.0
    spent_s: float = 0.0
    saver: snapshot.Saver = field(default_factory=snapshot.Saver)

    @property
    def state(self) -> ProcedureState:
        """The present state."""
        return self.history.state


def start(scenario: "Scenario | Case", seed: int, path: Path | None = None) -> Attempt:
    """Begin an attempt, with a log where a path is given.

    Parameters
    ----------
    scenario : Scenario or Case
    seed : int
        Of everything that chance decides.
    path : Path, optional
        Of the log; it must not exist.

    Raises
    ------
    ValueError
        As `begin` does.
    FileExistsError
        If the log exists.
    """
    state = begin(scenario, seed)
    return Attempt(history=History(state=state), path=path, writer=None if path is None else logs.start(path, state))


def act(attempt: Attempt, action: Action) -> Attempt:
    """The attempt after an action, which is in the log by then; raises as `step` does, and then nothing has changed."""
    began_s, after = perf_counter(), step(attempt.state, action)
    done = after.done[-1].action  # as it was checked
    history = advance(attempt.history, done, after)
    if attempt.writer is not None:
        logs.append(attempt.writer, done, history.state)
    return _save_when_due(replace(attempt, history=history, spent_s=attempt.spent_s + perf_counter() - began_s))


def undo(attempt: Attempt, points: int = 1) -> Attempt:
    """The attempt with some decision points taken back; the log says so. Raises ValueError where they are not kept."""
    history = take_back(attempt.history, points)
    if attempt.writer is not None:
        logs.append_undo(attempt.writer, points, history.state)
    return replace(attempt, history=history, saved_s=min(attempt.saved_s, history.state.time_s))


def resume(path: Path, scenario: "Scenario | Case") -> Attempt:
    """Go on with an attempt whose program was killed: from its snapshot, and what the log holds since.

    Parameters
    ----------
    path : Path
        Of the log; a last line that was being written is dropped.
    scenario : Scenario or Case
        The one that it was begun with.

    Raises
    ------
    NotReplayed
        Where it was begun with another engine: it cannot be gone on with, and what was stored of it can be opened.
    LogError
        Where the log cannot be read, is of another case or patient, or was changed by hand.
    """
    log = logs.read(path, torn=True)
    _check_engine(path, log)
    case = scenario if isinstance(scenario, Case) else case_of(scenario)
    begun, check = make_first_state(path, log, case), checking(log)
    found = snapshot.load(path, log, case, check.known)
    history, count = (History(state=begun), 0) if found is None else (found.history, found.count)
    for entry in log.entries[:count]:
        if entry.moved is not None:
            replay_entry(path, history, entry, check)
    for entry in log.entries[count:]:
        history = replay_entry(path, history, entry, check)
    writer = logs.reopen(path, log, check.known)
    if check.recorded != check.present:
        logs.append_move(writer, history.state)
    return Attempt(history=history, path=path, writer=writer, saved_s=history.state.time_s)


def _check_engine(path: Path, log: logs.Log) -> None:
    """Refuse to go on with an attempt of another engine, in words that say what can be done instead."""
    try:
        logs.check_engine(path, log.header)
    except logs.NotReplayed as error:
        raise logs.NotReplayed(path, error.why, "; it cannot be gone on with: begin another attempt at its case") from None


def continue_in_memory(attempt: Attempt) -> Attempt:
    """The attempt with its log going on in memory, after the disk has refused it; raises LogError as `log.continue_in_memory` does."""
    if attempt.path is None or attempt.writer is None:
        return attempt
    return replace(attempt, path=None, writer=logs.continue_in_memory(attempt.path, attempt.writer))


def conclude(attempt: Attempt, *, passed: bool, grade: float) -> None:
    """Close the log of an attempt that is over with its result; raises OSError where the disk refuses that."""
    if attempt.writer is None:
        return
    if attempt.path is None:  # it goes on in memory
        logs.append_result(attempt.writer, passed=passed, grade=grade)
        return
    attempt.writer.close()
    logs.end(attempt.path, attempt.writer.chain, passed=passed, grade=grade)


def close(attempt: Attempt) -> None:
    """Close the log; the snapshot, no longer needed, goes."""
    if attempt.writer is not None and attempt.path is not None:
        attempt.writer.close()
        attempt.saver.wait()
        snapshot.place_of(attempt.path).unlink(missing_ok=True)


def _save_when_due(attempt: Attempt) -> Attempt:
    """The attempt with a snapshot, where one is due and worth its time."""
    path, writer, saver, time_s = attempt.path, attempt.writer, attempt.saver, attempt.state.time_s
    worth_s = min(max(SNAPSHOT_WORTH_S, SNAPSHOT_SHARE * saver.took_s), SNAPSHOT_LATEST_S)
    if path is None or writer is None or saver.busy or time_s - attempt.saved_s < SNAPSHOT_EVERY_S or attempt.spent_s < worth_s:
        return attempt
    saver.begin(path, attempt.history, writer)
    return replace(attempt, saved_s=time_s, spent_s=0.0)
