"""Where a tip went: its frames at fixed depths along the shaft."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.needle.constant_curvature import TipFrame

Floats = NDArray[np.float64]
SAME_MM = 1e-6  # nodes of the track nearer to the tip than this are the tip


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Track:
    """Points that the tip passed, at fixed depths, with its frame there; the first is the entry.

    Attributes
    ----------
    depth_mm : ndarray, shape (n,)
        Along the shaft, rising.
    points : ndarray, shape (n, 3)
        World frame, mm.
    directions, notches : ndarray, shape (n, 3)
        Unit vectors along and across the shaft.
    """

    depth_mm: Floats
    points: Floats
    directions: Floats
    notches: Floats

    def __post_init__(self) -> None:
        for values in (self.depth_mm, self.points, self.directions, self.notches):
            values.setflags(write=False)


def track_of(nodes: Sequence[tuple[float, TipFrame]]) -> Track:
    """Track of depths and frames, the entry first."""
    return Track(
        depth_mm=np.array([depth for depth, _ in nodes], dtype=float),
        points=np.array([frame.point for _, frame in nodes]),
        directions=np.array([frame.direction for _, frame in nodes]),
        notches=np.array([frame.notch for _, frame in nodes]),
    )


def lengthen(track: Track, nodes: Sequence[tuple[float, TipFrame]]) -> Track:
    """A track with deeper nodes added."""
    return _join_tracks(track, track_of(nodes)) if nodes else track


def shorten(track: Track, depth_mm: float) -> Track:
    """A track up to a depth, the entry always kept."""
    kept = track.depth_mm < depth_mm
    kept[0] = True
    return Track(depth_mm=track.depth_mm[kept], points=track.points[kept], directions=track.directions[kept], notches=track.notches[kept])


def move_track(track: Track, points: Floats, turn: Callable[[Floats], Floats]) -> Track:
    """A track with its points elsewhere, shape (n, 3), mm, and its unit vectors turned."""
    return Track(depth_mm=track.depth_mm.copy(), points=points, directions=turn(track.directions), notches=turn(track.notches))


def _join_tracks(one: Track, other: Track) -> Track:
    return Track(
        depth_mm=np.concatenate((one.depth_mm, other.depth_mm)),
        points=np.concatenate((one.points, other.points)),
        directions=np.concatenate((one.directions, other.directions)),
        notches=np.concatenate((one.notches, other.notches)),
    )
