"""Pieces of movements told as wholes: every action belongs to one, sizes add up, and what stands between parts them."""

import pytest

from simulator.procedure.actions import actions as do
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.attempt.movement_merging import join_pieces
from simulator.procedure.state.state import Done


def time_actions(*actions: do.Action) -> list[Done]:
    return [Done(action=item, start_s=float(number), end_s=float(number + 1)) for number, item in enumerate(actions)]


def join_timed(*actions: do.Action) -> list[object]:
    return [to_plain(item.done.action) for item in join_pieces(time_actions(*actions))]


def test_pieces_add_up_and_the_last_angle_counts() -> None:
    push = [do.Advance(distance_mm=0.5, continued=number > 0) for number in range(6)]
    turn = [do.MoveCArm(oblique_deg=1.0 + number, continued=number > 0) for number in range(4)]
    inject = [do.Inject(volume_ml=0.1, rate_ml_s=0.2 + 0.1 * number, continued=number > 0) for number in range(3)]
    found = join_timed(*push, *turn, *inject)
    assert found[:2] == [{"advance": {"distance_mm": 3.0}}, {"move-carm": {"oblique_deg": 4.0}}]
    assert found[2] == {"inject": {"volume_ml": pytest.approx(0.3), "rate_ml_s": pytest.approx(0.4)}}


def test_waiting_between_pieces_belongs_to_the_movement() -> None:
    ticks = [do.Wait(duration_s=0.25)] * 4
    first, more = do.Advance(distance_mm=1.0), do.Advance(distance_mm=1.0, continued=True)
    assert join_timed(first, *ticks, more, *ticks) == [{"advance": {"distance_mm": 2.0}}, {"wait": {"duration_s": 1.0}}]
    assert join_timed(first, *ticks, first) == [
        {"advance": {"distance_mm": 1.0}},
        {"wait": {"duration_s": 1.0}},
        {"advance": {"distance_mm": 1.0}},
    ]


def test_another_action_parts_a_movement() -> None:
    first, more = do.Advance(distance_mm=1.0), do.Advance(distance_mm=1.0, continued=True)
    assert len(join_timed(first, do.Aspirate(), more)) == 3
    assert join_timed(first, do.Shoot(), do.Shoot()) == [{"advance": {"distance_mm": 1.0}}, {"shoot": {}}, {"shoot": {}}]


def test_every_action_belongs_to_one_whole() -> None:
    first, more = do.Withdraw(distance_mm=1.0), do.Withdraw(distance_mm=1.0, continued=True)
    done = time_actions(
        do.Aspirate(), first, more, do.Wait(duration_s=1.0), more, do.Wait(duration_s=1.0), do.Wait(duration_s=1.0), do.Shoot()
    )
    found = join_pieces(done)
    assert [number for one in found for number in range(one.first, one.last + 1)] == list(range(len(done)))
    assert [(one.done.start_s, one.done.end_s) for one in found] == [(0.0, 1.0), (1.0, 5.0), (5.0, 7.0), (7.0, 8.0)]
