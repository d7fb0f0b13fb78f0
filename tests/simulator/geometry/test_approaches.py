"""Courses on a toy patient: a wall of bone in the textbook's way is gone round."""

import numpy as np
import pytest

from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from scenarios.names import compartments
from scenarios.names.approaches import RULES, Approach
from simulator.geometry.approaches import APPROACHES, EPIDURAL, NAMED, SHOWN, find_course, textbook
from simulator.geometry.clear_path import Search, find_nearest_clear, is_clear
from simulator.geometry.targets import find_target
from simulator.geometry.views import View
from tests.simulator.synthetic import toy_landmarks, turn

LANDMARKS = toy_landmarks(turn("x", -8.0) @ turn("z", 4.0))
BACK_MM = 95.0


def soft(points: np.ndarray) -> np.ndarray:
    """Epidural fat everywhere up to the skin's plane."""
    return np.where(points[:, 1] < BACK_MM, Tissue.EPIDURAL_FORAMINAL, Tissue.AIR).astype(np.uint8)


def wall_off(tip: np.ndarray, outward: np.ndarray, radius_mm: float) -> "object":
    """The same with a ball of bone on the way, 25 mm before the tip."""
    centre = tip + 25.0 * outward

    def field(points: np.ndarray) -> np.ndarray:
        labels = soft(points)
        labels[np.linalg.norm(points - centre, axis=1) < radius_mm] = Tissue.CORTICAL_BONE
        return labels

    return field


def test_every_approach_has_a_rule_a_record_and_a_word() -> None:
    assert set(RULES) == set(APPROACHES) == set(Approach)
    assert {named.approach for named in NAMED.values()} == set(Approach)
    assert set(SHOWN) == set(View), "each view of a contact sheet shows one approach's needle"
    assert set(SHOWN.values()) <= set(NAMED)


@pytest.mark.parametrize("approach", list(Approach))
def test_rule_and_record_agree(approach: Approach) -> None:
    rule, record = RULES[approach], APPROACHES[approach]
    assert rule.sided is (None not in record.sides), "who needs a side offers no midline, and the other way round"
    assert record.compartments
    assert record.search.goal
    assert rule.only_level is None or rule.site, "what is counted from one interspace has a name of its own"
    assert RULES[record.elsewhere].only_level is None, "other levels are told by an approach that reaches them"
    assert RULES[record.elsewhere].sided is rule.sided
    if rule.sided:
        with pytest.raises(ValueError, match="needs a side"):
            textbook(approach, LANDMARKS, Level.L4, None)


@pytest.mark.parametrize("name", NAMED)
def test_a_free_way_is_the_textbooks(name: str) -> None:
    named = NAMED[name]
    tip, outward = textbook(named.approach, LANDMARKS, Level.L4, named.side)
    found = find_course(named.approach, LANDMARKS, Level.L4, named.side, soft)
    assert found.tip == pytest.approx(tip)
    assert found.outward == pytest.approx(outward, abs=1e-6)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("approach", [Approach.SUBPEDICULAR, Approach.INFRANEURAL])
def test_bone_in_the_way_is_gone_round(approach: Approach, side: Side) -> None:
    tip, outward = textbook(approach, LANDMARKS, Level.L5, side)
    field = wall_off(tip, outward, 5.0)
    assert not is_clear(tip, outward, field, beside_mm=0.0)
    found = find_course(approach, LANDMARKS, Level.L5, side, field)
    assert is_clear(found.tip, found.outward, field, beside_mm=0.9)
    assert np.linalg.norm(found.tip - tip) < 9.0
    assert np.rad2deg(np.arccos(found.outward @ outward)) <= 25.1


def test_where_nothing_is_free_the_textbooks_way_is_kept() -> None:
    tip, outward = textbook(Approach.SUBPEDICULAR, LANDMARKS, Level.L5, Side.LEFT)
    found = find_course(Approach.SUBPEDICULAR, LANDMARKS, Level.L5, Side.LEFT, wall_off(tip, outward, 24.0))
    assert found.tip == pytest.approx(tip)


@pytest.mark.parametrize("side", list(Side))
def test_the_infraneural_tip_is_below_the_subpedicular_one_and_behind_the_disc(side: Side) -> None:
    bone = LANDMARKS.vertebrae[Level.L4]
    kambin, under = (textbook(approach, LANDMARKS, Level.L4, side)[0] for approach in (Approach.INFRANEURAL, Approach.SUBPEDICULAR))
    assert (under - kambin) @ bone.axes[:, 2] > 4.0
    endplate = LANDMARKS.vertebrae[Level.L5].upper_endplate
    assert (kambin - endplate.point) @ endplate.normal > 2.0


def test_what_is_meant_for_the_epidural_space_ends_in_its_fat() -> None:
    epidural = [record for record in APPROACHES.values() if record.compartments <= compartments.EPIDURAL]
    assert epidural
    assert all(record.search.goal <= EPIDURAL for record in epidural)


def test_a_narrow_goal_is_reached_where_less_room_is_asked_for() -> None:
    """A slit of joint 2 mm wide between walls of bone: there is a way for a needle that needs 0.4 mm beside it, none for 1.1 mm."""
    tip, outward = np.zeros(3), np.array([0.0, 1.0, 0.0])

    def slit(points: np.ndarray) -> np.ndarray:
        bone = (np.abs(points[:, 0] - 2.0) > 1.0) & (points[:, 1] < 20.0)
        soft_here = np.where(points[:, 1] < 20.0, Tissue.FACET_JOINT, Tissue.MUSCLE)
        return np.where(points[:, 1] > BACK_MM, Tissue.AIR, np.where(bone, Tissue.CORTICAL_BONE, soft_here)).astype(np.uint8)

    def found(beside_mm: float) -> np.ndarray:
        search = Search(
            goal=frozenset({Tissue.FACET_JOINT}),
            lateral_mm=(0.0, 1.0, 2.0),
            dorsal_mm=(0.0,),
            cranial_mm=(0.0,),
            aside_deg=5.0,
            beside_mm=beside_mm,
        )
        return find_nearest_clear(tip, outward, np.eye(3), search, slit)[0]

    assert found(0.4)[0] == pytest.approx(2.0)
    assert found(1.1) == pytest.approx(tip), "the wished tip is kept where there is no way"


def test_a_foraminal_approach_needs_a_side() -> None:
    with pytest.raises(ValueError, match="needs a side"):
        find_course(Approach.SUBPEDICULAR, LANDMARKS, Level.L4, None)


def test_a_level_that_the_patient_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="needs landmarks of T11"):
        find_course(Approach.INTERLAMINAR, LANDMARKS, Level.T11, None)


def test_along_and_across_are_measured_from_the_course() -> None:
    found = find_target(Approach.INTERLAMINAR, LANDMARKS, Level.L4, Side.LEFT, soft, offset_mm=(1.0, 0.0, 0.0))
    shallow = found.point + 3.0 * found.course.outward
    assert found.along_mm(shallow) == pytest.approx(-3.0)
    assert found.across_mm(shallow) == pytest.approx(0.0, abs=1e-9)
    moved = find_target(Approach.INTERLAMINAR, LANDMARKS, Level.L4, Side.LEFT, soft)
    assert np.linalg.norm(found.point - moved.point) == pytest.approx(1.0)
