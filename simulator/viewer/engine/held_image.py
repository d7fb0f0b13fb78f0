"""What the monitor tells of an image that it holds: whether it still shows how things stand, and where the leaves would now cut it."""

from collections.abc import Iterable
from math import inf

import numpy as np

from simulator.observation.monitors import Monitor
from simulator.observation.pulses import shot_of
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.engine.guidance import turn_to_monitor
from simulator.viewer.text.strings import text
from simulator.xray.image.display import Display
from simulator.xray.physics.collimator import Collimator

SAME_MM = 1e-6  # a needle that has moved by less, or turned by less at a millimetre, has not
SAME_ML = 1e-6
WHOLE = "M0 0H100V100H0Z"


def find_shot(monitor: Monitor) -> Shot | None:
    """How the image on the monitor was taken; None where there is none."""
    source = monitor.source
    return None if source is None or monitor.frame is None else shot_of(source.state.shots, source.index)


def list_changes(monitor: Monitor, state: ProcedureState) -> tuple[str, ...]:
    """What is not as it was when the held image was taken: of "needle", "view" and "fluid"; nothing while the beam is on.

    Parameters
    ----------
    monitor : Monitor
        With the image.
    state : ProcedureState
        At present.
    """
    source, shot = monitor.source, find_shot(monitor)
    if source is None or shot is None or state.room.pedal:
        return ()
    changed = {
        "needle": not np.allclose(_place_needle(source.state), _place_needle(state), rtol=0.0, atol=SAME_MM, equal_nan=True),
        "view": shot.pose != state.room.pose,
        "fluid": abs(_sum_injected_ml(source.state) - _sum_injected_ml(state)) > SAME_ML,
    }
    return tuple(name for name, is_changed in changed.items() if is_changed)


def tell_stale(changes: Iterable[str]) -> str:
    """Say that an image is stale, and why; empty where nothing has changed.

    Examples
    --------
    >>> tell_stale(["needle"])
    'Held image: since it was taken, the needle has moved. Expose for a new one.'
    """
    said = [text(f"monitor.stale_{name}") for name in changes]
    return text("monitor.stale", {"what": ", ".join(said)}) if said else ""


def draw_leaves(monitor: Monitor, state: ProcedureState) -> str:
    """The leaves as they are set, as an SVG over an image that was taken with others; empty over one that shows them itself."""
    shot = find_shot(monitor)
    if shot is None or state.room.pedal or shot.collimator == state.room.collimator:
        return ""
    left, top, right, bottom = place_leaves(state.room.collimator, shot.pose.field_mm, monitor.display)
    opening = f"M{left:.2f} {top:.2f}H{right:.2f}V{bottom:.2f}H{left:.2f}Z"
    shade = f'<path d="{WHOLE}{opening}" fill-rule="evenodd" class="shut"/>'
    return f'<svg viewBox="0 0 100 100" preserveAspectRatio="none">{shade}<path d="{opening}" class="leaf"/></svg>'


def place_leaves(collimator: Collimator, field_mm: float, display: Display) -> tuple[float, float, float, float]:
    """Where leaves cut an image: left, top, right and bottom edge on the monitor, hundredths of its side.

    Parameters
    ----------
    collimator : Collimator
    field_mm : float
        Side of the detector field of the image, mm.
    display : Display
        Mirrors and turns of the monitor.
    """
    left, right, top, bottom = (_share(place, field_mm) for place in _list_leaves(collimator))
    one = turn_to_monitor(0.5 - left, 0.5 - top, display)
    other = turn_to_monitor(0.5 + right, 0.5 + bottom, display)
    (x1, x2), (y1, y2) = (sorted(pair) for pair in zip(one, other, strict=True))
    return 100 * x1, 100 * y1, 100 * x2, 100 * y2


def _list_leaves(collimator: Collimator) -> tuple[float, float, float, float]:
    return collimator.left_mm, collimator.right_mm, collimator.top_mm, collimator.bottom_mm


def _share(place_mm: float, field_mm: float) -> float:
    """Of a field's side, from its middle; an open leaf stands at the edge."""
    return 0.5 if place_mm == inf else min(0.5, place_mm / field_mm)


def _place_needle(state: ProcedureState) -> list[float]:
    """Numbers of what an image shows of the needle; not a number without one."""
    held = state.needle
    if held is None:
        return [np.nan] * 12
    return [*held.tip, *held.hub, *held.direction, held.outside_mm, float(held.roll_rad), held.kit.length_mm]


def _sum_injected_ml(state: ProcedureState) -> float:
    return sum(volume for item in state.injections for _, volume in item.delivered_ml)
