"""Layers that are kept between frames by what they depend on, so that only what has changed is worked out again.

The anatomy's line integrals depend on view and patient; its exposed signal on technique and leaves as well; needle, contrast medium and
markers touch the signal only where they lie. A frame composed from kept layers has the same bits as one made from nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm, same_view
from simulator.xray.image.pulse import Beam, Pulse, Window, expose_beam, fill, finish, make_beam
from simulator.xray.image.scene import Scene
from simulator.xray.numerics import row_bands
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.technique import Technique

Project = Callable[[CArm], NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class FrameCache:
    """What is kept of the last frame.

    Attributes
    ----------
    carm : CArm
        View of the anatomy.
    bare : Scene
        The anatomy alone.
    beam : Beam or None
        What the pixels shared in the last exposure.
    pulse : Pulse or None
        The anatomy alone, exposed.
    """

    carm: CArm
    bare: Scene
    beam: Beam | None = None
    pulse: Pulse | None = None


def update_view(layers: FrameCache | None, project: Project, carm: CArm) -> FrameCache:
    """Layers for a view: the old ones where it is the same view of the same patient, else a new projection.

    Parameters
    ----------
    layers : FrameCache or None
        What was kept; give None for another patient.
    project : callable
        From a C-arm to line integrals, shape (2, rows, columns), dimensionless, e.g. ``Projector(...).project``.
    carm : CArm
        The view wanted.
    """
    if layers is not None and (layers.carm is carm or same_view(layers.carm, carm, atol_mm=0.0)):
        return layers
    return FrameCache(carm=carm, bare=Scene(anatomy=project(carm)))


def expose(
    layers: FrameCache,
    technique: Technique,
    collimator: Collimator,
    panel: Panel,
    *,
    iodine: NDArray[np.float32] | None = None,
    steel: NDArray[np.float32] | None = None,
    lead: NDArray[np.float32] | None = None,
    threads: int = 2,
) -> tuple[FrameCache, Pulse]:
    """Expose the anatomy with what lies in it.

    Parameters
    ----------
    layers : FrameCache
        The view's layers.
    technique, collimator, panel
        Technique, leaves and detector.
    iodine, steel, lead : ndarray, shape (rows, columns), optional
        Contrast medium, mg/cm2; needles, mm; markers, mm.
    threads : int
        1 or 2; the bits do not depend on it.

    Returns
    -------
    layers : FrameCache
        To keep for the next frame.
    pulse : Pulse
        Mean signal of everything.
    """
    layers, beam, bare = _expose_bare(layers, technique, collimator, panel, threads)
    scene = layers.bare.with_overlays(iodine=iodine, steel=steel, lead=lead)
    windows = find_touched(scene, beam.halo)
    if not windows:
        return layers, bare
    mean = bare.mean.copy()
    fill(mean, scene, beam, windows, threads)
    return layers, finish(mean, beam, layers.carm, technique, collimator, panel)


def find_touched(scene: Scene, halo: int) -> list[Window]:
    """Windows, one for each band of rows, that hold every pixel which the overlays change once blurred by so many pixels."""
    overlays = [channel for channel in scene.channels[2:] if channel is not None]
    if not overlays:
        return []
    height, width = scene.shape
    lit = np.any([overlay != 0 for overlay in overlays], axis=0) if len(overlays) > 1 else overlays[0] != 0
    windows = []
    for first, last in row_bands.split(scene.shape):
        columns = np.flatnonzero(lit[max(0, first - halo) : min(height, last + halo)].any(axis=0))
        if columns.size:
            windows.append((first, last, max(0, int(columns[0]) - halo), min(width, int(columns[-1]) + 1 + halo)))
    return windows


def _expose_bare(
    layers: FrameCache, technique: Technique, collimator: Collimator, panel: Panel, threads: int
) -> tuple[FrameCache, Beam, Pulse]:
    """Layers with the anatomy exposed for these settings, from the kept pulse where they are the same."""
    kept, beam = layers.pulse, layers.beam
    if kept is not None and beam is not None and (kept.technique, kept.collimator, kept.panel) == (technique, collimator, panel):
        return layers, beam, kept
    carm = layers.carm
    beam = make_beam(layers.bare, carm, technique, collimator, panel)
    pulse = expose_beam(layers.bare, beam, carm, technique, collimator, panel, threads)
    return replace(layers, beam=beam, pulse=pulse), beam, pulse
