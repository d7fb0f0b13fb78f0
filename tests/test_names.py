"""House rules that a linter does not know: short functions, no bags for parameters, one door for randomness, units in names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for package in ("phantoms", "scenarios", "simulator") for path in (ROOT / package).rglob("*.py"))
LONGEST_BODY = 50
MEDIAN_BODY = 8
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def body_lines(function: Function) -> int:
    """Lines of the body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def arguments(function: Function) -> Iterator[tuple[str, ast.expr | None]]:
    given = function.args
    positional = given.posonlyargs + given.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults)) + list(given.defaults)
    for argument, default in zip(positional, defaults, strict=True):
        yield argument.arg, default
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield argument.arg, default


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    too_long = {function.name: body_lines(function) for function in functions(path) if body_lines(function) > LONGEST_BODY}
    assert not too_long, f"split these, no body may pass {LONGEST_BODY} lines: {too_long}"


def test_the_median_function_is_short() -> None:
    lengths = sorted(body_lines(function) for path in FILES for function in functions(path))
    assert lengths[len(lengths) // 2] <= MEDIAN_BODY


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_signatures_are_explicit(path: Path) -> None:
    for function in functions(path):
        assert function.args.kwarg is None, f"{function.name}: name the parameters instead of a ** bag"
        for name, default in arguments(function):
            assert name not in {"degrees", "radians", "in_degrees"}, f"{function.name}: put the unit in the name, not in a flag"
            assert name != "rng" or default is None, f"{function.name}: rng is handed in, it has no default"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_input_is_never_checked_by_assert(path: Path) -> None:
    asserts = [node.lineno for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Assert)]
    assert not asserts, f"python -O would drop the asserts in lines {asserts}; raise ValueError or TypeError"


def test_no_two_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    shared = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert not shared, f"one class name for one thing; rename all but one of {shared}"


FULLEST_FOLDER = 20  # about fifteen, and room to work


def test_no_folder_is_too_full() -> None:
    counts: dict[str, int] = {}
    for path in FILES:
        if path.name != "__init__.py":
            folder = str(path.parent.relative_to(ROOT))
            counts[folder] = counts.get(folder, 0) + 1
    full = {folder: count for folder, count in counts.items() if count > FULLEST_FOLDER}
    assert not full, f"split these by subject, a folder holds at most {FULLEST_FOLDER} modules: {full}"
