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
    r"|labels?|indices|index|fractions?|matrix|matrices|grey|display|factor|weights?|quanta|photons|transmission|relative|boolean|mask|HU)\b"
)


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


def array_parameters(function: Callable[..., object]) -> list[str]:
    """Names of the parameters whose annotation is an array."""
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = str(parameter.annotation)
        if "ndarray" in annotation and "Mapping" not in annotation and "Callable" not in annotation:
            found.append(name)
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_say_what_they_do(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name])
    assert text, f"{name} has no docstring"
    assert text.splitlines()[0].endswith((".", "?", ":")), f"{name}: the first line is a sentence"


@pytest.mark.parametrize("name", [name for name, function in FUNCTIONS.items() if array_parameters(function)])
def test_arrays_are_documented_with_shape_and_unit(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert SHAPE.search(text), f"{name}: say the shape of {array_parameters(FUNCTIONS[name])}, e.g. 'shape (n, 3)'"
    assert UNIT.search(text), f"{name}: say the unit of {array_parameters(FUNCTIONS[name])}, e.g. 'mm'"


@pytest.mark.slow
def test_the_readme_runs() -> None:
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert results.attempted > 0
    assert results.failed == 0


def test_the_readme_names_every_make_target() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("run", "test", "bench", "lint", "peers"):
        assert f"make {target}" in readme


def test_no_document_or_setting_names_a_package_host() -> None:
    hosts = re.compile(r"(pypi\.org|pythonhosted|conda\.anaconda|index-url)")
    for name in ("README.md", "CONTRIBUTING.md", "Makefile", "constraints.txt", "pyproject.toml", ".ci/run"):
        assert not hosts.search((ROOT / name).read_text(encoding="utf-8")), name


def test_modules_say_what_lives_there() -> None:
    for package in ("phantoms", "simulator", "scenarios"):
        for path in (ROOT / package).rglob("*.py"):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.relative_to(ROOT)} has no module docstring"
