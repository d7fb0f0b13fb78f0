"""Redirecting: the whole needle turns while its tip is under the skin; deeper, the shaft bends as a beam in a foundation does."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel
from simulator.needle import NeedleKit, advance, redirect, with_stylet, withdraw
from simulator.needle.needle_spec import bending_stiffness_n_mm2
from simulator.needle.shaft_bending import deflection
from simulator.needle.tissue_mechanics import layers
from tests.simulator.needle.fields import BACK, FORWARD, QUINCKE_22, TUOHY_18, block, place_on_skin, slabs

TILTED = np.array([0.1, -1.0, 0.05]) / np.linalg.norm([0.1, -1.0, 0.05])
TILT_RAD = float(np.arccos(FORWARD @ TILTED))


def test_under_the_skin_the_whole_needle_turns() -> None:
    state = advance(place_on_skin(), 8.0, slabs(BACK)).state
    after = redirect(state, TILTED)
    np.testing.assert_allclose(np.linalg.norm(after.tip - after.entry), np.linalg.norm(state.tip - state.entry))
    np.testing.assert_allclose(after.hub_direction, TILTED)
    assert after.depth_mm == state.depth_mm
    assert after.redirections == 1
    assert after.side_force_n == 0
    assert np.arccos(np.clip(after.direction @ state.direction, -1, 1)) == pytest.approx(TILT_RAD, rel=1e-4)  # its drift is across the turn


def test_on_the_skin_it_aims() -> None:
    after = redirect(place_on_skin(), TILTED)
    np.testing.assert_allclose(after.direction, TILTED)
    np.testing.assert_array_equal(after.tip, after.entry)


def test_in_ligament_the_tip_hardly_follows_the_hub() -> None:
    state = advance(place_on_skin(), 40.0, slabs(BACK)).state
    after = redirect(state, TILTED)
    np.testing.assert_allclose(after.hub_direction, TILTED)
    assert np.linalg.norm(after.tip - state.tip) < 0.05 * 40.0 * TILT_RAD
    assert after.side_force_n > 0.5
    assert after.redirections == 1


def test_a_thick_needle_levers_its_tip_more_than_a_thin_one() -> None:
    moved = []
    for gauge in (18, 20, 22, 25):
        state = advance(place_on_skin(NeedleKit(bevel=Bevel.TUOHY, gauge=gauge, length_mm=89.0)), 30.0, block(Tissue.MUSCLE)).state
        moved.append(np.linalg.norm(redirect(state, TILTED).tip - state.tip))
    assert (np.diff(moved) < 0).all()


def test_a_deep_needle_bends_as_hetenyis_beam() -> None:
    """Semi-infinite beam on a foundation, pinned end turned by an angle: w = angle / b exp(-b x) sin(b x), b = (k / 4 EI)^(1/4)."""
    state = advance(place_on_skin(NeedleKit(bevel=Bevel.QUINCKE, gauge=25, length_mm=127.0)), 120.0, block(Tissue.MUSCLE)).state
    x_mm, shift_mm, _, moment_n_mm = deflection(state, 0.05)
    stiffness = bending_stiffness_n_mm2(state.kit, stylet_in=True)
    rate = (layers()[Tissue.MUSCLE].grip_n_per_mm2 / (4 * stiffness)) ** 0.25
    exact = np.tan(0.05) / rate * np.exp(-rate * x_mm) * np.sin(rate * x_mm)
    np.testing.assert_allclose(shift_mm, exact, atol=0.01 * exact.max())  # 1 mm cells
    assert moment_n_mm == pytest.approx(2 * stiffness * rate * np.tan(0.05), rel=0.03)


def test_where_nothing_grips_it_the_beam_turns_as_a_whole() -> None:
    """In a soft tissue and over a short depth the foundation's answer is a rigid turn about the skin, less a little for its springs."""
    state = advance(place_on_skin(NeedleKit(bevel=Bevel.TUOHY, gauge=16, length_mm=89.0)), 6.0, block(Tissue.SUBCUTANEOUS_FAT)).state
    x_mm, shift_mm, _, _ = deflection(state, 0.1)
    np.testing.assert_allclose(shift_mm[1:], (np.tan(0.1) * x_mm)[1:], rtol=0.01)


def test_levering_back_undoes_it() -> None:
    state = advance(place_on_skin(QUINCKE_22), 40.0, slabs(BACK)).state
    back = redirect(redirect(state, TILTED), state.hub_direction)
    np.testing.assert_allclose(back.tip, state.tip, atol=0.02)  # to the second order in the tilt of 0.11
    np.testing.assert_allclose(back.shaft, state.shaft, atol=0.05)


def test_withdrawn_to_the_fat_it_turns_again() -> None:
    deep = redirect(advance(place_on_skin(), 40.0, slabs(BACK)).state, TILTED)
    shallow = withdraw(deep, 34.0).state
    assert np.linalg.norm(redirect(shallow, FORWARD).tip - shallow.tip) > 0.9 * 6.0 * TILT_RAD


def test_a_redirected_needle_advances_where_it_points() -> None:
    state = redirect(advance(place_on_skin(), 6.0, slabs(BACK)).state, TILTED)
    on = advance(state, 20.0, slabs(BACK)).state
    assert np.arccos((on.tip - on.entry) / np.linalg.norm(on.tip - on.entry) @ TILTED) < 0.02


def test_the_tube_runs_from_hub_to_tip_at_the_needles_length() -> None:
    for state in (
        place_on_skin(),
        advance(place_on_skin(), 6.0, slabs(BACK)).state,
        advance(place_on_skin(QUINCKE_22), 45.0, slabs(BACK)).state,
    ):
        tube = state.tube()
        assert tube.length_mm == pytest.approx(state.kit.length_mm, abs=0.05)
        np.testing.assert_array_equal(tube.tip, state.tip)
        np.testing.assert_allclose(tube.axis[0], state.hub)
        assert tube.radius_mm == state.kit.outer_mm / 2


@pytest.mark.parametrize("depth_mm", [0.0, 3.0, 40.0])
def test_a_bent_tip_is_drawn_bent_towards_the_side_it_steers_to(depth_mm: float) -> None:
    kit = NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=89.0, bend_deg=15.0, bend_mm=6.0)
    state = advance(place_on_skin(kit), depth_mm, slabs(BACK)).state
    axis = state.tube().axis
    np.testing.assert_allclose(axis[-1], state.tip)
    last = axis[-1] - axis[np.argmin(np.abs(np.linalg.norm(axis - state.tip, axis=1) - 6.0))]
    lean_deg = np.rad2deg(np.arcsin(last @ -state.notch / np.linalg.norm(last)))
    assert lean_deg == pytest.approx(15.0, abs=4.0)


def test_impossible_redirections_are_refused() -> None:
    with pytest.raises(ValueError, match="levered by at most 30 degrees, got 45"):
        redirect(advance(place_on_skin(), 40.0, slabs(BACK)).state, (1.0, -1.0, 0.0))
    with pytest.raises(ValueError, match="less than 90 degrees"):
        redirect(advance(place_on_skin(), 6.0, slabs(BACK)).state, (0.0, 1.0, 0.0))
    with pytest.raises(ValueError, match="direction must be finite"):
        redirect(place_on_skin(), (np.nan, 0.0, 0.0))


def test_the_stylet_stiffens() -> None:
    state = advance(place_on_skin(TUOHY_18), 30.0, block(Tissue.MUSCLE)).state
    moved = [np.linalg.norm(redirect(with_stylet(state, filled), TILTED).tip - state.tip) for filled in (True, False)]
    assert moved[0] > moved[1]
