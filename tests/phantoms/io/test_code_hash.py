"""The hash of code: equal for equal code, another for a comment more, and blind to what is left out."""

import importlib
import sys
from pathlib import Path

import pytest

from phantoms.io.code_hash import hash_code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules, a table and a sub-package."""
    folder = tmp_path / "hashed_package"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__.py", "one.py", "two.py", "table.csv", "inner/__init__.py", "inner/three.py"):
        (folder / name).write_text(f"# {name}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return folder


def hashed(*names: str, without: str = "") -> str:
    for name in [name for name in sys.modules if name.startswith("hashed_package")]:
        del sys.modules[name]
    hash_code.cache_clear()
    return hash_code(*names, without=without)


@pytest.mark.parametrize("changed", ["one.py", "table.csv", "inner/three.py"])
def test_a_change_anywhere_in_a_package_changes_its_hash(package: Path, changed: str) -> None:
    before = hashed("hashed_package")
    assert hashed("hashed_package") == before
    (package / changed).write_text("# another comment\n")
    assert hashed("hashed_package") != before


def test_files_that_python_leaves_change_nothing(package: Path) -> None:
    before = hashed("hashed_package")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "one.py").write_text("no source")
    (package / "notes.txt").write_text("no code")
    assert hashed("hashed_package") == before


def test_a_module_is_hashed_alone(package: Path) -> None:
    before = hashed("hashed_package.one")
    (package / "two.py").write_text("# another comment\n")
    assert hashed("hashed_package.one") == before
    assert hashed("hashed_package.one", "hashed_package.two") != before


def test_what_is_left_out_changes_nothing(package: Path) -> None:
    before = hashed("hashed_package", without="hashed_package.inner")
    (package / "inner" / "three.py").write_text("# another comment\n")
    assert hashed("hashed_package", without="hashed_package.inner") == before
    (package / "one.py").write_text("# another comment\n")
    assert hashed("hashed_package", without="hashed_package.inner") != before


def test_an_unknown_module_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        hash_code("no_such_module")
