"""What the core drags in, seen from a fresh interpreter: a static import contract does not see what a package's __init__ loads."""

import subprocess
import sys

import pytest

OPTIONAL = (
    "pyvista",
    "vtk",
    "vtkmodules",
    "trame",
    "dask",
    "pydicom",
    "yaml",
    "matplotlib",
    "spekpy",
    "xraydb",
    "typer",
    "rich",
    "pydantic",
)


def list_loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["simulator.xray", "simulator.geometry", "simulator.imaging", "simulator.needle", "phantoms.patient"])
def test_core_loads_no_optional_package(module: str) -> None:
    assert list_loaded_after(f"import {module}").isdisjoint(OPTIONAL)


def test_the_xray_package_with_all_its_modules_loads_no_optional_package() -> None:
    walk = (
        "import importlib, pkgutil, simulator.xray as package\n"
        "for found in pkgutil.iter_modules(package.__path__): importlib.import_module('simulator.xray.' + found.name)"
    )
    assert list_loaded_after(walk).isdisjoint(OPTIONAL)


def test_the_door_opens_before_anything_is_loaded() -> None:
    loaded = list_loaded_after("import simulator as ef; dir(ef), ef.__doc__, hasattr(ef, 'loadcase')")
    assert loaded.isdisjoint({*OPTIONAL, "numpy", "scipy", "skimage", "PIL", "jinja2", "threadpoolctl", "phantoms", "scenarios"})


def test_the_names_of_the_cases_load_no_image_or_page() -> None:
    loaded = list_loaded_after("import simulator as ef; ef.Patient, ef.CArm, ef.list_views()")
    assert loaded.isdisjoint({*OPTIONAL, "jinja2"})


def test_the_command_line_answers_without_the_optional_packages() -> None:
    assert list_loaded_after("import simulator.cli").isdisjoint({"pyvista", "vtk", "vtkmodules", "pydicom", "dask", "trame", "matplotlib"})


@pytest.mark.parametrize(
    "module", ["simulator.viewer.classroom.seats", "simulator.viewer.classroom.link_sheet", "simulator.viewer.common.heartbeat"]
)
def test_a_class_is_run_without_page_server_or_database(module: str) -> None:
    assert list_loaded_after(f"import {module}").isdisjoint({"pyvista", "vtk", "vtkmodules", "trame", "aiohttp", "sqlalchemy", "numpy"})


def test_the_door_and_the_records_load_no_3d_view() -> None:
    loaded = list_loaded_after(
        "import simulator.viewer.access.access, simulator.records.store, simulator.records.from_state, simulator.records.export"
    )
    assert loaded.isdisjoint({"pyvista", "vtk", "vtkmodules", "trame", "trame_server", "pyarrow"})
