"""One log on other threads, other kernels, and a processor without its widest instructions."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from simulator.procedure.attempt.log import read

SET_HERE = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPY_DISABLE_CPU_FEATURES")
OTHERS = ("Sandybridge", "Haswell", "Nehalem", "ARMV8", "NEOVERSEN1")
"""Kernels that a BLAS may have beside its own choice; one without fused multiplication first, whose bits are the most unlike."""
pytestmark = pytest.mark.slow


def elsewhere(what: str, path: Path, **environment: str) -> dict[str, Any]:
    """The reference attempt in another process, with nothing of this one's environment that decides bits."""
    bare = {name: value for name, value in os.environ.items() if name not in SET_HERE}
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulator.procedure.attempt.elsewhere", what, str(path)],
        env=bare | {"PYTHONPATH": "."} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A log made in a process with one thread and the kernel that BLAS chooses by itself."""
    path = tmp_path_factory.mktemp("made") / "attempt.jsonl"
    return path, elsewhere("record", path, OPENBLAS_NUM_THREADS="1")


def test_two_threads_give_the_bits_of_one(made: tuple[Path, dict[str, Any]]) -> None:
    path, here = made
    two = elsewhere("replay", path, OPENBLAS_NUM_THREADS="2")
    if max(two["threads"], default=1) < 2:
        pytest.skip("BLAS has one thread on this machine")
    assert two["computed_on"] == here["computed_on"]  # what counts is what is computed with, not what was set
    assert two["verdict"] == "to the bit"
    assert two["digest"] == here["digest"]


def test_another_kernel_is_verified_to_tolerance(made: tuple[Path, dict[str, Any]]) -> None:
    path, here = made
    there = next(
        (found for name in OTHERS if (found := elsewhere("replay", path, OPENBLAS_CORETYPE=name))["kernels"] != here["kernels"]), None
    )
    if there is None:
        pytest.skip("this BLAS has one kernel for this machine")
    assert there["computed_on"] != here["computed_on"]
    assert there["digest"] != here["digest"]
    assert there["verdict"] == "verified to tolerance"


def test_a_processor_without_its_widest_instructions_is_verified_to_tolerance(made: tuple[Path, dict[str, Any]]) -> None:
    path, here = made
    without = " ".join(sorted(set(here["computed_on"]["features"]) & set(dispatched())))
    if not without:
        pytest.skip("this NumPy has nothing beyond its baseline on this machine")
    there = elsewhere("replay", path, NPY_DISABLE_CPU_FEATURES=without)
    assert there["kernels"] == here["kernels"]
    assert there["computed_on"]["features"] != here["computed_on"]["features"]
    assert there["digest"] != here["digest"]
    assert there["verdict"] == "verified to tolerance"


def test_a_log_made_elsewhere_is_verified_here_and_an_equal_machine_wants_every_bit(
    tmp_path: Path, made: tuple[Path, dict[str, Any]]
) -> None:
    _, here = made
    path = tmp_path / "attempt.jsonl"
    there = next((found for name in OTHERS if (found := again(path, name))["kernels"] != here["kernels"]), None)
    if there is None:
        pytest.skip("this BLAS has one kernel for this machine")
    assert elsewhere("replay", path)["verdict"] == "verified to tolerance"
    equal = elsewhere("replay", path, OPENBLAS_CORETYPE=there["kernels"][0])
    assert equal["verdict"] == "to the bit"
    assert read(path).header["computed_on"] == equal["computed_on"]


def again(path: Path, kernel: str) -> dict[str, Any]:
    path.unlink(missing_ok=True)
    return elsewhere("record", path, OPENBLAS_CORETYPE=kernel)


def dispatched() -> list[str]:
    """Features that NumPy has code for beyond its baseline, so that they can be turned off."""
    return list(import_module("numpy._core._multiarray_umath").__cpu_dispatch__)
