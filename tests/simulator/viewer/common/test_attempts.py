"""Folders of attempts: what a file says of one is read whole or not at all, and one that is damaged hides no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import ABOUT, LOG, About

SOUND = {
    "case": "caudal",
    "mode": "exam",
    "seed": 3,
    "finished": True,
    "passed": True,
    "grade": 0.9,
    "started": "2026-11-30T10:00:00+00:00",
}


def folder_with(root: Path, name: str, said: Any) -> Path:  # noqa: ANN401, whatever a damaged file holds
    folder = root / name
    folder.mkdir()
    (folder / LOG).write_text("")
    (folder / ABOUT).write_text(said if isinstance(said, str) else json.dumps(said))
    return folder


@pytest.mark.parametrize(
    "said",
    [
        {**SOUND, "grade": "x"},
        {**SOUND, "grade": float("nan")},
        {**SOUND, "grade": 7},
        {**SOUND, "started": None},
        {**SOUND, "case": 0},
        {**SOUND, "case": []},
        {**SOUND, "seed": True},
        {**SOUND, "another": 1},
        {},
        [],
        "null",
        "[" * 100_000,
        '{"case": "caudal", "grade": 1e999}',
        "",
    ],
)
def test_a_damaged_file_hides_its_own_attempt_alone(tmp_path: Path, said: object) -> None:
    sound = folder_with(tmp_path, "1-sound", SOUND)
    assert attempts.read(folder_with(tmp_path, "2-damaged", said)) is None
    assert attempts.list_finished(tmp_path, "") == [(sound, About(**SOUND))]
