"""Help of the guided mode: target and safe corridor drawn on the monitor, and hints by the step that is due."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.names.enums import ReviewItem
from scenarios.schema.decisions import Teaching
from scenarios.schema.scenario import Scenario
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.targets import Target
from simulator.operators import expert_perception
from simulator.procedure.actions import actions as do
from simulator.procedure.state.case import Case
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
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


def target_of(case: Case) -> Target:
    """Where the case wants the tip, and the straight way there."""
    return expert_perception.target_of(case, expert_perception.meant(case))


def project_guide(found: Target, state: ProcedureState, display: Display) -> GuideMarks:
    """Target and course as the monitor shows them, to a hundredth of a hundredth of its side.

    Parameters
    ----------
    found : Target
        Of the case.
    state : ProcedureState
        Whose view is shown.
    display : Display
        Mirrors and turns of the monitor.
    """
    carm = state.room.pose.carm(CARM_CELLS)
    target, entry = (on_monitor(carm, point, display) for point in (found.point, found.course.entry))
    ring = 100 * RING_MM * float(carm.magnification(found.point[None])[0]) / state.room.pose.field_mm
    return GuideMarks(target=_round(target), entry=_round(entry), ring=round(ring, 2))


def guide_svg(marks: GuideMarks) -> str:
    """Target and course as an SVG over the monitor; what lies outside the field is cut off."""
    (u, v), (a, b), ring = marks.target, marks.entry, marks.ring
    line = f'<line x1="{u:.2f}" y1="{v:.2f}" x2="{a:.2f}" y2="{b:.2f}" class="course"/>'
    rings = f'<circle cx="{u:.2f}" cy="{v:.2f}" r="{ring:.2f}" class="target"/><circle cx="{a:.2f}" cy="{b:.2f}" r="0.8" class="entry"/>'
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{line}{rings}</svg>'


def _round(spot: Spot) -> Spot:
    return round(spot[0], 2), round(spot[1], 2)


def on_monitor(carm: CArm, point: NDArray[np.float64], display: Display) -> tuple[float, float]:
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
    u, v = (1 - u if display.flip_columns else u), (1 - v if display.flip_rows else v)
    for _ in range(display.quarter_turns % 4):
        u, v = v, 1 - u
    return 100 * u, 100 * v


def _did(*kinds: type[do.Action]) -> Callable[[ProcedureState], bool]:
    return lambda state: any(isinstance(item.action, kinds) for item in state.done)


def _turned_with_needle(state: ProcedureState) -> bool:
    placed = next((item.end_s for item in state.done if isinstance(item.action, do.PlaceNeedle)), None)
    return placed is not None and any(isinstance(item.action, do.MoveCArm) and item.start_s >= placed for item in state.done)


DONE: dict[str, Callable[[ProcedureState], bool]] = {
    "record": lambda state: len(state.chart.reviewed) >= len(ReviewItem),
    "time-out": _did(do.TimeOut),
    "ap-view": _did(do.Shoot, do.Pedal),
    "view": _did(do.PlaceNeedle),
    "entry": _did(do.PlaceNeedle),
    "needle": _did(do.PlaceNeedle),
    "course": _did(do.Aspirate),
    "depth-view": _turned_with_needle,
    "loss": lambda state: any(event.kind is EventKind.LOSS for event in state.events),
    "contrast": lambda state: bool(state.injections),
    "drug": lambda state: len(state.injections) > 1,
    "after": _did(do.Advise),
}
"""Whether the teaching step of a name was taken; a step of another name counts as taken once a later one was."""


def due(scenario: Scenario, state: ProcedureState) -> Teaching | None:
    """The teaching step that is due: the one after the last that was taken.

    Parameters
    ----------
    scenario : Scenario
    state : ProcedureState
    """
    steps = scenario.teaching
    taken = [number for number, item in enumerate(steps) if item.step in DONE and DONE[item.step](state)]
    after = taken[-1] + 1 if taken else 0
    return steps[min(after, len(steps) - 1)] if steps else None
