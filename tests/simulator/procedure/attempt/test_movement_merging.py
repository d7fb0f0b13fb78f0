"""Movements and pushes in pieces, as a hand gives them in real time, are to clock, history, body and score the movement as a whole."""

import numpy as np
import pytest

from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import Action
from simulator.procedure.attempt.history import History, advance, take_back
from simulator.procedure.measuring import measure
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.physiology import EffectKind, strength
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import PLACED, begin_toy, do, place_in_epidural, place_in_sac

SIZES = {"move-table": ("left_mm", "dorsal_mm", "cranial_mm"), "advance": ("distance_mm",), "withdraw": ("distance_mm",)}
SIZES |= {"roll": ("angle_deg",), "inject": ("volume_ml",), "wait": ("duration_s",)}

DAMAGE_MM2 = 0.5  # area between two polylines of one curved shaft, sampled at other places
VOLUME_RTOL = 1e-9
SPREAD_RTOL = 0.05  # spread with short steps and with long ones (the target for the flow field)


def cut_action(said: dict[str, dict[str, float]], count: int) -> list[Action]:
    """An action cut into equal pieces, all but the first continued."""
    ((word, values),) = said.items()
    part = {name: value / count if name in SIZES[word] else value for name, value in values.items()}
    later = part if word == "wait" else part | {"continued": True}
    return [parse_action({word: part})] + [parse_action({word: later})] * (count - 1)


def play(start: ProcedureState, *said: object) -> list[ProcedureState]:
    states = [start]
    for item in said:
        states.append(step(states[-1], item if isinstance(item, Action) else parse_action(item)))
    return states


def cut(script: tuple[object, ...], count: int) -> list[object]:
    """A script with every movement in it cut into pieces."""
    found: list[object] = []
    for item in script:
        word = next(iter(item)) if isinstance(item, dict) else item
        found += cut_action(item, count) if isinstance(item, dict) and word in SIZES else [item]
    return found


NEEDLE = (
    *PLACED,
    {"advance": {"distance_mm": 20.0}},
    {"withdraw": {"distance_mm": 15.0}},
    {"aim-needle": {"oblique_deg": 2.0, "tilt_deg": 1.0}},
    {"advance": {"distance_mm": 10.0}},
    {"roll": {"angle_deg": 90.0}},
    {"withdraw": {"distance_mm": 12.0}},
    {"aim-needle": {"oblique_deg": 0.0, "tilt_deg": 0.0}},
    {"advance": {"distance_mm": 51.0}},
    "shoot",
)
BONE = (
    *PLACED,
    {"move-table": {"left_mm": 12.0}},
    {"aim-needle": {"oblique_deg": 18.0, "tilt_deg": 0.0}},
    {"advance": {"distance_mm": 52.0}},
)
NERVE = (*PLACED, {"aim-needle": {"oblique_deg": -1.5, "tilt_deg": 0.0}}, {"advance": {"distance_mm": 68.0}})
SYRINGE = ({"stylet": {"inserted": False}}, {"attach": {"what": "syringe", "contents_ml": [["iohexol 240", 3.0]]}}, "aspirate")
LIVE = (
    {"pedal": {"down": True}},
    {"inject": {"volume_ml": 1.5, "rate_ml_s": 0.5}},
    {"wait": {"duration_s": 2.0}},
    {"pedal": {"down": False}},
)
DRUG = (
    {"attach": {"what": "nothing"}},
    {"attach": {"what": "syringe", "contents_ml": [["dexamethasone", 1.0], ["saline", 1.0]]}},
    "aspirate",
    {"inject": {"volume_ml": 0.25, "rate_ml_s": 0.1}},
    "remove-needle",
)
EPIDURAL = (*PLACED, {"advance": {"distance_mm": 53.5}}, *SYRINGE, *LIVE, *DRUG)


def test_the_scripts_meet_what_they_are_meant_to() -> None:
    assert measure(play(begin_toy(), *BONE))["bone-contacts"].value >= 1
    assert measure(play(begin_toy(), *NERVE))["nerve-contacts"].value >= 1
    assert measure(play(begin_toy(), *NEEDLE))["redirections"].value == 2
    assert measure(play(begin_toy(), *EPIDURAL))["contrast-before-drug"].value == 1


@pytest.mark.parametrize("script", [NEEDLE, BONE, NERVE, EPIDURAL], ids=["needle", "bone", "nerve", "injection"])
@pytest.mark.parametrize("count", [3, 16])
def test_pieces_score_as_the_whole(script: tuple[object, ...], count: int) -> None:
    whole, parts = play(begin_toy(), *script), play(begin_toy(), *cut(script, count))
    expected, found = measure(whole), measure(parts)
    assert set(found) == set(expected)
    for key, value in expected.items():
        spread = key.startswith("drug-")
        tolerance = {"rel": SPREAD_RTOL, "abs": 0.02} if spread else {"abs": DAMAGE_MM2} if "damage" in key else {"rel": 1e-6, "abs": 1e-6}
        assert found[key].value == pytest.approx(value.value, **tolerance), key
    assert parts[-1].time_s == pytest.approx(whole[-1].time_s)


@pytest.mark.parametrize(
    "said",
    [
        {"move-carm": {"oblique_deg": 24.0}},
        {"move-table": {"cranial_mm": 40.0, "left_mm": -9.0}},
        {"advance": {"distance_mm": 30.0}},
        {"withdraw": {"distance_mm": 9.0}},
        {"roll": {"angle_deg": 90.0}},
    ],
)
def test_a_piece_takes_no_time_to_begin(said: dict[str, dict[str, float]]) -> None:
    start = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 10.0}})
    whole = do(start, said)
    if "move-carm" in said:
        parts = do(
            start, {"move-carm": {"oblique_deg": 8.0}}, *({"move-carm": {"oblique_deg": a, "continued": True}} for a in (15.0, 24.0))
        )
    else:
        parts = do(start, *cut_action(said, 5))
    assert parts.time_s == pytest.approx(whole.time_s)
    assert parts.room.pose == whole.room.pose or "move-table" in said


def test_undo_takes_a_whole_movement_back() -> None:
    start = History(state=do(begin_toy(), *PLACED))
    history = start
    for item in cut_action({"advance": {"distance_mm": 30.0}}, 30):
        history = advance(history, item, step(history.state, item))
    assert len(history.past) == 1
    assert take_back(history, 1).state is start.state


def test_a_push_in_pieces_is_one_injection() -> None:
    start = do(place_in_epidural(begin_toy()), *SYRINGE[1:])
    whole, parts = do(start, {"inject": {"volume_ml": 2.0}}), do(start, *cut_action({"inject": {"volume_ml": 2.0}}, 25))
    (expected,), (found,) = whole.injections, parts.injections
    assert dict(found.delivered_ml) == pytest.approx(dict(expected.delivered_ml), rel=VOLUME_RTOL)
    assert (found.start_s, found.tip, found.vessel) == (expected.start_s, expected.tip, expected.vessel)
    assert found.end_s == pytest.approx(expected.end_s)
    assert found.rate_ml_s == pytest.approx(expected.rate_ml_s)


@pytest.mark.parametrize("between", [{"wait": {"duration_s": 5.0}}, "aspirate", {"advance": {"distance_mm": 0.4}}])
def test_what_is_done_between_pieces_ends_the_push(between: object) -> None:
    start = do(place_in_epidural(begin_toy()), *SYRINGE[1:], {"inject": {"volume_ml": 0.5}})
    more = do(start, between, {"inject": {"volume_ml": 0.5, "continued": True}})
    assert len(more.injections) == 2


def test_only_what_came_out_under_the_pedal_is_live() -> None:
    start = do(place_in_epidural(begin_toy()), *SYRINGE[1:], {"inject": {"volume_ml": 0.5}})
    more = do(start, {"pedal": {"down": True}}, {"inject": {"volume_ml": 1.0, "continued": True}})
    (push,) = more.injections
    assert sum(volume for _, volume in push.live_ml) == pytest.approx(1.0)
    assert sum(volume for _, volume in push.delivered_ml) == pytest.approx(1.5)


def test_a_drug_in_pieces_acts_as_the_whole() -> None:
    spinal = ({"attach": {"what": "syringe", "contents_ml": [["lidocaine", 2.0]]}},)
    start = do(place_in_sac(begin_toy()), *spinal)
    said = {"inject": {"volume_ml": 1.6, "rate_ml_s": 0.2}}
    whole, parts = do(start, said).body, do(start, *cut_action(said, 40)).body
    assert [item.kind for item in parts.effects] == [item.kind for item in whole.effects]
    assert strength(parts, EffectKind.INTRATHECAL_BLOCK, 1000.0) == pytest.approx(strength(whole, EffectKind.INTRATHECAL_BLOCK, 1000.0))
    assert strength(parts, EffectKind.INTRATHECAL_BLOCK, 1000.0) > 0.3
    assert [item.size for item in parts.effects] == pytest.approx([item.size for item in whole.effects], rel=SPREAD_RTOL)
    assert [item.onset_s for item in parts.effects] == pytest.approx([item.onset_s for item in whole.effects])


@pytest.mark.parametrize("asked_mm", [4.0, 9.0])
@pytest.mark.parametrize("count", [10, 45])
def test_a_loss_is_felt_at_the_same_depth_however_the_push_is_cut(asked_mm: float, count: int) -> None:
    ready = do(
        begin_toy(), *PLACED, {"advance": {"distance_mm": 46.0}}, {"stylet": {"inserted": False}}, {"attach": {"what": "lor-saline"}}
    )
    whole = do(ready, {"advance": {"distance_mm": asked_mm + 3.0, "until_loss": True}})
    parts = ready
    for item in cut_action({"advance": {"distance_mm": asked_mm + 3.0, "until_loss": True}}, count):
        parts = step(parts, item)
        if parts.feel.gave:
            break
    assert parts.feel.gave == whole.feel.gave
    assert parts.needle is not None
    assert whole.needle is not None
    assert parts.needle.depth_mm == pytest.approx(whole.needle.depth_mm, abs=0.25)


@pytest.mark.parametrize("ended", [{"press-plunger": {}}, {"withdraw": {"distance_mm": 0.5}}, {"attach": {"what": "nothing"}}])
def test_the_peak_of_a_push_is_forgotten_with_it(ended: object) -> None:
    ready = do(
        begin_toy(), *PLACED, {"advance": {"distance_mm": 46.0}}, {"stylet": {"inserted": False}}, {"attach": {"what": "lor-saline"}}
    )
    pushed = do(ready, {"advance": {"distance_mm": 2.5, "until_loss": True}})
    assert pushed.tray.peak_kpa > 20.0
    assert do(pushed, ended).tray.peak_kpa == 0.0


def test_pulses_alike_are_one_stretch() -> None:
    start = do(begin_toy(), *PLACED, {"pedal": {"down": True}})
    ticks = do(start, *({"wait": {"duration_s": 1 / 15}} for _ in range(300)))
    whole = do(start, {"wait": {"duration_s": 20.0}})
    assert len(ticks.shots) == len(whole.shots) == 1
    assert ticks.room.pulse == whole.room.pulse
    assert ticks.shots[0].pulses == whole.shots[0].pulses
    assert ticks.room.dose.fluoro_s == pytest.approx(whole.room.dose.fluoro_s)
    assert np.isclose(ticks.shots[0].end_s, whole.shots[0].end_s)


def test_another_view_begins_another_stretch() -> None:
    start = do(begin_toy(), *PLACED, {"pedal": {"down": True}}, {"wait": {"duration_s": 1.0}})
    turned = do(start, {"move-carm": {"oblique_deg": 10.0}}, {"wait": {"duration_s": 1.0}})
    assert len(turned.shots) == 2
    assert sum(shot.pulses for shot in turned.shots) == turned.room.pulse
