"""The loss-of-resistance syringe: what the plunger meets, by the tissue at the needle's opening (FACTS.md 4.1, 4.2).

The thumb pushes as if to inject `PUSH_ML_PER_S`. Each tissue along the opening takes its share of it at its own pressure, in parallel, so
that the little of the opening that has come into the epidural fat lets the pressure go. The bore's resistance (Poiseuille) stands before
them: at 25 G and thinner it hides the loss.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import LorMedium
from simulator.geometry.validate import as_between, as_positive
from simulator.needle.handling import advance
from simulator.needle.insertion_record import NeedleEventKind, Passage
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import NeedleState, Run
from simulator.needle.path_sampling import TissueField
from simulator.needle.tissue_mechanics import BONE, Rule, layers
from simulator.needle.variation import Individual

Floats = NDArray[np.float64]

VISCOSITY_KPA_S = {LorMedium.SALINE: 0.70e-6, LorMedium.AIR: 0.019e-6}  # at body temperature; recalled, unverified
PUSH_ML_PER_S = 0.1  # at which FACTS.md 4.3 gives the bores' pressures
STRONGEST_KPA = 100.0  # of a thumb on a 10 mL syringe; recalled, unverified
PLUNGER_MM2 = 177.0  # 10 mL loss-of-resistance syringe (FACTS.md 4.1)
AIR_KPA = 101.3
OPEN_KPA = 0.05  # least pressure counted: an opening in air
LOSS_SHARE = 0.4  # of the highest pressure since the push began: below it a hand feels the loss; recalled, unverified
LOSS_FROM_KPA = 20.0  # and there must have been this much to lose


def opening_shares(state: NeedleState) -> dict[Tissue, float]:
    """Share of the needle's opening in each tissue; they add up to 1.

    A membrane that the tip tents lies before the opening, not around it.

    Parameters
    ----------
    state : NeedleState
        On or in the body.
    """
    return _shares(state.kit, _before(state.runs, state.front.from_mm if state.front.tents else np.inf), state.depth_mm)


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
    leak = sum(share / (scale * _loss_kpa(state.individual, tissue)) for tissue, share in opening_shares(state).items())
    return min(1.0 / leak + bore_pressure_kpa(state.kit, medium, PUSH_ML_PER_S), STRONGEST_KPA)


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
    tents, runs = _tents(start, passage), passage.state.runs
    loss_kpa = {run.tissue: _loss_kpa(start.individual, run.tissue) for run in runs}
    bore_kpa = bore_pressure_kpa(start.kit, medium, PUSH_ML_PER_S)
    pressures = []
    for depth_mm in passage.profile.depth_mm.tolist():
        face_mm = next((low for low, high in tents if low <= depth_mm < high), np.inf)
        leak = sum(share / loss_kpa[tissue] for tissue, share in _shares(start.kit, _before(runs, face_mm), depth_mm).items())
        pressures.append(min(1.0 / leak + bore_kpa, STRONGEST_KPA))
    return np.array(pressures)


def _tents(start: NeedleState, passage: Passage) -> list[tuple[float, float]]:
    """Stretches of depth over which a membrane was tented, mm."""
    tents = [(start.front.from_mm, np.inf)] if start.front.tents else []
    for event in passage.events:
        if layers()[event.tissue].rule is not Rule.MEMBRANE:
            continue
        if event.kind is NeedleEventKind.CONTACTS:
            tents.append((event.depth_mm, np.inf))
        elif event.kind in (NeedleEventKind.PUNCTURES, NeedleEventKind.RELEASES):
            tents[-1] = (tents[-1][0], event.depth_mm)
    return tents


def _before(runs: Sequence[Run], face_mm: float) -> list[Run]:
    """Runs of tissue as they lie round the shaft: what lies beyond a tented face is pushed ahead, bone is not entered."""
    return [run for run in runs if run.from_mm < face_mm and run.tissue not in BONE] or [Run(tissue=Tissue.AIR, from_mm=0.0)]


def _shares(kit: NeedleKit, runs: Sequence[Run], depth_mm: float) -> dict[Tissue, float]:
    near_mm, far_mm = kit.opening_mm
    low, high = depth_mm - far_mm, depth_mm - near_mm
    starts, ends = [-np.inf] + [run.from_mm for run in runs[1:]], [run.from_mm for run in runs[1:]] + [np.inf]
    shares: dict[Tissue, float] = {}
    for run, start, end in zip(runs, starts, ends, strict=True):
        part = (min(end, high) - max(start, low)) / (high - low)
        if part > 0:
            shares[run.tissue] = shares.get(run.tissue, 0.0) + part
    return shares


def _loss_kpa(individual: Individual, tissue: Tissue) -> float:
    besides = individual.muscle_factor if tissue is Tissue.MUSCLE else 1.0
    return max(individual.pressure_factor * besides * layers()[tissue].loss_kpa, OPEN_KPA)


def _need_open_bore(state: NeedleState) -> None:
    if state.stylet_in:
        raise ValueError("a loss-of-resistance syringe wants the stylet out: with_stylet(state, False)")
