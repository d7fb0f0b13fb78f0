"""A log played again: to the same bits on an equal machine, within tolerances elsewhere, or the line at which it parts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.procedure.attempt.checkpoint import TOLERANCES, find_disagreement, make_checkpoint
from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.attempt.header import describe_difference, describe_here, describe_patient, describe_place, keep_common
from simulator.procedure.attempt.history import History, advance, take_back
from simulator.procedure.attempt.log import Entry, Log, LogError, LogFault, check_engine, read
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario


class Verdict(StrEnum):
    """What a replay has shown of a log."""

    TO_THE_BIT = "to the bit"
    TO_TOLERANCE = "verified to tolerance"
    NOT_REPLAYED = "not replayed"


@dataclass(kw_only=True, eq=False, slots=True)
class Check:
    """How the lines of one log are held to what comes of them here; changes as they are played.

    Attributes
    ----------
    recorded : mapping
        On what the attempt was computed so far (`header.describe_here`).
    present : mapping
        On what it is played.
    equal : bool
        Whether the two have agreed all along: then every bit must come out again.
    same_bits : bool
        Whether every recorded digest has come out so far.
    known : Known
        Of the digest of the last state.
    """

    recorded: Mapping[str, Any]
    present: Mapping[str, Any]
    equal: bool = field(init=False)
    same_bits: bool = field(default=True, init=False)
    known: Known = field(default_factory=Known)

    def __post_init__(self) -> None:
        self.equal = self.recorded == self.present

    def move(self, to: Mapping[str, Any]) -> None:
        """The attempt was gone on with elsewhere: bits made there carry those made before."""
        self.recorded, self.equal = to, self.equal and to == self.present

    @property
    def verdict(self) -> Verdict:
        """Of the lines played so far."""
        return Verdict.TO_THE_BIT if self.same_bits else Verdict.TO_TOLERANCE


@dataclass(kw_only=True, eq=False)
class Replay(Iterator[ProcedureState]):
    """Every state of a log in order, the first before any action; the log is read when the first one is wanted.

    Attributes
    ----------
    path : Path
        Of the log.
    log : Log or None
        Once it was read.
    check : Check or None
        How far it agrees, likewise.
    """

    path: Path
    scenario: "Scenario | Case"
    log: Log | None = field(default=None, init=False)
    check: Check | None = field(default=None, init=False)
    _states: Iterator[ProcedureState] = field(init=False)

    def __post_init__(self) -> None:
        self._states = self._play()

    def __next__(self) -> ProcedureState:
        """Play on to the next state; raises as `replay` does."""
        return next(self._states)

    @property
    def verdict(self) -> Verdict:
        """What has been shown so far."""
        return Verdict.NOT_REPLAYED if self.check is None else self.check.verdict

    @property
    def words(self) -> str:
        """The verdict in words, with where the log was made where that decides."""
        if self.check is None or self.check.same_bits:
            return "every recorded state came out again"
        return f"{self.verdict}: the log was made elsewhere ({describe_difference(self.check.recorded, self.check.present)})"

    def check_result(self, *, passed: bool) -> None:
        """Hold the score of the states to the result that the log ends with, where it has one.

        Raises
        ------
        LogError
            Where the attempt passed there and does not here, or the other way round.
        """
        result = None if self.log is None else self.log.result
        if result is not None and result["passed"] is not passed:
            then, now = ("passed" if item else "not passed" for item in (result["passed"], passed))
            number = 2 + len(self.log.entries) if self.log is not None else 1
            raise LogError(
                f"{self.path}: line {number}: the result is {then}, the states score as {now}: the line was edited, or the score has other "
                "rules here; open the report that was stored with the log",
                LogFault.RESULT,
            )

    def _play(self) -> Iterator[ProcedureState]:
        self.log = read(self.path)
        start = make_first_state(self.path, self.log, self.scenario)
        self.check = checking(self.log)
        yield start
        history = History(state=start)
        for entry in self.log.entries:
            history = replay_entry(self.path, history, entry, self.check)
            if entry.moved is None:
                yield history.state


def replay(path: Path, scenario: "Scenario | Case") -> ProcedureState:
    """The state at the end of a log.

    Parameters
    ----------
    path : Path
        Of the log.
    scenario : Scenario or Case
        The one that it was made with.

    Raises
    ------
    LogError
        Where the log cannot be read, is of another case or patient, or its states differ from those recorded: names the line.
    NotReplayed
        Where it is of another engine.
    """
    last = None
    for last in replay_states(path, scenario):  # noqa: B007 - only the last one is wanted
        pass
    if last is None:
        raise LogError(f"{path}: line 1: no state")
    return last


def replay_states(path: Path, scenario: "Scenario | Case") -> Replay:
    """Every state of a log, the first before any action; raises as `replay` does when the next one is wanted."""
    return Replay(path=path, scenario=scenario)


def drop_undone(states: Iterable[ProcedureState]) -> list[ProcedureState]:
    """States as an attempt in the end was: what an undo took back is left out."""
    found: list[ProcedureState] = []
    for state in states:
        del found[len(state.done) :]
        found.append(state)
    return found


def make_first_state(path: Path, log: Log, scenario: "Scenario | Case") -> ProcedureState:
    """The state before any action, once the header agrees with engine, case and patient.

    Raises
    ------
    NotReplayed
        Where the log is of another engine.
    LogError
        Where case or patient are others.
    """
    check_engine(path, log.header)
    try:
        state = begin(scenario, log.header["seed"])
    except ValueError as error:
        raise LogError(f"{path}: line 1: {error}") from None
    _check_scenario(path, log.header["scenario"], state.case)
    _check_patient(path, log.header["patient"], describe_patient(state.case))
    return state


def checking(log: Log) -> Check:
    """How the lines of a log are to be held to what comes of them here."""
    return Check(recorded=describe_place(log.header["computed_on"], log.header["versions"]), present=describe_here())


def replay_entry(path: Path, history: History, entry: Entry, check: Check) -> History:
    """The history after one line of a log; the check is brought up to date.

    Raises
    ------
    LogError
        Where the action cannot be done, or what comes of it is not what was recorded.
    """
    if entry.moved is not None:
        check.move(describe_place(entry.moved.get("computed_on"), entry.moved.get("versions")))
        return history
    try:
        if entry.action is None:
            history = take_back(history, entry.undone)
        else:
            history = advance(history, entry.action, step(history.state, entry.action))
    except ValueError as error:
        raise LogError(f"{path}: line {entry.line}: {error}", _cause(check)) from None
    _check_state(path, history.state, entry, check)
    return history


def _check_state(path: Path, state: ProcedureState, entry: Entry, check: Check) -> None:
    where = f"{path}: line {entry.line}"
    off = state.time_s != entry.time_s if check.equal else not TOLERANCES["time_s"].allows(entry.time_s, state.time_s)
    if off:
        raise LogError(f"{where}: time_s is {entry.time_s!r}, the action ends at {state.time_s!r}{_why(check)}", _cause(check))
    if entry.digest is None and state.over is not None:
        raise LogError(f"{where}: expected a digest, as the end of an attempt has, got none", LogFault.EDITED)
    if entry.digest is None or entry.digest == digest(state, check.known):
        return
    found = find_disagreement(entry.checked or {}, make_checkpoint(state))
    if check.equal or found:
        what = found or "the state is not the one that was recorded in its last bits"
        raise LogError(f"{where}: {what}{_why(check)}", _cause(check))
    check.same_bits = False


def _why(check: Check) -> str:
    """Why what comes out may not be what was recorded, in words."""
    if check.equal:
        return "; the machine is an equal one, so a line up to this one was edited, or rules were changed without raising the engine number"
    return (
        f"; the log was made elsewhere ({describe_difference(check.recorded, check.present)}), which explains less: "
        "replay it on an equal machine to see whether a line was edited"
    )


def _cause(check: Check) -> LogFault:
    return LogFault.EDITED if check.equal else LogFault.PROCESSOR


def _check_scenario(path: Path, recorded: Mapping[str, Any], case: Case) -> None:
    scenario = case.scenario
    present = {"id": scenario.id, "version": scenario.version, "sha256": scenario.sha256}
    found = describe_difference({name: recorded.get(name) for name in present}, present)
    if found:
        raise LogError(f"{path}: line 1: the log is of another scenario: its {found}; give the case as it was", LogFault.SCENARIO)


def _check_patient(path: Path, recorded: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    then, now = recorded.get("parameters"), present["parameters"]
    found = describe_difference(keep_common(then, now), keep_common(now, then))
    if found:
        raise LogError(
            f"{path}: line 1: the log is of another patient: its {found}; give the patient that it was made with", LogFault.PATIENT
        )
    if recorded.get("tissue") != present["tissue"]:  # tells also where a parameter has come or gone since
        raise LogError(
            f"{path}: line 1: the log is of another patient: its parameters are the same, but the anatomy that is built of them is another "
            "here; open the report and images that were stored with the log",
            LogFault.PATIENT,
        )
