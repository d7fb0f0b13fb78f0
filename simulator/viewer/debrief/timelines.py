"""Curves over simulated time as small SVG drawings, one under the other beneath the scrub bar: dose, force, pressure, contrast."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scenarios.names.compartments import Compartment
from simulator.observation.truth.histories import read_histories
from simulator.observation.truth.state_archive import Extent, StateArchive

WIDE, HIGH = 10000.0, 100.0
MOST_POINTS = 2000
LEAST_ML = 0.05  # a compartment that never held more is not drawn


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Line:
    """One curve.

    Attributes
    ----------
    name : str
        For the key; empty where the plot has one line.
    time_s, value : ndarray, shape (n,)
        In order of time; the value holds until the next point.
    """

    name: str
    time_s: NDArray[np.float64]
    value: NDArray[np.float64]

    def at(self, time_s: float) -> float | None:
        """The value at a time; None before the first."""
        place = int(np.searchsorted(self.time_s, time_s, side="right"))
        return None if place == 0 else float(self.value[place - 1])


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Timeline:
    """Curves over one time axis.

    Attributes
    ----------
    what : str
        Key of its words.
    unit : str
    lines : tuple of Line
    """

    what: str
    unit: str
    lines: tuple[Line, ...]

    @property
    def most(self) -> float:
        """Top of the axis."""
        return max(float(line.value.max()) for line in self.lines) or 1.0


def make_timelines(course: StateArchive) -> Iterator[Timeline]:
    """Those that the attempt has something for.

    Parameters
    ----------
    course : StateArchive
        The attempt.
    """
    found, extents = read_histories(course), course.list_extents()
    if found.dap_gy_cm2[-1] > 0:
        yield _one("dose", "Gy cm\u00b2", found.time_s, found.dap_gy_cm2)
    for what, unit, values in (("depth", "mm", found.depth_mm), ("force", "N", found.force_n), ("pressure", "kPa", found.pressure_kpa)):
        if values.any():
            yield _one(what, unit, found.time_s, values)
    if extents:
        yield from _spread(extents)


def draw_svg(timeline: Timeline, end_s: float) -> str:
    """A timeline as an SVG that stretches to the width of its place; its lines are of the classes ``line-0`` to ``line-5``."""
    lines = "".join(
        f'<polyline class="line-{number % 6}" points="{_points(line, end_s, timeline.most)}"/>'
        for number, line in enumerate(timeline.lines)
    )
    return f'<svg viewBox="0 0 {WIDE:g} {HIGH:g}" preserveAspectRatio="none" aria-hidden="true">{lines}</svg>'


def _one(what: str, unit: str, time_s: NDArray[np.float64], value: NDArray[np.float64]) -> Timeline:
    return Timeline(what=what, unit=unit, lines=(Line(name="", time_s=time_s, value=value),))


def _spread(extents: Sequence[Extent]) -> Iterator[Timeline]:
    time_s = np.array([item.time_s for item in extents])
    lines = []
    for place in Compartment:
        volume = np.array([item.ml.get(place, 0.0) for item in extents])
        if volume.max() > LEAST_ML:
            lines.append(Line(name=str(place), time_s=time_s, value=volume))
    if lines:
        yield Timeline(what="contrast", unit="mL", lines=tuple(lines))


def _points(line: Line, end_s: float, most: float) -> str:
    """Corners of a staircase, in the drawing's units; of many points only those that differ where it is drawn."""
    x = np.clip(line.time_s / max(end_s, 1e-9), 0, 1) * WIDE
    y = HIGH - line.value / most * (HIGH - 4.0)
    x, y = _thin_points(x, y)
    corners_x, corners_y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    ends = [*zip(corners_x.tolist(), corners_y.tolist(), strict=True), (WIDE, float(y[-1]))]
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in ends)


def _thin_points(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each column of the drawing the highest point and the last, so that a brief peak is not lost."""
    if len(x) <= MOST_POINTS:
        return x, y
    column = (x * MOST_POINTS / 2 / WIDE).astype(int)
    firsts = np.flatnonzero(np.diff(column, prepend=-1))
    keep: list[int] = []
    for begin, end in pairwise([*firsts.tolist(), len(x)]):
        keep += sorted({begin + int(np.argmin(y[begin:end])), end - 1})
    return x[keep], y[keep]
