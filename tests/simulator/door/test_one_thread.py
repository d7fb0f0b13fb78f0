"""One thread of linear algebra inside the door's functions, whatever was imported before; outside them the process is left as it was."""

import os
import subprocess
import sys

import pytest

TWO_THREADS = "2"
PROBE = """
import numpy
from threadpoolctl import threadpool_info

def threads():
    return sorted({library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"})

import simulator as ef
case = ef.load_case("lumbar-interlaminar-l4-l5")
from simulator.procedure.rules import stepping
inside, begin = [], stepping.begin

def probe(case, seed):
    inside.extend(threads())
    return begin(case, seed)

before = threads()
stepping.begin = probe
ef.begin(case)
print(before, inside, threads())
"""
BITS = """
import hashlib
import simulator as ef
from simulator.procedure.attempt.digest import digest
states = ef.play("lumbar-interlaminar-l4-l5", "expert", seed=1)
patient = ef.Patient.mean()
image = ef.shoot(patient, "clo-left", needle="interlaminar-left", size=128, seed=1)
monitor = ef.render(states[-1], size=64)
print(digest(states[-1]), *(hashlib.sha256(pixels.tobytes()).hexdigest() for pixels in (image.counts, monitor)))
"""


def said_by(code: str, threads: str) -> str:
    """What a fresh interpreter prints that may use so many threads."""
    environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return done.stdout.strip()


def test_a_function_of_the_door_runs_on_one_thread_and_leaves_the_others_theirs() -> None:
    said = said_by(PROBE, TWO_THREADS)
    if said.startswith("[1]"):
        pytest.skip("this machine has one core")
    assert said == "[2] [1] [2]"


@pytest.mark.slow
def test_equal_seeds_give_equal_bits_with_numpy_imported_first_and_two_threads() -> None:
    alone, crowded = said_by(BITS, "1"), said_by(f"import numpy, scipy.linalg\n{BITS}", TWO_THREADS)
    assert alone == crowded
    assert len(alone.split()) == 3
