"""One X-ray pulse: from line integrals to the mean signal in every pixel, before noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray import bands, scatter, signal
from simulator.xray.collimator import Collimator, iris_shade, opening_mm2, shade
from simulator.xray.detector import Panel, blur_taps
from simulator.xray.scene import Scene
from simulator.xray.technique import GRID_TRANSMISSION, Technique, focal_shadow_mm, source_to_object_mm

COARSE = 64  # cells along each side of the coarse image from which scatter and the window are worked out
GLARE = 0.015  # veiling glare of a flat panel, share of the signal (little or none: Lai and others; value recalled, unverified)


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


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Beam:
    """What the pixels of one pulse share.

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
    """

    lines: signal.Response
    open_quanta: float
    taps: tuple[float, ...]
    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    iris: NDArray[np.float32] | None


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
    scene.check_shape(carm.shape)
    beam = make_beam(carm, technique, collimator, panel)
    coarse, scattered, lit = coarse_signal(scene, beam, carm, technique, collimator)
    mean = np.empty(carm.shape, dtype=np.float32)
    by_row = (scatter.linear(carm.shape[0], scatter.CELLS) @ scattered).astype(np.float32)

    def work(parts: Iterator[bands.Band]) -> None:
        buffers = (
            bands.scratch(carm.shape, halo=len(beam.taps) - 1),
            *(bands.scratch(carm.shape, halo=len(beam.taps) - 1) for _ in range(2)),
        )
        for band in parts:
            expose_window(scene, beam, by_row, (*band, 0, carm.shape[1]), mean, buffers)

    bands.run(work, carm.shape, threads)
    mean.setflags(write=False)
    return Pulse(
        mean=mean, coarse=coarse, lit=lit, open_quanta=beam.open_quanta, carm=carm, technique=technique, collimator=collimator, panel=panel
    )


def make_beam(carm: CArm, technique: Technique, collimator: Collimator, panel: Panel) -> Beam:
    """Work out what all pixels of a pulse share."""
    lines = signal.response(technique.kvp, technique.copper_mm, panel)
    spread = (1000.0 / carm.source_to_image_mm) ** 2 * carm.pixel_mm**2
    rows, columns = shade(collimator, carm)
    return Beam(
        lines=lines,
        open_quanta=lines.quanta_per_mas_mm2 * technique.mas * spread * (GRID_TRANSMISSION if technique.grid else 1.0),
        taps=blur_taps(panel, round(carm.pixel_mm, 6), round(focal_shadow_mm(technique, carm), 6)),
        rows=rows,
        columns=columns,
        iris=iris_shade(collimator, carm),
    )


def coarse_signal(
    scene: Scene, beam: Beam, carm: CArm, technique: Technique, collimator: Collimator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Work out signal, scatter and lit field on coarse cells.

    Returns
    -------
    coarse : ndarray, shape (64, 64)
        Primary and scatter, quanta per pixel.
    scattered : ndarray, shape (32, 32)
        Scatter with veiling glare, quanta per pixel.
    lit : ndarray, shape (64, 64)
        Cells inside the field, boolean.
    """
    channels = scene.sampled(COARSE)
    field = _coarse_field(collimator, carm)
    primary = signal.transmission(beam.lines, channels) * beam.open_quanta * field
    thickness_cm = scatter.water_cm(np.asarray(channels[1]))
    source = _scatter_source(primary, thickness_cm, field > 0.5, carm, technique, opening_mm2(collimator, carm))
    sides = carm.pixel_mm * carm.shape[0], carm.pixel_mm * carm.shape[1]
    sigma_mm = scatter.blur_mm(float(np.median(thickness_cm[field > 0.5])) if (field > 0.5).any() else 0.0)
    scattered = scatter.spread(_pool(source), _pool(field), sides, sigma_mm)
    up = scatter.linear(COARSE, scatter.CELLS).astype(np.float64)
    return primary + up @ scattered @ up.T, scattered, field > 0.5


def expose_window(
    scene: Scene,
    beam: Beam,
    scatter_by_row: NDArray[np.float32],
    window: tuple[int, int, int, int],
    mean: NDArray[np.float32],
    buffers: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
) -> None:
    """Expose some rows and columns of a scene into the image.

    Parameters
    ----------
    scene, beam
        What to expose, with what.
    scatter_by_row : ndarray, shape (rows, 32)
        Scatter, interpolated along rows only, quanta per pixel.
    window : (int, int, int, int)
        First and last row, first and last column (last excluded), pixels.
    mean : ndarray, shape (rows, columns)
        Image to write into, quanta per pixel.
    buffers : three ndarrays, shape (window rows + 2 halo or more, window columns)
        Scratch.
    """
    first, last, left, right = window
    halo = len(beam.taps) - 1
    top, bottom = max(0, first - halo), min(len(mean), last + halo)
    primary, spare, term = (buffer[: last - first + 2 * halo] for buffer in buffers)
    inside = slice(top - first + halo, bottom - first + halo)
    channels = scene.window(slice(top, bottom), slice(left, right))
    signal.transmit(beam.lines, beam.open_quanta, channels, primary[inside], (spare[inside], term[inside]))
    _shade(beam, primary[inside], slice(top, bottom), slice(left, right))
    primary[: inside.start] = primary[inside.start]
    primary[inside.stop :] = primary[inside.stop - 1]
    blurred, extra = spare[: last - first], term[: last - first]
    bands.blur_rows(primary, beam.taps, blurred, extra)
    target = primary[: last - first]
    bands.blur_columns(blurred, beam.taps, target, extra)
    np.matmul(scatter_by_row[first:last], scatter.linear(mean.shape[1], scatter.CELLS)[left:right].T, out=extra)
    np.add(target, extra, out=mean[first:last, left:right])


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


def _pool(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over blocks of 2 x 2."""
    return cells.reshape(scatter.CELLS, 2, scatter.CELLS, 2).mean(axis=(1, 3))
