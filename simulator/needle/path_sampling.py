"""The course ahead of a tip, and the tissue there, on one lattice of depths.

Tissue is asked at the same depths along the shaft whatever the step, close enough that nothing is passed that is thicker than the
lattice's step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from simulator.needle.constant_curvature import TipFrame, follow_arc

Floats = NDArray[np.float64]
TissueField = Callable[[Floats], NDArray[np.uint8]]

LATTICE_MM = 0.025  # between the depths at which tissue is asked: half of what a crossing may be off
LATTICE_OFFSET = 0.381966  # of a lattice step: no round depth is on it, so that rounding cannot tip the balance
SAME_DEPTH = 1e-9  # of a lattice step


@dataclass(kw_only=True, eq=False, slots=True)
class PathSamples:
    """The course ahead as long as nothing turns it: lattice depths, tissues, and the tip's frames there and, last, at the end."""

    start: TipFrame
    start_mm: float
    end_mm: float
    curvature: float
    twist: float
    index: NDArray[np.int64]
    depth_mm: Floats
    frames: TipFrame
    labels: NDArray[np.uint8]


def look(tissue: TissueField, way: tuple[TipFrame, float, float], curvature: float, twist: float) -> PathSamples:
    """Look along a course up to an end.

    Parameters
    ----------
    tissue : callable
        Points, shape (n, 3), mm -> labels, shape (n,).
    way : (TipFrame, float, float)
        The tip, its depth, and the depth at which to end, mm.
    curvature, twist : float
        Of the course, 1/mm and rad/mm.

    Raises
    ------
    ValueError
        If `tissue` does not return one label for each point.
    """
    start, start_mm, end_mm = way
    low, high = (int(np.floor(depth / LATTICE_MM - LATTICE_OFFSET + SAME_DEPTH)) + 1 for depth in (start_mm, end_mm))
    index = np.arange(low, high)
    depth_mm: Floats = (index.astype(np.float64) + LATTICE_OFFSET) * LATTICE_MM
    frames = follow_arc(start, np.append(depth_mm, end_mm) - start_mm, curvature, twist)
    return PathSamples(
        start=start,
        start_mm=start_mm,
        end_mm=end_mm,
        curvature=curvature,
        twist=twist,
        index=index,
        depth_mm=depth_mm,
        frames=frames,
        labels=_labels(tissue, frames.point[:-1]),
    )


def frame_at(ahead: PathSamples, depth_mm: float, row: int) -> TipFrame:
    """Frame of the tip at a depth ahead; `row` is the last lattice depth not beyond it, -1 for none."""
    if depth_mm == ahead.end_mm:
        return frame_of(ahead.frames, len(ahead.depth_mm))
    if row >= 0 and depth_mm == ahead.depth_mm[row]:
        return frame_of(ahead.frames, row)
    return frame_of(follow_arc(ahead.start, np.array([depth_mm - ahead.start_mm]), ahead.curvature, ahead.twist), 0)


def frame_of(frames: TipFrame, row: int) -> TipFrame:
    """One frame of many."""
    return TipFrame(frames.point[row], frames.direction[row], frames.notch[row])


def name_tissue(label: int) -> Tissue:
    """Tissue of a label; ValueError where there is none."""
    try:
        return Tissue(label)
    except ValueError:
        raise ValueError(f"tissue must return values of phantoms.terms.tissues.Tissue, got {label}") from None


def _labels(tissue: TissueField, points: Floats) -> NDArray[np.uint8]:
    if len(points) == 0:
        return np.zeros(0, dtype=np.uint8)
    labels = np.asarray(tissue(points))
    if labels.shape != (len(points),):
        raise ValueError(f"tissue must return one label for each of {len(points)} points, got shape {labels.shape}")
    return labels
