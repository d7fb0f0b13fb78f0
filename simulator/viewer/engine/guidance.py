"""Help of the guided mode: target and safe corridor drawn on the monitor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm, project_points
from simulator.geometry.targets import NeedleTarget
from simulator.observation import Pose
from simulator.xray.image.display import Display

RING_MM = 2.0  # radius of the ring round the target
CARM_CELLS = 2

Spot = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class GuideMarks:
    """Target and course on the monitor, all in hundredths of its side, from the left and from the top.

    Attributes
    ----------
    target, entry : (float, float)
        Where the tip is wanted, and where the straight way there meets the skin; outside 0 to 100 they are outside the field.
    ring : float
        Radius of the ring round the target.
    """

    target: Spot
    entry: Spot
    ring: float


def project_guide(found: NeedleTarget, pose: Pose, display: Display) -> GuideMarks:
    """Target and course as the monitor shows them, to a hundredth of a hundredth of its side.

    Parameters
    ----------
    found : NeedleTarget
        Of the case.
    pose : Pose
        Where C-arm and table stand.
    display : Display
        Mirrors and turns of the monitor.
    """
    carm = pose.carm(CARM_CELLS)
    target, entry = (project_to_monitor(carm, point, display) for point in (found.point, found.course.entry))
    ring = 100 * RING_MM * float(carm.magnification(found.point[None])[0]) / pose.field_mm
    return GuideMarks(target=_round(target), entry=_round(entry), ring=round(ring, 2))


def guide_svg(marks: GuideMarks) -> str:
    """Target and course as an SVG over the monitor; what lies outside the field is cut off."""
    (u, v), (a, b), ring = marks.target, marks.entry, marks.ring
    line = f'<line x1="{u:.2f}" y1="{v:.2f}" x2="{a:.2f}" y2="{b:.2f}" class="course"/>'
    rings = f'<circle cx="{u:.2f}" cy="{v:.2f}" r="{ring:.2f}" class="target"/><circle cx="{a:.2f}" cy="{b:.2f}" r="0.8" class="entry"/>'
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{line}{rings}</svg>'


def _round(spot: Spot) -> Spot:
    return round(spot[0], 2), round(spot[1], 2)


def project_to_monitor(carm: CArm, point: NDArray[np.float64], display: Display) -> tuple[float, float]:
    """Where a point appears on the monitor, hundredths of its side from the left and from the top.

    Parameters
    ----------
    carm : CArm
        The view.
    point : ndarray, shape (3,)
        World frame, mm.
    display : Display
        Mirrors and turns: mirrors first, then quarter turns counter-clockwise.
    """
    pixels, _ = project_points(carm, point[None])
    u, v = ((float(place) + 0.5) / cells for place, cells in zip(pixels[0], carm.shape[::-1], strict=True))
    across, down = turn_to_monitor(u, v, display)
    return 100 * across, 100 * down


def turn_to_monitor(across: float, down: float, display: Display) -> tuple[float, float]:
    """Where a place on the detector appears on the monitor, both in shares of the side from the left and from the top.

    Parameters
    ----------
    across, down : float
        Place on the detector.
    display : Display
        Mirrors first, then quarter turns counter-clockwise.
    """
    u, v = (1 - across if display.flip_columns else across), (1 - down if display.flip_rows else down)
    for _ in range(display.quarter_turns % 4):
        u, v = v, 1 - u
    return u, v
