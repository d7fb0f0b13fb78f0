"""A state's digest: one number that two equal states share, to the last bit."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np

from simulator.procedure.state import ProcedureState

LEFT_OUT = frozenset({"case", "moments", "ground", "flow", "done"})
"""The case has its own hashes in the log; cells, flow and iodine follow from the rest; the actions are the log itself."""
DERIVED = frozenset({"domain"})


def digest(state: ProcedureState) -> str:
    """SHA-256 of everything in a state that does not follow from the rest, hexadecimal.

    Parameters
    ----------
    state : ProcedureState

    Returns
    -------
    str
        Equal for states that agree in every bit.
    """
    found = hashlib.sha256()
    for item in fields(state):
        if item.name not in LEFT_OUT:
            _feed(getattr(state, item.name), found.update)
    return found.hexdigest()


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
