"""The one call, and frames from kept layers: the same bits as from nothing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image import frame_cache, radiograph
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Mode
from simulator.xray.image.pulse import expose
from simulator.xray.image.scene import Scene
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.technique import Technique
from tests.simulator.water import slab, slab_scene, view, wedge_scene

SETTINGS = Technique(), Collimator(left_mm=120, iris_mm=140), Panel()


def needle(carm: CArm) -> NDArray[np.float32]:
    """A slanted stroke of 0.7 mm of steel."""
    steel = np.zeros(carm.shape, np.float32)
    rows = np.arange(carm.shape[0] // 4, 3 * carm.shape[0] // 4)
    steel[rows, rows // 2 + carm.shape[1] // 8] = 0.7
    return steel


def test_render_chooses_a_technique_and_says_so() -> None:
    carm = view(256)
    shot = radiograph.render(slab_scene(carm), carm)
    assert shot.technique.kvp == pytest.approx(75, abs=1)
    assert shot.pixels.shape == carm.shape
    assert shot.pixels.dtype == np.uint8
    assert shot.counts.dtype == np.uint16
    assert shot.frame.mode is Mode.SINGLE
    assert shot.dose.exposures == 1


def test_render_keeps_a_manual_technique_and_the_seed() -> None:
    carm, manual = view(128), Technique(kvp=90.0, ma=10.0)
    shots = [radiograph.render(slab_scene(carm), carm, technique=manual, automatic=False, seed=seed) for seed in (4, 4, 5)]
    assert shots[0].technique == manual
    np.testing.assert_array_equal(shots[0].pixels, shots[1].pixels)
    assert (shots[0].pixels != shots[2].pixels).any()


def test_averaged_pulses_cost_dose_and_save_noise() -> None:
    carm = view(128)
    live, still = (radiograph.render(slab_scene(carm), carm, pulses=count) for count in (1, 16))
    assert still.dose.dap_gy_cm2 == pytest.approx(16 * live.dose.dap_gy_cm2)
    noise = [np.diff(shot.counts[60:68, 40:90].astype(float), axis=1).std() for shot in (live, still)]
    assert noise[1] == pytest.approx(noise[0] / 4, rel=0.2)  # scatter bends the field by less than its noise


def test_raw_counts_are_never_turned() -> None:
    carm = view(128)
    plain, turned = (radiograph.render(wedge_scene(carm), carm, display=Display(flip_columns=flip)) for flip in (False, True))
    np.testing.assert_array_equal(plain.counts, turned.counts)
    np.testing.assert_array_equal(plain.pixels[:, ::-1], turned.pixels)


def test_a_needle_is_dark() -> None:
    carm = view(512)
    scene = Scene(anatomy=slab(carm), steel=needle(carm))
    grey = radiograph.render(scene, carm).pixels.astype(float)
    assert np.median(grey[needle(carm) > 0]) < np.median(grey) - 25


@pytest.mark.parametrize("size", [130, 512, 1024])
def test_kept_layers_give_the_same_bits(size: int) -> None:
    carm = view(size)
    lines = wedge_scene(carm).anatomy
    kept = frame_cache.update_view(None, lambda _: lines, carm)
    for overlay in (
        {},
        {"steel": needle(carm)},
        {"steel": np.roll(needle(carm), 3, axis=1), "iodine": 30 * np.roll(needle(carm), 40, axis=0)},
    ):
        kept, pulse = frame_cache.expose(kept, *SETTINGS, **overlay)
        whole = expose(Scene(anatomy=lines, **overlay), carm, *SETTINGS, threads=1)
        np.testing.assert_array_equal(pulse.mean, whole.mean)


def test_layers_project_only_when_the_view_changes() -> None:
    calls = []

    def project(carm: CArm) -> NDArray[np.float32]:
        calls.append(carm)
        return slab(carm)

    kept = frame_cache.update_view(None, project, view(64))
    kept = frame_cache.update_view(kept, project, view(64))
    kept, first = frame_cache.expose(kept, *SETTINGS)
    kept, second = frame_cache.expose(kept, *SETTINGS)
    assert second is first
    kept, third = frame_cache.expose(kept, Technique(kvp=90.0), *SETTINGS[1:])
    assert third is not first
    frame_cache.update_view(kept, project, CArm.from_angles(oblique_deg=1, size=64))
    assert len(calls) == 2


def test_scenes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="the scene has 64 x 64 pixels, the C-arm 128 x 128"):
        radiograph.render(slab_scene(view(64)), view(128))
    with pytest.raises(ValueError, match=r"Scene.anatomy must have shape \(2, rows, columns\)"):
        Scene(anatomy=np.zeros((3, 8, 8)))
    with pytest.raises(ValueError, match="Scene.steel must have the anatomy's shape"):
        Scene(anatomy=np.zeros((2, 8, 8)), steel=np.zeros((4, 4)))
    with pytest.raises(ValueError, match="Scene.iodine must be finite"):
        Scene(anatomy=np.zeros((2, 8, 8)), iodine=np.full((8, 8), np.nan))


def test_overlays_are_checked_and_leave_the_bare_scene_alone() -> None:
    bare = slab_scene(view(64))
    steel = np.full((64, 64), 0.5)
    laid = bare.with_overlays(steel=steel)
    assert laid.anatomy is bare.anatomy
    assert bare.steel is None
    np.testing.assert_array_equal(laid.channels[3], steel)
    assert laid.with_overlays().steel is None
    with pytest.raises(ValueError, match="Scene.iodine must be finite"):
        bare.with_overlays(iodine=np.full((64, 64), np.nan))
    with pytest.raises(ValueError, match="Scene.lead must have the anatomy's shape"):
        bare.with_overlays(lead=np.zeros((4, 4)))


def test_non_square_detectors_work() -> None:
    carm = CArm.from_angles(size=(100, 160))
    shot = radiograph.render(slab_scene(carm), carm, collimator=Collimator(iris_mm=80))
    assert shot.pixels.shape == (100, 160)
    assert shot.pixels[50, 80] > 0
