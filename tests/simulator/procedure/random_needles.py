"""Needles as a hand could bring them anywhere: random targets, needles and ways, with withdrawals, levers and new pushes."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phantoms.patient import Patient, build
from phantoms.population.population import sample
from phantoms.terms.levels import Side
from scenarios.names.needles import Bevel
from simulator import needle as steel
from simulator.needle.tissue_mechanics import BONE
from simulator.procedure.actions import actions as do
from simulator.procedure.rules.needling import draw_individual
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case
from simulator.procedure.state.field import find_skin
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import change_scenario

Floats = NDArray[np.float64]
KITS = ((Bevel.TUOHY, 18), (Bevel.TUOHY, 20), (Bevel.QUINCKE, 22), (Bevel.QUINCKE, 25), (Bevel.WHITACRE, 22))
LENGTH_MM = 203.0
FAR_MM = 400.0
KINDS = (0.4, 0.1, 0.1, 0.1, 0.1, 0.2)  # of targets: about the sac, ganglia, sacral canal, nerves, bodies and discs, fat
CREEPS = 0.4  # of all needles
TRIES = 6  # to find a way free of bone


@cache
def real_case(number: int) -> Case:
    """A case on a sampled patient in whom a third of the epidural sites nick a vein."""
    uptake = {"vascular_uptake": {"chance": 0.3, "kind": "venous", "note": "test"}}
    return Case(scenario=change_scenario(complications=uptake), patient=build(sample(number)))


def draw_states(patients: int, count: int, seed: int) -> Iterator[ProcedureState]:
    """Random needles, as many in each patient; the stylet is out in half of them."""
    for number in range(count):
        yield draw_state(number % patients, seed + number)


def draw_state(patient: int, seed: int) -> ProcedureState:
    """One random needle in a sampled patient."""
    rng = np.random.default_rng(seed)
    state, deep_mm = _place(begin(real_case(patient), seed), rng)
    for action in _list_moves(deep_mm, rng):
        try:
            state = step(state, action)
        except ValueError:  # no shaft left, or levered too far: a hand would feel it
            continue
    return _creep(state, rng) if rng.random() < CREEPS else state


def _creep(state: ProcedureState, rng: np.random.Generator) -> ProcedureState:
    """The needle pushed on in small steps until it tents something, and a little farther: few long pushes would end there."""
    for _ in range(12):
        held = state.needle
        if held is None or held.stopped or held.tenting is not None or held.outside_mm < 5.0:
            break
        state = step(state, do.Advance(distance_mm=0.7))
    tented = state.needle is not None and state.needle.tenting is not None
    return step(state, do.Advance(distance_mm=float(rng.uniform(0.1, 2.0)))) if tented else state


def _place(state: ProcedureState, rng: np.random.Generator) -> tuple[ProcedureState, float]:
    """A needle on the skin, pointed at a random structure from behind, and how deep that lies, mm."""
    skin, target = next(way for tries, way in enumerate(_draw_ways(state.case, rng)) if tries == TRIES or _is_free(state.case, *way))
    outward = (skin - target) / np.linalg.norm(skin - target)
    bevel, gauge = KITS[rng.integers(len(KITS))]
    kit = steel.NeedleKit(bevel=bevel, gauge=gauge, length_mm=LENGTH_MM)
    held = steel.place(kit, skin, -outward, roll_rad=float(rng.uniform(0, 2 * np.pi)), individual=draw_individual(state))
    return replace(state, needle=held), float(np.linalg.norm(skin - target))


def _draw_ways(case: Case, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
    """Points of the skin with the target that a needle from there is pointed at, mm."""
    while True:
        target = _draw_target(case.patient, rng)
        outward = np.array([rng.normal(0, 0.4), 1.0, rng.normal(0, 0.4)])
        outward /= np.linalg.norm(outward)
        skin = find_skin(case.inside, target + FAR_MM * outward, -outward, FAR_MM)
        if skin is not None and 12.0 < np.linalg.norm(skin - target) < LENGTH_MM - 30.0:
            yield skin, target


def _is_free(case: Case, skin: Floats, target: Floats) -> bool:
    """Whether no bone lies before the target: a quarter of all needles stand on bone all the same."""
    points = np.linspace(skin, target, int(np.linalg.norm(skin - target)))
    return not np.isin(case.tissue(points), list(BONE)).any()


def _draw_target(patient: Patient, rng: np.random.Generator) -> Floats:
    marks = patient.landmarks
    spaces, side = list(marks.interspaces.values()), list(Side)[rng.integers(2)]
    space = spaces[rng.integers(len(spaces))]
    bone = list(marks.vertebrae.values())[rng.integers(len(marks.vertebrae))]
    kind = rng.choice(6, p=KINDS)
    if kind == 0:
        return space.dura_dorsal - [0.0, rng.uniform(-3, 18), 0.0] + rng.normal(0, 3, 3)
    if kind == 1:
        return space.dorsal_root_ganglion[side] + rng.normal(0, 3, 3)
    if kind == 2:
        path = marks.sacrum.canal
        return path[rng.integers(len(path))] + rng.normal(0, 2, 3)
    if kind == 3:  # far along a nerve
        root = patient.roots[rng.integers(len(patient.roots))]
        return root.nerve.path[rng.integers(len(root.nerve.path))] + rng.normal(0, 1.5, 3)
    if kind == 4:
        return bone.body_centre + rng.normal(0, 18, 3)
    return space.epidural_target + rng.normal(0, 3, 3)


def _list_moves(deep_mm: float, rng: np.random.Generator) -> Iterator[do.Action]:
    """Pushes past or short of the target, with what hands do in between."""
    if rng.random() < 0.5:
        yield do.Stylet(inserted=False)
    yield do.Advance(distance_mm=max(float(deep_mm + rng.normal(0, 4)), 1.0))
    for _ in range(rng.integers(5)):
        kind = rng.integers(4)
        if kind == 0:
            yield do.Withdraw(distance_mm=float(rng.exponential(4.0)) + 0.05)
        elif kind == 1:
            yield do.Roll(angle_deg=float(rng.uniform(-180, 180)))
        elif kind == 2:
            yield do.AimNeedle(oblique_deg=float(rng.normal(0, 10)), tilt_deg=float(rng.normal(0, 10)))
        yield do.Advance(distance_mm=float(rng.exponential(4.0)) + 0.05)
