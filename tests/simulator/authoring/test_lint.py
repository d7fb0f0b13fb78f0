"""The library is clean, each kind of mistake is found with its line, and no file makes lint fall over or hang."""

from pathlib import Path

import numpy as np
import pytest

from scenarios.loader import LIBRARY, list_cases
from simulator.authoring.lint import lint

FIRST = "lumbar-interlaminar-l4-l5"
TEXTS = {name: (LIBRARY / name / "case.yaml").read_text(encoding="utf-8") for name in list_cases()}
FUZZED, FUZZED_SLOWLY = 200, 5_000


def write_case(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def change(old: str, new: str, case: str = FIRST) -> str:
    assert old in TEXTS[case]
    return TEXTS[case].replace(old, new, 1)


@pytest.mark.slow
def test_the_library_is_clean() -> None:
    assert [str(problem) for name in list_cases() for problem in lint(name)] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("views: [ap, clo-left, lateral-left]", "views: [ap, clo-lft]", "did you mean 'clo-left'"),
        ("    of: epidurogram\n", "    of: epidurogrm\n", "did you mean 'epidurogram'"),
        ("lidocaine, dexamethasone, methylprednisolone]", "lidocaine]", "needs one of betamethasone"),
        ("lidocaine, dexamethasone", "dexamethasone", "needs one of bupivacaine"),
        ("agents: [iohexol 240, ", "agents: [", "needs one of iohexol 180"),
        ("    low: 1\n    weight: 2\n", "    low: 2\n    weight: 2\n", "at most 1"),
        ("    low: 1\n    weight: 2\n", "    low: 1\n    weight: 0\n", "changes nothing"),
        ("root: L5}", "root: L5, purpose: diagnostic}", "the task is diagnostic"),
        ("language: en", "language: en\ntranslations: [nl]", "no file translations/nl.yaml"),
        ("Ms Berg, 58,", "Ms Berg, 61,", "says 'Ms Berg, 61', the anatomy is female, 58 years"),
        ("name: Ms A. Berg", "name: Mr A. Berg", "says 'Mr A. Berg', the anatomy is female"),
        ("Ms Berg, 58,", "Ms Berg, 58, BMI 31,", "says 'BMI 31', the anatomy is female, 58 years, BMI 27"),
        ("sex: female", "sex: male", "speaks of a man's pregnancy"),
    ],
)
def test_what_contradicts_itself_is_found(tmp_path: Path, old: str, new: str, expected: str) -> None:
    found = [str(problem) for problem in lint(write_case(tmp_path, change(old, new)))]
    hits = [problem for problem in found if expected in problem]
    assert hits, found
    assert all(int(problem.split("mine.yaml:")[1].split(":")[0]) > 1 for problem in hits)


@pytest.mark.parametrize(
    ("case", "old", "new", "expected"),
    [
        (FIRST, "target: {ideal_mm: 2", "target: {dorsal_mm: -14, ideal_mm: 2", "the target lies in"),
        (FIRST, "target: {ideal_mm: 2", "target: {cranial_mm: 18, ideal_mm: 2", "lies in cortical bone"),
        (FIRST, "length_mm: 89", "length_mm: 40", "the longest needle on the tray"),
        (FIRST, "  vascular_uptake", "  false_loss_of_resistance: true\n  vascular_uptake", "meets no gap"),
        (FIRST, "  agents:", "  carm: {oblique_deg: [-20, 20]}\n  agents:", "degrees of left oblique, the C-arm reaches 20"),
        (FIRST, "views: [ap,", "views: [sacrum-ap, ap,", "shows the sacrum"),
    ],
)
def test_what_the_anatomy_does_not_allow_is_found(tmp_path: Path, case: str, old: str, new: str, expected: str) -> None:
    text = TEXTS[case].replace(old, new) if old == "length_mm: 89" else change(old, new, case)
    found = [str(problem) for problem in lint(write_case(tmp_path, text))]
    assert any(expected in problem for problem in found), found


def test_a_level_that_the_patient_lacks_is_named(tmp_path: Path) -> None:
    found = [
        str(problem) for problem in lint(write_case(tmp_path, change("level: L4-L5, side: left, root", "level: L6-L7, side: left, root")))
    ]
    assert any("task.level: no interspace 'L6-L7'" in problem for problem in found)


def test_a_mesh_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    text = change("anatomy: {sex: female, age_years: 58, bmi: 27}", "mesh: ../../etc/passwd")
    assert any("leaves the case's folder" in str(problem) for problem in lint(write_case(tmp_path, text)))


def test_scripts_beside_a_case_are_read_too(tmp_path: Path) -> None:
    folder = tmp_path / FIRST
    folder.mkdir()
    write_case(folder, TEXTS[FIRST], "case.yaml")
    for name in ("expert", "idle", "unsafe"):
        write_case(folder, f"operator: {name}\nabout: x\nfails_by: [decison]\nsteps:\n  - finsh\n", f"{name}.yaml")
    write_case(folder, "operator: idle\nabout: x\nfails_by: [decison]\nsteps:\n  - finish\n", "idle.yaml")
    found = [str(problem) for problem in lint(folder)]
    assert any("no script wrong-level.yaml" in problem for problem in found)
    assert any("expert.yaml:5" in problem and "did you mean 'finish'" in problem for problem in found)
    assert any("no criterion or axis 'decison'" in problem and "did you mean 'decision'" in problem for problem in found)


def test_a_case_whose_id_is_not_its_folders_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "another"
    folder.mkdir()
    write_case(folder, TEXTS["pregnancy"], "case.yaml")
    assert any("in the folder 'another'" in str(problem) for problem in lint(folder))


def test_a_missing_file_is_a_problem_and_no_traceback() -> None:
    (problem,) = lint("nowhere/mine.yaml")
    assert "cannot be read" in str(problem)


@pytest.fixture(autouse=True)
def one_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sites are kept for all tests of this module, so that the anatomy is asked once."""
    monkeypatch.setenv("EPIFLUORO_CACHE", str(tmp_path_factory.getbasetemp() / "lint-cache"))


def fuzz(folder: Path, rng: np.random.Generator, times: int) -> None:
    cases = [case for case in list_cases() if case in ("clopidogrel", "pregnancy", FIRST)]
    for number in range(times):
        text = mutate(TEXTS[str(rng.choice(cases))], rng)
        path = folder / "mine.yaml"
        path.write_bytes(text)
        for problem in lint(path):
            assert "\n" not in str(problem), number
            assert str(problem).startswith(str(path)), number


def mutate(text: str, rng: np.random.Generator) -> bytes:
    """A case with some lines or bytes dropped, doubled, swapped, shifted or replaced by what breaks parsers; seldom its anatomy."""
    lines = text.splitlines(keepends=True)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(lines)))
        if "anatomy:" in lines[at] or "target:" in lines[at]:
            continue  # each new anatomy costs half a second
        lines[at] = BREAKS[int(rng.integers(len(BREAKS)))](lines[at], rng)
    raw = bytearray("".join(lines).encode())
    if rng.random() < 0.2:
        raw[int(rng.integers(len(raw)))] = int(rng.integers(256))
    return bytes(raw[: int(rng.integers(len(raw)))] if rng.random() < 0.1 else raw)


WORDS = ["null", "[]", "{}", "-1", "1e308", "nan", "true", "'", '"', "&a", "*a", "!!int x", "🜁"]


def _word(line: str, rng: np.random.Generator) -> str:
    words = line.split(" ")
    words[int(rng.integers(len(words)))] = str(
        rng.choice(["null", "[]", "{}", "-1", "1e308", "nan", "true", "'", '"', "&a", "*a", "!!int x", "🜁"])
    )
    return " ".join(words) if words[-1].endswith("\n") else " ".join(words) + "\n"


BREAKS = (
    lambda _line, _rng: "",
    lambda line, _rng: line * 2,
    lambda line, rng: " " * int(rng.integers(1, 5)) + line,
    lambda line, _rng: line.lstrip(),
    lambda line, _rng: line[::-1],
    lambda line, rng: line[: int(rng.integers(len(line) + 1))] + "\n",
    lambda line, _rng: line.replace(":", "", 1),
    lambda line, _rng: line.replace("_", "-"),
    lambda line, _rng: line.upper(),
    _word,
)


def test_mutated_files_are_answered_in_words(tmp_path: Path, rng: np.random.Generator) -> None:
    fuzz(tmp_path, rng, FUZZED)


@pytest.mark.slow
def test_thousands_of_mutated_files_are_answered_in_words(tmp_path: Path) -> None:
    fuzz(tmp_path, np.random.default_rng(5), FUZZED_SLOWLY)
