"""Needles from the command line: by entry and target, or by the name of a textbook approach."""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from simulator.cli.arguments import known, point
from simulator.geometry import approaches
from simulator.geometry.approaches import APPROACHES, NAMED
from simulator.geometry.clear_path import Course, Field

Vector = NDArray[np.float64]


def needle_path(entry: str | None, target: str, landmarks: Landmarks | None, level: Level, tissue: Field | None) -> Course:
    """Read a needle from the command line.

    Parameters
    ----------
    entry : str or None
        ``x,y,z`` in mm; may be left out for a named target.
    target : str
        ``x,y,z`` in mm, or one of `NAMED`.
    landmarks : Landmarks or None
        The patient's, for named targets.
    level : Level
        Upper vertebra of the interspace.
    tissue : callable or None
        Points, shape (n, 3), mm -> tissue labels, shape (n,), 0 outside the body.

    Raises
    ------
    ValueError
        Where a point or name cannot be read, the entry is missing, or there are no landmarks to name a target by.
    """
    if "," in target:
        if entry is None:
            raise ValueError("--needle-target by coordinates needs --needle-entry x,y,z too")
        return _checked(Course(entry=point(entry, "--needle-entry"), tip=point(target, "--needle-target")))
    named = NAMED[known(target, NAMED, "--needle-target")]
    if landmarks is None:
        raise ValueError(f"--needle-target {target}: this mesh has no landmarks; give x,y,z in mm")
    around = APPROACHES[named.approach].gives_way
    found = approaches.course(named.approach, landmarks, level, named.side, tissue, around=around)
    return _checked(Course(entry=point(entry, "--needle-entry"), tip=found.tip) if entry else found)


def _checked(course: Course) -> Course:
    if not course.depth_mm > 1.0:
        raise ValueError("--needle-entry and --needle-target must lie more than 1 mm apart")
    return course


def usual_gauge(target: str | None) -> int:
    """Gauge that a textbook uses for an approach; that of a spinal needle for a target by coordinates."""
    named = NAMED.get(target) if target else None
    return approaches.usual_gauge(named.approach if named else None)
