"""How a plunger moves: as fast as is wanted, or as thumb, syringe, needle and tissue let it."""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from phantoms.terms.tissues import Tissue
from simulator import needle as steel
from simulator.contrast import spread as spreads
from simulator.contrast.agents import mix
from simulator.contrast.flow import Flow
from simulator.contrast.media import medium_of, tissue_table
from simulator.contrast.plunger_pressure import PlungerLoad, find_resistance, strongest_kpa
from simulator.procedure.state.syringe import Tray, Volumes, push_in_steps, push_plunger

STUCK_ML_S = 0.005  # a plunger that moves more slowly does not move
LIVE_STEP_S, BLIND_STEP_S = 0.25, 1.0
MOST_MOMENTS = 60
FINE_ML, MOST_FINE = 0.05, 400  # a thumb at its most is worked out anew so often: what has gone in presses back more and more


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Push:
    """A push on the plunger.

    Attributes
    ----------
    held : NeedleState
        The needle.
    flow : Flow
        From its opening.
    spread : Spread
        What lies there already.
    tissue : Tissue
        That takes the fluid and feels its pressure.
    volume_ml, rate_ml_s : float
        How much, and how fast it is wanted.
    continued : bool
        Whether it goes on with a push under way.
    """

    held: steel.NeedleState
    flow: Flow
    spread: spreads.Spread
    tissue: Tissue
    volume_ml: float
    rate_ml_s: float
    continued: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Stroke:
    """A part of a push at one rate.

    Attributes
    ----------
    out_ml : Volumes
        What came out at the hub, mL.
    load, end : PlungerLoad
        What it took at its beginning and at its end, when more lies there.
    duration_s : float
        For how long, s.
    spread : Spread
        After it.
    """

    out_ml: Volumes
    load: PlungerLoad
    end: PlungerLoad
    duration_s: float
    spread: spreads.Spread


def move_plunger(tray: Tray, push: Push, *, live: bool) -> tuple[Tray, tuple[Stroke, ...]]:
    """Push the plunger as far as it goes.

    Parameters
    ----------
    tray : Tray
        With a syringe that holds the volume.
    push : Push
    live : bool
        Whether it is watched: finer strokes.

    Returns
    -------
    tray : Tray
        After the last stroke.
    strokes : tuple of Stroke
        None where the plunger does not move at all; less than the volume where it comes to a stop.
    """
    steps = _count_strokes(tray, push, live=live)
    size_ml, spread = push.volume_ml / steps, push.spread
    strokes: list[Stroke] = []
    for _ in range(steps):
        after, out_ml = push_plunger(tray, size_ml)
        load = press(tray, push, spread, out_ml)
        if load.rate_ml_s < STUCK_ML_S:
            break
        tray, duration_s = after, size_ml / load.rate_ml_s
        spread = spreads.inject(spread, push.flow, mix(dict(out_ml)), load.rate_ml_s, duration_s)
        end = press(tray, push, spread, out_ml)
        strokes.append(Stroke(out_ml=out_ml, load=load, end=end, duration_s=duration_s, spread=spread))
    return tray, tuple(strokes)


def find_taking(flow: Flow, around: Tissue) -> Tissue:
    """The tissue that takes the fluid: the one around the opening where the fluid flows in its medium, else that of the cell at the tip.

    Parameters
    ----------
    flow : Flow
        From the opening.
    around : Tissue
        In which most of the opening lies.
    """
    domain = flow.domain
    if medium_of(around) is domain.medium or not len(domain):
        return around
    cell = domain.cells[np.argmax(flow.source)] - domain.low
    inside = (cell >= 0).all() and (cell < domain.grid.values.shape).all()
    label = int(domain.grid.values[tuple(cell)]) if inside else -1
    return Tissue(label) if label in {int(one) for one in Tissue} else around  # a vessel's course leaves what was looked at


def press(tray: Tray, push: Push, spread: spreads.Spread, out_ml: Volumes) -> PlungerLoad:
    """What it takes to push a portion through the needle into what lies at its opening by now.

    Parameters
    ----------
    tray : Tray
        Whose syringe and tubing it is.
    push : Push
    spread : Spread
        What lies there by now.
    out_ml : Volumes
        What comes out, mL.
    """
    found = find_resistance(
        push.flow,
        push.held.kit.inner_mm,
        push.held.kit.length_mm,
        mix(dict(out_ml)),
        spread=spread,
        opening_kpa=float(tissue_table().opening_kpa[push.tissue]),
        tubing=tray.tubing_ml is not None,
    )
    return found.press(push.rate_ml_s, strongest_kpa(tray.size_ml))


def _count_strokes(tray: Tray, push: Push, *, live: bool) -> int:
    duration_s = push.volume_ml / push.rate_ml_s
    steps = max(1, round(duration_s / max(LIVE_STEP_S if live else BLIND_STEP_S, duration_s / MOST_MOMENTS)))
    _, parts, _ = push_in_steps(tray, push.volume_ml, steps)
    full = replace(push.spread, held_ml=push.spread.held_ml + push.flow.kept * push.volume_ml)
    if not any(press(tray, push, *ends).limited for ends in ((push.spread, parts[0]), (full, parts[-1]))):
        return steps
    return max(steps, min(ceil(push.volume_ml / FINE_ML), MOST_FINE))
