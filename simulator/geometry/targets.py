"""Where a needle's tip should lie in one patient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from scenarios.names.enums import Approach, Compartment
from simulator.geometry.approaches import APPROACHES, find_course
from simulator.geometry.clear_path import Course, Field

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class NeedleTarget:
    """Where a case wants the tip: a point, shape (3,), mm, on a straight course, and the compartments that are meant."""

    point: Vector
    course: Course
    compartments: frozenset[Compartment]

    def along_mm(self, tip: Vector) -> float:
        """How far a tip, shape (3,), mm, lies beyond the point along the needle, mm; negative where it falls short."""
        return float(-(tip - self.point) @ self.course.outward)

    def across_mm(self, tip: Vector) -> float:
        """How far a tip, shape (3,), mm, lies beside the course, mm."""
        return float(np.linalg.norm(np.cross(tip - self.point, self.course.outward)))


def find_target(
    approach: Approach,
    landmarks: Landmarks,
    level: Level,
    side: Side | None,
    tissue: Field | None = None,
    *,
    offset_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> NeedleTarget:
    """Target of an approach in one patient.

    Parameters
    ----------
    approach, landmarks, level, side, tissue
        As :func:`simulator.geometry.approaches.find_course` takes them.
    offset_mm : tuple of float
        From the textbook's point to the patient's left, dorsally, cranially, along the level's own axes.

    Raises
    ------
    ValueError
        As `find_course` does.
    """
    found = find_course(approach, landmarks, level, side, tissue)
    record = APPROACHES[approach]
    shift = record.frame.axes(landmarks, level) @ np.asarray(offset_mm)
    moved = Course(entry=found.entry + shift, tip=found.tip + shift)
    return NeedleTarget(point=moved.tip, course=moved, compartments=record.compartments)
