"""An attempt in a few figures and the way of its needle: what the trainee's and the expert's attempt are compared by."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scenarios.names.enums import Axis
from scenarios.names.quantities import Quantity
from simulator.observation.truth.needle import tip_tracks
from simulator.observation.truth.state_archive import StateArchive
from simulator.reporting.first_page import AXIS_WORDS
from simulator.scoring.percent import percent
from simulator.scoring.score import Score
from simulator.viewer.text.strings import text


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Figures of one attempt.

    Attributes
    ----------
    passed : bool
    grade : float
        0 to 1; never shown without the axes.
    axes : dict of str to float
        Share of its points that each axis won.
    duration_min, fluoro_s, dap_gy_cm2 : float
        Simulated time, beam-on time by the pedal, dose-area product.
    exposures : int
        Single exposures.
    tip_to_target_mm : float or None
        Of the decisive injection; None where there was none.
    tracks : list of list of [x, y, z]
        Way of the tip in the body, one list for each needle, world frame, mm.
    """

    passed: bool
    grade: float
    axes: dict[str, float]
    duration_min: float
    fluoro_s: float
    dap_gy_cm2: float
    exposures: int
    tip_to_target_mm: float | None
    tracks: list[list[list[float]]]


def compute_figures(course: StateArchive, score: Score) -> Figures:
    """Figures of an attempt.

    Parameters
    ----------
    course : StateArchive
        The attempt.
    score : Score
        Of it.
    """
    last = course.states[-1]
    tip = next((item.measured for item in score.results if item.criterion.quantity is Quantity.TIP_TO_TARGET_MM), None)
    return Figures(
        passed=score.passed,
        grade=score.grade,
        axes={str(axis): share for axis, share in score.axes.items()},
        duration_min=last.time_s / 60,
        fluoro_s=last.room.dose.fluoro_s,
        dap_gy_cm2=last.room.dose.dap_gy_cm2,
        exposures=last.room.dose.exposures,
        tip_to_target_mm=None if tip is None else tip.value,
        tracks=[track.round(2).tolist() for track in tip_tracks(course)],
    )


def as_plain(figures: Figures) -> dict[str, Any]:
    """Figures as JSON takes them."""
    return asdict(figures)


def from_plain(said: Mapping[str, Any]) -> Figures:
    """Figures from what `as_plain` gave.

    Raises
    ------
    ValueError, TypeError
        If something is missing or is not what it should be.
    """
    return Figures(**{**said, "tracks": [np.array(track, dtype=float).reshape(-1, 3).tolist() for track in said["tracks"]]})


ROWS: tuple[tuple[str, str, int], ...] = (
    ("duration_min", "min", 1),
    ("fluoro_s", "s", 1),
    ("exposures", "", 0),
    ("dap_gy_cm2", "Gy cm\u00b2", 3),
    ("tip_to_target_mm", "mm", 1),
)
"""Figures of the comparison: name, unit, digits."""


def compare_figures(own: Figures, expert: Figures | None) -> list[dict[str, str]]:
    """Rows of the comparison in words: ``name``, ``own``, ``expert`` (empty where there is none yet)."""
    rows = [
        {
            "name": text(f"debrief.row_{name}"),
            "own": _format_figure(own, name, unit, digits),
            "expert": _format_figure(expert, name, unit, digits),
        }
        for name, unit, digits in ROWS
    ]
    axes = [{"name": AXIS_WORDS[axis], "own": _share(own, axis), "expert": _share(expert, axis)} for axis in Axis if str(axis) in own.axes]
    return [*rows, *axes]


def _format_figure(item: Figures | None, name: str, unit: str, digits: int) -> str:
    if item is None:
        return ""
    value = getattr(item, name)
    return "none" if value is None else f"{value:.{digits}f} {unit}".strip()


def _share(item: Figures | None, axis: Axis) -> str:
    return "" if item is None or str(axis) not in item.axes else f"{percent(item.axes[str(axis)])} %"
