"""A state's digest: one number that two equal states share, to the last bit."""

import hashlib
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import numpy as np

from simulator.procedure.attempt.tags import STATE, TAGS
from simulator.procedure.state.state import ProcedureState

ROWS = frozenset({"events", "shots", "injections", "beliefs", "answers"})
"""Tags of what grows at its end, or changes its last item."""


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
    for tag, _, read in STATE.fields:
        found.update(f"{tag}=".encode())
        found.update(_digest_row(memory, tag, read(state)) if tag in ROWS else _digest_part(memory, tag, read(state)))
    return found.hexdigest()


def _digest_part(memory: Known, name: str, value: Any) -> bytes:  # noqa: ANN401, whatever a state holds
    """Digest of one part; the same object has the same."""
    last = memory.parts.get(name)
    if last is None or last[0] is not value:
        memory.parts[name] = value, _hash_value(value)
    return memory.parts[name][1]


def _digest_row(memory: Known, name: str, value: tuple[Any, ...]) -> bytes:
    """Digest of a tuple that grows: chained item by item, from the first that is not the one that was there before."""
    before, chain = memory.rows.get(name, ((), [b""]))
    same = next(
        (number for number, (old, new) in enumerate(zip(before, value, strict=False)) if old is not new), min(len(before), len(value))
    )
    chain = chain[: same + 1]
    for item in value[same:]:
        chain.append(hashlib.sha256(chain[-1] + _hash_value(item)).digest())
    memory.rows[name] = value, chain
    return chain[-1] + len(value).to_bytes(8, "big")


def _hash_value(value: Any) -> bytes:  # noqa: ANN401
    found = hashlib.sha256()
    _feed(value, found.update)
    return found.digest()


def _feed(value: Any, take: Callable[[bytes], None]) -> None:  # noqa: ANN401, whatever a state holds
    """Hand a value over as bytes, each kind with its own mark, so that no two values read alike."""
    if isinstance(value, Enum):
        _feed_simple("e", str(value.value), take)
    elif isinstance(value, np.ndarray):
        take(f"a{value.dtype.str}{value.shape};".encode())
        take(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, np.generic):
        _feed(value.item(), take)
    elif isinstance(value, Mapping):
        _feed(tuple(value.items()), take)
    elif isinstance(value, tuple | list):
        take(f"t{len(value)};".encode())
        for item in value:
            _feed(item, take)
    elif type(value) in TAGS:
        _feed_record(value, take)
    else:
        _feed_scalar(value, take)


def _feed_scalar(value: Any, take: Callable[[bytes], None]) -> None:  # noqa: ANN401
    """A number, switch, text or nothing; raises TypeError for what has no tag."""
    if isinstance(value, float):
        _feed_simple("f", value.hex(), take)
    elif value is None or isinstance(value, bool | int):
        _feed_simple("i", str(value), take)
    elif isinstance(value, str):
        _feed_simple("s", value, take)
    else:
        raise TypeError(f"a digest reads numbers, text, arrays and tagged records, got {type(value).__name__}; give it a line in `tags`")


def _feed_simple(mark: str, text: str, take: Callable[[bytes], None]) -> None:
    """Text with its length before it, so that what follows cannot be read as a part of it."""
    content = text.encode("utf-8", "surrogatepass")
    take(f"{mark}{len(content)};".encode())
    take(content)


def _feed_record(value: Any, take: Callable[[bytes], None]) -> None:  # noqa: ANN401
    record = TAGS[type(value)]
    take(f"d{record.tag}{len(record.fields)};".encode())
    for tag, _, read in record.fields:
        take(f"{tag}=".encode())
        _feed(read(value), take)
