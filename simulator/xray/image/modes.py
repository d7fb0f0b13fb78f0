"""Modes of a fluoroscopy unit as pure functions over a carry: pulsed fluoroscopy, single shot, last-image hold, DSA and roadmap.

`develop` turns a pulse into a frame; whatever the unit remembers between pulses (recursive filter, lag, mask, the deepest contrast so far)
is in the carry that goes in and the new one that comes out. Noise comes from ``default_rng([seed, index])``, so any frame can be made
again alone.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from simulator.xray.image.display import Display, show, show_difference
from simulator.xray.image.pulse import Pulse
from simulator.xray.image.readout import Reading, Recursion, read
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.technique import Technique

RAW_COUNTS_MM2 = 1.0  # counts for one absorbed quantum per mm2: tissue reads some hundreds, raw beam saturates as in life
RAW_MAX = 65535


class Mode(StrEnum):
    """How pulses become frames."""

    FLUOROSCOPY = "fluoroscopy"
    SINGLE = "single"
    DSA = "dsa"
    ROADMAP = "roadmap"

    @property
    def subtracts(self) -> bool:
        """Whether a mask is taken from its frames."""
        return self in (Mode.DSA, Mode.ROADMAP)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Frame:
    """An image on the monitor, with what made it.

    Attributes
    ----------
    pixels : ndarray, shape (rows, columns)
        Grey levels, uint8, read-only, 0 black.
    index : int
        Number of the pulse.
    mode : Mode
        How it was made.
    held : bool
        Whether this is the last image held, with the beam off.
    technique : Technique
        What was set.
    collimator : Collimator
        Where the leaves stood.
    """

    pixels: NDArray[np.uint8]
    index: int
    mode: Mode
    held: bool
    technique: Technique
    collimator: Collimator

    def __repr__(self) -> str:
        rows, columns = self.pixels.shape
        held = ", held" if self.held else ""
        return f"<Frame {self.index}, {self.mode}, {rows} x {columns}, {self.technique.kvp:.1f} kV{held}>"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ImageMemory:
    """What the unit remembers between pulses; a fresh one has nothing.

    Attributes
    ----------
    reading : Reading or None
        Panel and filter after the last pulse.
    mask : ndarray, shape (rows, columns), or None
        Signal that DSA and roadmap subtract, quanta per pixel.
    darkest : ndarray, shape (rows, columns), or None
        Least signal of every pixel during the run: the vessels as full as they were seen, quanta per pixel.
    frame : Frame or None
        The last frame.
    """

    reading: Reading | None = None
    mask: NDArray[np.float32] | None = None
    darkest: NDArray[np.float32] | None = None
    frame: Frame | None = None

    def __repr__(self) -> str:
        kept = [name for name in ("reading", "mask", "darkest") if getattr(self, name) is not None]
        return f"<ImageMemory of {', '.join(kept) or 'nothing'}, last {self.frame!r}>"


def develop(
    carry: ImageMemory,
    pulse: Pulse,
    *,
    seed: int,
    index: int,
    mode: Mode = Mode.FLUOROSCOPY,
    display: Display | None = None,
    recursion: Recursion | None = None,
    averaged: int = 1,
    threads: int = 2,
) -> tuple[ImageMemory, Frame]:
    """Turn a pulse into a frame.

    Parameters
    ----------
    carry : ImageMemory
        What the unit remembers.
    pulse : Pulse
        Mean signal.
    seed, index : int
        The frame's noise comes from ``default_rng([seed, index])``.
    mode : Mode
        In DSA without a mask, the first pulse's image becomes the mask; roadmap needs one (`take_roadmap`).
    display, recursion
        Settings; the default ones if left out.
    averaged : int
        Pulses like this one that the panel adds up and averages before anything else.
    threads : int
        1 or 2; the bits do not depend on it.

    Raises
    ------
    ValueError
        If fewer than one pulse is averaged, or the mode needs a mask that the carry does not hold, or whose shape differs.
    """
    display = display or Display()
    rng = np.random.default_rng([seed, index])
    before = None if mode is Mode.SINGLE else carry.reading
    reading = read(pulse, before, recursion or Recursion(), rng, averaged=averaged, threads=threads)
    carry = _remember(carry, reading, mode)
    pixels = _render(carry, reading, pulse, mode, display, threads)
    frame = Frame(pixels=pixels, index=index, mode=mode, held=False, technique=pulse.technique, collimator=pulse.collimator)
    return replace(carry, frame=frame), frame


def hold(carry: ImageMemory) -> Frame:
    """Last image, held on the monitor with the beam off.

    Raises
    ------
    ValueError
        If there has been no image.
    """
    if carry.frame is None:
        raise ValueError("there is no image to hold; expose a pulse first")
    return replace(carry.frame, held=True)


def take_mask(carry: ImageMemory) -> ImageMemory:
    """Make the present image the mask of the next DSA run.

    Raises
    ------
    ValueError
        If there has been no image.
    """
    return replace(carry, mask=_present(carry), darkest=None)


def take_roadmap(carry: ImageMemory) -> ImageMemory:
    """Make the fullest vessels of the run the mask of a roadmap, on which they then stand white and a needle dark.

    Raises
    ------
    ValueError
        If there has been no image.
    """
    return replace(carry, mask=_present(carry) if carry.darkest is None else carry.darkest, darkest=None)


def to_raw_counts(reading: Reading, pixel_mm: float) -> NDArray[np.uint16]:
    """Unprocessed counts for a 16-bit file, shape (rows, columns), one count per absorbed quantum and mm2, uint16.

    Parameters
    ----------
    reading : Reading
        The panel's image.
    pixel_mm : float
        Pixel pitch, mm.
    """
    return np.clip(reading.panel * np.float32(RAW_COUNTS_MM2 / pixel_mm**2) + np.float32(0.5), 0, RAW_MAX).astype(np.uint16)


def _present(carry: ImageMemory) -> NDArray[np.float32]:
    if carry.reading is None:
        raise ValueError("there is no image to take a mask from; expose a pulse first")
    return carry.reading.filtered


def _remember(carry: ImageMemory, reading: Reading, mode: Mode) -> ImageMemory:
    if mode is not Mode.DSA:
        return replace(carry, reading=reading)
    mask, darkest = reading.filtered if carry.mask is None else carry.mask, carry.darkest
    darkest = reading.filtered if darkest is None or darkest.shape != reading.filtered.shape else np.minimum(darkest, reading.filtered)
    return replace(carry, reading=reading, mask=mask, darkest=darkest)


def _render(carry: ImageMemory, reading: Reading, pulse: Pulse, mode: Mode, display: Display, threads: int) -> NDArray[np.uint8]:
    if not mode.subtracts:
        return show(reading.filtered, pulse, display, threads)
    if carry.mask is None:
        raise ValueError("roadmap needs a mask; run DSA and call take_roadmap first")
    if carry.mask.shape != reading.filtered.shape:
        raise ValueError(f"the mask has shape {carry.mask.shape}, the image {reading.filtered.shape}; take a mask at this size")
    return show_difference(reading.filtered, carry.mask, pulse, display, threads)
