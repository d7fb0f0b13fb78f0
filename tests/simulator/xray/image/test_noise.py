"""Noise: variance proportional to the mean, the detector's colour, no memory from frame to frame, and lag."""

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image import noise
from simulator.xray.image.pulse import Pulse, expose
from simulator.xray.image.readout import Recursion, read
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel, blur_taps
from simulator.xray.physics.technique import Technique
from tests.simulator.water import slab_scene, view, wedge_scene

QUIET = Panel(electronic_quanta=0.0)
OFF = Recursion(still=1.0, adaptive=False)


def pulse_of(carm: CArm, panel: Panel = QUIET, thickness_cm: float = 20.0, ma: float = 20.0) -> Pulse:
    return expose(slab_scene(carm, thickness_cm), carm, Technique(ma=ma), Collimator(), panel)


def panel_image(pulse: Pulse, index: int) -> NDArray[np.float64]:
    return read(pulse, None, OFF, np.random.default_rng([5, index])).panel.astype(np.float64)


def coloured_noise_share(carm: CArm, panel: Panel) -> float:
    """Share of white noise's variance that the detector's blur leaves."""
    taps = blur_taps(panel, round(carm.pixel_mm, 6))
    return float((taps[0] ** 2 + 2 * np.square(taps[1:]).sum()) ** 2)


def test_variance_is_proportional_to_the_mean() -> None:
    carm = view(512)
    pulse = expose(wedge_scene(carm), carm, Technique(), Collimator(), QUIET)
    residual = np.stack([panel_image(pulse, index) - pulse.mean for index in range(6)])
    ratio = residual.var(axis=(0, 1)) / pulse.mean.mean(axis=0)
    by_strip = ratio.reshape(16, -1).mean(axis=1)  # 16 strips over a range of 60 in mean: 100,000 samples each, so 0.5 %
    np.testing.assert_allclose(by_strip, coloured_noise_share(carm, QUIET) / QUIET.swank, rtol=0.03)


def test_electronic_noise_is_what_is_left_in_the_dark() -> None:
    carm = view(256)
    panel = Panel(electronic_quanta=3.0)
    residual = panel_image(pulse_of(carm, panel, thickness_cm=45.0, ma=0.05), 0)
    assert residual.std() == pytest.approx(3.0 * np.sqrt(coloured_noise_share(carm, panel)), rel=0.05)


def test_spectrum_of_the_noise_is_the_kernel_s() -> None:
    carm = view(256)
    pulse, taps = pulse_of(carm), np.array(blur_taps(QUIET, round(view(256).pixel_mm, 6)))
    power = np.mean([np.abs(np.fft.fft(panel_image(pulse, index) - pulse.mean, axis=1)) ** 2 for index in range(4)], axis=(0, 1))
    frequency = np.fft.fftfreq(256)
    kernel = np.cos(2 * np.pi * np.outer(frequency, np.arange(len(taps)))) @ (taps * np.where(np.arange(len(taps)) == 0, 1, 2))
    shape = power[1:128] / power[1:128].mean() / (kernel[1:128] ** 2 / (kernel[1:128] ** 2).mean())
    np.testing.assert_allclose(shape.reshape(-1, 127).mean(axis=0), 1, atol=0.2)  # 1,024 lines: 3 % by bin, 5 sigma


def test_frames_share_no_noise() -> None:
    pulse = pulse_of(view(256))
    first, second = (panel_image(pulse, index) - pulse.mean for index in (0, 1))
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / 256  # 65,536 pixels, some correlated: 5 sigma


def test_a_frame_can_be_made_again_alone() -> None:
    pulse = pulse_of(view(128))
    np.testing.assert_array_equal(panel_image(pulse, 7), panel_image(pulse, 7))
    assert (panel_image(pulse, 7) != panel_image(pulse, 8)).any()


def test_threads_leave_the_bits_alone() -> None:
    carm = view(512)
    one, two = (expose(wedge_scene(carm), carm, Technique(), Collimator(), QUIET, threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.mean, two.mean)
    reads = [read(one, read(one, None, OFF, np.random.default_rng(1)), OFF, np.random.default_rng(2), threads=n) for n in (1, 2)]
    np.testing.assert_array_equal(reads[0].filtered, reads[1].filtered)


def test_recursive_filter_averages_noise_down() -> None:
    pulse, recursion = pulse_of(view(256)), Recursion(still=0.4)
    reading = None
    for index in range(12):
        reading = read(pulse, reading, recursion, np.random.default_rng([1, index]))
    assert reading is not None
    expected = np.sqrt(0.4 / 1.6 * coloured_noise_share(view(256), QUIET) / QUIET.swank * pulse.mean.mean())
    assert (reading.filtered - pulse.mean).std() == pytest.approx(expected, rel=0.1)  # lag correlates frames by 3 %


def test_averaging_pulses_divides_the_variance() -> None:
    pulse = pulse_of(view(256))
    single, averaged = (read(pulse, None, OFF, np.random.default_rng(3), averaged=count).panel for count in (1, 9))
    assert (averaged - pulse.mean).std() == pytest.approx((single - pulse.mean).std() / 3, rel=1e-3)


def test_lag_leaves_a_share_of_the_last_pulse() -> None:
    carm = view(128)
    bright, dark = pulse_of(carm, thickness_cm=5.0), pulse_of(carm, thickness_cm=40.0)
    before = read(bright, None, OFF, np.random.default_rng(0))
    after = read(dark, before, OFF, np.random.default_rng(1)).panel.mean() - dark.mean.mean()
    assert after / bright.mean.mean() == pytest.approx(QUIET.lag, rel=0.02)


def test_the_filter_opens_when_the_picture_moves() -> None:
    carm = view(128)
    bright, dark = pulse_of(carm, thickness_cm=15.0), pulse_of(carm, thickness_cm=20.0)
    before = read(bright, None, Recursion(), np.random.default_rng(0))
    after = read(dark, before, Recursion(still=0.3), np.random.default_rng(1))
    assert after.filtered.mean() == pytest.approx(after.panel.mean(), rel=0.01)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="still must lie above 0"):
        Recursion(still=0)
    with pytest.raises(ValueError, match="1 pulse or more"):
        read(pulse_of(view(64)), None, OFF, np.random.default_rng(0), averaged=0)


def test_the_bank_is_remembered_and_cannot_be_written() -> None:
    taps = (0.8, 0.1)
    assert noise.make_noise_bank((64, 64), taps) is noise.make_noise_bank((64, 64), taps)
    with pytest.raises(ValueError, match="read-only"):
        noise.make_noise_bank((64, 64), taps)[0] = 1
