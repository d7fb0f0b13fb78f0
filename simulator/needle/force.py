"""Force at the tip and along the shaft, in closed form over depth (FACTS.md 4.2)."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from simulator.needle.needle_spec import NeedleKit, buckling_load_n
from simulator.needle.needle_state import Front, NeedleState, Run
from simulator.needle.tissue_mechanics import FRICTION_OUTER_MM, Rule, layers, peak_n
from simulator.needle.variation import Individual

Floats = NDArray[np.float64]
STRONGEST_PUSH_N = 60.0  # of a hand; recalled, unverified


def tip_force_n(front: Front, depth_mm: Floats, kit: NeedleKit, individual: Individual) -> Floats:
    """Force at the tip at depths within a layer: a1 d + a2 d2 up to its peak; once it gave way, its cutting force.

    Parameters
    ----------
    front : Front
        What resists.
    depth_mm : ndarray, shape (n,)
        Depths not before the front's.
    kit : NeedleKit
        The needle.
    individual : Individual
        Factors on the table.

    Returns
    -------
    ndarray, shape (n,)
        N.
    """
    layer, scale = layers()[front.tissue], strength(front.tissue, individual)
    deep = np.maximum(np.asarray(depth_mm, dtype=float) - front.from_mm, 0.0)
    if layer.rule in (Rule.OPEN, Rule.BONE):
        return np.full_like(deep, front.floor_n if layer.rule is Rule.BONE else 0.0)
    peak = scale * (peak_n(front.tissue, kit) + _rise(front.tissue, kit) * deep)
    if front.cut and layer.gives_way:
        return layer.cut_ratio * peak
    return np.minimum(np.maximum(front.floor_n, scale * (layer.a1_n_per_mm * deep + layer.a2_n_per_mm2 * deep**2)), peak)


def cutting_force_n(tissue: Tissue, kit: NeedleKit, individual: Individual) -> float:
    """Tip force at the face of a layer that is being cut, or a soft tissue's plateau, N."""
    return layers()[tissue].cut_ratio * peak_n(tissue, kit) * strength(tissue, individual)


def gives_way_mm(front: Front, kit: NeedleKit) -> float:
    """Depth at which a front gives way, mm; infinite where it has, or never does.

    An individual's factor stretches force, not depth.
    """
    layer = layers()[front.tissue]
    if front.cut or not layer.gives_way:
        return np.inf
    linear = layer.a1_n_per_mm - _rise(front.tissue, kit)
    peak = peak_n(front.tissue, kit)
    return front.from_mm + 2 * peak / (linear + np.sqrt(linear**2 + 4 * layer.a2_n_per_mm2 * peak))


def friction_n(runs: Sequence[Run], depth_mm: Floats, kit: NeedleKit, individual: Individual) -> Floats:
    """Friction along the shaft with the tip at depths within the last run, shape (n,), N."""
    per_mm = [layers()[run.tissue].friction_n_per_mm for run in runs]
    starts = [run.from_mm for run in runs]
    before = sum(mu * (end - start) for mu, start, end in zip(per_mm[:-1], starts[:-1], starts[1:], strict=True))
    total = before + per_mm[-1] * np.maximum(np.asarray(depth_mm, dtype=float) - starts[-1], 0.0)
    return total * kit.outer_mm / FRICTION_OUTER_MM * individual.force_factor


def pressed_force_n(state: NeedleState, pressed_mm: Floats) -> Floats:
    """Force on the hub while bone holds the tip and the hub is pushed on, shape (n,), N.

    It rises by the bone's stiffness until the shaft outside the body bows out, or the hand can push no more.
    """
    depth = np.array([state.depth_mm])
    resting = tip_force_n(state.front, depth, state.kit, state.individual) + friction_n(state.runs, depth, state.kit, state.individual)
    limit = min(buckling_load_n(state.kit, state.outside_mm, stylet_in=state.stylet_in), STRONGEST_PUSH_N)
    rising = resting + layers()[state.front.tissue].a1_n_per_mm * np.asarray(pressed_mm, dtype=float)
    return np.minimum(rising, np.maximum(limit, resting))


def apply_push(state: NeedleState) -> NeedleState:
    """The state with the force of a hand that pushes."""
    if state.stopped:
        return replace(state, force_n=float(pressed_force_n(state, np.array([state.pressed_mm]))[0]))
    depth = np.array([state.depth_mm])
    tip, shaft = tip_force_n(state.front, depth, state.kit, state.individual), friction_n(state.runs, depth, state.kit, state.individual)
    return replace(state, force_n=float((tip + shaft)[0]))


def strength(tissue: Tissue, individual: Individual) -> float:
    """Factor of an individual on a tissue's forces."""
    return individual.force_factor * (individual.flavum_factor if tissue is Tissue.LIGAMENTUM_FLAVUM else 1.0)


def _rise(tissue: Tissue, kit: NeedleKit) -> float:
    layer = layers()[tissue]
    return layer.rise_n_per_mm * peak_n(tissue, kit) / layer.peak_18g_n if layer.rise_n_per_mm else 0.0
