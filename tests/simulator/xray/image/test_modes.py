"""Modes: frames that can be made again alone, last-image hold, DSA and roadmap with misregistration."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image import modes
from simulator.xray.image.modes import ImageMemory, Mode, develop
from simulator.xray.image.pulse import Pulse, expose
from simulator.xray.image.readout import Recursion
from simulator.xray.image.scene import Scene
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.materials import weights
from simulator.xray.physics.technique import Technique
from tests.simulator.water import slab, view

CARM = view(192)
VESSEL = (slice(60, 130), slice(90, 96))
SHARP = Recursion(still=1.0, adaptive=False)


def pulse_of(carm: CArm = CARM, vessel_mg_cm2: float = 0.0, shift: int = 0, needle: bool = False, ma: float = 150.0) -> Pulse:
    """A plate with a bone edge, a vessel and a needle, at a high dose so that a few grey levels are significant."""
    lines = slab(carm)
    lines[:, :, 130 + shift :] += (weights("cortical bone", "soft tissue") * 8)[:, None, None].astype(np.float32)
    iodine, steel = np.zeros(carm.shape, np.float32), np.zeros(carm.shape, np.float32)
    iodine[VESSEL] = vessel_mg_cm2
    steel[100, 20:80] = 0.7 if needle else 0.0
    return expose(Scene(anatomy=lines, iodine=iodine, steel=steel), carm, Technique(ma=ma), Collimator(), Panel())


def run(pulses: list[Pulse], mode: Mode, carry: ImageMemory | None = None) -> tuple[ImageMemory, list[NDArray[np.uint8]]]:
    carry, frames = carry or ImageMemory(), []
    for index, pulse in enumerate(pulses):
        carry, frame = develop(carry, pulse, seed=1, index=index, mode=mode, recursion=SHARP)
        frames.append(frame.pixels)
    return carry, frames


def test_equal_seeds_give_equal_bits_and_a_frame_can_be_made_alone() -> None:
    first, again = (run([pulse_of()] * 3, Mode.FLUOROSCOPY)[1] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    _, single = develop(ImageMemory(), pulse_of(), seed=1, index=2, mode=Mode.SINGLE)
    _, once_more = develop(run([pulse_of()], Mode.FLUOROSCOPY)[0], pulse_of(), seed=1, index=2, mode=Mode.SINGLE)
    np.testing.assert_array_equal(single.pixels, once_more.pixels)


def test_last_image_is_held() -> None:
    carry, frames = run([pulse_of()], Mode.FLUOROSCOPY)
    held = modes.hold(carry)
    assert held.held
    np.testing.assert_array_equal(held.pixels, frames[0])
    with pytest.raises(ValueError, match="no image to hold"):
        modes.hold(ImageMemory())


def test_subtraction_shows_contrast_alone() -> None:
    _, frames = run([pulse_of(), pulse_of(vessel_mg_cm2=20.0)], Mode.DSA)
    difference = frames[1].astype(float)
    vessel = difference[VESSEL].mean()
    background = np.median(difference)
    bone_edge = np.abs(difference[:, 125:135].mean(axis=0) - background).max()
    assert vessel < background - 40
    assert bone_edge < 8


def test_motion_shows_in_a_subtraction() -> None:
    _, frames = run([pulse_of(), pulse_of(shift=4)], Mode.DSA)
    difference = frames[1].astype(float)
    assert difference[:, 130:134].mean() > np.median(difference) + 40  # bone has left: brighter than its mask


def test_roadmap_shows_the_vessel_white_and_the_needle_dark() -> None:
    carry, _ = run([pulse_of(), pulse_of(vessel_mg_cm2=25.0), pulse_of(vessel_mg_cm2=5.0)], Mode.DSA)
    _, frames = run([pulse_of(needle=True)], Mode.ROADMAP, modes.take_roadmap(carry))
    grey = frames[0].astype(float)
    assert grey[VESSEL].mean() > np.median(grey) + 20
    assert grey[100, 30:70].mean() < np.median(grey) - 20


def test_a_new_mask_can_be_taken() -> None:
    carry, _ = run([pulse_of(shift=4)], Mode.FLUOROSCOPY)
    _, frames = run([pulse_of(shift=4)], Mode.DSA, modes.take_mask(carry))
    assert np.abs(frames[0].astype(float).mean(axis=0) - np.median(frames[0])).max() < 8


def test_masks_that_are_missing_or_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="roadmap needs a mask"):
        run([pulse_of()], Mode.ROADMAP)
    with pytest.raises(ValueError, match="no image to take a mask from"):
        modes.take_mask(ImageMemory())
    carry, _ = run([pulse_of()], Mode.DSA)
    with pytest.raises(ValueError, match=r"the mask has shape \(192, 192\), the image \(256, 256\)"):
        run([pulse_of(view(256))], Mode.DSA, carry)


def test_another_size_starts_the_filter_afresh() -> None:
    carry, _ = run([pulse_of()], Mode.FLUOROSCOPY)
    fresh = develop(ImageMemory(), pulse_of(view(256)), seed=3, index=0)[1]
    after = develop(carry, pulse_of(view(256)), seed=3, index=0)[1]
    np.testing.assert_array_equal(fresh.pixels, after.pixels)


def test_raw_counts_are_linear_in_the_signal() -> None:
    pulse = pulse_of(ma=20.0)
    carry, _ = develop(ImageMemory(), pulse, seed=1, index=0)
    assert carry.reading is not None
    counts = modes.to_raw_counts(carry.reading, CARM.pixel_mm)
    assert counts.dtype == np.uint16
    assert counts.mean() == pytest.approx(pulse.mean.mean() / CARM.pixel_mm**2, rel=0.01)
