"""gVirtualXray on the same meshes, views and sizes: how much faster are we, and do the lengths agree? One thread each, in turns.

gVirtualXray (PyPI ``gvxr``, the extra ``peers``) draws with OpenGL; without a graphics card that is Mesa's llvmpipe behind EGL. A bare
Debian machine also needs libegl1 libegl-mesa0 libgl1-mesa-dri libxcb-composite0 libxcb-ewmh2 libxcb-icccm4 libxcb-keysyms1 libxcb-res0
libxcb-xinerama0.

Both are asked for the sum of the lengths inside all surfaces. gVirtualXray comes with a filter of artefacts, which takes most of its time
at these sizes and blanks pixels whose sum is longer than the scene, so that a patient's nested surfaces come out black: it is timed with
the filter, as it comes, and without, where its image is right. What it takes to hand the picture to Python as tuples is not counted.
"""

import os
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

os.environ.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
os.environ.setdefault("LP_NUM_THREADS", "1")  # read by llvmpipe when its context is made
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bench_projection import sphere, views
from benchmarks.reference import read_level
from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.geometry import CArm
from simulator.xray.projection.projection import Projector

try:
    from gvxrPython3 import gvxr
except ImportError as missing:
    pytest.skip(f"gVirtualXray cannot be loaded ({missing}): make peers, and see the system packages above", allow_module_level=True)

REFERENCE = Path(__file__).parents[1].parent / "shared" / "reference" / "lumbar_mean_L2_L5.npz"
POSES = 7
PER_MM = 0.001  # of every surface, so that a path of a metre still lets light through
AGREE_MM, MISSES_PERCENT = 0.05, 0.1  # issue 2: within 0.05 mm on 99.9 % of the pixels
FASTER = {512: 8.0, 1024: 15.0}  # issue 2
Scene = tuple[Surface, ...]


def patient() -> Scene:
    return tuple(build(default_parameters()).surfaces())


def reference() -> Scene:
    if not REFERENCE.exists():
        pytest.skip("the reference spine lies beside the checkout, in ../shared")
    meshes = {name: read_level(REFERENCE, name) for name in ("L2", "L3", "L4", "L5")}
    return tuple(Surface(name=name, vertices=mesh[0], faces=mesh[1], tissue=Tissue.CORTICAL_BONE) for name, mesh in meshes.items())


SCENES: dict[str, Callable[[], Scene]] = {
    "patient": patient,
    "patient's skin": lambda: tuple(surface for surface in patient() if surface.parent is None),
    "patient's bones": lambda: tuple(surface for surface in patient() if surface.tissue is Tissue.CORTICAL_BONE),
    "reference spine": reference,
    "sphere": lambda: (sphere(70.0, 100_002),),
}


@pytest.fixture(scope="module")
def context() -> None:
    """gVirtualXray's one scene, without a window."""
    gvxr.createWindow(-1, 0, "EGL")
    gvxr.setMonoChromaticPerPixelAtSDD(60, "keV", 1)
    gvxr.usePointSource()


def load(scene: Sequence[Surface]) -> None:
    """Replace gVirtualXray's meshes; side by side, their lengths add up as in a projector with all weights 1."""
    gvxr.removePolygonMeshesFromXRayRenderer()
    for surface in scene:
        gvxr.makeTriangularMesh(surface.name, surface.vertices.ravel().tolist(), surface.faces.ravel().tolist(), "mm")
        gvxr.setLinearAttenuationCoefficient(surface.name, 10 * PER_MM, "cm-1")
        gvxr.addPolygonMeshAsInnerSurface(surface.name)


def aim(carm: CArm) -> None:
    """Set source and detector: right must be told, or it keeps an old one, and be such that right x up points at the source."""
    gvxr.setSourcePosition(*carm.source.tolist(), "mm")
    gvxr.setDetectorPosition(*carm.detector.tolist(), "mm")
    gvxr.setDetectorUpVector(*(-carm.down).tolist())
    gvxr.setDetectorRightVector(*(-carm.right).tolist())


def set_panel(carm: CArm, *, filtered: bool) -> None:
    """Set pixels, and then the filter, which the first image that shows anything turns on."""
    gvxr.setDetectorNumberOfPixels(carm.shape[1], carm.shape[0])
    gvxr.setDetectorPixelSize(carm.pixel_mm, carm.pixel_mm, "mm")
    aim(carm)
    gvxr.computeXRayImage()
    gvxr.enableArtefactFilteringOnGPU() if filtered else gvxr.disableArtefactFiltering()


def their_time_s(carm: CArm) -> float:
    """Time of one image without that of handing it over, s."""
    begin = time.perf_counter()
    aim(carm)
    gvxr.computeXRayImage()
    drawn = time.perf_counter()
    gvxr.getLastXRayImage()
    return 2 * drawn - begin - time.perf_counter()


def their_lengths(carm: CArm) -> NDArray[np.float64]:
    """Sum of the lengths inside all surfaces, mm; rows and columns run the other way than ours."""
    aim(carm)
    energy = np.array(gvxr.computeXRayImage(), dtype=np.float64)[::-1, ::-1]
    return -np.log(energy / gvxr.getTotalEnergyWithDetectorResponse()) / PER_MM


def our_time_s(tool: Projector, carm: CArm) -> float:
    begin = time.perf_counter()
    tool.project(carm)
    return time.perf_counter() - begin


@pytest.mark.parametrize("filtered", [True, False], ids=["filtered", "unfiltered"])
@pytest.mark.parametrize("size", FASTER)
@pytest.mark.parametrize("name", ["patient", "reference spine"])
@pytest.mark.usefixtures("context")
def test_faster(benchmark: BenchmarkFixture, name: str, size: int, filtered: bool) -> None:
    """Both in turns, pose by pose, so that a busy machine slows both."""
    scene, poses = SCENES[name](), views(size)
    tool = Projector(scene, np.ones((len(scene), 1)), threads=1, full_detail=True)
    load(scene)
    set_panel(next(poses), filtered=filtered)
    # The first fills caches.
    times_s = np.array([(our_time_s(tool, carm), their_time_s(carm)) for carm in islice(poses, POSES + 1)])[1:]
    ours_ms, theirs_ms = np.median(times_s, axis=0) * 1e3
    how = "as it comes" if filtered else "without its filter"
    asked = f"{name}, all {sum(len(surface.faces) for surface in scene)} faces, {size} x {size}"
    row = f"{asked}: {ours_ms:.0f} ms; gVirtualXray {how} {theirs_ms:.0f} ms"
    benchmark.extra_info.update(row=row, unit="x", target=FASTER[size], measured=float(np.median(times_s[:, 1] / times_s[:, 0])))
    benchmark.pedantic(lambda: None, rounds=1)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.usefixtures("context")
def test_lengths(benchmark: BenchmarkFixture, name: str) -> None:
    """Worst of some poses; the sum over the whole patient, up to a metre in dozens of surfaces, adds up the errors of both."""
    scene, poses = SCENES[name](), views(512)
    tool = Projector(scene, np.ones((len(scene), 1)), threads=1, full_detail=True)
    load(scene)
    set_panel(next(poses), filtered=False)
    apart_mm = np.array([np.abs(tool.project(carm)[0] - their_lengths(carm)) for carm in islice(poses, POSES)])
    misses_percent = float((apart_mm > AGREE_MM).mean(axis=(1, 2)).max() * 100)
    row = f"lengths in {name}: pixels over {AGREE_MM} mm from gVirtualXray (99.9 %: {np.quantile(apart_mm, 0.999):.4f} mm)"
    benchmark.extra_info.update(row=row, unit="%", target=MISSES_PERCENT, measured=misses_percent)
    benchmark.pedantic(lambda: None, rounds=1)
