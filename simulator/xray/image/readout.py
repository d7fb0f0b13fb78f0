"""Reading the panel out: noise, lag of the previous pulses, and the recursive filter that averages frames in time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.xray.image import noise
from simulator.xray.image.pulse import Pulse
from simulator.xray.numerics import row_bands
from simulator.xray.physics.detector import Panel, blur_taps

FLOOR_QUANTA = 0.5  # signals are held above this, so that a logarithm exists
MOTION_LOG = 0.15  # rms change of the coarse log signal at which the filter is almost switched off


@dataclass(frozen=True, kw_only=True, slots=True)
class Recursion:
    """Recursive temporal filter y = a x + (1 - a) y.

    Attributes
    ----------
    still : float
        Weight a of the new frame while nothing moves, 0 to 1 (0.3 to 0.6 in use; 1 switches the filter off).
    adaptive : bool
        Let the weight rise towards 1 when the whole picture moves.
    """

    still: float = 0.4
    adaptive: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.still <= 1:
            raise ValueError(f"Recursion.still must lie above 0 and not above 1, got {self.still:g}")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Reading:
    """The panel's image of one pulse.

    Attributes
    ----------
    panel : ndarray, shape (rows, columns)
        Signal with noise and lag, quanta per pixel, float32, read-only: what a raw file holds.
    filtered : ndarray, shape (rows, columns)
        The same after the recursive filter.
    coarse : ndarray, shape (64, 64)
        Mean signal on coarse cells, quanta per pixel.
    """

    panel: NDArray[np.float32]
    filtered: NDArray[np.float32]
    coarse: NDArray[np.float64]


def read(
    pulse: Pulse, before: Reading | None, recursion: Recursion, rng: np.random.Generator, *, averaged: int = 1, threads: int = 2
) -> Reading:
    """Read one pulse.

    Parameters
    ----------
    pulse : Pulse
        Mean signal.
    before : Reading or None
        Reading of the pulse before; ignored where its shape differs.
    recursion : Recursion
        Temporal filter.
    rng : numpy.random.Generator
        The frame's own, ``default_rng([seed, index])``.
    averaged : int
        Equal pulses averaged into the reading.
    threads : int
        1 or 2; the bits do not depend on it.

    Raises
    ------
    ValueError
        If fewer than one pulse is averaged.
    """
    if averaged < 1:
        raise ValueError(f"averaged must be 1 pulse or more, got {averaged}")
    shape = pulse.mean.shape
    same = before is not None and before.panel.shape == shape
    grain, sign = noise.draw(shape, blur_taps(pulse.panel, round(pulse.carm.pixel_mm, 6)), rng)
    panel = np.empty(shape, dtype=np.float32)
    filtered = np.empty(shape, dtype=np.float32) if same else panel
    weight = new_frame_weight(pulse.coarse, before.coarse, recursion) if before is not None and same else 1.0

    def work(parts: Iterator[row_bands.Band]) -> None:
        spare = row_bands.make_scratch(shape)
        for first, last in parts:
            band = slice(first, last)
            _add_noise(pulse.mean[band], grain[band], sign / averaged**0.5, pulse.panel, panel[band])
            if before is not None and same:
                _blend(before.panel[band], pulse.panel.lag, panel[band], spare[: last - first], panel[band])
                _blend(before.filtered[band], 1 - weight, panel[band], spare[: last - first], filtered[band])

    row_bands.run(work, shape, threads)
    for image in (panel, filtered):
        image.setflags(write=False)
    return Reading(panel=panel, filtered=filtered, coarse=pulse.coarse)


def new_frame_weight(coarse: NDArray[np.float64], before: NDArray[np.float64], recursion: Recursion) -> float:
    """Weight of the new frame, 0 to 1, by how much the picture has changed.

    Parameters
    ----------
    coarse, before : ndarray, shape (64, 64)
        Mean signals of this pulse and the one before, quanta per pixel.
    recursion : Recursion
        Temporal filter.
    """
    if not recursion.adaptive:
        return recursion.still
    change = np.log(np.maximum(coarse, FLOOR_QUANTA)) - np.log(np.maximum(before, FLOOR_QUANTA))
    moved = 1 - float(np.exp(-np.square(change).mean() / MOTION_LOG**2))
    return recursion.still + (1 - recursion.still) * moved


def _add_noise(mean: NDArray[np.float32], grain: NDArray[np.float32], factor: float, panel: Panel, out: NDArray[np.float32]) -> None:
    """Write mean + factor x grain x root of the variance to out; the factor's size goes under the root, its sign into the sum."""
    np.multiply(mean, np.float32(factor**2 / panel.swank), out=out)
    np.add(out, np.float32((factor * panel.electronic_quanta) ** 2), out=out)
    np.sqrt(out, out=out)
    np.multiply(out, grain, out=out)
    (np.add if factor > 0 else np.subtract)(mean, out, out=out)


def _blend(old: NDArray[np.float32], share: float, new: NDArray[np.float32], spare: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write new + share (old - new) to out."""
    np.subtract(old, new, out=spare)
    np.multiply(spare, np.float32(share), out=spare)
    np.add(new, spare, out=out)
