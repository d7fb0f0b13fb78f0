"""How fast, and how right, is the projector? Default patient, everything in the field, every frame a new pose. (pytest-benchmark)"""

from collections.abc import Callable, Iterator
from itertools import cycle

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.geometry import CArm, Grid
from simulator.geometry.carm import ray_directions
from simulator.imaging import attenuation_change
from simulator.xray.image import frame_cache, modes
from simulator.xray.overlays.iodine import draw_iodine, iodine_mg_cm2, view_cells
from simulator.xray.overlays.needle_shadow import gauge_needle, needle_mm
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.technique import Technique
from simulator.xray.projection.projection import Projector, project

ISOCENTRE = (0.0, 0.0, -50.0)
ROUNDS = 21
STRAY_POSES = 2000


def views(size: int) -> Iterator[CArm]:
    """Poses that a trainee goes through, none like the one before."""
    obliques_deg, tilts_deg = np.linspace(-45, 45, 19), np.linspace(-20, 20, 7)
    for number in cycle(range(19 * 7)):
        yield CArm.from_angles(
            oblique_deg=obliques_deg[7 * number % 19], tilt_deg=tilts_deg[3 * number % 7], isocentre=ISOCENTRE, size=size
        )


@pytest.fixture(scope="module")
def surfaces() -> tuple[Surface, ...]:
    return tuple(build(default_parameters()).surfaces())


@pytest.fixture(scope="module")
def projector(surfaces: tuple[Surface, ...]) -> Callable[..., Projector]:
    changes = np.array([attenuation_change(surface, surfaces) for surface in surfaces])
    made: dict[tuple, Projector] = {}

    def get(channels: int, threads: int, *, full_detail: bool = False) -> Projector:
        key = (channels, threads, full_detail)
        if key not in made:
            weights = changes if channels == 2 else np.ones((len(surfaces), 1))
            made[key] = Projector(surfaces, weights, threads=threads, full_detail=full_detail)
        return made[key]

    return get


@pytest.mark.parametrize(
    ("size", "threads", "target"), [(512, 1, 25.0), (512, 2, None), (1024, 1, None), (1024, 2, 36.0)], ids=lambda value: str(value)
)
def test_both_channels(
    benchmark: BenchmarkFixture, projector: Callable[..., Projector], size: int, threads: int, target: float | None
) -> None:
    tool, poses = projector(2, threads), views(size)
    faces = tool.count_faces(next(poses))
    row = f"projection, both channels, {size} x {size}, {threads} thread{'s'[: threads - 1]}, {faces} faces"
    benchmark.extra_info.update(row=row, unit="ms", **({"target": target} if target else {}))
    benchmark.pedantic(lambda: tool.project(next(poses)), rounds=ROUNDS, warmup_rounds=3)


@pytest.mark.parametrize("size", [512, 1024])
def test_one_channel_without_level_of_detail(benchmark: BenchmarkFixture, projector: Callable[..., Projector], size: int) -> None:
    tool, poses = projector(1, 1, full_detail=True), views(size)
    faces = tool.count_faces(next(poses))
    benchmark.extra_info.update(row=f"projection, one channel, {size} x {size}, 1 thread, all {faces} faces", unit="ms")
    benchmark.pedantic(lambda: tool.project(next(poses)), rounds=ROUNDS, warmup_rounds=3)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("overlay", ["steel", "iodine"])
def test_still_frame(benchmark: BenchmarkFixture, projector: Callable[..., Projector], overlay: str, threads: int) -> None:
    """From a moved needle or a cloud that has spread to 8 bit, over kept anatomy."""
    carm = CArm.from_angles(oblique_deg=20, isocentre=ISOCENTRE, size=1024)
    kept, carry, number = frame_cache.update_view(None, projector(2, 2).project, carm), modes.ImageMemory(), 0
    technique, collimator, panel, cells = Technique(), Collimator(), Panel(), view_cells(_cloud(0), carm)

    def frame() -> None:
        nonlocal kept, carry, number
        number += 1
        added = {"steel": _steel_mm(carm, number)} if overlay == "steel" else {"iodine": draw_iodine(cells, _cloud(number).values)}
        kept, pulse = frame_cache.expose(kept, technique, collimator, panel, **added, threads=threads)
        carry, _ = modes.develop(carry, pulse, seed=1, index=number, threads=threads)

    name = "needle" if overlay == "steel" else "contrast"
    row = f"{name} frame to 8 bit, C-arm still, 1024 x 1024, {threads} thread{'s'[: threads - 1]}"
    benchmark.extra_info.update(row=row, unit="frames/s", **({"target": 60.0} if threads == 2 else {}))
    benchmark.pedantic(frame, rounds=ROUNDS, warmup_rounds=3)


@pytest.mark.parametrize("points", [2_500, 40_000, 160_000])
@pytest.mark.parametrize("size", [256, 512, 1024])
def test_one_sphere(benchmark: BenchmarkFixture, size: int, points: int) -> None:
    """Speed by faces and pixels, and the error against the closed form in the same place."""
    ball = sphere(70.0, points)
    tool, poses = Projector([ball], np.ones((1, 1)), full_detail=True), views(size)
    carm = CArm.from_angles(size=size)
    miss_mm = np.linalg.norm(np.cross(-carm.source, ray_directions(carm)), axis=-1)
    error_mm = project(ball, carm) - 2 * np.sqrt(np.clip(70.0**2 - miss_mm**2, 0, None))
    rms_mm, within = float(np.sqrt((error_mm**2).mean())), miss_mm < 0.9 * 70.0  # a faceted rim is no sphere's
    relative = float(np.abs(error_mm[within] / (2 * np.sqrt(70.0**2 - miss_mm[within] ** 2))).max())
    benchmark.extra_info.update(
        row=f"sphere, {2 * points - 4} faces, {size} x {size}: {rms_mm:.4f} mm RMS, {relative:.1e} from the closed form", unit="ms"
    )
    benchmark.pedantic(lambda: tool.project(next(poses)), rounds=ROUNDS, warmup_rounds=2)


@pytest.mark.parametrize("size", [512, 1024])
def test_needle(benchmark: BenchmarkFixture, size: int) -> None:
    carm, tip_mm = CArm.from_angles(oblique_deg=60, size=size), iter(np.linspace(0, 40, 1000))
    benchmark.extra_info.update(row=f"needle's shadow, {size} x {size}", unit="ms")
    benchmark.pedantic(lambda: needle_mm(gauge_needle(22, [(0, 90, 0), (10, next(tip_mm), 30)]), carm), rounds=ROUNDS, warmup_rounds=2)


@pytest.mark.parametrize("kept", [False, True], ids=["anew", "kept"])
@pytest.mark.parametrize("size", [512, 1024])
def test_contrast(benchmark: BenchmarkFixture, size: int, *, kept: bool) -> None:
    carm, rng = CArm.from_angles(size=size), np.random.default_rng(3)
    field = Grid(origin=np.array([-20.0, -15.0, -60.0]), spacing=np.ones(3), axes=np.eye(3), values=rng.uniform(1, 300, (40, 25, 100)))
    cells = view_cells(field, carm)
    work = (lambda: draw_iodine(cells, field.values)) if kept else (lambda: iodine_mg_cm2(field, carm))
    row = f"contrast medium of 100,000 cells, {'C-arm still, ' if kept else ''}{size} x {size}"
    benchmark.extra_info.update(row=row, unit="ms")
    benchmark.pedantic(work, rounds=ROUNDS, warmup_rounds=2)


def _steel_mm(carm: CArm, number: int) -> np.ndarray:
    """Shadow of a needle on its way in."""
    return needle_mm(gauge_needle(22, [(10, 100, -40), (0, 40 - number % 20, -50)]), carm)


def _cloud(number: int) -> Grid:
    """Contrast medium in the epidural space: 2 mL on half-millimetre cells."""
    values = np.zeros((20, 12, 120))
    values[:, :, 30 : 80 + number % 20] = 240.0
    return Grid(origin=np.array([-5.0, 30.0, -80.0]), spacing=np.full(3, 0.5), axes=np.eye(3), values=values)


def test_strays(benchmark: BenchmarkFixture, surfaces: tuple[Surface, ...], projector: Callable[..., Projector]) -> None:
    """Streaks: readings of rays outside the skin, or below zero, in random poses of the whole patient."""
    tool, rng = projector(1, 1), np.random.default_rng(2000)
    skin = next(surface for surface in surfaces if surface.parent is None)
    worst_mm = max(_stray_mm(tool, skin.vertices, rng) for _ in range(STRAY_POSES))
    row = f"worst reading of a ray outside, {STRAY_POSES} poses of the patient"
    benchmark.extra_info.update(row=row, unit="nm", target=1.0, measured=worst_mm * 1e6)
    benchmark.pedantic(lambda: None, rounds=1)


def _stray_mm(tool: Projector, skin: np.ndarray, rng: np.random.Generator) -> float:
    middle = (skin.max(axis=0) + skin.min(axis=0)) / 2
    angles = {"oblique_deg": rng.uniform(-180, 180), "tilt_deg": rng.uniform(-60, 60), "swivel_deg": rng.uniform(-40, 40)}
    carm = CArm.from_angles(**angles, isocentre=middle + rng.uniform(-300, 300, 3), sod_mm=1500, sid_mm=2500, field_mm=900, size=40)
    lengths = tool.project(carm)[0]
    turned = (skin - carm.source) @ np.stack((carm.right, carm.down, carm.normal), axis=1)
    drawn = turned[:, :2] / turned[:, 2:] * carm.source_to_image_mm / carm.pixel_mm + carm.principal_pixel
    (left, top), (right, bottom) = drawn.min(axis=0) - 1, drawn.max(axis=0) + 1
    column, row = np.arange(carm.shape[1]), np.arange(carm.shape[0])[:, None]
    outside = (column < left) | (column > right) | (row < top) | (row > bottom)
    return max(-float(lengths.min()), float(np.abs(lengths[outside]).max(initial=0)))


def sphere(radius_mm: float, points: int) -> Surface:
    """Hull of points spread by the golden angle."""
    from scipy.spatial import ConvexHull

    height = 1 - (2 * np.arange(points) + 1) / points
    turn, around = np.pi * (1 + 5**0.5) * np.arange(points), np.sqrt(1 - height**2)
    vertices = radius_mm * np.column_stack((around * np.cos(turn), around * np.sin(turn), height))
    faces = ConvexHull(vertices).simplices.copy()
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), a + b + c) < 0
    faces[inward] = faces[inward, ::-1]
    return Surface(name="sphere", vertices=vertices, faces=faces, tissue=Tissue.CORTICAL_BONE)
