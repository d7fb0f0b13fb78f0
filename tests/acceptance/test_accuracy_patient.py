"""Path lengths of the whole patient, of the reference spine and of 200,000 faces against rays cast one by one; laws of its surfaces."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from skimage.draw import polygon

from phantoms.field.compartments import walk
from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import MATERIAL, Tissue
from simulator.geometry.carm import CArm, project_points, ray_directions
from simulator.geometry.views import square_view
from simulator.imaging import attenuation_change
from simulator.xray.physics.materials import basis_coefficients
from simulator.xray.projection.projection import Projector, project
from tests.acceptance.looking import BONE, Floats
from tests.acceptance.rays import distance_mm, inside, lengths
from tests.simulator.solids import torus

pytestmark = pytest.mark.slow

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "lumbar_mean_L2_L5.npz"
CAST_MM = 0.05  # against a ray caster, on 99.9 % of the pixels (issue 2)
OUTSIDE_MM = 1e-6  # what a ray outside every surface may read (issue 2)
DETAIL_MM = 0.1  # RMS of path that level of detail may cost (issue 2)
TOUCH_MM = 0.15  # decimation moves a surface by about half the gap of 0.12 mm that is left between neighbours
TOUCH_PITCHES = 0.5  # and a grid cannot follow what is finer than half its step

needs_reference = pytest.mark.skipif(
    not REFERENCE.exists() and not os.environ.get("CI"), reason="the reference spine lies beside the checkout, in ../shared"
)


def cast_images(surfaces: Sequence[Surface], carm: CArm, rows: np.ndarray, columns: np.ndarray) -> Floats:
    directions = ray_directions(carm)[rows, columns]
    return np.sum([lengths(surface, carm.source, directions) for surface in surfaces], axis=0)


def some_pixels(shadow: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixels, three in four of them in the shadow."""
    rows, columns = np.nonzero(shadow)
    chosen = rng.integers(0, len(rows), 3 * number // 4)
    anywhere = rng.integers(0, shadow.shape[0], (2, number - len(chosen)))
    return np.concatenate((rows[chosen], anywhere[0])), np.concatenate((columns[chosen], anywhere[1]))


GROUPS = {
    "bones": lambda surface: surface.tissue is Tissue.CORTICAL_BONE,
    "spongy bone": lambda surface: surface.tissue is Tissue.TRABECULAR_BONE,
    "trunk": lambda surface: surface.parent is None,
    "muscle": lambda surface: surface.tissue is Tissue.MUSCLE,
    "soft parts": lambda surface: surface.parent == "muscle" and surface.tissue is not Tissue.CORTICAL_BONE,
    "gas": lambda surface: surface.tissue is Tissue.BOWEL_GAS,
}


@pytest.mark.parametrize("group", GROUPS)
def test_lengths_of_the_patient_agree_with_rays_cast(surfaces: tuple[Surface, ...], group: str, rng: np.random.Generator) -> None:
    """500 pixels in each of six groups of disjoint surfaces, each group in a view and at a pose of its own."""
    chosen = [surface for surface in surfaces if GROUPS[group](surface)]
    carm = CArm.from_angles(
        oblique_deg=rng.uniform(-90, 90), tilt_deg=rng.uniform(-25, 25), swivel_deg=rng.uniform(-10, 10), size=512, isocentre=(0, 20, -50)
    )
    image = Projector(chosen, np.ones((len(chosen), 1)), full_detail=True).project(carm)[0]
    rows, columns = some_pixels(image > 0, 500, rng)
    missed_mm = np.abs(image[rows, columns] - cast_images(chosen, carm, rows, columns))
    assert np.quantile(missed_mm, 0.999) < CAST_MM


@needs_reference
@pytest.mark.parametrize(("oblique_deg", "size"), [(3.0, 512), (88.0, 512), (-27.0, 1024)])
def test_lengths_of_the_reference_spine_agree_with_rays_cast(oblique_deg: float, size: int, rng: np.random.Generator) -> None:
    with np.load(REFERENCE) as spine:
        bones = Surface(name="reference", vertices=spine["vertices"], faces=spine["faces"], tissue=Tissue.CORTICAL_BONE)
    middle = bones.vertices.mean(axis=0)
    carm = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=8.0, isocentre=middle, size=size)
    image = project(bones, carm)
    rows, columns = some_pixels(image > 0, 1000, rng)
    missed_mm = np.abs(image[rows, columns] - lengths(bones, carm.source, ray_directions(carm)[rows, columns]))
    assert np.quantile(missed_mm, 0.999) < CAST_MM


def test_lengths_of_a_mesh_of_200000_faces_agree_with_rays_cast(rng: np.random.Generator) -> None:
    """A rippled torus: curved both ways, several crossings per ray, edges far below a pixel."""
    smooth = torus(60.0, 25.0, around=400, across=252)
    bumps = 1 + 0.02 * np.sin(0.9 * smooth.vertices).prod(axis=1)
    mesh = Surface(name="rippled", vertices=smooth.vertices * bumps[:, None], faces=smooth.faces, tissue=Tissue.CORTICAL_BONE)
    assert len(mesh.faces) >= 200_000
    carm = CArm.from_angles(oblique_deg=37.0, tilt_deg=-22.0, size=512)
    image = project(mesh, carm)
    rows, columns = some_pixels(image > 0, 1500, rng)
    missed_mm = np.abs(image[rows, columns] - lengths(mesh, carm.source, ray_directions(carm)[rows, columns]))
    assert np.quantile(missed_mm, 0.999) < CAST_MM


def shadow_of(surface: Surface, carm: CArm) -> np.ndarray:
    """Pixels that may see a surface: those within the hull of its vertices' images, which is wider than its shadow."""
    places = project_points(carm, surface.vertices)[0]
    hull = places[ConvexHull(places).vertices]
    hull = hull + 1e-3 * (hull - hull.mean(axis=0)) / np.linalg.norm(hull - hull.mean(axis=0), axis=1)[:, None]
    seen = np.zeros(carm.shape, dtype=bool)
    seen[polygon(hull[:, 1], hull[:, 0], carm.shape)] = True
    return seen


def thin(surface: Surface) -> Surface:
    """The corners of a surface's convex hull as a surface, for `shadow_of`."""
    corners = surface.vertices[ConvexHull(surface.vertices).vertices]
    return Surface(name=surface.name, vertices=corners, faces=[(0, 1, 2)], tissue=surface.tissue)


def random_pose(rng: np.random.Generator) -> CArm:
    return CArm.from_angles(
        oblique_deg=rng.uniform(-180, 180),
        tilt_deg=rng.uniform(-60, 60),
        swivel_deg=rng.uniform(-45, 45),
        isocentre=rng.uniform([-150, -80, -200], [150, 120, 150]),
        sod_mm=750.0,
        sid_mm=1100.0,
        field_mm=rng.uniform(150, 450),
        size=96,
    )


@pytest.mark.parametrize(("what", "quarter"), [("bones", 0), *(("everything", quarter) for quarter in range(4))])
def test_no_streak_over_random_poses(surfaces: tuple[Surface, ...], what: str, quarter: int) -> None:
    """2,000 poses of everything, and 500 of the bones, between which there is much to see past: where nothing is, nothing is read."""
    rng = np.random.default_rng([20261123, quarter])
    chosen = [surface for surface in surfaces if what == "everything" or surface.tissue is Tissue.CORTICAL_BONE]
    outermost = [thin(surface) for surface in chosen if what == "bones" or surface.parent is None]
    projector = Projector(chosen, np.ones((len(chosen), 1)))
    looked = 0
    for _ in range(500):
        carm = random_pose(rng)
        image = projector.project(carm)[0]
        empty = ~np.any([shadow_of(surface, carm) for surface in outermost], axis=0)
        looked += int(empty.sum())
        assert np.abs(image[empty]).max(initial=0.0) < OUTSIDE_MM
        assert image.min() > -OUTSIDE_MM * 100  # float32 of 100 mm
    assert looked > 100_000  # there was something to look at


VIEWS_AND_SIZES = [("ap", 512), ("lateral-left", 512), ("oblique-left", 1024), ("sacrum-lateral", 1024)]


def detail_rms_mm(patient: Patient, surfaces: Sequence[Surface], view: str, size: int, weights: Sequence) -> Floats:
    """RMS over the field, per channel, between the image as drawn and with every face."""
    carm = square_view(view, patient.landmarks, size=size)
    weighed = np.array(weights, dtype=float)
    coarse, full = (Projector(surfaces, weighed, full_detail=every).project(carm).astype(np.float64) for every in (False, True))
    return np.sqrt(np.mean((coarse - full) ** 2, axis=(1, 2)))


def as_water(surfaces: Sequence[Surface]) -> list[Floats]:
    """The change across each surface as length of water: of photoelectric and Compton attenuation together at 60 keV, and of Compton."""
    water = basis_coefficients("water")
    changes = [attenuation_change(surface, surfaces) for surface in surfaces]
    return [np.array((change.sum() / water.sum(), change[1] / water[1])) for change in changes]


@pytest.mark.parametrize(("view", "size"), VIEWS_AND_SIZES)
def test_level_of_detail_keeps_paths_within_a_tenth_of_a_millimetre(
    patient: Patient, surfaces: tuple[Surface, ...], view: str, size: int
) -> None:
    """Lengths within bone, within muscle's outline, and by Compton attenuation as water; all surfaces with the faces they have there."""
    weights = [
        (surface.tissue is Tissue.CORTICAL_BONE, surface.tissue is Tissue.MUSCLE, water[1])
        for surface, water in zip(surfaces, as_water(surfaces), strict=True)
    ]
    assert detail_rms_mm(patient, surfaces, view, size, weights).max() < DETAIL_MM


@pytest.mark.parametrize(("view", "size"), VIEWS_AND_SIZES)
def test_level_of_detail_keeps_the_image_as_water(patient: Patient, surfaces: tuple[Surface, ...], view: str, size: int) -> None:
    """As water that would attenuate alike at 60 keV, where a mm of cortical bone counts as nearly three."""
    assert detail_rms_mm(patient, surfaces, view, size, as_water(surfaces)).max() < 2 * DETAIL_MM


def test_surfaces_add_up(patient: Patient, surfaces: tuple[Surface, ...], rng: np.random.Generator) -> None:
    carm = square_view("oblique-left", patient.landmarks, size=128)
    chosen = [surface for surface in surfaces if surface.tissue in BONE]
    weights = rng.uniform(-1, 1, (len(chosen), 2))
    together = Projector(chosen, weights, full_detail=True).project(carm)
    one = np.ones((1, 1))
    apart = [Projector([surface], one, full_detail=True).project(carm)[0] for surface in chosen]
    np.testing.assert_allclose(together, np.einsum("sc,sij->cij", weights, apart), atol=3e-4)  # float32 of some 100 mm, 30 times


@pytest.fixture(scope="module")
def touch_mm(patient: Patient) -> dict[str, float]:
    """How far each surface may be from its place, mm."""
    return {node.name: TOUCH_MM + TOUCH_PITCHES * node.pitch_mm for node, _ in walk(patient.compartments)}


def test_children_lie_in_their_parents(surfaces: tuple[Surface, ...], touch_mm: dict[str, float], rng: np.random.Generator) -> None:
    known = {surface.name: surface for surface in surfaces}
    for surface in surfaces:
        if surface.parent is None:
            continue
        points = surface.vertices[rng.integers(0, len(surface.vertices), 40)]
        out = points[~inside(known[surface.parent], points)]
        allowed_mm = max(touch_mm[surface.name], touch_mm[surface.parent])
        assert distance_mm(known[surface.parent], out).max(initial=0.0) < allowed_mm, f"{surface.name} leaves {surface.parent}"


def test_siblings_are_disjoint(surfaces: tuple[Surface, ...], touch_mm: dict[str, float], rng: np.random.Generator) -> None:
    for surface in surfaces:
        points = surface.vertices[rng.integers(0, len(surface.vertices), 40)]
        for other in surfaces:
            if other.parent != surface.parent or other is surface:
                continue
            within = points[inside(other, points)]
            allowed_mm = max(touch_mm[surface.name], touch_mm[other.name])
            assert distance_mm(other, within).max(initial=0.0) < allowed_mm, f"{surface.name} in {other.name}"


def test_tissue_field_agrees_with_the_surfaces(
    patient: Patient, surfaces: tuple[Surface, ...], touch_mm: dict[str, float], rng: np.random.Generator
) -> None:
    """The material of the innermost surface about a point is that of its tissue, but nearer a surface than its grid can tell."""
    spine = rng.uniform((-35, -30, -120), (35, 85, 120), (1800, 3))
    trunk = rng.uniform((-190, -150, -250), (190, 120, 200), (1000, 3))
    points = np.concatenate((spine, trunk))
    material = np.full(len(points), MATERIAL[Tissue.AIR], dtype=object)
    for surface in _parents_first(surfaces):
        material[inside(surface, points)] = surface.material
    wanted = np.array([MATERIAL[Tissue(int(label))] for label in patient.tissue(points)], dtype=object)
    odd = np.flatnonzero(material != wanted)
    assert len(odd) < 0.03 * len(points)
    unexplained = [i for i in odd if not any(_near(surface, points[i], touch_mm[surface.name]) for surface in surfaces)]
    assert len(unexplained) <= 1e-3 * len(points), [(points[i].round(1), material[i], wanted[i]) for i in unexplained]


def _near(surface: Surface, point: Floats, within_mm: float) -> bool:
    low, high = surface.vertices.min(axis=0) - within_mm, surface.vertices.max(axis=0) + within_mm
    return bool(((point > low) & (point < high)).all()) and bool(distance_mm(surface, point[None])[0] < within_mm)


def _parents_first(surfaces: Sequence[Surface]) -> list[Surface]:
    known = {surface.name: surface for surface in surfaces}

    def depth(surface: Surface) -> int:
        return 0 if surface.parent is None else 1 + depth(known[surface.parent])

    return sorted(surfaces, key=depth)


def test_tissue_and_landmarks_need_no_mesh(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a mesh was asked for")

    monkeypatch.setattr("phantoms.surfaces.mesh_surfaces", refuse)
    monkeypatch.setattr("phantoms.io.cache.load_surfaces", refuse)
    subject = build(default_parameters())
    assert subject.tissue(np.zeros((1, 3)))[0] == Tissue.TRABECULAR_BONE
    assert subject.landmarks.vertebrae
