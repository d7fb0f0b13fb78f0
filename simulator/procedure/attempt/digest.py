"""A state's digest: one number that two equal states share, to the last bit."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from simulator.procedure.state.state import ProcedureState

LEFT_OUT = frozenset({"case", "moments", "domain", "flow", "done"})
"""The case has its own hashes in the log; cells, flow and iodine follow from the rest; the actions are the log itself."""
INLAID = frozenset({"fluid"})
"""What is read field by field, as if its fields were the state's own: a spread that stays is not digested anew."""
ROWS = frozenset({"events", "shots", "injections", "beliefs", "answers"})
"""What grows at its end, or changes its last item."""
DERIVED = frozenset({"domain"})


class Known:
    """Digests of the parts of the state that was digested last, so that those which the next one shares are not worked out again."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[Any, bytes]] = {}
        self.rows: dict[str, tuple[tuple[Any, ...], list[bytes]]] = {}


def digest(state: ProcedureState, known: Known | None = None) -> str:
    """SHA-256 of everything in a state that does not follow from the rest, hexadecimal.

    Parameters
    ----------
    state : ProcedureState
    known : Known, optional
        What is known of a state before it; it is brought up to date, and changes nothing but the time that this takes.

    Returns
    -------
    str
        Equal for states that agree in every bit.
    """
    memory = Known() if known is None else known
    found = hashlib.sha256()
    for name, value in _parts(state):
        found.update(_row(memory, name, value) if name in ROWS else _part(memory, name, value))
    return found.hexdigest()


def _parts(record: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401, a state or a record inlaid in it
    """Name and value of every part that is digested, in order."""
    for item in fields(record):
        if item.name in INLAID:
            yield from _parts(getattr(record, item.name))
        elif item.name not in LEFT_OUT:
            yield item.name, getattr(record, item.name)


def _part(memory: Known, name: str, value: Any) -> bytes:  # noqa: ANN401, whatever a state holds
    """Digest of one part; the same object has the same."""
    last = memory.parts.get(name)
    if last is None or last[0] is not value:
        memory.parts[name] = value, _of(value)
    return memory.parts[name][1]


def _row(memory: Known, name: str, value: tuple[Any, ...]) -> bytes:
    """Digest of a tuple that grows: chained item by item, from the first that is not the one that was there before."""
    before, chain = memory.rows.get(name, ((), [b""]))
    same = next(
        (number for number, (old, new) in enumerate(zip(before, value, strict=False)) if old is not new), min(len(before), len(value))
    )
    chain = chain[: same + 1]
    for item in value[same:]:
        chain.append(hashlib.sha256(chain[-1] + _of(item)).digest())
    memory.rows[name] = value, chain
    return chain[-1] + len(value).to_bytes(8, "big")


def _of(value: Any) -> bytes:  # noqa: ANN401
    found = hashlib.sha256()
    _feed(value, found.update)
    return found.digest()


def _feed(value: Any, take: Callable[[bytes], None]) -> None:  # noqa: ANN401, whatever a state holds
    """Hand a value over as bytes, each kind with its own mark, so that no two values read alike."""
    if isinstance(value, Enum):
        take(f"e{value.value};".encode())
    elif isinstance(value, np.ndarray):
        take(f"a{value.dtype.str}{value.shape};".encode())
        take(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.generic):
        _feed(value.item(), take)
    elif isinstance(value, float):
        take(f"f{value.hex()};".encode())
    elif isinstance(value, Mapping):
        _feed(tuple(value.items()), take)
    elif isinstance(value, tuple | list):
        take(f"t{len(value)};".encode())
        for item in value:
            _feed(item, take)
    elif is_dataclass(value):
        _feed_record(value, take)
    else:
        take(f"o{type(value).__name__}{value!r};".encode())


def _feed_record(value: Any, take: Callable[[bytes], None]) -> None:  # noqa: ANN401
    names = [item.name for item in fields(value) if item.name not in DERIVED]
    take(f"d{type(value).__name__}{len(names)};".encode())
    for name in names:
        _feed(getattr(value, name), take)
