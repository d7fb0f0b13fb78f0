"""The display chain: polarity, window on the field, equalisation, edges, turns, and blanking."""

import numpy as np
import pytest

from simulator.geometry.carm import CArm
from simulator.xray.image.display import Display, show, show_difference
from simulator.xray.image.pulse import Pulse, expose
from simulator.xray.image.scene import Scene
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.materials import weights
from simulator.xray.physics.technique import Technique
from tests.simulator.water import slab, view, wedge_scene

PLAIN = Display(equalisation=0.0, enhancement=0.0)


def bone_scene(carm: CArm, share: float = 1 / 3) -> Scene:
    """A plate with a bone block in the middle, 15 mm of cortex thick, over a share of the detector's sides."""
    lines = slab(carm)
    middle = slice(round(carm.shape[0] * (1 - share) / 2), round(carm.shape[0] * (1 + share) / 2))
    lines[:, middle, middle] += (weights("cortical bone", "soft tissue") * 15)[:, None, None].astype(np.float32)
    return Scene(anatomy=lines)


def expose_scene(scene: Scene, carm: CArm, collimator: Collimator | None = None) -> Pulse:
    return expose(scene, carm, Technique(), collimator or Collimator(), Panel())


def test_bone_is_dark_and_inverted_white() -> None:
    carm = view(192)
    pulse = expose_scene(bone_scene(carm), carm)
    normal, inverted = (show(pulse.mean, pulse, Display(inverted=flag)).astype(int) for flag in (False, True))
    assert normal[96, 96] < normal[20, 20] - 40
    assert inverted[96, 96] > inverted[20, 20] + 40
    np.testing.assert_allclose(normal + inverted, 254.5, atol=1.5)


def test_window_uses_the_grey_levels_without_clipping_tissue() -> None:
    carm = view(192)
    pulse = expose_scene(bone_scene(carm), carm)
    grey = show(pulse.mean, pulse, Display())
    assert grey.min() > 5
    assert grey.max() < 250
    assert int(grey.max()) - int(grey.min()) > 100


def test_grey_levels_do_not_depend_on_dose() -> None:
    carm = view(128)
    low, high = (expose(bone_scene(carm), carm, Technique(ma=ma), Collimator(), Panel()) for ma in (10.0, 40.0))
    np.testing.assert_allclose(show(low.mean, low, Display()).astype(int), show(high.mean, high, Display()).astype(int), atol=1)


def test_logarithm_makes_equal_steps_of_thickness_equal_steps_of_grey() -> None:
    carm = view(256)
    pulse = expose_scene(wedge_scene(carm), carm)
    level = np.arctanh(np.clip(show(pulse.mean, pulse, PLAIN)[128, 40:200].astype(float) / 127.5 - 1, -0.99, 0.99))
    steps = np.diff(level[::20])
    assert (steps < 0).all()
    assert steps.max() / steps.min() > 0.6  # hardening and scatter bend the line, no more


def test_equalisation_flattens_the_body_more_than_the_bone() -> None:
    carm = view(192)
    thick = np.linspace(0.8, 1.2, 192, dtype=np.float32)
    scene = Scene(anatomy=bone_scene(carm, 1 / 8).anatomy * thick)
    pulse = expose_scene(scene, carm)
    spans = []
    for share in (0.0, 0.8):
        grey = show(pulse.mean, pulse, Display(equalisation=share, enhancement=0.0)).astype(float)
        spans.append((grey[10, 20] - grey[10, 170], grey[20, 96] - grey[96, 96]))
    assert spans[1][0] < 0.7 * spans[0][0]
    assert spans[1][1] / spans[1][0] > 1.15 * spans[0][1] / spans[0][0]


def test_enhancement_overshoots_at_edges_only() -> None:
    carm = view(192)
    pulse = expose_scene(bone_scene(carm), carm)
    plain, sharp = (show(pulse.mean, pulse, Display(enhancement=amount)).astype(int) for amount in (0.0, 1.0))
    assert (sharp[96, 60:68] - plain[96, 60:68]).min() < -3
    np.testing.assert_allclose(sharp[96, 90:100], plain[96, 90:100], atol=1)


def test_flips_and_turns_are_display_state() -> None:
    carm = view(64)
    pulse = expose_scene(wedge_scene(carm), carm)
    plain = show(pulse.mean, pulse, Display())
    np.testing.assert_array_equal(show(pulse.mean, pulse, Display(flip_columns=True)), plain[:, ::-1])
    np.testing.assert_array_equal(show(pulse.mean, pulse, Display(flip_rows=True)), plain[::-1])
    np.testing.assert_array_equal(show(pulse.mean, pulse, Display(quarter_turns=1)), np.rot90(plain))


def test_what_the_collimator_hides_is_black() -> None:
    carm = view(128)
    for leaves in (Collimator.square(150), Collimator(iris_mm=75)):
        pulse = expose_scene(bone_scene(carm), carm, leaves)
        grey = show(pulse.mean, pulse, Display())
        assert grey[:30].max() == 0
        assert grey[:, -30:].max() == 0
        assert grey[64, 64] > 0


def test_a_thin_bright_rim_does_not_wash_the_picture_out() -> None:
    carm = view(192)
    lines = bone_scene(carm).anatomy.copy()
    lines[:, :, :30] *= 0.05
    full, rimmed = (expose_scene(Scene(anatomy=image), carm) for image in (bone_scene(carm).anatomy, lines))
    contrast = [float(show(p.mean, p, Display())[96, 150]) - float(show(p.mean, p, Display())[96, 96]) for p in (full, rimmed)]
    assert contrast[1] > 0.6 * contrast[0]


def test_both_sides_of_a_steep_body_stay_grey_and_raw_beam_saturates() -> None:
    carm = view(192)
    thick = np.interp(np.arange(192), [0, 16, 17, 80, 110, 192], [0.02, 0.02, 0.5, 0.6, 1.3, 1.3]).astype(np.float32)
    pulse = expose_scene(Scene(anatomy=bone_scene(carm, 1 / 8).anatomy * thick), carm)
    grey = show(pulse.mean, pulse, Display()).astype(int)
    assert grey[40, :8].min() > 250
    for side in (grey[40, 30:75], grey[40, 115:185]):
        assert 60 < np.median(side) < 205
        assert side.max() < 240
        assert side.min() > 30


def test_a_collimated_field_has_no_seam_along_its_leaves() -> None:
    carm = view(192)
    thick = np.linspace(0.6, 1.3, 192, dtype=np.float32)
    pulse = expose_scene(Scene(anatomy=slab(carm) * thick), carm, Collimator.square(150))
    row = show(pulse.mean, pulse, Display(enhancement=0.0))[96].astype(int)
    lit = row[np.flatnonzero(row)]
    assert np.abs(np.diff(lit[3:-3])).max() < 8


@pytest.mark.parametrize("size", [192, 600])
def test_threads_leave_the_bits_alone(size: int) -> None:
    carm = view(size)
    pulse = expose_scene(bone_scene(carm), carm)
    one, two = (show(pulse.mean, pulse, Display(), threads) for threads in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_a_difference_of_nothing_is_even_grey() -> None:
    carm = view(96)
    pulse = expose_scene(bone_scene(carm), carm)
    grey = show_difference(pulse.mean, pulse.mean, pulse, Display())
    assert np.ptp(grey) == 0


def test_the_linear_display_works_and_bad_settings_are_refused() -> None:
    carm = view(96)
    pulse = expose_scene(bone_scene(carm), carm)
    assert np.ptp(show(pulse.mean, pulse, Display(logarithm=False))) > 50
    with pytest.raises(ValueError, match="contrast > 0"):
        Display(contrast=0)
