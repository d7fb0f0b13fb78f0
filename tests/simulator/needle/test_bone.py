"""Bone stops a needle, takes the push as force, and lets a glancing one walk off."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from simulator.needle import NeedleEventKind, advance, place, redirect, withdraw
from simulator.needle.bone import face
from simulator.needle.force import STRONGEST_PUSH_N
from simulator.needle.needle_spec import buckling_load_n
from tests.simulator.needle.fields import FORWARD, QUINCKE_22, TUOHY_18, WHITACRE_22, Field, advance_in_steps, place_on_skin, slabs

LAMINA = slabs(((Tissue.SKIN, 2.0), (Tissue.MUSCLE, 30.0), (Tissue.CORTICAL_BONE, 20.0)))
INTO_BONE_MM = 0.05


def slope(angle_deg: float) -> Field:
    """Muscle behind a flat bone that stands at an angle to a needle along -y from the origin, 20 mm ahead."""
    angle = np.deg2rad(angle_deg)
    outward = np.array([0.0, np.sin(angle), np.cos(angle)])
    return lambda points: np.where((points - [0.0, -20.0, 0.0]) @ outward < 0, Tissue.CORTICAL_BONE, Tissue.MUSCLE).astype(np.uint8)


def test_bone_stops_the_tip_at_its_face() -> None:
    passage = advance(place_on_skin(), 40.0, LAMINA)
    assert passage.state.depth_mm == pytest.approx(32.0, abs=INTO_BONE_MM)
    assert passage.state.pressed_mm == pytest.approx(8.0, abs=INTO_BONE_MM)
    assert passage.state.stopped
    assert [event.kind for event in passage.events[-2:]] == [NeedleEventKind.CONTACTS, NeedleEventKind.STOPS]
    assert passage.events[-1].tissue is Tissue.CORTICAL_BONE


def test_pushing_on_raises_the_force_and_not_the_depth() -> None:
    touching = advance(place_on_skin(), 32.1, LAMINA).state
    forces = [touching.force_n]
    for _ in range(4):
        pushed = advance(touching, 0.1, LAMINA).state
        np.testing.assert_array_equal(pushed.tip, touching.tip)
        forces.append(pushed.force_n)
        touching = pushed
    assert np.diff(forces) == pytest.approx(50.0 * 0.1)  # 50 N/mm


def test_the_force_ends_where_hand_or_shaft_give() -> None:
    for kit in (TUOHY_18, QUINCKE_22):
        hard = advance(place_on_skin(kit), 50.0, LAMINA).state
        limit = min(STRONGEST_PUSH_N, buckling_load_n(kit, hard.outside_mm, stylet_in=True))
        assert hard.force_n == pytest.approx(limit)


def test_withdrawing_first_eases_the_push() -> None:
    hard = advance(place_on_skin(), 33.0, LAMINA).state
    eased = withdraw(hard, 0.5).state
    assert eased.depth_mm == hard.depth_mm
    assert eased.pressed_mm == pytest.approx(hard.pressed_mm - 0.5)
    free = withdraw(eased, 5.5).state
    assert free.depth_mm == pytest.approx(27.0)
    assert not free.stopped
    assert free.tissue is Tissue.MUSCLE
    assert advance(free, 6.0, LAMINA).state.stopped


def test_levered_off_the_edge_of_a_bone_it_goes_past() -> None:
    """A tip that stands on bone 0.5 mm from an edge, levered towards the free side, then pushed."""

    def tissue(points: np.ndarray) -> np.ndarray:
        return np.where((points[:, 1] < -20.0) & (points[:, 0] < 0.5), Tissue.CORTICAL_BONE, Tissue.SUBCUTANEOUS_FAT).astype(np.uint8)

    standing = advance(place(TUOHY_18, (0, 0, 0), FORWARD), 22.0, tissue).state
    assert standing.stopped
    beside = redirect(standing, (0.1, -1.0, 0.0))
    assert not beside.stopped
    assert beside.tip[0] > 0.5
    past = advance(beside, 10.0, tissue).state
    assert not past.stopped
    assert past.tip[1] < -28.0


def test_steps_on_bone_add_up() -> None:
    whole, (parts, _) = (
        advance(place_on_skin(), 36.0, LAMINA).state,
        advance_in_steps(place_on_skin(), [20.0, 12.0, 0.01, 0.5, 3.49], LAMINA),
    )
    assert parts.pressed_mm == pytest.approx(whole.pressed_mm)
    assert parts.force_n == pytest.approx(whole.force_n)


@pytest.mark.parametrize("angle_deg", [3.0, 10.0, 17.0])
def test_a_glancing_needle_walks_off_along_the_bone(angle_deg: float) -> None:
    tissue = slope(angle_deg)
    passage = advance(place(WHITACRE_22, (0, 0, 0), FORWARD), 60.0, tissue)
    kinds = [event.kind for event in passage.events]
    assert kinds.count(NeedleEventKind.WALKS_OFF) == 1
    assert NeedleEventKind.STOPS not in kinds
    assert passage.state.depth_mm == pytest.approx(60.0)
    deviation_deg = np.rad2deg(np.arccos(passage.state.direction @ FORWARD))
    assert deviation_deg == pytest.approx(angle_deg + 2.0, abs=3.0)  # a normal told by 200 probes, and a Whitacre's own curve
    slid = passage.state.shaft[passage.state.shaft[:, 1] < -20.0]
    assert (tissue(slid) == Tissue.MUSCLE).all()


@pytest.mark.parametrize("angle_deg", [30.0, 60.0, 90.0])
def test_a_steep_needle_stops(angle_deg: float) -> None:
    state = advance(place(WHITACRE_22, (0, 0, 0), FORWARD), 60.0, slope(angle_deg)).state
    assert state.stopped
    outward = np.array([0.0, np.sin(np.deg2rad(angle_deg)), np.cos(np.deg2rad(angle_deg))])
    assert -INTO_BONE_MM < (state.tip - [0.0, -20.0, 0.0]) @ outward <= 0.0


def test_a_funnel_does_not_lead_a_needle_round_a_corner() -> None:
    """Bone that curves inwards like the inside of a ball meets it at a glance again and again: in all it turns by 30 degrees at most."""

    def tissue(points: np.ndarray) -> np.ndarray:
        off = np.linalg.norm(points - [0.0, 0.0, 0.0], axis=1)
        return np.where(off > 30.0, Tissue.CORTICAL_BONE, Tissue.MUSCLE).astype(np.uint8)

    state = advance(place(WHITACRE_22, (0.0, 5.0, 29.3), FORWARD), 80.0, tissue).state
    assert state.stopped
    assert 0.0 < state.walked_rad <= np.deg2rad(30.0)


@pytest.mark.parametrize("angle_deg", [5.0, 20.0, 55.0, 85.0])
def test_the_face_of_bone_is_told_to_a_few_degrees(angle_deg: float) -> None:
    angle = np.deg2rad(angle_deg)
    found = face(slope(angle_deg), np.array([0.0, -20.0, 0.0]))
    assert found is not None
    assert np.rad2deg(np.arccos(np.clip(found @ [0.0, np.sin(angle), np.cos(angle)], -1, 1))) < 3.0


def test_inside_bone_there_is_no_face() -> None:
    assert face(lambda points: np.full(len(points), Tissue.CORTICAL_BONE, np.uint8), np.zeros(3)) is None
