"""The loss-of-resistance syringe: what the plunger meets, by the tissue at the needle's opening (FACTS.md 4.1, 4.2).

The thumb pushes as if to inject `PUSH_ML_PER_S`. Each tissue along the opening takes its share of it at its own pressure, in parallel, so
that the little of the opening that has come into the epidural fat lets the pressure go. The bore's resistance (Poiseuille) stands before
them: at 25 G and thinner it hides the loss.
"""

import numpy as np
from numpy.typing import NDArray

from phantoms.tissues import Tissue
from scenarios.needle_names import Medium
from simulator.geometry.validate import as_between, as_positive
from simulator.needle.kit import NeedleKit
from simulator.needle.layers import layers
from simulator.needle.needle import NeedleState, Run
from simulator.needle.passage import NeedleEvent, Passage, Profile
from simulator.needle.state import advance
from simulator.needle.walk import TissueField

Floats = NDArray[np.float64]

VISCOSITY_KPA_S = {Medium.SALINE: 0.70e-6, Medium.AIR: 0.019e-6}  # at body temperature; recalled, unverified
PUSH_ML_PER_S = 0.1  # at which FACTS.md 4.3 gives the bores' pressures
STRONGEST_KPA = 100.0  # of a thumb on a 10 mL syringe; recalled, unverified
PLUNGER_MM2 = 177.0  # 10 mL loss-of-resistance syringe (FACTS.md 4.1)
AIR_KPA = 101.3
OPEN_KPA = 0.05  # least pressure counted: an opening in air
LOSS_SHARE = 0.4  # of the highest pressure since the push began: below it a hand feels the loss; recalled, unverified
LOSS_FROM_KPA = 20.0  # and there must have been this much to lose
FEEL_EVERY_MM = 0.25


def opening(state: NeedleState) -> dict[Tissue, float]:
    """Share of the needle's opening in each tissue; they add up to 1.

    A membrane that the tip tents lies before the opening, not around it.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    """
    near_mm, far_mm = state.kit.opening_mm
    runs = _around(state)
    ends = [run.from_mm for run in runs[1:]] + [np.inf]
    low, high = state.depth_mm - far_mm, state.depth_mm - near_mm
    shares: dict[Tissue, float] = {}
    for number, (run, end) in enumerate(zip(runs, ends, strict=True)):
        start = -np.inf if number == 0 else run.from_mm
        part = max(min(end, high) - max(start, low), 0.0) / (high - low)
        if part > 0:
            shares[run.tissue] = shares.get(run.tissue, 0.0) + part
    return shares


def syringe_pressure_kpa(state: NeedleState, medium: Medium, *, factor: float = 1.0) -> float:
    """Pressure that a loss-of-resistance syringe holds on the needle while the plunger is pushed.

    Parameters
    ----------
    state : NeedleState
        On or in the body, its stylet out.
    medium : Medium
        Air or saline.
    factor : float
        On the tissues' pressures besides the state's individual factor.

    Raises
    ------
    ValueError
        If the stylet is in, or the factor is not above 0.
    """
    if state.stylet_in:
        raise ValueError("a loss-of-resistance syringe wants the stylet out: with_stylet(state, False)")
    scale = as_positive(factor, "factor") * state.individual.pressure_factor
    leak = sum(share / max(scale * layers()[tissue].loss_kpa, OPEN_KPA) for tissue, share in opening(state).items())
    return min(1.0 / leak + bore_pressure_kpa(state.kit, medium, PUSH_ML_PER_S), STRONGEST_KPA)


def bore_pressure_kpa(kit: NeedleKit, medium: Medium, flow_ml_per_s: float) -> float:
    """Pressure that drives a flow through the needle's bore, kPa (Poiseuille).

    Parameters
    ----------
    kit : NeedleKit
        The needle.
    medium : Medium
        What flows.
    flow_ml_per_s : float
        Flow, not below 0.

    Raises
    ------
    ValueError
        If the flow is not from 0 to 100 mL/s.
    """
    flow_mm3_per_s = 1000.0 * as_between(flow_ml_per_s, 0.0, 100.0, "flow_ml_per_s")
    return 128 * VISCOSITY_KPA_S[Medium(medium)] * kit.length_mm * flow_mm3_per_s / (np.pi * kit.inner_mm**4)


def plunger_force_n(pressure_kpa: float) -> float:
    """Force on the plunger of a 10 mL loss-of-resistance syringe, N."""
    return pressure_kpa * PLUNGER_MM2 / 1000.0


def plunger_gives_ml(pressure_kpa: float, medium: Medium, held_ml: float) -> float:
    """Volume by which the plunger goes in with nothing leaving: air gives way (Boyle), saline does not.

    Parameters
    ----------
    pressure_kpa : float
        In the syringe, above that of the air outside.
    medium : Medium
        What it holds.
    held_ml : float
        How much of it.
    """
    return held_ml * pressure_kpa / (AIR_KPA + pressure_kpa) if Medium(medium) is Medium.AIR else 0.0


def advance_until_loss(state: NeedleState, distance_mm: float, tissue: TissueField, medium: Medium) -> Passage:
    """Push the needle on with pressure on the plunger, and stop where it gives.

    Parameters
    ----------
    state : NeedleState
        Its stylet out.
    distance_mm : float
        The farthest to go.
    tissue : callable
        As for `simulator.needle.state.advance`.
    medium : Medium
        Air or saline.

    Raises
    ------
    ValueError
        As for `syringe_pressure_kpa` and `simulator.needle.state.advance`.
    """
    highest, parts, left_mm = syringe_pressure_kpa(state, medium), [advance(state, 0.0, tissue)], distance_mm
    while left_mm > 0:
        parts.append(advance(parts[-1].state, min(FEEL_EVERY_MM, left_mm), tissue))
        left_mm -= FEEL_EVERY_MM
        pressure = syringe_pressure_kpa(parts[-1].state, medium)
        if highest >= LOSS_FROM_KPA and pressure < LOSS_SHARE * highest:
            break
        highest = max(highest, pressure)
    return _joined(parts)


def _around(state: NeedleState) -> list[Run]:
    """Runs of tissue as they lie round the shaft: what is only tented is pushed ahead, bone is not entered."""
    held = state.front.tents or state.stopped
    runs = [run for run in state.runs if not (held and run.from_mm >= state.front.from_mm)]
    return runs or [Run(tissue=state.front.behind, from_mm=0.0)]


def _joined(parts: list[Passage]) -> Passage:
    profiles = [part.profile for part in parts]
    start = np.cumsum([0.0] + [float(profile.travel_mm[-1]) for profile in profiles[:-1]])
    events: tuple[NeedleEvent, ...] = tuple(event for part in parts for event in part.events)
    return Passage(
        state=parts[-1].state,
        events=events,
        profile=Profile(
            travel_mm=np.concatenate([profile.travel_mm + shift for profile, shift in zip(profiles, start, strict=True)]),
            depth_mm=np.concatenate([profile.depth_mm for profile in profiles]),
            force_n=np.concatenate([profile.force_n for profile in profiles]),
            tissue=np.concatenate([profile.tissue for profile in profiles]),
        ),
    )
