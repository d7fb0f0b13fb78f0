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


FINISH = "operator: x\nabout: Ends.\nfails_by: [{named}]\nsteps:\n  - finish\n"


def copy_case(folder: Path, **scripts: str) -> Path:
    """The case on clopidogrel in a folder of its own, all of whose scripts end at once, with what each names to fail by."""
    there = folder / "clopidogrel"
    there.mkdir()
    (there / "case.yaml").write_text((LIBRARY / "clopidogrel" / "case.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (there / "expert.yaml").write_text((LIBRARY / "clopidogrel" / "expert.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("idle", "unsafe", "wrong-level"):
        named = scripts.get(name.replace("-", "_"), "decision")
        (there / f"{name}.yaml").write_text(FINISH.format(named=named), encoding="utf-8")
    return there / "case.yaml"


def test_lint_plays_the_scripts_of_a_case_that_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = copy_case(tmp_path, unsafe="advice-red-flags", wrong_level="safety")
    assert main(["lint", str(path)]) == 1
    said = capsys.readouterr().out
    assert "unsafe.yaml:1: fails_by: it is meant to fail by advice-red-flags, which alone fails no attempt" in said
    assert "idle.yaml" not in said
    assert "wrong-level.yaml" not in said
    assert main(["lint", "--no-play", str(path)]) == 0


def test_run_says_when_a_script_does_not_fail_by_what_it_names(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = tmp_path / "passes.yaml"
    text = (LIBRARY / "clopidogrel" / "expert.yaml").read_text(encoding="utf-8")
    script.write_text(f"fails_by: [drug-stopped]\n{text}", encoding="utf-8")
    assert main(["run", "clopidogrel", "--script", str(script), "--output", str(tmp_path / "out")]) == 4
    assert "not as the script says: it passes, and is meant to fail by drug-stopped" in capsys.readouterr().out
    assert main(["run", "clopidogrel", "--script", "unsafe", "--output", str(tmp_path / "unsafe")]) == 0
    said = capsys.readouterr().out
    assert "not as the script says" not in said
    assert "after a critical error the grade is 40 at most" in said
