"""Advancing: no thin layer is missed, no step size matters, forces peak where the table says, bevels steer, dura tents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel
from simulator.needle import NeedleEventKind, NeedleKit, NeedleState, advance, aim, place, redirect, roll, withdraw
from simulator.needle.path_sampling import LATTICE_MM
from simulator.needle.tissue_mechanics import peak_n
from tests.simulator.needle.fields import (
    BACK,
    FORWARD,
    QUINCKE_22,
    SKIN_Y_MM,
    TUOHY_18,
    WHITACRE_22,
    advance_in_steps,
    block,
    jumble,
    place_on_skin,
    slabs,
)

ROUNDING_MM = 1e-9  # thousands of steps of 1e-15 relative, through a frame that they turn
CROSSING_MM = 0.05
seeds = st.integers(0, 2**32 - 1)


def same(one: NeedleState, other: NeedleState) -> None:
    """Equal to rounding, in everything that a needle is."""
    for name in ("tip", "direction", "notch", "hub_direction", "shaft"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=ROUNDING_MM, err_msg=name)
    for name in ("depth_mm", "pressed_mm", "force_n", "roll_rad", "walked_rad", "travelled_mm"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=ROUNDING_MM * 100), name
    assert [run.tissue for run in one.runs] == [run.tissue for run in other.runs]
    np.testing.assert_allclose([run.from_mm for run in one.runs], [run.from_mm for run in other.runs], atol=ROUNDING_MM)
    assert (one.front.tissue, one.front.cut, one.front.behind) == (other.front.tissue, other.front.cut, other.front.behind)


def split(rng: np.random.Generator, total_mm: float, pieces: int) -> np.ndarray:
    """Random steps, some of them minute, that add up to a total."""
    steps = rng.dirichlet(np.full(pieces, 0.4)) * total_mm
    return steps[steps > 0]


@given(seed=seeds, pieces=st.integers(2, 30), bony=st.booleans())
@settings(max_examples=25, deadline=None, derandomize=True)
def test_any_split_of_a_step_ends_in_the_same_state(seed: int, pieces: int, bony: bool) -> None:
    rng = np.random.default_rng(seed)
    tissue, direction = jumble(rng, bony), rng.normal(size=3)
    kit = NeedleKit(bevel=rng.choice(list(Bevel)), gauge=int(rng.integers(16, 28)), length_mm=127.0)
    start, twist = place(kit, rng.normal(size=3) * 20, direction, roll_rad=rng.uniform(-3, 3)), float(rng.choice([0.0, 0.1]))
    total_mm = float(rng.uniform(5, 60))
    whole = advance(start, total_mm, tissue, twist_rad_per_mm=twist)
    parts, passages = advance_in_steps(start, split(rng, total_mm, pieces), tissue, twist)
    same(parts, whole.state)
    told = [(event.kind, event.tissue) for passage in passages for event in passage.events]
    assert told == [(event.kind, event.tissue) for event in whole.events]


@given(seed=seeds)
@settings(max_examples=8, deadline=None, derandomize=True)
def test_splits_between_turns_and_withdrawals_do_not_matter_either(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tissue = jumble(rng)
    start = place(QUINCKE_22, (0, 0, 0), rng.normal(size=3))
    moves = [(float(rng.uniform(3, 15)), float(rng.uniform(-3, 3)), float(rng.uniform(0, 2))) for _ in range(4)]
    whole = parts = start
    for distance_mm, angle_rad, back_mm in moves:
        whole = roll(withdraw(advance(whole, distance_mm, tissue).state, back_mm).state, angle_rad)
        parts = roll(withdraw(advance_in_steps(parts, split(rng, distance_mm, 9), tissue)[0], back_mm).state, angle_rad)
    same(advance(parts, 1.0, tissue).state, advance(whole, 1.0, tissue).state)


@given(seed=seeds)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_step_tunnels_through_dura_or_artery(seed: int) -> None:
    """A sheet of 0.3 mm and a tube of 1 mm, wherever they lie and however the needle comes to them."""
    rng = np.random.default_rng(seed)
    depth_mm, sheet_mm = float(rng.uniform(15, 50)), float(rng.uniform(5, 14))
    direction = FORWARD + rng.normal(0, 0.2, 3)

    def tissue(points: np.ndarray) -> np.ndarray:
        deep = SKIN_Y_MM - points[:, 1]
        labels = np.full(len(points), Tissue.MUSCLE, dtype=np.uint8)
        labels[(deep > sheet_mm) & (deep < sheet_mm + 0.3)] = Tissue.ANNULUS
        ahead = points - np.array([0.0, SKIN_Y_MM, 0.0]) - direction * depth_mm / -direction[1]
        labels[np.hypot(ahead[:, 1], ahead[:, 2]) < 0.5] = Tissue.RADICULAR_ARTERY
        return labels

    met = advance(place_on_skin(WHITACRE_22, direction), 70.0, tissue).events  # nearly straight: it meets the tube's middle
    entered = [event.tissue for event in met if event.kind is NeedleEventKind.ENTERS]
    assert Tissue.ANNULUS in entered
    assert Tissue.RADICULAR_ARTERY in entered


def test_crossings_are_found_to_a_twentieth_of_a_millimetre(rng: np.random.Generator) -> None:
    for start_mm in rng.uniform(0, 1, 20):
        state = advance(place_on_skin(WHITACRE_22), 70.0, slabs(BACK, start_mm)).state
        edges = start_mm + np.cumsum([0.0] + [thick for _, thick in BACK])
        found = [run.from_mm for run in state.runs[1:]]
        np.testing.assert_array_less(np.abs(np.array(found) - edges[: len(found)]), CROSSING_MM)
        assert LATTICE_MM <= CROSSING_MM


def test_layers_come_in_their_order_and_each_peaks_at_its_force() -> None:
    passage = advance(place_on_skin(), 52.0, slabs(BACK))
    yielding = {event.tissue: event for event in passage.events if event.kind is NeedleEventKind.PUNCTURES}
    order = [Tissue.SKIN, Tissue.SUPRASPINOUS_LIGAMENT, Tissue.INTERSPINOUS_LIGAMENT, Tissue.LIGAMENTUM_FLAVUM, Tissue.DURA]
    assert list(yielding) == order
    for tissue, event in yielding.items():
        friction_n = 3.0  # of 52 mm at most
        peak = 4.54 if tissue is Tissue.INTERSPINOUS_LIGAMENT else peak_n(tissue, TUOHY_18)  # it grows by 0.12 N/mm over 4.5 mm
        assert peak - 1e-6 <= event.force_n <= peak + friction_n
    profile = passage.profile
    flavum = profile.tissue == Tissue.LIGAMENTUM_FLAVUM
    assert profile.force_n.max() == profile.force_n[flavum].max()
    assert 10.0 < profile.force_n.max() < 15.0  # FACTS.md 4.2: 6-15 N, with friction
    assert profile.force_n[profile.tissue == Tissue.EPIDURAL_DORSAL][0] < 0.3 * profile.force_n.max()


def test_the_dura_tents_before_it_gives_and_the_tip_is_epidural_so_long() -> None:
    face_mm = sum(thick for _, thick in BACK[:6])
    tented = advance(place_on_skin(), face_mm + 2.5, slabs(BACK)).state
    assert tented.tissue is Tissue.EPIDURAL_DORSAL
    assert tented.tenting is not None
    assert tented.tenting.tissue is Tissue.DURA
    assert tented.tenting.by_mm == pytest.approx(2.5, abs=CROSSING_MM)
    through = advance(tented, 1.0, slabs(BACK))
    assert through.state.tissue is Tissue.CSF
    assert through.state.tenting is None
    assert [event.kind for event in through.events] == [NeedleEventKind.PUNCTURES, NeedleEventKind.LEAVES, NeedleEventKind.ENTERS]


def test_a_tented_dura_springs_back_when_the_needle_is_withdrawn() -> None:
    face_mm = sum(thick for _, thick in BACK[:6])
    tented = advance(place_on_skin(), face_mm + 2.0, slabs(BACK)).state
    back = withdraw(tented, 2.5)
    assert back.state.tissue is Tissue.EPIDURAL_DORSAL
    assert back.state.tenting is None
    assert back.events == ()


def test_a_needle_that_comes_back_goes_through_its_own_hole() -> None:
    face_mm = sum(thick for _, thick in BACK[:6])
    through = advance(place_on_skin(), face_mm + 4.0, slabs(BACK)).state
    dura = [hole for hole in through.holes if hole.tissue is Tissue.DURA]
    assert [hole.point[1] for hole in dura] == [pytest.approx(SKIN_Y_MM - face_mm, abs=CROSSING_MM)]
    back = withdraw(through, 6.0).state
    assert back.tissue is Tissue.EPIDURAL_DORSAL
    again = advance(back, 4.0, slabs(BACK))
    assert again.state.tissue is Tissue.CSF
    assert NeedleEventKind.PUNCTURES not in [event.kind for event in again.events]
    elsewhere = advance(redirect(withdraw(through, through.depth_mm - 6.0).state, (0.1, -1.0, 0.0)), face_mm - 3.0, slabs(BACK))
    assert [event.kind for event in elsewhere.events if event.tissue is Tissue.DURA] == [NeedleEventKind.CONTACTS]


def test_a_needle_that_grazes_the_dura_slides_past_it() -> None:
    sac = 10.0

    def tissue(points: np.ndarray) -> np.ndarray:
        off = np.hypot(points[:, 1] - 60.0, points[:, 2])
        labels = np.where(off < sac - 0.3, Tissue.CSF, np.where(off < sac, Tissue.DURA, Tissue.EPIDURAL_DORSAL))
        return labels.astype(np.uint8)

    kinds = {}
    for height_mm in (9.95, 5.0):
        start = place(WHITACRE_22, (0.0, 80.0, height_mm), FORWARD)
        kinds[height_mm] = [event.kind for event in advance(start, 40.0, tissue).events if event.tissue is Tissue.DURA]
    assert kinds[9.95] == [NeedleEventKind.CONTACTS, NeedleEventKind.RELEASES]
    assert kinds[5.0][:2] == [NeedleEventKind.CONTACTS, NeedleEventKind.PUNCTURES]


@pytest.mark.parametrize(
    ("kit", "radius_mm", "towards_notch"),
    [
        (NeedleKit(bevel=Bevel.TUOHY, gauge=22, length_mm=89.0), 423.0, 1),
        (QUINCKE_22, 364.0, -1),
        (NeedleKit(bevel=Bevel.QUINCKE, gauge=25, length_mm=89.0), 230.0, -1),
        (WHITACRE_22, 4380.0, 1),
    ],
)
def test_in_one_tissue_the_tip_runs_on_a_circle(kit: NeedleKit, radius_mm: float, towards_notch: int) -> None:
    start = place_on_skin(kit)
    end = advance(start, 80.0, block(Tissue.MUSCLE)).state
    aside_mm = float((end.tip - start.tip) @ start.notch)
    assert np.sign(aside_mm) == towards_notch
    assert abs(aside_mm) == pytest.approx(radius_mm * (1 - np.cos(80.0 / radius_mm)), rel=0.01)


def test_a_rolled_needle_goes_the_other_way() -> None:
    ends = [advance(place_on_skin(QUINCKE_22, roll_rad=angle), 60.0, block(Tissue.MUSCLE)).state.tip for angle in (0.0, np.pi, np.pi / 2)]
    assert ends[0][2] == pytest.approx(-ends[1][2])
    assert ends[0][2] < -3.0  # the notch is cephalad, a Quincke goes away from it
    assert abs(ends[2][0]) == pytest.approx(abs(ends[0][2]))


def test_turning_world_and_needle_together_changes_nothing(rng: np.random.Generator) -> None:
    """About the cephalad axis, from which the roll is told."""
    tissue, direction, angle = jumble(rng, bony=True), np.array([0.3, -1.0, 0.4]), 1.1
    turn = np.array([[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    still = advance(place(QUINCKE_22, (5.0, 80.0, 3.0), direction, roll_rad=0.7), 50.0, tissue)
    turned = advance(place(QUINCKE_22, turn @ (5.0, 80.0, 3.0), turn @ direction, roll_rad=0.7), 50.0, lambda points: tissue(points @ turn))
    np.testing.assert_allclose(turned.state.shaft, still.state.shaft @ turn.T, atol=ROUNDING_MM)
    assert [(event.kind, event.tissue) for event in turned.events] == [(event.kind, event.tissue) for event in still.events]
    assert turned.state.force_n == pytest.approx(still.state.force_n)


def test_turning_all_the_way_keeps_a_needle_nearly_straight() -> None:
    steady = advance(place_on_skin(QUINCKE_22), 80.0, block(Tissue.MUSCLE)).state
    turning = advance(place_on_skin(QUINCKE_22), 80.0, block(Tissue.MUSCLE), twist_rad_per_mm=0.5).state
    off = [np.hypot(state.tip[0], state.tip[2]) for state in (steady, turning)]
    assert off[0] > 8.0
    assert off[1] < 0.6  # 2 k / t per mm of way, k / t2 aside: 0.44 mm
    assert turning.roll_rad == pytest.approx(40.0)


def test_clockwise_from_the_hub_is_positive() -> None:
    """Who stands behind a prone patient has the head up and the patient's right at the right: the notch turns from up to right."""
    turned = roll(place_on_skin(), np.pi / 2)
    np.testing.assert_allclose(turned.notch, [-1.0, 0.0, 0.0], atol=1e-12)


@pytest.mark.parametrize("steps", [1, 7])
def test_profile_runs_along_the_way(steps: int) -> None:
    profile = advance(place_on_skin(), 52.0, slabs(BACK)).profile
    assert (np.diff(profile.depth_mm) >= 0).all()
    assert profile.depth_mm[-1] == pytest.approx(52.0)
    assert len({len(column) for column in (profile.depth_mm, profile.travel_mm, profile.force_n, profile.tissue)}) == 1
    state, passages = advance_in_steps(place_on_skin(), [52.0 / steps] * steps, slabs(BACK))
    assert passages[-1].profile.force_n[-1] == pytest.approx(state.force_n)


def test_withdrawing_takes_it_back_and_drags() -> None:
    deep = advance(place_on_skin(), 40.0, slabs(BACK)).state
    half = withdraw(deep, 25.0)
    assert half.state.depth_mm == pytest.approx(15.0)
    assert half.state.force_n < 0
    np.testing.assert_allclose(
        half.state.tip, advance(place_on_skin(), 15.0, slabs(BACK)).state.tip, atol=2e-3
    )  # chords of 1 mm for an arc
    assert [event.tissue for event in half.events] == [Tissue.LIGAMENTUM_FLAVUM]  # 39 mm deep; from 14 on it is in the interspinous
    out = withdraw(half.state, 15.0).state
    assert out.tissue is Tissue.AIR
    assert out.force_n == 0.0
    assert out.travelled_mm == pytest.approx(80.0)
    np.testing.assert_allclose(out.tip, out.entry)


def test_two_withdrawals_are_one(rng: np.random.Generator) -> None:
    deep = advance(place(QUINCKE_22, (0, 0, 0), (0.1, -1, 0.2)), 55.5, jumble(rng)).state
    same(withdraw(withdraw(deep, 3.3).state, 12.4).state, withdraw(deep, 15.7).state)


def test_doing_nothing_changes_nothing() -> None:
    deep = advance(place_on_skin(), 30.0, slabs(BACK)).state
    assert advance(deep, 0.0, slabs(BACK)).state is deep
    assert withdraw(deep, 0.0).state is deep


def test_arrays_of_a_state_cannot_be_written() -> None:
    state = advance(place_on_skin(), 30.0, slabs(BACK)).state
    for values in (state.tip, state.direction, state.notch, state.entry, state.track.points):
        assert not values.flags.writeable


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda state: advance(state, -1.0, block(Tissue.MUSCLE)), "distance_mm must be 0 or above, got -1"),
        (lambda state: advance(state, float("nan"), block(Tissue.MUSCLE)), "distance_mm must be a finite number"),
        (lambda state: advance(state, 90.0, block(Tissue.MUSCLE)), "push the hub into the skin: 89.0 mm of shaft are left"),
        (lambda state: advance(state, 5.0, lambda points: points[:3, 0]), "one label for each of"),
        (
            lambda state: advance(state, 5.0, lambda points: np.full(len(points), 99, np.uint8)),
            "values of phantoms.terms.tissues.Tissue, got 99",
        ),
        (lambda state: withdraw(state, 1.0), "only 0.0 mm are in the body"),
        (lambda state: aim(state, (0, 0, 0)), "direction must have a length above 0"),
        (lambda state: aim(advance(state, 5.0, block(Tissue.MUSCLE)).state, FORWARD), "5.0 mm in: use redirect"),
        (lambda state: roll(state, float("inf")), "roll_rad must be a finite number"),
        (lambda state: place(TUOHY_18, (0, np.nan, 0), FORWARD), "entry must be finite"),  # noqa: ARG005 - one signature for all
    ],
)
def test_impossible_moves_are_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(place_on_skin())
