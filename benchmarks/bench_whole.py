"""How fast is the whole of it, default patient, everything in the field: frame, patient, import, memory? (pytest-benchmark)"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from simulator.geometry.carm import CArm
from simulator.imaging import AttenuationModel, lines, prepare
from simulator.xray.image import modes
from simulator.xray.image.pulse import expose
from simulator.xray.image.scene import Scene
from simulator.xray.physics import brightness
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.technique import Technique

ANGLES_DEG = np.linspace(-40.0, 40.0, 23)  # every frame from somewhere else
CASE = (Level.L4, Level.L5)
SKIN_POINTS = 20_000


@pytest.fixture(scope="module")
def patient() -> Patient:
    return build(default_parameters())


@pytest.fixture(scope="module")
def anatomy(patient: Patient) -> AttenuationModel:
    return prepare(patient.surfaces(), patient.texture)


def time_fresh(code: str, environment: dict[str, str] | None = None) -> float:
    """Run code in a new interpreter; return the number that it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split()[-1])


def measure_peak_mb(code: str, environment: dict[str, str]) -> float:
    """Run code in a new interpreter; return the most memory it held, MB, with the largest of the processes that helped it.

    Not `ru_maxrss`, which a process begins with its parent's.
    """
    own = "next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))"
    helpers = "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss"
    return time_fresh(f"import resource\n{code}\nprint(({own} + {helpers}) / 1024)", environment)


def test_calibration(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(row="calibration: two np.cumsum over 1024 x 1024 float64", unit="ms")
    values = np.ones((1024, 1024))
    benchmark.pedantic(lambda: np.cumsum(np.cumsum(values, axis=1), axis=1), rounds=30, warmup_rounds=3)


@pytest.mark.parametrize(("size", "target"), [(512, 40.0), (1024, 18.0)])
def test_whole_frame(benchmark: BenchmarkFixture, anatomy: AttenuationModel, size: int, target: float) -> None:
    benchmark.extra_info.update(row=f"whole frame to 8 bit, {size} x {size}, new pose each", unit="frames/s", target=target)
    technique, collimator, panel, carry, number = Technique(), Collimator(), Panel(), modes.ImageMemory(), 0

    def frame() -> None:
        """What the live monitor needs: line integrals, brightness control, exposure, noise, lag, display."""
        nonlocal number, carry
        number += 1
        carm = CArm.from_angles(oblique_deg=ANGLES_DEG[number % len(ANGLES_DEG)], isocentre=(0, 0, -50), size=size)
        scene = Scene(anatomy=lines(anatomy, carm))
        set_by_control = brightness.control(scene.sample(64), carm, technique, collimator)
        carry, _ = modes.develop(carry, expose(scene, carm, set_by_control, collimator, panel, 2), seed=1, index=number, threads=2)

    benchmark.pedantic(frame, rounds=23, warmup_rounds=3)


def test_patient_without_mesh(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(row=f"patient: parameters, landmarks, tissue at {SKIN_POINTS} points", unit="s", target=0.3)
    points = np.random.default_rng(1).uniform((-60, -40, -150), (60, 90, 100), size=(SKIN_POINTS, 3))

    def make() -> None:
        patient = build(replace(default_parameters()))
        assert patient.landmarks.vertebrae
        assert (patient.tissue(points) != Tissue.AIR).any()

    benchmark.pedantic(make, rounds=5, warmup_rounds=1)


@pytest.mark.parametrize(("count", "cell_mm", "half_mm", "target"), [(50, 0.5, 4.0, 1.0), (200_000, 2.0, 30.0, 1000.0)])
def test_tissue_near_the_spine(
    benchmark: BenchmarkFixture, patient: Patient, count: int, cell_mm: float, half_mm: float, target: float
) -> None:
    """A needle's points in the midline at L4, and a block around its target: both boxes prepared beforehand."""
    marks = patient.landmarks.interspaces[Level.L4]
    benchmark.extra_info.update(row=f"tissue at {count} points near the spine, box prepared", unit="ms", target=target)
    along = np.array([marks.skin, marks.epidural_target])
    box = np.array([along.min(axis=0) - half_mm, along.max(axis=0) + half_mm])
    near = patient.near(box, cell_mm)
    rng = np.random.default_rng(1)
    points = np.linspace(*along, count) if count < 1000 else rng.uniform(*box, size=(count, 3))
    benchmark.pedantic(lambda: near.tissue(points), rounds=7, warmup_rounds=1)


@pytest.mark.parametrize(("levels", "target"), [(None, 20.0), (CASE, 5.0)], ids=["whole", "case"])
def test_surfaces_cold(
    benchmark: BenchmarkFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: tuple[Level, ...] | None, target: float
) -> None:
    region = "whole region" if levels is None else "one case's region"
    benchmark.extra_info.update(row=f"surfaces, {region}, cold", unit="s", target=target)
    monkeypatch.setenv("EPIFLUORO_CACHE", str(tmp_path))
    benchmark.pedantic(lambda: build(default_parameters()).surfaces(levels), rounds=1)


def test_surfaces_cached(benchmark: BenchmarkFixture, patient: Patient) -> None:
    faces = sum(len(surface.faces) for surface in patient.surfaces())
    benchmark.extra_info.update(row=f"surfaces, whole region ({faces} faces), cached", unit="s", target=0.5)
    benchmark.pedantic(lambda: build(default_parameters()).surfaces(), rounds=5)


def test_import(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(row="import simulator.xray, above its SciPy imports", unit="s ", target=0.2)
    scipy = "import time, numpy, scipy.sparse, scipy.optimize, scipy.ndimage, scipy.special; begin = time.perf_counter()\n"
    walk = "for found in pkgutil.iter_modules(xray.__path__): importlib.import_module(f'simulator.xray.{found.name}')\n"
    code = f"{scipy}import pkgutil, importlib, simulator.xray as xray\n{walk}print(time.perf_counter() - begin)"
    benchmark.extra_info["measured"] = float(np.median([time_fresh(code) for _ in range(5)]))
    benchmark.pedantic(lambda: None, rounds=1)


def test_import_of_the_door(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(row="import simulator", unit="s ", target=0.1)
    code = "import time; begin = time.perf_counter()\nimport simulator\nprint(time.perf_counter() - begin)"
    benchmark.extra_info["measured"] = float(np.median([time_fresh(code) for _ in range(9)]))
    benchmark.pedantic(lambda: None, rounds=1)


@pytest.mark.parametrize("cache", ["warm", "cold"])
def test_peak_memory(benchmark: BenchmarkFixture, anatomy: AttenuationModel, tmp_path: Path, cache: str) -> None:
    assert anatomy.body  # so that the usual cache is warm
    environment = os.environ | ({"EPIFLUORO_CACHE": str(tmp_path)} if cache == "cold" else {})
    code = f"from simulator.cli import main\nmain(['render', '--size', '1024', '--output', {str(tmp_path / 'view.png')!r}])"
    row = f"peak memory of `epifluoro render --size 1024`, {cache} cache"
    benchmark.extra_info.update(row=row, unit="MB", target=600.0, measured=measure_peak_mb(code, environment))
    benchmark.pedantic(lambda: None, rounds=1)
