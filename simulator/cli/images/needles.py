"""Needles from the command line: by entry and target, or by the name of a textbook approach."""

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from simulator.cli.arguments import parse_point
from simulator.door.needle import find_course, list_needles
from simulator.door.words import match_word
from simulator.geometry.clear_path import Course, Field

Vector = NDArray[np.float64]


def read_needle_path(entry: str | None, target: str, landmarks: Landmarks | None, level: Level, tissue: Field | None) -> Course:
    """Read a needle from the command line.

    Parameters
    ----------
    entry : str or None
        ``x,y,z`` in mm; may be left out for a named target.
    target : str
        ``x,y,z`` in mm, or one of `list_needles`.
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
        return _check_length(Course(entry=parse_point(entry, "--needle-entry"), tip=parse_point(target, "--needle-target")))
    name = match_word(target, list_needles(), "--needle-target")
    if landmarks is None:
        raise ValueError(f"--needle-target {target}: this mesh has no landmarks; give x,y,z in mm")
    found = find_course(name, landmarks, level, tissue)
    return _check_length(Course(entry=parse_point(entry, "--needle-entry"), tip=found.tip) if entry else found)


def _check_length(course: Course) -> Course:
    if not course.depth_mm > 1.0:
        raise ValueError("--needle-entry and --needle-target must lie more than 1 mm apart")
    return course
