"""The display chain: logarithm, equalisation of the coarse shape of the body, edge enhancement, window, grey levels."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.xray.image.pulse import COARSE, Pulse
from simulator.xray.image.readout import FLOOR_QUANTA
from simulator.xray.numerics import row_bands
from simulator.xray.numerics.interpolation import make_linear_weights, pool
from simulator.xray.physics import scatter
from simulator.xray.physics.collimator import iris_shade, shade

RAW_SHARE = 0.25  # coarse cells brighter than this share of the open beam are taken for raw beam and left out of the window
RIM_SHARE, RIM_TIMES = 0.08, 20.0  # of the open beam, and times the tissue's median: the skin's thin rim, brighter than either, is not
# flattened, since coarse cells there are half raw beam and would leave beads
SHADING_LOG = 0.06  # what equalisation leaves of the body's shading saturates at this, either way
BRIGHT_SHARE = 1.3  # the window reaches as far above the median as below, times this: gas and rims go white first
BASE_MM = 22.0  # blur of the image that equalisation flattens, standard deviation on the detector
STEEP_LOG = 0.6  # standard deviation within the blur from which the body's shape counts as steep, and is flattened as it is
EDGE_MM = 0.6  # edges are enhanced over this distance
STEEPNESS = 1.15  # of the tone curve tanh(steepness x), x = -1 .. 1 across the window
LEVELS, LEVELS_PER_UNIT = 1 << 16, 4000.0  # of x, for the tone curve's table: it ends at x = 8, where the curve is flat


@dataclass(frozen=True, kw_only=True, slots=True)
class Display:
    """How the monitor shows the panel's signal.

    Attributes
    ----------
    logarithm : bool
        Take the logarithm first, as digital units do; without it the signal's own scale is shown.
    equalisation : float
        Share of the body's coarse shading that is taken out, 0 to 1.
    enhancement : float
        Edge enhancement (unsharp mask), 0 for none.
    contrast : float
        Factor on the automatic window's contrast.
    brightness : float
        Shift of the grey levels, -1 to 1.
    inverted : bool
        Bone white as on film; off, bone and needle are dark as on a fluoroscopy monitor.
    flip_columns, flip_rows : bool
        Mirror the monitor left to right, or top to bottom.
    quarter_turns : int
        Turn the monitor by so many quarters counter-clockwise.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    logarithm: bool = True
    equalisation: float = 0.75
    enhancement: float = 0.25
    contrast: float = 1.0
    brightness: float = 0.0
    inverted: bool = False
    flip_columns: bool = False
    flip_rows: bool = False
    quarter_turns: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.equalisation <= 1 and self.enhancement >= 0 and self.contrast > 0 and -1 <= self.brightness <= 1):
            raise ValueError(f"Display needs equalisation in 0..1, enhancement >= 0, contrast > 0, brightness in -1..1, got {self}")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Window:
    """Grey = slope x (log signal) + offset by coarse cell, before the tone curve; -1 is black, 1 white.

    Attributes
    ----------
    slope : float
        Contrast, by unit of the logarithm (or of the signal).
    offset : ndarray, shape (64, 64)
        On coarse cells, dimensionless: the equalisation and the level.
    """

    slope: float
    offset: NDArray[np.float32]


def choose_window(pulse: Pulse, display: Display) -> Window:
    """Choose window and level on the collimated field, from the pulse's coarse signal (so noise does not move them)."""
    scaled = _scale(pulse.coarse, display)
    tissue = _tissue(pulse)
    base = _equalise_part(_base(scaled, tissue, pulse, display), display)
    low, middle, high = np.percentile((scaled - base)[tissue], [0.5, 50.0, 99.0])
    least = 0.7 if display.logarithm else 0.3 * float(np.abs(scaled[tissue]).mean())
    high = min(high, middle + max(BRIGHT_SHARE * (middle - low), least / 2))
    half = max(high - low, least) / 2 * 1.08
    slope = display.contrast / half
    return Window(slope=slope, offset=(-slope * (base + (low + high) / 2) + display.brightness).astype(np.float32))


def show(signal: NDArray[np.float32], pulse: Pulse, display: Display, threads: int = 2) -> NDArray[np.uint8]:
    """Turn a panel signal into grey levels.

    Parameters
    ----------
    signal : ndarray, shape (rows, columns)
        Signal of the panel, quanta per pixel.
    pulse : Pulse
        The pulse that made it: for window, leaves and view.
    display : Display
        Settings.
    threads : int
        1 or 2; the bits do not depend on it.

    Returns
    -------
    pixels : ndarray, shape (rows, columns), or turned
        Grey levels, 0 black to 255 white, uint8, read-only.
    """
    chosen = choose_window(pulse, display)
    return _finish(_map_to_grey(signal, None, chosen, pulse, display, threads), pulse, display)


def show_difference(
    signal: NDArray[np.float32], mask: NDArray[np.float32], pulse: Pulse, display: Display, threads: int = 2
) -> NDArray[np.uint8]:
    """Turn the logarithmic difference of a signal and a mask into grey levels: what has not changed is grey, contrast medium dark.

    Parameters
    ----------
    signal, mask : ndarray, shape (rows, columns)
        Signals of the panel, quanta per pixel.
    pulse, display, threads
        As in `show`.

    Returns
    -------
    pixels : ndarray, shape (rows, columns), or turned
        Grey levels, uint8, read-only.
    """
    fixed = Window(slope=display.contrast / SUBTRACTION_LOG, offset=np.full((COARSE,) * 2, 0.25 + display.brightness, dtype=np.float32))
    return _finish(_map_to_grey(signal, mask, fixed, pulse, display, threads), pulse, display)


SUBTRACTION_LOG = 0.35  # half width of the subtraction's window


def _map_to_grey(
    signal: NDArray[np.float32], mask: NDArray[np.float32] | None, chosen: Window, pulse: Pulse, display: Display, threads: int
) -> NDArray[np.uint8]:
    grey = np.empty(signal.shape, dtype=np.uint8)
    step = max(1, round(EDGE_MM / pulse.carm.pixel_mm))
    sharp, blurred = chosen.slope * (1 + display.enhancement) * LEVELS_PER_UNIT, chosen.slope * display.enhancement * LEVELS_PER_UNIT / 16
    level = np.asarray(chosen.offset * np.float32(LEVELS_PER_UNIT) + np.float32(LEVELS / 2), dtype=np.float32)
    level = level @ make_linear_weights(signal.shape[1], COARSE).T
    curve = _curve(display.inverted)

    def work(parts: Iterator[row_bands.Band]) -> None:
        buffers = tuple(row_bands.make_scratch(signal.shape, halo=step) for _ in range(4))
        places = np.empty(buffers[0].shape, dtype=np.int32)
        for first, last in parts:
            values, spare = _sharpen(signal, mask, (first, last), step, (sharp, blurred), display.logarithm, buffers)
            scatter.fill_rows(level, (first, last), len(signal), spare)
            np.add(values, spare, out=values)
            np.copyto(places[: last - first], values, casting="unsafe")
            curve.take(places[: last - first], out=grey[first:last], mode="clip")

    row_bands.run(work, signal.shape, threads)
    return grey


def _sharpen(
    signal: NDArray[np.float32],
    mask: NDArray[np.float32] | None,
    band: row_bands.Band,
    step: int,
    factors: tuple[float, float],
    logarithm: bool,
    buffers: tuple[NDArray[np.float32], ...],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logarithm of one band times a factor, less its blur times another, in one of the buffers; and a buffer of its shape to spare.

    The blur is 1 2 1 along both axes, over two steps of pixels: twice the sum of neighbours, and its size is left to the factor.
    """
    first, last = band
    rows = last - first
    scaled, down, blurred, spare = (buffer[: rows + 2 * step] for buffer in buffers)
    top, bottom = max(0, first - step), min(len(signal), last + step)
    inside = slice(top - first + step, bottom - first + step)
    _scale_into(signal[top:bottom], logarithm, scaled[inside])
    if mask is not None:
        np.subtract(scaled[inside], _scale_into(mask[top:bottom], logarithm, down[inside]), out=scaled[inside])
    scaled[: inside.start] = scaled[inside.start]
    scaled[inside.stop :] = scaled[inside.stop - 1]
    values = scaled[step : step + rows]
    if factors[1] > 0:
        np.add(scaled[:-step], scaled[step:], out=down[:-step])
        np.add(down[:rows], down[step : step + rows], out=spare[:rows])
        row_bands.blur_columns(spare[:rows], (2.0, 1.0), blurred[:rows], down[:rows], step)
        np.multiply(blurred[:rows], np.float32(factors[1]), out=blurred[:rows])
    np.multiply(values, np.float32(factors[0]), out=values)
    if factors[1] > 0:
        np.subtract(values, blurred[:rows], out=values)
    return values, spare[:rows]


@cache
def _curve(inverted: bool) -> NDArray[np.uint8]:
    """Grey level of each of many levels across the tone curve, shape (65536,): looked up in a third of the time that tanh takes."""
    x = (np.arange(LEVELS) + 0.5 - LEVELS / 2) / LEVELS_PER_UNIT
    curve = (127.5 * np.tanh((-STEEPNESS if inverted else STEEPNESS) * x) + 127.5).astype(np.uint8)
    curve.setflags(write=False)
    return curve


def _finish(grey: NDArray[np.uint8], pulse: Pulse, display: Display) -> NDArray[np.uint8]:
    """Blank what the collimator hides, then mirror and turn."""
    rows, columns = (np.flatnonzero(edge > 0.5) for edge in shade(pulse.collimator, pulse.carm))
    for axis, lit in ((0, rows), (1, columns)):
        view = np.moveaxis(grey, axis, 0)
        view[: lit[0] if lit.size else None] = 0
        view[lit[-1] + 1 if lit.size else 0 :] = 0
    iris = iris_shade(pulse.collimator, pulse.carm)
    if iris is not None:
        grey[iris < 0.5] = 0
    grey = grey[:: -1 if display.flip_rows else 1, :: -1 if display.flip_columns else 1]
    grey = np.ascontiguousarray(np.rot90(grey, display.quarter_turns))
    grey.setflags(write=False)
    return grey


def _scale(signal: NDArray, display: Display) -> NDArray[np.float64]:
    return np.log(np.maximum(signal, FLOOR_QUANTA)) if display.logarithm else np.asarray(signal, dtype=np.float64)


def _scale_into(signal: NDArray[np.float32], logarithm: bool, out: NDArray[np.float32]) -> NDArray[np.float32]:
    if not logarithm or signal.min() < FLOOR_QUANTA:  # few bands hold any so dark
        signal = np.maximum(signal, np.float32(FLOOR_QUANTA), out=out)
    return np.log(signal, out=out) if logarithm else out


def _tissue(pulse: Pulse) -> NDArray[np.bool_]:
    """Coarse cells that the window has to show: inside the field, and no raw beam."""
    lit = pulse.lit if pulse.lit.any() else np.ones_like(pulse.lit)
    covered = lit & (pulse.coarse < RAW_SHARE * pulse.open_quanta)
    if covered.sum() < 0.02 * lit.sum():
        return lit
    return covered


def _base(scaled: NDArray[np.float64], tissue: NDArray[np.bool_], pulse: Pulse, display: Display) -> NDArray[np.float64]:
    """Coarse shape of the body, about its mean: blurred over tissue only, but kept where it is steep (fast guided filter, He and Sun 2015).

    A plain blur would leave a dark seam along the skin, where the body thins out within the blur, and a white one beside it.
    """
    ceiling, floor = np.percentile(scaled[tissue], [99.5, 0.5])
    rim = _scale(np.array(min(RIM_SHARE * pulse.open_quanta, RIM_TIMES * float(np.median(pulse.coarse[tissue])))), display)
    held = np.clip(scaled, floor, max(min(ceiling, float(rim)), floor))
    share, values, squares = (pool(cells, scatter.CELLS) for cells in (tissue, held * tissue, held * held * tissue))
    near, far = (_blurs(pulse, count) for count in (scatter.CELLS, COARSE))
    weight = np.maximum(near[0] @ share @ near[1].T, 1e-6)
    mean, square = (near[0] @ cells @ near[1].T / weight for cells in (values, squares))
    variance = np.maximum(square - mean * mean, 0.0)
    kept = variance / (variance + STEEP_LOG**2)
    weight, kept, rest = (far[0] @ (share * cells) @ far[1].T for cells in (1.0, kept, (1.0 - kept) * mean))
    held = np.where(pulse.lit, held, mean.repeat(2, axis=0).repeat(2, axis=1))  # behind the leaves nothing is steep
    base = (kept * held + rest) / np.maximum(weight, 1e-6)
    return np.asarray(base - base[tissue].mean())


def _blurs(pulse: Pulse, fine: int) -> tuple[NDArray[np.float64], ...]:
    """Blur of half as fine an image as the coarse one to so many cells, along rows and columns."""
    height, width = (scatter.gaussian(fine, scatter.CELLS, count * pulse.carm.pixel_mm, BASE_MM) for count in pulse.carm.shape)
    return height, width


def _equalise_part(base: NDArray[np.float64], display: Display) -> NDArray[np.float64]:
    """Part of the coarse shape that equalisation takes out: a share of small shadings, nearly all of large ones."""
    if display.equalisation == 0 or not display.logarithm:
        return display.equalisation * base
    return np.asarray(base - SHADING_LOG * np.tanh((1 - display.equalisation) * base / SHADING_LOG))
