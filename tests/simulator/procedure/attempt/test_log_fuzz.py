"""Logs changed by hand, their chain made good again: replay plays them, or names the line that is wrong, and does nothing else."""

import copy
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import ACTIONS
from simulator.procedure.attempt import attempt as attempts
from simulator.procedure.attempt.log import LogError
from simulator.procedure.attempt.replay import replay
from tests.simulator.procedure.toy import PLACED, toy_case

FUZZED, FUZZED_SLOWLY = 150, 5_000
LONGEST_MESSAGE = 2000
SAID = (
    {"review": {"item": "history"}},
    "monitor",
    {"move-carm": {"oblique_deg": 4.0}},
    *PLACED,
    {"advance": {"distance_mm": 2.0}},
    {"advance": {"distance_mm": 2.0, "continued": True}},
    {"wait": {"duration_s": 1.0}},
    {"withdraw": {"distance_mm": 1.0}},
    {"commit-belief": {"level": "L4-L5", "confidence": 0.5}},
    {"stylet": {"inserted": False}},
    {"attach": {"what": "syringe", "contents_ml": [["saline", 2.0]]}},
    "aspirate",
    "remove-needle",
    "finish",
)
STRANGE: tuple[Any, ...] = (
    0,
    -1,
    1e-300,
    1e300,
    10**400,
    -(10**400),
    2**63,
    0.5,
    True,
    None,
    "",
    "L4-L5",
    "\ud800",
    "é" * 50,
    [],
    [[]],
    {},
    {"a": 1},
)

Records = list[dict[str, Any]]


def test_mutated_logs_play_or_name_their_line(tmp_path: Path, rng: np.random.Generator) -> None:
    fuzz(tmp_path, rng, FUZZED)


@pytest.mark.slow
def test_thousands_of_mutated_logs_play_or_name_their_line(tmp_path: Path, rng: np.random.Generator) -> None:
    fuzz(tmp_path, rng, FUZZED_SLOWLY)


def fuzz(folder: Path, rng: np.random.Generator, times: int) -> None:
    path = folder / "attempt.jsonl"
    attempt = attempts.start(toy_case(), 3, path)
    for item in SAID:
        attempt = attempts.act(attempt, parse_action(item))
    attempts.close(attempt)
    whole = [json.loads(line) for line in path.read_text().splitlines()]
    assert replay(path, toy_case()).time_s == attempt.state.time_s
    played = 0
    for _ in range(times):
        records = copy.deepcopy(whole)
        BREAKS[int(rng.integers(len(BREAKS)))](records, rng)
        content = chain(records)
        path.write_bytes(tear(content, rng) if rng.random() < 0.1 else content)
        try:
            replay(path, toy_case())
            played += 1
        except LogError as error:
            assert "line " in str(error) and len(str(error)) < LONGEST_MESSAGE  # noqa: PT017, PT018 - the law is about the message
    assert 0 < played < times / 2  # a change that changes nothing is rare, and there are some


def chain(records: Records) -> bytes:
    """Lines of a log whose hashes fit, whatever they say."""
    lines: list[bytes] = []
    for number, record in enumerate(records):
        said = record | {"previous": sha256(lines[-1]).hexdigest()} if number else record
        lines.append(json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return b"".join(lines)


def tear(content: bytes, rng: np.random.Generator) -> bytes:
    """Bytes changed, or the end cut off."""
    raw = bytearray(content)
    raw[int(rng.integers(len(raw)))] = int(rng.integers(256))
    return bytes(raw[: int(rng.integers(1, len(raw) + 1))] if rng.random() < 0.5 else raw)


def _line(records: Records, rng: np.random.Generator) -> dict[str, Any]:
    return records[int(rng.integers(1, len(records)))]


def _value(records: Records, rng: np.random.Generator) -> None:
    """A field of an action is something else."""
    said = _line(records, rng).get("action") or {}
    for fields in said.values():
        if isinstance(fields, dict) and fields:
            fields[str(rng.choice(list(fields)))] = STRANGE[int(rng.integers(len(STRANGE)))]


def _word(records: Records, rng: np.random.Generator) -> None:
    """Another action with the same fields."""
    record = _line(records, rng)
    fields = next(iter((record.get("action") or {"x": {}}).values()))
    record["action"] = {str(rng.choice(list(ACTIONS))): fields}


def _bare(records: Records, rng: np.random.Generator) -> None:
    """Another action without any field, or no action at all."""
    _line(records, rng)["action"] = [{str(rng.choice(list(ACTIONS))): {}}, str(rng.choice(list(ACTIONS))), None, 7, []][
        int(rng.integers(5))
    ]


def _entry(records: Records, rng: np.random.Generator) -> None:
    """A part of a line is something else, or gone, or new."""
    record, name = _line(records, rng), str(rng.choice(["time_s", "digest", "action", "undo"]))
    if rng.random() < 0.3:
        record.pop(name, None)
    else:
        record[name] = STRANGE[int(rng.integers(len(STRANGE)))]


def _undo(records: Records, rng: np.random.Generator) -> None:
    """An undo stands where none was."""
    at = int(rng.integers(1, len(records)))
    records.insert(at, {"undo": int(rng.integers(1, 30)), "time_s": records[max(at - 2, 1)].get("time_s", 0.0)})


def _order(records: Records, rng: np.random.Generator) -> None:
    """Lines change places, come twice, or are missing."""
    first, second = (int(rng.integers(1, len(records))) for _ in range(2))
    match int(rng.integers(3)):
        case 0:
            records[first], records[second] = records[second], records[first]
        case 1:
            records.insert(first, copy.deepcopy(records[second]))
        case _:
            del records[first:]


def _head(records: Records, rng: np.random.Generator) -> None:
    """The header says something else."""
    records[0][str(rng.choice(list(records[0])))] = STRANGE[int(rng.integers(len(STRANGE)))]


BREAKS: tuple[Callable[[Records, np.random.Generator], None], ...] = (_value, _value, _word, _bare, _entry, _undo, _order, _head)
