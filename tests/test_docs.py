"""Documentation that runs, and a docstring with shape and unit on every public function that takes arrays."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHAPE = re.compile(r"shape|\([\w*+ -]+,[\w*+ ,-]*\)")
UNIT = re.compile(
    r"\b(mm|cm|mm2|mm3|ms|keV|kVp?|mA|mAs|mGy|uGy|nGy|Gy|rad|radians|degrees?|deg|sr|m[Ll]|g/cm3|mg/cm2|1/mm|pixels?|counts?|unit|dimensionless"
    r"|labels?|indices|index|fractions?|grey|[Dd]isplay values|factor|weights?|quanta|photons|transmission|relative|boolean|mask|HU)\b"
)
SELF_EVIDENT = re.compile(r"^[a-z0-9_]+_from_[a-z0-9_]+$")  # a rigid matrix, shape (4, 4), mm
NAMED_UNIT = re.compile(r"_(mm|s|deg|rad|kev|kv|mgy|ml|per_mm)$")


def modules() -> Iterator[ModuleType]:
    for name in ("phantoms", "simulator", "scenarios"):
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, prefix=f"{name}."):
            yield importlib.import_module(found.name)


def public_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    for module in modules():
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value):
                for method, function in vars(value).items():
                    inner = getattr(function, "__func__", function)
                    if inspect.isfunction(inner) and not method.startswith("_"):
                        yield f"{module.__name__}.{name}.{method}", inner


FUNCTIONS = dict(public_functions())


def array_parameters(function: Callable[..., object]) -> dict[str, str]:
    """Annotations of the parameters that are arrays and not rigid matrices, by name."""
    signature = {name: str(parameter.annotation) for name, parameter in inspect.signature(function).parameters.items()}
    strange = ("Mapping", "Callable")
    return {
        name: annotation
        for name, annotation in signature.items()
        if "ndarray" in annotation and not SELF_EVIDENT.match(name) and not any(word in annotation for word in strange)
    }


def without_unit(function: Callable[..., object]) -> list[str]:
    """Array parameters that need a unit in words: neither indices nor named by their unit."""
    arrays = array_parameters(function)
    return [name for name, annotation in arrays.items() if "int" not in annotation and not NAMED_UNIT.search(name)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_say_what_they_do(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name])
    assert text, f"{name} has no docstring"
    assert text.splitlines()[0].endswith((".", "?", ":")), f"{name}: the first line is a sentence"


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if array_parameters(function)])
def test_arrays_are_documented_with_shape_and_unit(name: str) -> None:
    function = FUNCTIONS[name]
    text = inspect.getdoc(function) or ""
    assert SHAPE.search(text), f"{name}: say the shape of {', '.join(array_parameters(function))}, e.g. 'shape (n, 3)'"
    assert not without_unit(function) or UNIT.search(text), f"{name}: say the unit of {', '.join(without_unit(function))}, e.g. 'mm'"


@pytest.mark.slow
def test_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # it writes a report
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_readme_names_every_make_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("run", "test", "bench", "lint", "peers"):
        assert f"make {target}" in readme


def test_requirements_are_names_and_versions_only() -> None:
    """Where packages come from is the user's business: no address in any file that installs."""
    address = re.compile(r"https?:|--(extra-)?index|--find-links")
    for name in ("Makefile", "constraints.txt", "pyproject.toml", ".ci/run"):
        assert not address.search((ROOT / name).read_text(encoding="utf-8")), name


def test_modules_say_what_lives_there() -> None:
    for package in ("phantoms", "simulator", "scenarios"):
        for path in (ROOT / package).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.relative_to(ROOT)} has no module docstring"


TABLE_ROW = re.compile(r"^\| `[^`]+` \| `([^`]+)` \|$", re.MULTILINE)


def test_every_module_that_moved_is_where_the_table_says() -> None:
    now = TABLE_ROW.findall((ROOT / "docs" / "moved-modules.md").read_text(encoding="utf-8"))
    assert len(now) > 200
    missing = [
        name
        for name in now
        if not any((ROOT / f"{name.replace('.', '/')}{end}").exists() for end in (".py", "")) and not (ROOT / name).exists()
    ]
    assert not missing, f"docs/moved-modules.md: bring these rows up to date: {missing}"


def test_every_name_that_changed_is_where_the_table_says() -> None:
    text = (ROOT / "docs" / "renamed-names.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        module = section.partition("\n")[0]
        for name in TABLE_ROW.findall(section):
            found: object = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part, None)
            assert found is not None, f"docs/renamed-names.md: {module} has no {name}; bring the row up to date"
