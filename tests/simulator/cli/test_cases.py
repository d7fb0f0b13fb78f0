"""The commands for cases: answers on stdout, one line on stderr for bad input, exit codes 0, 1 and 2."""

import json
from pathlib import Path

import pytest

from scenarios.loader import LIBRARY, list_cases
from simulator.cli import main

TEXT = (LIBRARY / "pregnancy" / "case.yaml").read_text(encoding="utf-8")


def test_list_names_every_case_with_its_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == list(list_cases())
    assert all("expert" in line for line in lines)


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "epifluoro case"


def test_lint_tells_each_problem_with_its_place_and_exits_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace("weight_kg", "wieght_kg"), encoding="utf-8")
    assert main(["lint", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{path}:") and "did you mean 'weight_kg'" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ["lint", "nowhere.yaml"],
        ["lint", "pregnency"],
        ["preview", "pregnency"],
        ["preview", "pregnancy", "--output", "page.txt"],
        ["preview", "pregnancy", "--output", "nowhere/page.html"],
        ["preview"],
        ["schema", "--wide"],
    ],
)
def test_bad_input_is_one_line_and_exit_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("epifluoro: ")
    assert said.err.count("\n") == 1
