"""A log played again: the same states, to the last bit, or the line at which they part."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.attempt.history import History, undone, went_on
from simulator.procedure.attempt.log import Entry, Log, LogError, header, read
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case
from simulator.procedure.state.errors import ProcedureOver
from simulator.procedure.state.state import ProcedureState

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario


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
        Where the log cannot be read, is of another case or version, or its states differ from those recorded: names the line.
    """
    last = None
    for last in states(path, scenario):  # noqa: B007 - only the last one is wanted
        pass
    if last is None:
        raise LogError(f"{path}: line 1: no state")
    return last


def states(path: Path, scenario: "Scenario | Case") -> Iterator[ProcedureState]:
    """Every state of a log, the first before any action; raises as `replay` does."""
    log = read(path)
    start = first(path, log, scenario)
    yield start
    history, known = History(state=start), Known()
    for entry in log.entries:
        history = played(path, history, entry, known)
        yield history.state


def kept(states: Iterable[ProcedureState]) -> list[ProcedureState]:
    """States as an attempt in the end was: what an undo took back is left out."""
    found: list[ProcedureState] = []
    for state in states:
        del found[len(state.done) :]
        found.append(state)
    return found


def first(path: Path, log: Log, scenario: "Scenario | Case") -> ProcedureState:
    """The state before any action, once the header agrees with the case.

    Raises
    ------
    LogError
        Where it does not.
    """
    try:
        state = begin(scenario, log.header["seed"])
    except ValueError as error:
        raise LogError(f"{path}: line 1: {error}") from None
    _check_case(path, log, header(state))
    return state


def played(path: Path, history: History, entry: Entry, known: Known) -> History:
    """The history after one line of a log; what is known of digests is brought up to date.

    Raises
    ------
    LogError
        Where the action cannot be done, or what comes of it is not what was recorded.
    """
    try:
        if entry.action is None:
            history = undone(history, entry.undone)
        else:
            history = went_on(history, entry.action, step(history.state, entry.action))
    except (ValueError, ProcedureOver) as error:
        raise LogError(f"{path}: line {entry.line}: {error}") from None
    _check_state(path, history.state, entry, known)
    return history


def _check_state(path: Path, state: ProcedureState, entry: Entry, known: Known) -> None:
    if state.time_s != entry.time_s:
        raise LogError(f"{path}: line {entry.line}: time_s is {entry.time_s!r}, the action ends at {state.time_s!r}")
    if entry.digest is not None and entry.digest != digest(state, known):
        raise LogError(f"{path}: line {entry.line}: the state is not the one that was recorded; other versions, or another machine?")


def _check_case(path: Path, log: Log, expected: dict[str, object]) -> None:
    for name in ("scenario", "patient"):
        recorded, present = log.header[name], expected[name]
        if recorded != present:
            raise LogError(f"{path}: line 1: the log is of another {name}: {_differing(recorded, present)}")


def _differing(recorded: object, present: object) -> str:
    """What differs between two records, in words."""
    if not isinstance(recorded, dict) or not isinstance(present, dict):
        return f"it says {recorded!r}, here it is {present!r}"
    name = next(name for name in (*present, *recorded) if recorded.get(name) != present.get(name))
    return f"its {name} is {recorded.get(name)!r}, here {present.get(name)!r}"
