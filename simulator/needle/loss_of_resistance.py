"""The loss-of-resistance syringe: what the plunger meets, by the tissue at the needle's opening (`opening`; FACTS.md 4.1, 4.2).

The thumb pushes as if to inject `PUSH_ML_PER_S`. Each tissue along the opening takes its share of it at its own pressure, in parallel, so
that the little of the opening that has come into the epidural fat lets the pressure go. The bore's resistance (Poiseuille) stands before
them: at 25 G and thinner it hides the loss.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import LorMedium
from simulator.geometry.validate import as_between, as_positive
from simulator.needle.handling import advance
from simulator.needle.insertion_record import Passage
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import NeedleState
from simulator.needle.opening import held_kpa, opening_shares, shares_along
from simulator.needle.path_sampling import TissueField
from simulator.needle.variation import Individual

Floats = NDArray[np.float64]

VISCOSITY_KPA_S = {LorMedium.SALINE: 0.70e-6, LorMedium.AIR: 0.019e-6}  # at body temperature; recalled, unverified
PUSH_ML_PER_S = 0.1  # at which FACTS.md 4.3 gives the bores' pressures
STRONGEST_KPA = 100.0  # of a thumb on a 10 mL syringe; recalled, unverified
PLUNGER_MM2 = 177.0  # 10 mL loss-of-resistance syringe (FACTS.md 4.1)
AIR_KPA = 101.3
LOSS_SHARE = 0.4  # of the highest pressure since the push began: below it a hand feels the loss; recalled, unverified
LOSS_FROM_KPA = 20.0  # and there must have been this much to lose


def syringe_pressure_kpa(state: NeedleState, medium: LorMedium, *, factor: float = 1.0) -> float:
    """Pressure that a loss-of-resistance syringe holds on the needle while the plunger is pushed.

    Parameters
    ----------
    state : NeedleState
        On or in the body, its stylet out.
    medium : LorMedium
        Air or saline.
    factor : float
        On the tissues' pressures besides the state's individual factor.

    Raises
    ------
    ValueError
        If the stylet is in, or the factor is not above 0.
    """
    _need_open_bore(state)
    scale = as_positive(factor, "factor")
    leak_kpa = _leak_kpa(state.individual, opening_shares(state), scale)
    return min(leak_kpa + bore_pressure_kpa(state.kit, medium, PUSH_ML_PER_S), STRONGEST_KPA)


def bore_pressure_kpa(kit: NeedleKit, medium: LorMedium, flow_ml_per_s: float) -> float:
    """Pressure that drives a flow through the needle's bore, kPa (Poiseuille).

    Parameters
    ----------
    kit : NeedleKit
        The needle.
    medium : LorMedium
        What flows.
    flow_ml_per_s : float
        Flow, not below 0.

    Raises
    ------
    ValueError
        If the flow is not from 0 to 100 mL/s.
    """
    flow_mm3_per_s = 1000.0 * as_between(flow_ml_per_s, 0.0, 100.0, "flow_ml_per_s")
    return 128 * VISCOSITY_KPA_S[LorMedium(medium)] * kit.length_mm * flow_mm3_per_s / (np.pi * kit.inner_mm**4)


def plunger_force_n(pressure_kpa: float) -> float:
    """Force on the plunger of a 10 mL loss-of-resistance syringe, N."""
    return pressure_kpa * PLUNGER_MM2 / 1000.0


def plunger_gives_ml(pressure_kpa: float, medium: LorMedium, held_ml: float) -> float:
    """Volume by which the plunger goes in with nothing leaving: air gives way (Boyle), saline does not.

    Parameters
    ----------
    pressure_kpa : float
        In the syringe, above that of the air outside.
    medium : LorMedium
        What it holds.
    held_ml : float
        How much of it.
    """
    return held_ml * pressure_kpa / (AIR_KPA + pressure_kpa) if LorMedium(medium) is LorMedium.AIR else 0.0


def advance_until_loss(state: NeedleState, distance_mm: float, tissue: TissueField, medium: LorMedium) -> Passage:
    """Push the needle on with pressure on the plunger, and stop where it gives.

    Parameters
    ----------
    state, distance_mm, tissue, medium
        As for `push_until_loss`, of which this is the only piece.

    Raises
    ------
    ValueError
        As `push_until_loss` does.
    """
    return push_until_loss(state, distance_mm, tissue, medium)[0]


def push_until_loss(
    state: NeedleState, distance_mm: float, tissue: TissueField, medium: LorMedium, *, peak_kpa: float = 0.0
) -> tuple[Passage, float]:
    """One piece of a push with pressure on the plunger, which stops where it gives. However a push is cut, it stops at the same depth.

    Parameters
    ----------
    state : NeedleState
        Its stylet out.
    distance_mm : float
        The farthest to go.
    tissue : callable
        As for `simulator.needle.handling.advance`.
    medium : LorMedium
        Air or saline.
    peak_kpa : float
        Highest pressure since the thumb began to push, where this is a later piece of the same push.

    Returns
    -------
    passage : Passage
        As far as the plunger held.
    peak_kpa : float
        Highest pressure so far, kPa; 0 where the plunger gave, for then the push is over.

    Raises
    ------
    ValueError
        As for `syringe_pressure_kpa` and `simulator.needle.handling.advance`.
    """
    far = advance(state, distance_mm, tissue)
    pressure = pressures_kpa(state, far, medium)
    highest = np.maximum.accumulate(np.append(max(syringe_pressure_kpa(state, medium), peak_kpa), pressure))
    lost = np.flatnonzero((highest[:-1] >= LOSS_FROM_KPA) & (pressure < LOSS_SHARE * highest[:-1]))
    if not len(lost):
        return far, float(highest[-1])
    # One long step and a shorter one along the same way agree wherever the shorter ends.
    return advance(state, float(far.profile.travel_mm[lost[0]]), tissue), 0.0


def pressures_kpa(start: NeedleState, passage: Passage, medium: LorMedium) -> Floats:
    """Pressure of a loss-of-resistance syringe all along a passage, shape (n,), kPa: one for each row of its profile.

    Parameters
    ----------
    start : NeedleState
        From which the needle was advanced.
    passage : Passage
        What `simulator.needle.handling.advance` returned.
    medium : LorMedium
        Air or saline.

    Raises
    ------
    ValueError
        If the stylet is in.
    """
    _need_open_bore(start)
    bore_kpa = bore_pressure_kpa(start.kit, medium, PUSH_ML_PER_S)
    return np.array([min(_leak_kpa(start.individual, shares) + bore_kpa, STRONGEST_KPA) for shares in shares_along(start, passage)])


def _leak_kpa(individual: Individual, shares: Mapping[Tissue, float], scale: float = 1.0) -> float:
    """Pressure at which the tissues along the opening take what is pushed, in parallel, kPa."""
    return 1.0 / sum(share / (scale * held_kpa(individual, tissue)) for tissue, share in shares.items())


def _need_open_bore(state: NeedleState) -> None:
    if state.stylet_in:
        raise ValueError("a loss-of-resistance syringe wants the stylet out: with_stylet(state, False)")
