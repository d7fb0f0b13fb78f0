"""The log: chained, readable again, and clear about what is wrong with it."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from simulator.observation import Monitor, watch_all
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.attempt import attempt as attempts
from simulator.procedure.attempt.attempt import Attempt, act
from simulator.procedure.attempt.checkpoint import EXACT, TOLERANCES
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.log import DIGEST_EVERY, LogError, read
from simulator.procedure.attempt.replay import replay, replay_states
from tests.simulator.procedure.toy import PLACED, case_with, change_scenario, toy_case

SAID = (
    {"review": {"item": "history"}},
    "monitor",
    {"pedal": {"down": True}},
    {"wait": {"duration_s": 0.4}},
    {"pedal": {"down": False}},
    *PLACED,
    *[{"advance": {"distance_mm": 2.0}}] * 18,
    "shoot",
)


def play(path: Path, said: tuple[object, ...] = SAID, seed: int = 3) -> Attempt:
    attempt = attempts.start(toy_case(), seed, path)
    for item in said:
        attempt = act(attempt, parse_action(item))
    return attempt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "attempt.jsonl"


def test_a_log_plays_again_to_the_same_bits(path: Path) -> None:
    attempt = play(path)
    attempts.close(attempt)
    assert digest(replay(path, toy_case())) == digest(attempt.state)
    assert len(list(replay_states(path, toy_case()))) == len(SAID) + 1
    every_pulse = Monitor(size=48, every=1)
    first, again = (np.stack([frame.pixels for frame in watch_all(replay_states(path, toy_case()), every_pulse).frames]) for _ in range(2))
    assert first.shape == (attempt.state.room.pulse, 48, 48)
    assert (first == again).all()


def test_the_log_says_what_was_done_with_which_case(path: Path) -> None:
    play(path)
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert head["scenario"]["id"] == "lumbar-interlaminar-l4-l5"
    assert head["seed"] == 3
    assert set(head["versions"]) == {"epifluoro", "numpy", "scipy", "scikit-image", "fast-simplification", "python"}
    assert head["engine"] == ENGINE
    assert path.read_text().startswith('{"epifluoro-log"')
    assert head["patient"]["parameters"]["sex"] == "female"
    assert set(head["computed_on"]) == {"machine", "system", "features", "kernels"}
    assert [line["action"] for line in lines[:2]] == [{"review": {"item": "history"}}, {"monitor": {}}]
    assert [number for number, line in enumerate(lines, start=1) if "digest" in line] == [DIGEST_EVERY]
    assert set(lines[DIGEST_EVERY - 1]["checked"]) == {*TOLERANCES, *EXACT}


def test_every_line_names_the_one_before(path: Path) -> None:
    play(path)
    lines = path.read_bytes().splitlines(keepends=True)
    for before, line in zip(lines, lines[1:], strict=False):
        assert json.loads(line)["previous"] == sha256(before).hexdigest()


def test_an_action_that_was_refused_is_not_in_the_log_and_changes_nothing(path: Path) -> None:
    attempt = play(path)
    size, before = path.stat().st_size, digest(attempt.state)
    with pytest.raises(ValueError, match="expected more than 0"):
        act(attempt, parse_action({"advance": {"distance_mm": -1}}))
    assert path.stat().st_size == size
    assert digest(attempt.state) == before


def change_line(path: Path, number: int, old: bytes, new: bytes) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new)
    path.write_bytes(b"".join(lines))


def test_a_hand_that_changes_a_line_shows(path: Path) -> None:
    play(path)
    change_line(path, 11, b'"distance_mm":2.0', b'"distance_mm":3.0')
    with pytest.raises(LogError, match=r"line 12: does not follow line 11; one of the two was changed"):
        read(path)


def test_a_line_that_is_missing_shows(path: Path) -> None:
    play(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5] + lines[6:]))
    with pytest.raises(LogError, match="line 6: does not follow line 5"):
        read(path)


def test_a_changed_last_line_is_found_by_playing_it(path: Path) -> None:
    attempts.close(play(path))
    change_line(path, len(SAID) + 1, b'"time_s":', b'"time_s":9')
    with pytest.raises(LogError, match=rf"line {len(SAID) + 1}: time_s is"):
        replay(path, toy_case())


def test_a_chain_that_was_mended_does_not_hide_another_state(path: Path) -> None:
    play(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"monitor":{}', b'"protect":{"items":["mask"]}')
    for number in range(3, len(lines)):
        record = json.loads(lines[number]) | {"previous": sha256(lines[number - 1]).hexdigest()}
        lines[number] = json.dumps(record, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    with pytest.raises(LogError, match="line 3: time_s is"):  # putting a mask on takes half as long
        replay(path, toy_case())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: the log is empty"),
        (b"{}\n", "line 1: expected the header of a log of format 3"),
        (b'{"epifluoro-log": true}\n', "line 1: expected the header of a log of format 3"),
        (b"[1]\n", "line 1: expected an object"),
        (b"\xff\xfe\n", "line 1: is no JSON"),
        (b'{"epifluoro-log": 2}\n', "the header's scenario is missing"),
        (b'{"epifluoro-log": 3}\n', "the header's scenario is missing"),
        (b'{"epifluoro-log": 2', "line 1: is cut off"),
        (b"[" * 5000 + b"\n", "line 1: is no JSON"),
        (b'{"epifluoro-log": NaN}\n', "line 1: is no JSON"),
    ],
)
def test_what_is_no_log_is_named(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(LogError, match=message):
        read(path)


def test_a_log_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(LogError, match="cannot be read"):
        read(path)


def test_a_log_of_another_case_is_refused(path: Path) -> None:
    play(path)
    other = case_with(change_scenario(target={"ideal_mm": 1.0, "acceptable_mm": 4.0}))
    with pytest.raises(LogError, match="line 1: the log is of another scenario: its sha256 is"):
        replay(path, other)


def test_an_action_that_no_procedure_knows_is_named(path: Path) -> None:
    play(path, SAID[:1])
    lines = path.read_bytes().splitlines(keepends=True)
    record = {"previous": sha256(lines[-1]).hexdigest(), "time_s": 70.0, "action": {"fly": {}}}
    path.write_bytes(b"".join([*lines, json.dumps(record).encode() + b"\n"]))
    with pytest.raises(LogError, match="line 3: fly: unknown action"):
        read(path)


def test_a_log_is_not_written_over(path: Path) -> None:
    play(path, SAID[:1])
    with pytest.raises(FileExistsError):
        attempts.start(toy_case(), 1, path)


def test_mutated_logs_are_refused_or_read_and_nothing_else(path: Path, rng: np.random.Generator) -> None:
    play(path)
    whole = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    refused = 0
    for _ in range(300):
        mutated = whole.copy()
        places = rng.integers(0, len(whole), rng.integers(1, 6))
        mutated[places] = rng.integers(0, 256, len(places))
        path.write_bytes(mutated[: rng.integers(1, len(whole) + 1)].tobytes() if rng.random() < 0.5 else mutated.tobytes())
        try:
            read(path)
        except LogError as error:
            assert "line " in str(error)  # noqa: PT017 - the law is about the message of whatever is refused
            refused += 1
    assert refused > 280
