"""One X-ray pulse: from line integrals to the mean signal in every pixel, before noise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image.scene import Scene
from simulator.xray.numerics import row_bands
from simulator.xray.numerics.interpolation import make_linear_weights, pool
from simulator.xray.physics import detector_response, scatter
from simulator.xray.physics.collimator import Collimator, iris_shade, opening_mm2, shade
from simulator.xray.physics.detector import Panel, blur_taps
from simulator.xray.physics.technique import GRID_TRANSMISSION, Technique, focal_shadow_mm, source_to_object_mm

COARSE = 64  # cells along each side of the coarse image from which scatter and the window are worked out
GLARE = 0.015  # veiling glare of a flat panel, share of the signal (little or none: Lai and others; value recalled, unverified)


Window = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Pulse:
    """Mean signal of one pulse, with what made it.

    Attributes
    ----------
    mean : ndarray, shape (rows, columns)
        Expected absorbed quanta per pixel, blurred by focal spot and detector, with scatter; float32, read-only.
    coarse : ndarray, shape (64, 64)
        The same on coarse cells, for scatter, window and motion.
    lit : ndarray, shape (64, 64)
        Coarse cells inside the collimated field, boolean.
    open_quanta : float
        Signal of the unattenuated beam, quanta per pixel.
    carm, technique, collimator, panel
        View, technique, leaves and detector of the pulse.
    """

    mean: NDArray[np.float32]
    coarse: NDArray[np.float64]
    lit: NDArray[np.bool_]
    open_quanta: float
    carm: CArm
    technique: Technique
    collimator: Collimator
    panel: Panel

    def __repr__(self) -> str:
        rows, columns = self.mean.shape
        return f"<Pulse {rows} x {columns}, {self.technique.kvp:.1f} kV>"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Beam:
    """What the pixels of one pulse share; it depends on the anatomy but not on needle, contrast medium or markers.

    Attributes
    ----------
    lines : Response
        The spectrum.
    open_quanta : float
        Signal of the unattenuated beam behind the grid, quanta per pixel.
    taps : tuple of float
        Blur by detector and focal spot along one axis, centre first.
    rows, columns : ndarray, shape (rows,) and (columns,)
        Share of the beam that the leaves let through, dimensionless.
    iris : ndarray, shape (rows, columns), or None
        Share that the iris lets through, dimensionless.
    coarse : ndarray, shape (64, 64)
        Signal of the anatomy on coarse cells, quanta per pixel.
    lit : ndarray, shape (64, 64)
        Coarse cells inside the field, boolean.
    scatter_by_column : ndarray, shape (32, columns)
        Scatter and glare, interpolated along the columns' axis only, quanta per pixel.
    """

    lines: detector_response.Response
    open_quanta: float
    taps: tuple[float, ...]
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    iris: NDArray[np.float32] | None
    coarse: NDArray[np.float64]
    lit: NDArray[np.bool_]
    scatter_by_column: NDArray[np.float32]

    @property
    def halo(self) -> int:
        """Reach of the blur, pixels."""
        return len(self.taps) - 1


def expose(scene: Scene, carm: CArm, technique: Technique, collimator: Collimator, panel: Panel, threads: int = 2) -> Pulse:
    """Expose a scene.

    Parameters
    ----------
    scene : Scene
        Line integrals on the C-arm's pixels.
    carm, technique, collimator, panel
        View, technique, leaves and detector.
    threads : int
        1 or 2; the bits do not depend on it.

    Raises
    ------
    ValueError
        If the scene's shape is not the C-arm's.
    """
    beam = make_beam(scene, carm, technique, collimator, panel)
    return expose_beam(scene, beam, carm, technique, collimator, panel, threads)


def expose_beam(
    scene: Scene, beam: Beam, carm: CArm, technique: Technique, collimator: Collimator, panel: Panel, threads: int = 2
) -> Pulse:
    """Expose a scene with a beam that `make_beam` made for the same anatomy and settings."""
    mean = np.empty(carm.shape, dtype=np.float32)
    fill(mean, scene, beam, [(*band, 0, carm.shape[1]) for band in row_bands.split(carm.shape)], threads)
    return finish(mean, beam, carm, technique, collimator, panel)


def finish(mean: NDArray[np.float32], beam: Beam, carm: CArm, technique: Technique, collimator: Collimator, panel: Panel) -> Pulse:
    """Make a pulse of its mean signal, shape (rows, columns), quanta per pixel, which becomes read-only."""
    mean.setflags(write=False)
    return Pulse(
        mean=mean,
        coarse=beam.coarse,
        lit=beam.lit,
        open_quanta=beam.open_quanta,
        carm=carm,
        technique=technique,
        collimator=collimator,
        panel=panel,
    )


def make_beam(scene: Scene, carm: CArm, technique: Technique, collimator: Collimator, panel: Panel) -> Beam:
    """Work out what all pixels of a pulse share.

    Raises
    ------
    ValueError
        If the scene's shape is not the C-arm's.
    """
    scene.check_shape(carm.shape)
    lines = detector_response.fit_response(technique.kvp, technique.copper_mm, panel)
    area_mm2 = (1000.0 / carm.source_to_image_mm) ** 2 * carm.pixel_mm**2
    open_quanta = lines.quanta_per_mas_mm2 * technique.mas * area_mm2 * (GRID_TRANSMISSION if technique.grid else 1.0)
    rows, columns = shade(collimator, carm)
    coarse, scattered, lit = _coarse_signal(scene, lines, open_quanta, carm, technique, collimator)
    return Beam(
        lines=lines,
        open_quanta=open_quanta,
        taps=blur_taps(panel, round(carm.pixel_mm, 6), round(focal_shadow_mm(technique, carm), 6)),
        rows=rows,
        columns=columns,
        iris=iris_shade(collimator, carm),
        coarse=coarse,
        lit=lit,
        scatter_by_column=(scattered @ make_linear_weights(carm.shape[1], scatter.CELLS).T).astype(np.float32),
    )


def fill(mean: NDArray[np.float32], scene: Scene, beam: Beam, windows: Sequence[Window], threads: int = 2) -> None:
    """Expose parts of a scene into an image, to the same bits as the whole.

    Parameters
    ----------
    mean : ndarray, shape (rows, columns)
        Image to write into, quanta per pixel.
    scene, beam
        What to expose, with what.
    windows : sequence of (int, int, int, int)
        First and last row, first and last column (last excluded), pixels; the rows of each must be one of `bands.split`.
    threads : int
        1 or 2; the bits do not depend on it.
    """

    def work(parts: Iterator[Window]) -> None:
        size = row_bands.make_scratch(mean.shape, beam.halo).size
        buffers = tuple(np.empty(size, dtype=np.float32) for _ in range(3))
        for window in parts:
            _fill_window(mean, scene, beam, window, buffers)

    row_bands.share(work, windows, threads)


def _fill_window(mean: NDArray[np.float32], scene: Scene, beam: Beam, window: Window, buffers: tuple[NDArray[np.float32], ...]) -> None:
    """Primary, blur and scatter of one window. Scatter is worked out over the band's whole width, so that its bits never change."""
    first, last, left, right = window
    halo, (height, width) = beam.halo, mean.shape
    top, bottom, west, east = max(0, first - halo), min(height, last + halo), max(0, left - halo), min(width, right + halo)
    primary, spare, term = (_shape_buffer(buffer, last - first + 2 * halo, east - west) for buffer in buffers)
    inside, columns = slice(top - first + halo, bottom - first + halo), slice(west, east)
    channels, (taps, gain) = scene.window(slice(top, bottom), columns), row_bands.normalise_taps(beam.taps)
    detector_response.transmit(beam.lines, beam.open_quanta * gain, channels, primary[inside], (spare[inside], term[inside]))
    _shade(beam, primary[inside], slice(top, bottom), columns)
    primary[: inside.start] = primary[inside.start]
    primary[inside.stop :] = primary[inside.stop - 1]
    blurred, target = spare[: last - first], primary[: last - first]
    row_bands.blur_rows(primary, taps, blurred, term[: last - first])
    row_bands.blur_columns(blurred, taps, target, term[: last - first])
    scattered = _shape_buffer(buffers[1], last - first, width)
    scatter.fill_rows(beam.scatter_by_column, (first, last), height, scattered)
    np.add(target[:, left - west : right - west], scattered[:, left:right], out=mean[first:last, left:right])


def _shape_buffer(buffer: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Contiguous array in a flat buffer."""
    return buffer[: rows * columns].reshape(rows, columns)


def _coarse_signal(
    scene: Scene, lines: detector_response.Response, open_quanta: float, carm: CArm, technique: Technique, collimator: Collimator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Signal of the anatomy (64, 64), its scatter with glare (32, 32), and the cells inside the field (64, 64)."""
    channels = scene.sample(COARSE)
    field = _coarse_field(collimator, carm)
    lit = field > 0.5
    primary = detector_response.transmission(lines, [*channels]) * open_quanta * field
    thickness_cm = scatter.water_cm(channels[1])
    source = _scatter_source(primary, thickness_cm, lit, carm, technique, opening_mm2(collimator, carm))
    sides = carm.pixel_mm * carm.shape[0], carm.pixel_mm * carm.shape[1]
    source, thickness_cm, field = (pool(cells, scatter.CELLS) for cells in (source, thickness_cm, field))
    scattered = scatter.spread(source, thickness_cm, field, sides)
    up = make_linear_weights(COARSE, scatter.CELLS).astype(np.float64)
    return primary + up @ scattered @ up.T, scattered, lit


def _shade(beam: Beam, primary: NDArray[np.float32], rows: slice, columns: slice) -> None:
    if beam.rows[rows].min() < 1:
        primary *= beam.rows[rows, None]
    if beam.columns[columns].min() < 1:
        primary *= beam.columns[columns]
    if beam.iris is not None:
        primary *= beam.iris[rows, columns]


def _coarse_field(collimator: Collimator, carm: CArm) -> NDArray[np.float64]:
    row, column = shade(collimator, carm, (COARSE, COARSE))
    iris = iris_shade(collimator, carm, (COARSE, COARSE))
    return np.asarray(row[:, None] * column * (1.0 if iris is None else iris), dtype=np.float64)


def _scatter_source(
    primary: NDArray[np.float64],
    thickness_cm: NDArray[np.float64],
    lit: NDArray[np.bool_],
    carm: CArm,
    technique: Technique,
    area_mm2: float,
) -> NDArray[np.float64]:
    middle_cm = float(np.median(thickness_cm[lit])) if lit.any() else 0.0
    gap_cm = (carm.source_to_image_mm - source_to_object_mm(carm)) / 10 - middle_cm / 2
    ratio = scatter.scatter_to_primary(thickness_cm, area_mm2 / 100, gap_cm, technique.grid)
    return primary * (ratio + GLARE)
