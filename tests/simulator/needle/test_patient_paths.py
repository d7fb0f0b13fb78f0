"""Needles through the default patient: layers in an anatomist's order, bone, roots and sides."""

from collections.abc import Iterator

import numpy as np
import pytest

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel, LorMedium
from simulator.needle import (
    NeedleEvent,
    NeedleEventKind,
    NeedleKit,
    NeedleState,
    advance,
    advance_until_loss,
    identify_touched,
    place,
    with_stylet,
)
from simulator.needle.sensation import place_of
from tests.simulator.needle.fields import TUOHY_18

STRAIGHT_22 = NeedleKit(bevel=Bevel.WHITACRE, gauge=22, length_mm=127.0)
LEVELS = (Level.L2, Level.L3, Level.L4)
MIDLINE = [
    Tissue.SKIN,
    Tissue.SUBCUTANEOUS_FAT,
    Tissue.SUPRASPINOUS_LIGAMENT,
    Tissue.INTERSPINOUS_LIGAMENT,
    Tissue.LIGAMENTUM_FLAVUM,
    Tissue.EPIDURAL_DORSAL,
    Tissue.DURA,
    Tissue.CSF,
]


@pytest.fixture(scope="module")
def patient() -> Patient:
    return build(default_parameters())


def place_in_midline(patient: Patient, level: Level, kit: NeedleKit = TUOHY_18) -> NeedleState:
    """On the skin between two spinous processes, aimed at the middle of the epidural fat."""
    marks, bones = patient.landmarks.interspaces[level], patient.landmarks.vertebrae
    between = 0.4 * bones[level].spinous_tip + 0.6 * (bones[level.below].spinous_tip if level.below in bones else bones[level].spinous_tip)
    outward = (between - marks.epidural_target) / np.linalg.norm(between - marks.epidural_target)
    return place_from_outside(patient, marks.epidural_target, outward, kit)


def place_from_outside(patient: Patient, target: np.ndarray, outward: np.ndarray, kit: NeedleKit) -> NeedleState:
    reach = np.arange(0.0, 150.0, 0.25)
    inside = patient.tissue(target + reach[:, None] * outward) != Tissue.AIR
    return with_stylet(place(kit, target + reach[np.flatnonzero(inside)[-1]] * outward, -outward), False)


def list_met(state: NeedleState) -> list[Tissue]:
    return [run.tissue for run in state.runs if run.tissue is not Tissue.AIR]


@pytest.mark.parametrize("level", LEVELS)
def test_a_midline_needle_meets_the_layers_in_their_order(patient: Patient, level: Level) -> None:
    deep = advance(place_in_midline(patient, level), 60.0, patient.tissue).state
    found = list_met(deep)
    places = [found.index(tissue) for tissue in MIDLINE]
    assert places == sorted(places)
    assert set(found[: places[-1]]) <= set(MIDLINE) | {Tissue.MUSCLE, Tissue.INTERSPINOUS_GAP}  # a cleft's muscle, a fat-filled gap


@pytest.mark.parametrize("level", LEVELS)
def test_the_plunger_gives_in_the_epidural_space(patient: Patient, level: Level) -> None:
    state = place_in_midline(patient, level)
    marks = patient.landmarks.interspaces[level]
    to_flavum = float((marks.flavum_dorsal - state.entry) @ state.direction)
    found = advance_until_loss(advance(state, to_flavum + 3.0, patient.tissue).state, 12.0, patient.tissue, LorMedium.SALINE)
    assert found.state.tissue is Tissue.EPIDURAL_DORSAL
    assert np.linalg.norm(found.state.tip - marks.epidural_target) < 5.0


def test_a_step_through_a_patient_may_be_split(patient: Patient, rng: np.random.Generator) -> None:
    start = place_in_midline(patient, Level.L4)
    whole, parts = advance(start, 58.0, patient.tissue).state, start
    for step_mm in rng.dirichlet(np.ones(25)) * 58.0:
        parts = advance(parts, step_mm, patient.tissue).state
    np.testing.assert_allclose(parts.shaft, whole.shaft, atol=1e-9)
    assert parts.force_n == pytest.approx(whole.force_n)
    assert [run.tissue for run in parts.runs] == [run.tissue for run in whole.runs]


def test_a_lamina_stops_the_needle(patient: Patient) -> None:
    for side in Side:
        lamina = patient.landmarks.vertebrae[Level.L4].lamina[side]
        outward = lamina.normal if lamina.normal[1] > 0 else -lamina.normal
        passage = advance(place_from_outside(patient, lamina.point, outward, TUOHY_18), 80.0, patient.tissue)
        assert passage.state.stopped
        assert np.linalg.norm(passage.state.tip - lamina.point) < 8.0
        last = passage.events[-1]
        assert (last.kind, last.tissue) == (NeedleEventKind.STOPS, Tissue.CORTICAL_BONE)
        assert identify_touched(last, patient.landmarks, patient.roots).side is side
        assert identify_touched(last, patient.landmarks, patient.roots).level is Level.L4


def ganglia(patient: Patient) -> Iterator[tuple[Level, Side, np.ndarray]]:
    for level in (Level.L3, Level.L4, Level.L5):
        for side in Side:
            yield level, side, patient.landmarks.interspaces[level].dorsal_root_ganglion[side]


def test_a_needle_into_a_ganglion_says_which(patient: Patient) -> None:
    hits = 0
    for level, side, ganglion in ganglia(patient):
        outward = np.array([side.sign * np.sin(np.deg2rad(35.0)), np.cos(np.deg2rad(35.0)), -0.15])
        events = advance(
            place_from_outside(patient, ganglion, outward / np.linalg.norm(outward), STRAIGHT_22), 120.0, patient.tissue
        ).events
        nerve = [event for event in events if event.kind is NeedleEventKind.CONTACTS and event.tissue is Tissue.DORSAL_ROOT_GANGLION]
        for event in nerve:
            found = identify_touched(event, patient.landmarks, patient.roots)
            assert (found.side, found.level) == (side, level)
        hits += bool(nerve)
    assert hits >= 3  # bone keeps some away


def test_a_root_in_the_lateral_recess_is_the_one_that_leaves_below(patient: Patient) -> None:
    """At the L4-5 disc the root beside the sac is L5's, though the ganglion of L4 is nearer."""
    for side in Side:
        root = next(root for root in patient.roots if root.level is Level.L5 and root.side is side)
        event = NeedleEvent(kind=NeedleEventKind.CONTACTS, tissue=Tissue.NERVE_ROOT, point=root.nerve.path[3], depth_mm=50.0, force_n=1.0)
        assert identify_touched(event, patient.landmarks, patient.roots).level is Level.L5
        assert identify_touched(event, patient.landmarks, patient.roots).side is side


def test_strands_in_the_sac_have_their_side(patient: Patient) -> None:
    start = place_in_midline(patient, Level.L3, NeedleKit(bevel=Bevel.WHITACRE, gauge=22, length_mm=127.0))
    for side in Side:
        inside = np.array([side.sign * 5.0, 0.0, 0.0]) + patient.landmarks.interspaces[Level.L3].dura_dorsal + 8.0 * start.direction
        event = NeedleEvent(kind=NeedleEventKind.CONTACTS, tissue=Tissue.CAUDA_EQUINA, point=inside, depth_mm=60.0, force_n=1.0)
        found = identify_touched(event, patient.landmarks, patient.roots)
        assert found.side is side
        assert found.level in (Level.L3, Level.L4, Level.L5, Level.S1)


def test_the_midline_has_no_side(patient: Patient) -> None:
    tip = patient.landmarks.vertebrae[Level.L3].spinous_tip
    assert place_of(tip, patient.landmarks).side is None


def test_naming_a_nerve_needs_roots(patient: Patient) -> None:
    event = NeedleEvent(kind=NeedleEventKind.CONTACTS, tissue=Tissue.CORD, point=np.zeros(3), depth_mm=1.0, force_n=0.0)
    with pytest.raises(ValueError, match="needs the patient's roots"):
        identify_touched(event, patient.landmarks, ())
