"""The needle in an attempt: what stops it, what is felt, what the patient says, and what is refused."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from simulator.procedure.attempt.digest import digest
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import (
    LOSS_Y,
    PLACED,
    SKIN_Y,
    WINDOW_Z,
    begin_toy,
    case_with,
    change_scenario,
    do,
    place_in_epidural,
    place_in_sac,
    toy_case,
)

CERTAIN = {"truth": {"vasovagal_chance": 1.0}}


def list_said(state: ProcedureState) -> list[str]:
    return [event.text for event in state.events if event.kind is EventKind.VOICE]


def test_the_mark_lies_on_the_skin_under_the_image_point() -> None:
    state = do(begin_toy(), {"move-table": {"cranial_mm": WINDOW_Z}}, {"mark-skin": {"across": 0.45}})
    x, y, z = state.room.mark or (0.0, 0.0, 0.0)
    assert y == pytest.approx(SKIN_Y, abs=0.06)
    assert z == pytest.approx(WINDOW_Z, abs=0.06)
    assert x == pytest.approx(0.05 * 300 * 790 / 1000, abs=0.1)  # the patient's left is at the image's left; 790 mm from the source


def test_a_needle_at_the_mark_looks_down_the_beam() -> None:
    state = do(begin_toy(), {"mark-skin": {"across": 0.3}}, {"place-needle": {"bevel": "quincke", "gauge": 22, "length_mm": 89}})
    assert state.needle is not None
    towards = state.room.pose.carm(2).source - state.needle.entry
    assert state.needle.direction == pytest.approx(towards / np.linalg.norm(towards), abs=1e-9)


def test_pushes_add_up_and_time_goes_with_the_way() -> None:
    once = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 40}})
    often = do(begin_toy(), *PLACED, *[{"advance": {"distance_mm": 4}}] * 10)
    assert once.needle is not None
    assert often.needle is not None
    assert once.needle.tip == pytest.approx(often.needle.tip, abs=1e-6)
    assert once.needle.depth_mm == pytest.approx(40)
    assert often.time_s > once.time_s


def test_bone_stops_the_needle_and_the_patient_feels_it() -> None:
    aside = {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89, "entry": [15.0, 90.0, WINDOW_Z]}}
    state = do(begin_toy(), aside, {"aim-needle": {"oblique_deg": 0, "tilt_deg": 0}}, {"advance": {"distance_mm": 60}})
    assert state.needle is not None
    assert state.needle.stopped
    assert state.needle.depth_mm == pytest.approx(SKIN_Y - 48, abs=0.2)
    assert state.feel.moved_mm < 60
    assert "dull ache, deep, on the bone, on the left" in list_said(state)[-1]


def test_a_nerve_speaks_with_side_and_dermatome() -> None:
    state = do(begin_toy(), *PLACED[:1], {"place-needle": {"bevel": "quincke", "gauge": 22, "length_mm": 89, "entry": [-3.0, 90.0, -62.0]}})
    state = do(state, {"aim-needle": {"oblique_deg": 0, "tilt_deg": 0}}, {"advance": {"distance_mm": 66}})
    shocks = [event for event in state.events if event.kind is EventKind.VOICE and event.get("about") == "nerve"]
    assert shocks
    assert "electric shock, on the right" in shocks[0].text
    assert shocks[0].get("side") == "right"


def test_the_plunger_gives_at_the_ventral_edge_of_the_flavum_and_some_saline_goes_in() -> None:
    state = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 40}}, {"stylet": {"inserted": False}}, {"attach": {"what": "lor-saline"}})
    state = do(state, {"advance": {"distance_mm": 20, "until_loss": True}})
    assert state.needle is not None
    assert state.feel.gave
    assert state.feel.lost_ml > 0
    assert 0 < LOSS_Y - state.needle.tip[1] < 4  # the opening is 2.8 mm long
    assert state.needle.tissue is Tissue.EPIDURAL_DORSAL
    assert state.injections[0].delivered_ml == (("saline", pytest.approx(state.feel.lost_ml)),)


def test_in_muscle_the_plunger_holds() -> None:
    state = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 25}}, {"stylet": {"inserted": False}}, {"attach": {"what": "lor-air"}})
    state = do(state, "press-plunger")
    assert not state.feel.gave
    assert (state.feel.pressure_kpa or 0) > 15
    assert not state.injections


def test_the_dura_says_so_and_fluid_drips() -> None:
    state = place_in_sac(begin_toy())
    assert any("sharp pressure" in text for text in list_said(state))
    assert any(event.get("tissue") == int(Tissue.DURA) for event in state.events if event.kind is EventKind.PUNCTURE)
    assert any(event.get("fluid") == "cerebrospinal fluid" for event in state.events)


def test_skin_stings_unless_it_is_numb() -> None:
    numb = {"local-anaesthetic": {"agent": "lidocaine", "volume_ml": 2, "depth_mm": 20}}
    sore = do(begin_toy(), *PLACED, {"advance": {"distance_mm": 5}})
    eased = do(begin_toy(), *PLACED, numb, {"advance": {"distance_mm": 5}})
    assert list_said(sore) == ["Ouch, that stings!"]
    assert list_said(eased) == ["Ouch, that stings!"]  # the anaesthetic's own needle
    assert eased.events[0].get("about") == "local anaesthetic"


def test_some_faint_at_the_first_needle_and_only_there() -> None:
    case = case_with(change_scenario(subject={**toy_case().scenario.subject.model_dump(mode="json", exclude_unset=True), **CERTAIN}))
    state = do(begin_toy(case=case), "monitor", *PLACED, {"advance": {"distance_mm": 5}}, {"wait": {"duration_s": 60}})
    assert [text for text in list_said(state) if "faint" in text] == ["I feel faint... everything is going grey."]
    again = do(state, {"withdraw": {"distance_mm": 5}}, {"advance": {"distance_mm": 5}}, {"wait": {"duration_s": 60}})
    assert len(again.body.effects) == 1


def test_the_needle_comes_out_again() -> None:
    state = do(place_in_epidural(begin_toy()), "remove-needle")
    assert state.needle is None
    assert state.tray.stylet


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"advance": {"distance_mm": 5}}, "advance: there is no needle; place one first"),
        ({"withdraw": {"distance_mm": 5}}, "withdraw: there is no needle"),
        ({"roll": {"angle_deg": 90}}, "roll: there is no needle"),
        ("remove-needle", "remove-needle: there is no needle"),
        ("aspirate", "aspirate: there is no needle"),
        ({"inject": {"volume_ml": 1}}, "inject: there is no needle"),
        ({"stylet": {"inserted": False}}, "stylet: there is no needle"),
        ({"attach": {"what": "lor-air"}}, "attach: there is no needle"),
        ({"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89}}, "there is no mark on the skin"),
        ({"place-needle": {"bevel": "tuohy", "gauge": 16, "length_mm": 89}}, "the tray has tuohy 18 G 89 mm"),
        ({"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89, "entry": [500, 500, 500]}}, "no skin within"),
        ({"mark-skin": {"across": 1.5}}, "expected a share of the image from 0 to 1"),
        ({"local-anaesthetic": {"agent": "saline", "volume_ml": 1, "depth_mm": 5}}, "the tray has lidocaine, got saline"),
        ({"local-anaesthetic": {"agent": "lidocaine", "volume_ml": 1, "depth_mm": 5}}, "mark the skin first"),
    ],
)
def test_without_a_needle_nothing_is_done_with_it(said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(begin_toy(), said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"advance": {"distance_mm": 0}}, "expected more than 0"),
        ({"advance": {"distance_mm": -3}}, "expected more than 0"),
        ({"advance": {"distance_mm": 80}}, "would push the hub into the skin"),
        ({"advance": {"distance_mm": 3, "until_loss": True}}, "no loss-of-resistance syringe on the hub"),
        ({"withdraw": {"distance_mm": 80}}, "only 53.5 mm are in the body"),
        ("press-plunger", "no loss-of-resistance syringe"),
        ({"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89}}, "there is a needle; remove it first"),
        ({"aim-needle": {"oblique_deg": 60}}, "at most 30 degrees"),
        ({"position": {"posture": "supine"}}, "the needle is in"),
    ],
)
def test_what_a_needle_in_the_body_cannot_do_is_named_and_changes_nothing(said: object, message: str) -> None:
    state = place_in_epidural(begin_toy())
    before = digest(state)
    with pytest.raises(ValueError, match=message):
        do(state, said)
    assert digest(state) == before
