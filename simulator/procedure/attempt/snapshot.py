"""A snapshot beside the log, so that a killed attempt goes on at once. It is disposable: whatever is wrong with it, it is ignored.

It is a pickle of plain records, read by an unpickler that builds nothing but this program's own frozen records, words and arrays, and used
only where log and digest bear it out.
"""

import io
import json
import os
import pickle
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np

from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.attempt.history import KEPT, History, decides
from simulator.procedure.attempt.log import Entry, Log, Writer
from simulator.procedure.state.append_only_list import AppendOnlyList
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import FluidReset, reset
from simulator.procedure.state.state import Done, ProcedureState

OWN = ("simulator.", "phantoms.", "scenarios.")
ARRAYS = {
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}
DAMAGED = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    IndexError,
    ImportError,
    OverflowError,
    RecursionError,
    MemoryError,
    pickle.UnpicklingError,
)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Snapshot:
    """A history, and how many lines of the log it stands after."""

    history: History
    count: int


def place_of(log: Path) -> Path:
    """Where a log's snapshot lies."""
    return log.with_name(log.name + ".snapshot")


@dataclass(kw_only=True, slots=True)
class Saver:
    """Writes snapshots of one attempt beside everything else, one at a time: states do not change while they are written.

    Attributes
    ----------
    took_s : float
        How long the last one took, s of this machine's time.
    """

    took_s: float = 0.0
    _thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether one is being written."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, log: Path, history: History, writer: Writer) -> None:
        """Begin to write one, as `save` does it; not while another is being written."""
        head, began_s = _make_head(history, writer), perf_counter()

        def write() -> None:
            _save(log, history, head)
            self.took_s = perf_counter() - began_s

        self._thread = threading.Thread(target=write, daemon=True, name="snapshot")
        self._thread.start()

    def wait(self) -> None:
        """Wait until what is being written has been."""
        if self._thread is not None:
            self._thread.join()


def save(log: Path, history: History, writer: Writer) -> None:
    """Write a snapshot in place of the one before; where that cannot be, there is none.

    Parameters
    ----------
    log : Path
        Of the attempt's log.
    history : History
    writer : Writer
        The log, at its end.
    """
    _save(log, history, _make_head(history, writer))


def _make_head(history: History, writer: Writer) -> dict[str, Any]:
    """Which line of the log a snapshot stands after, and its state's digest: both change with the next action."""
    return {"count": writer.count, "chain": writer.chain, "digest": digest(history.state, writer.known)}


def _save(log: Path, history: History, known: dict[str, Any]) -> None:
    payload = _pickle_history(history)
    head = {**known, "sha256": sha256(payload).hexdigest()}
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=log.parent, prefix=f".{log.name}-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(json.dumps(head).encode() + b"\n")
                stream.write(payload)
            Path(name).replace(place_of(log))
        finally:
            Path(name).unlink(missing_ok=True)


def load(path: Path, log: Log, case: Case, known: Known | None = None) -> Snapshot | None:
    """The snapshot beside a log; None where there is none that the log bears out.

    Parameters
    ----------
    path : Path
        Of the log.
    log : Log
        As read.
    case : Case
        The attempt's.
    known : Known, optional
        Learns the state's digest.
    """
    try:
        line, _, payload = place_of(path).read_bytes().partition(b"\n")
        head = json.loads(line)
        count = int(head["count"])
        if not 0 < count <= len(log.entries) or log.entries[count - 1].chain != head["chain"]:
            return None
        if sha256(payload).hexdigest() != head["sha256"]:
            return None
        history = _Reader(io.BytesIO(payload), case).load()
        if not isinstance(history, History) or digest(history.state, known) != head["digest"]:
            return None
        history = _with_done(history, log.entries[:count])
    except DAMAGED:
        return None
    return Snapshot(history=history, count=count)


def _pickle_history(history: History) -> bytes:
    stream = io.BytesIO()
    bare = History(state=_strip_state(history.state), past=tuple(map(_strip_state, history.past)))
    _Writer(stream, history.state.case).dump(bare)
    return stream.getvalue()


def _strip_state(state: ProcedureState) -> ProcedureState:
    """A state without what its images need, and without its actions: those are the log itself."""
    return replace(state, fluid=reset(state.fluid, FluidReset.ACTION_BEGINS), done=AppendOnlyList())


def _with_done(history: History, entries: Sequence[Entry]) -> History:
    """The history with the actions of its states, which all lie on one way, from the log; raises IndexError where they do not fit."""
    done: list[Done] = []
    past: list[int] = []
    for entry in entries:
        if entry.moved is not None:
            continue
        if entry.action is None:
            del done[past[-entry.undone] :]
            past = past[: -entry.undone]
            continue
        past = [*past, len(done)][-KEPT:] if decides(entry.action, reversed(done)) else past
        done.append(Done(action=entry.action, start_s=done[-1].end_s if done else 0.0, end_s=entry.time_s))
    every = AppendOnlyList(done, len(done))
    if len(past) != len(history.past):
        raise IndexError(f"{len(past)} decision points in the log, {len(history.past)} in the snapshot")
    states = (replace(state, done=every.take_first(count)) for state, count in zip(history.past, past, strict=True))
    return History(state=replace(history.state, done=every), past=tuple(states))


class _Writer(pickle.Pickler):
    """Writes records field by field, without what they keep besides, and the case by name."""

    def __init__(self, stream: io.BytesIO, case: Case) -> None:
        super().__init__(stream, protocol=5)
        self._case = case

    def persistent_id(self, item: Any) -> str | None:  # noqa: ANN401
        return "case" if item is self._case else "curve" if item is self._case.patient.anatomy.curve else None

    def reducer_override(self, item: Any) -> Any:  # noqa: ANN401
        if is_dataclass(item) and not isinstance(item, type):
            return _rebuild, (type(item), tuple(getattr(item, field.name) for field in fields(item)))
        return NotImplemented


class _Reader(pickle.Unpickler):
    """Builds our own records and words, and arrays; nothing else."""

    def __init__(self, stream: io.BytesIO, case: Case) -> None:
        super().__init__(stream)
        self._case = case

    def persistent_load(self, name: str) -> object:
        return {"case": self._case, "curve": self._case.patient.anatomy.curve}[name]

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if (module, name) == (__name__, _rebuild.__name__):
            return _rebuild
        if (module, name) in ARRAYS:
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith(OWN) else None
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
            return found
        raise pickle.UnpicklingError(f"a snapshot holds no {module}.{name}")


def _rebuild(kind: type, values: tuple[Any, ...]) -> object:
    """A record of its fields' values, its arrays read-only again."""
    record: object = object.__new__(kind)
    for field, value in zip(fields(cast(Any, kind)), values, strict=True):
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
        object.__setattr__(record, field.name, value)
    return record
