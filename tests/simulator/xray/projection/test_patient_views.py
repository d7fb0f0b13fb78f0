"""The projector on the whole default patient: no streak in any pose, a ray caster's lengths, level of detail within its budget."""

import numpy as np
import pytest

from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.terms.surface import Surface
from simulator.geometry import CArm
from simulator.geometry.carm import project_points
from simulator.imaging import attenuation_change
from simulator.xray.numerics.interpolation import enlarge, pool
from simulator.xray.physics.brightness import control
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.materials import weights
from simulator.xray.physics.technique import Technique
from simulator.xray.projection.projection import Projector
from tests.simulator.solids import cast

OUTSIDE_MM = 1e-6  # what a ray outside every surface may read (issue 2)
CAST_MM = 0.05  # against a ray caster, on 99.9 % of the pixels (issue 2)
RMS_MM = 0.1  # of path, between level of detail and every face (issue 2)
ROUGH_RMS_MM = 1.2  # of 200 mm and more
CONTROL_SHARE = 0.012  # of the charge of a pulse
ROUGH_MEAN_MM = 0.25  # a thousandth of the body: decimated solids are a little too small

POSES = 300

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def surfaces() -> tuple[Surface, ...]:
    return tuple(build(default_parameters()).surfaces())


def test_no_streak_in_any_pose(surfaces, rng):
    """Each pose looks at the patient from afar, so that rays on all sides pass it by; `make bench` does 2,000."""
    skin = next(surface for surface in surfaces if surface.parent is None)
    projector = Projector(surfaces, np.ones((len(surfaces), 1)))
    assert max(stray_mm(projector, skin, rng) for _ in range(POSES)) < OUTSIDE_MM


def stray_mm(projector: Projector, skin: Surface, rng: np.random.Generator) -> float:
    """Largest reading of a ray outside the skin, or below zero, in a random pose."""
    middle = (skin.vertices.max(axis=0) + skin.vertices.min(axis=0)) / 2
    angles = {"oblique_deg": rng.uniform(-180, 180), "tilt_deg": rng.uniform(-60, 60), "swivel_deg": rng.uniform(-40, 40)}
    carm = CArm.from_angles(**angles, isocentre=middle + rng.uniform(-300, 300, 3), sod_mm=1500, sid_mm=2500, field_mm=900, size=40)
    lengths = projector.project(carm)[0]
    return max(-float(lengths.min()), float(np.abs(lengths[_outside(skin, carm)]).max(initial=0)))


def _outside(skin: Surface, carm: CArm) -> np.ndarray:
    """Pixels beyond the columns or rows that any vertex of the skin is drawn in."""
    pixels, _ = project_points(carm, skin.vertices)
    low, high = pixels.min(axis=0) - 1, pixels.max(axis=0) + 1
    column, row = np.arange(carm.shape[1]), np.arange(carm.shape[0])[:, None]
    return (column < low[0]) | (column > high[0]) | (row < low[1]) | (row > high[1])


@pytest.mark.parametrize("name", ["skin", "muscle", "L4 cortex", "sacrum cortex", "epidural fat", "hip bone left trabecular"])
def test_lengths_agree_with_a_ray_caster(surfaces, name, rng):
    solid = next(surface for surface in surfaces if surface.name == name)
    for oblique_deg in (15, 90):
        carm = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=8, size=512, isocentre=(0, 0, -50))
        lengths = Projector([solid], [[1.0]], full_detail=True).project(carm)[0]
        rows, columns = np.nonzero(lengths > 0)
        chosen = rng.integers(0, len(rows), 600)
        miss_mm = np.abs(lengths[rows[chosen], columns[chosen]] - cast(solid, carm, columns[chosen], rows[chosen]))
        assert np.quantile(miss_mm, 0.999) < CAST_MM


@pytest.mark.parametrize("size", [512, 1024])
def test_level_of_detail_keeps_the_image(surfaces, size):
    """In mm of water, by which both channels' attenuation is told as a path."""
    changes = np.array([attenuation_change(surface, surfaces) for surface in surfaces])
    quick, full = Projector(surfaces, changes), Projector(surfaces, changes, full_detail=True)
    water_per_mm = weights("csf", "air")
    for oblique_deg, tilt_deg in ((0, 10), (90, 0), (55, -15)):
        carm = CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=tilt_deg, size=size, isocentre=(0, 0, -30))
        assert quick.count_faces(carm) < 0.8 * full.count_faces(carm)
        difference_mm = (quick.project(carm) - full.project(carm))[1] / water_per_mm[1]
        assert np.sqrt((difference_mm**2).mean()) < RMS_MM


def test_a_rough_image_is_near_with_a_quarter_of_the_faces(surfaces):
    """For a C-arm on the move, where it is drawn with half the pixels each way."""
    changes = np.array([attenuation_change(surface, surfaces) for surface in surfaces])
    tool = Projector(surfaces, changes)
    water_per_mm = weights("csf", "air")[1]
    for oblique_deg, tilt_deg in ((0, 10), (90, 0), (55, -15)):
        fine, coarse = (
            CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=tilt_deg, size=size, isocentre=(0, 0, -30)) for size in (512, 256)
        )
        assert tool.count_faces(coarse, rough=True) < 0.3 * tool.count_faces(fine)
        full = tool.project(fine)
        for rough in (tool.project(fine, rough=True), enlarge(tool.project(coarse, rough=True), 512)):
            difference_mm = (rough - full)[1] / water_per_mm
            assert np.sqrt((difference_mm**2).mean()) < ROUGH_RMS_MM
            assert abs(difference_mm.mean()) < ROUGH_MEAN_MM


@pytest.mark.parametrize("leaves_mm", [np.inf, 45.0])
def test_brightness_control_takes_a_rough_image_for_the_whole_one(surfaces, leaves_mm):
    changes = np.array([attenuation_change(surface, surfaces) for surface in surfaces])
    tool = Projector(surfaces, changes)
    collimator = Collimator(left_mm=leaves_mm, right_mm=leaves_mm, top_mm=leaves_mm, bottom_mm=leaves_mm)
    for oblique_deg in (0, 25, -45):
        fine, coarse, cells = (CArm.from_angles(oblique_deg=oblique_deg, size=size) for size in (512, 256, 64))
        wanted, found = (
            control(pool(lines, 64), cells, Technique(), collimator, kvp=80.0)
            for lines in (tool.project(fine), tool.project(coarse, rough=True))
        )
        assert found.mas == pytest.approx(wanted.mas, rel=CONTROL_SHARE)
