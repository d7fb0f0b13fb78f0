"""Curves of a report: force and pressure along the needle's way, dose over time."""

from collections.abc import Iterator

import numpy as np

from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Attachment
from simulator import needle as steel
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring import AttemptStates
from simulator.reporting.report import Curve, Plot

FLAVUM_KPA = (50.0, 67.0)  # FACTS.md 4.2, 4.1 [151, 152]: loss-of-resistance pressure in the flavum
MARKED = {
    Tissue.LIGAMENTUM_FLAVUM: "flavum",
    Tissue.EPIDURAL_DORSAL: "epidural",
    Tissue.DURA: "dura",
    Tissue.INTERSPINOUS_LIGAMENT: "interspinous",
    Tissue.MUSCLE: "muscle",
}
LOR = (Attachment.LOR_SALINE, Attachment.LOR_AIR)


def make_curves(attempt: AttemptStates) -> Iterator[Plot]:
    """Plots of an attempt that has what they show."""
    yield from _force(attempt)
    yield from _pressure(attempt)
    yield from _dose(attempt)


def _force(attempt: AttemptStates) -> Iterator[Plot]:
    """Force on the hub over the depth of the tip, for the last needle, worked out again from the pushes."""
    depth: list[np.ndarray] = []
    force: list[np.ndarray] = []
    marks: dict[Tissue, float] = {}
    for before, after in zip(attempt.states[:-1], attempt.states[1:], strict=True):
        action = after.done[-1].action
        if isinstance(action, do.PlaceNeedle):
            depth, force, marks = [], [], {}
        if not isinstance(action, do.Advance) or before.needle is None or after.needle is None:
            continue
        moved = after.needle.depth_mm + after.needle.pressed_mm - before.needle.depth_mm - before.needle.pressed_mm
        if moved <= 0:
            continue
        profile = steel.advance(before.needle, moved, after.case.tissue).profile
        depth.append(profile.depth_mm)
        force.append(profile.force_n)
        for tissue, where in zip(profile.tissue.tolist(), profile.depth_mm.tolist(), strict=True):
            if tissue in MARKED and tissue not in marks:
                marks[Tissue(tissue)] = where
    if depth:
        curve = Curve(name="hub", x=np.concatenate(depth), y=np.concatenate(force))
        yield Plot(
            title="Force on the hub",
            x_label="depth of the tip along the needle, mm",
            y_label="N",
            curves=(curve,),
            marks=tuple((where, MARKED[tissue]) for tissue, where in marks.items()),
        )


def _pressure(attempt: AttemptStates) -> Iterator[Plot]:
    found = [
        (state.needle.depth_mm, state.feel.pressure_kpa)
        for state in attempt.states
        if state.needle is not None and state.tray.attached in LOR and state.feel.pressure_kpa is not None
    ]
    if len(found) > 1:
        depth, pressure = (np.array(values, dtype=float) for values in zip(*found, strict=True))
        yield Plot(
            title="Pressure in the loss-of-resistance syringe after each push",
            x_label="depth of the tip along the needle, mm",
            y_label="kPa",
            curves=(Curve(name="syringe", x=depth, y=pressure),),
            bands=((*FLAVUM_KPA, "published for the flavum"),),
        )


def _dose(attempt: AttemptStates) -> Iterator[Plot]:
    states = attempt.states
    if states[-1].room.dose.dap_gy_cm2 > 0:
        minutes = np.array([state.time_s / 60 for state in states])
        product = np.array([state.room.dose.dap_gy_cm2 for state in states])
        curve = Curve(name="dose-area product", x=minutes, y=product, step=True)
        yield Plot(title="Dose", x_label="simulated time, min", y_label="Gy cm\u00b2", curves=(curve,))
