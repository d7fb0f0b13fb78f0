"""How long does the imaging chain take, from line integrals to eight bits? (pytest-benchmark)

Run with ``OMP_NUM_THREADS=1 python -m pytest benchmarks/bench_frame.py --benchmark-columns=median,min``. Targets: the whole chain without
the projection <= 10 ms at 512 x 512 and <= 18 ms at 1024 x 1024 on two threads; a needle or contrast frame with the C-arm still >= 60
frames/s at 1024 x 1024. The line integrals are a water patient's with gas and bone; every "moving" frame exposes anew and also reads
brightness control.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from simulator.geometry.carm import CArm
from simulator.xray.image import display, frame_cache, modes, readout
from simulator.xray.image.pulse import expose
from simulator.xray.image.scene import Scene
from simulator.xray.physics import brightness
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.materials import basis_coefficients, weights
from simulator.xray.physics.technique import Technique

SIZES, THREADS = (512, 1024), (1, 2)
TECHNIQUE, COLLIMATOR, PANEL = Technique(), Collimator(), Panel()


def line_integrals(carm: CArm) -> NDArray[np.float32]:
    """An elliptic trunk with bone and gas, shape (2, rows, columns)."""
    axis = (np.arange(carm.shape[0]) + 0.5) / carm.shape[0] * 210 - 105
    across, along = np.meshgrid(axis, axis)
    trunk = 210 * np.sqrt(np.maximum(1 - (across / 180) ** 2, 0))
    bone = np.where((np.abs(across) < 22) & (np.abs(along % 36 - 18) < 13), 12.0, 0.0)
    gas = 34 * np.sqrt(np.maximum(1 - ((across - 50) / 18) ** 2 - ((along + 20) / 30) ** 2, 0))
    paths = (trunk, basis_coefficients("muscle")), (bone, weights("cortical bone", "muscle")), (gas, weights("gas", "muscle"))
    return sum(path * weight[:, None, None] for path, weight in paths).astype(np.float32)


def needle(carm: CArm, shift: int) -> NDArray[np.float32]:
    """A stroke of steel across half the picture, mm."""
    steel = np.zeros(carm.shape, np.float32)
    rows = np.arange(carm.shape[0] // 4, 3 * carm.shape[0] // 4)
    steel[rows, rows // 3 + carm.shape[1] // 3 + shift] = 0.7
    return steel


def contrast(carm: CArm, shift: int) -> NDArray[np.float32]:
    """A cloud of iodine over a tenth of the picture, mg/cm2."""
    iodine = np.zeros(carm.shape, np.float32)
    third, tenth = carm.shape[0] // 3, carm.shape[0] // 10
    iodine[third : 2 * third, 4 * tenth + shift : 7 * tenth + shift] = 40.0
    return iodine


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("size", SIZES)
def test_moving_frame_after_projection(benchmark: BenchmarkFixture, size: int, threads: int) -> None:
    """Brightness control, exposure, readout and display, all new."""
    carm = CArm.from_angles(size=size)
    lines, carry = line_integrals(carm), modes.ImageMemory()

    def frame() -> None:
        nonlocal carry
        scene = Scene(anatomy=lines)
        technique = brightness.control(scene.sample(64), carm, TECHNIQUE, COLLIMATOR)
        pulse = expose(scene, carm, technique, COLLIMATOR, PANEL, threads)
        carry, _ = modes.develop(carry, pulse, seed=1, index=1, threads=threads)

    benchmark.pedantic(frame, rounds=30, warmup_rounds=3)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("overlay", ["steel", "iodine"])
def test_still_frame(benchmark: BenchmarkFixture, overlay: str, threads: int) -> None:
    """A needle or a cloud of contrast medium moves over kept anatomy, 1024 x 1024."""
    carm = CArm.from_angles(size=1024)
    lines = line_integrals(carm)
    kept, carry, shift = frame_cache.update_view(None, lambda _: lines, carm), modes.ImageMemory(), 0
    images = [needle(carm, k) if overlay == "steel" else contrast(carm, k) for k in range(4)]

    def frame() -> None:
        nonlocal kept, carry, shift
        shift += 1
        image = images[shift % 4]
        channels = {"steel": image} if overlay == "steel" else {"iodine": image}
        kept, pulse = frame_cache.expose(kept, TECHNIQUE, COLLIMATOR, PANEL, **channels, threads=threads)
        carry, _ = modes.develop(carry, pulse, seed=1, index=shift, threads=threads)

    benchmark.pedantic(frame, rounds=30, warmup_rounds=3)


@pytest.mark.parametrize("stage", ["expose", "read", "show"])
@pytest.mark.parametrize("size", SIZES)
def test_stage_on_one_thread(benchmark: BenchmarkFixture, size: int, stage: str) -> None:
    """Where the time goes."""
    carm = CArm.from_angles(size=size)
    scene = Scene(anatomy=line_integrals(carm))
    pulse = expose(scene, carm, TECHNIQUE, COLLIMATOR, PANEL, 1)
    reading = readout.read(pulse, None, readout.Recursion(), np.random.default_rng(1), threads=1)
    work = {
        "expose": lambda: expose(scene, carm, TECHNIQUE, COLLIMATOR, PANEL, 1),
        "read": lambda: readout.read(pulse, reading, readout.Recursion(), np.random.default_rng(1), threads=1),
        "show": lambda: display.show(reading.filtered, pulse, display.Display(), 1),
    }[stage]
    benchmark.pedantic(work, rounds=30, warmup_rounds=3)
