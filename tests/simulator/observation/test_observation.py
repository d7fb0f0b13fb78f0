"""What an actor may see: everything perceived, nothing that is hidden."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from simulator.contrast.domain import Domain
from simulator.contrast.spread import Spread
from simulator.needle import NeedleState
from simulator.observation import SLICES, Monitor, observe, render_slice, watch
from simulator.procedure.attempt.digest import digest
from simulator.procedure.state.case import Case
from simulator.procedure.state.fluid import Fluid
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural, place_in_sac

HIDDEN_TYPES = (NeedleState, Fluid, Spread, Domain, Case, ProcedureState, Tissue)
NEAR_MM = 1e-3


def walk(value: Any) -> Iterator[Any]:
    """Everything that can be reached from a value."""
    yield value
    if is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            yield from walk(getattr(value, item.name))
    elif isinstance(value, dict):
        yield from walk(tuple(value.items()))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from walk(item)


@pytest.fixture(scope="module")
def states() -> tuple[ProcedureState, ...]:
    """Attempts full of truth: a needle in the epidural space with contrast and a vessel, one in the sac."""
    first = do(place_in_epidural(begin_toy()), {"pedal": {"down": True}}, *SYRINGE, {"inject": {"volume_ml": 0.3}}, "aspirate")
    second = do(place_in_sac(begin_toy()), {"review": {"item": "imaging"}}, "monitor", "shoot", {"ask": {"question": "legs"}})
    return first, second


def test_no_hidden_thing_can_be_reached(states: tuple[ProcedureState, ...]) -> None:
    for state in states:
        seen = list(walk(observe(state, watch(Monitor(size=32, every=1), state))))
        assert not [value for value in seen if isinstance(value, HIDDEN_TYPES)]
        assert not [value for value in seen if getattr(value, "hidden", False)]
        assert any(event.hidden for event in state.events)  # there was something to hide


def test_no_coordinate_of_the_tip_is_in_it(states: tuple[ProcedureState, ...]) -> None:
    for state in states:
        assert state.needle is not None
        numbers = [value for value in walk(observe(state)) if isinstance(value, float)]
        places = [*state.needle.tip, *state.needle.entry, state.needle.depth_mm]
        secret = [place for place in places if abs(place) > 1.0 and abs(place - round(place)) > 0.02]  # round ones occur by chance
        assert secret
        for place in secret:
            assert not [number for number in numbers if abs(number - place) < NEAR_MM]


def test_no_tissue_is_named(states: tuple[ProcedureState, ...]) -> None:
    words = {tissue.name.lower().replace("_", " ") for tissue in Tissue} - {"skin", "air"}
    for state in states:
        for event in observe(state).events:
            assert not event.get("tissue")
            assert event.text.lower() not in words


def test_what_is_perceived_is_there(states: tuple[ProcedureState, ...]) -> None:
    first, second = (observe(state, watch(Monitor(size=32, every=1), state)) for state in states)
    assert first.image is not None  # aspirating takes 4 s with the pedal down
    assert first.hub.syringe_ml == (("iohexol 240", pytest.approx(2.7)),)
    assert first.readouts.pedal
    assert first.monitor is None
    assert second.monitor is not None
    assert "clear fluid drips from the hub" in [event.text for event in second.events]
    assert second.words[-1][1].startswith("They feel normal")
    assert second.record[0][0] == "imaging"
    assert second.needle is not None
    assert second.needle.outside_mm == 23.0


def test_the_monitors_show_the_last_image_and_the_reference() -> None:
    state = do(begin_toy(), "shoot")
    watching = watch(Monitor(size=32, every=1), state)
    state = do(state, "save-reference")
    watching = watch(watching, state)
    state = do(state, {"pedal": {"down": True}}, {"wait": {"duration_s": 1.0}})
    watching = watch(watching, state)
    seen = observe(state, watching)
    assert seen.reference is not None
    assert seen.image is not None
    assert (seen.reference.index, seen.image.index) == (0, 9)
    assert seen.image.pixels.shape == (32, 32)


def test_frames_that_are_left_out_change_no_state() -> None:
    state = do(begin_toy(), {"pedal": {"down": True}}, {"wait": {"duration_s": 1.0}})
    before = digest(state)
    all_of_them, some = (watch(Monitor(size=32, every=every), state) for every in (1, 4))
    assert digest(state) == before
    assert len(all_of_them.frames) == 8
    assert [frame.index for frame in some.frames] == [1, 5, 8]


def test_the_alarm_and_the_scales_are_read() -> None:
    state = do(
        begin_toy(), {"move-carm": {"oblique_deg": 25, "tilt_deg": -5}}, {"collimate": {"left_mm": 50}}, {"magnify": {"field_mm": 150}}
    )
    scales = observe(state).readouts
    assert (scales.oblique_deg, scales.tilt_deg, scales.field_mm) == (25.0, -5.0, 150.0)
    assert scales.leaves_mm == (50.0, None, None, None)
    assert not scales.alarm
    long = do(state, {"set-technique": {"pulses_per_s": 1}}, {"pedal": {"down": True}}, {"wait": {"duration_s": 301}})
    assert observe(long).readouts.alarm


def test_images_of_the_record_are_seen_once_they_were_reviewed() -> None:
    state = begin_toy()
    assert observe(state).slices == ()
    with pytest.raises(ValueError, match="review it first"):
        render_slice(state, SLICES[0])
    state = do(state, {"review": {"item": "imaging"}})
    assert observe(state).slices == SLICES
    with pytest.raises(ValueError, match="no image 'coronal'; there are sagittal-midline"):
        render_slice(state, "coronal")
    image = render_slice(state, "sagittal-midline")
    assert image.dtype == np.uint8
    assert not image.flags.writeable
    assert (image == render_slice(state, "sagittal-midline")).all()


def test_fluid_is_bright_and_cortex_dark_and_the_front_is_at_the_left() -> None:
    state = do(begin_toy(), {"review": {"item": "imaging"}})
    image = render_slice(state, "sagittal-midline").astype(float)
    row = image[image.shape[0] // 2]
    bright = np.flatnonzero(row > 215)  # the sac, 16 mm deep around y = 26
    outside = np.flatnonzero(row < 15)
    assert len(bright) > 8
    assert outside.min() > bright.max()  # the back's air lies to the right of the sac


def test_every_word_of_an_observation_is_plain(states: tuple[ProcedureState, ...]) -> None:
    plain = (str, int, float, bool, type(None), Enum, tuple, np.ndarray)
    for value in walk(observe(states[1])):
        assert isinstance(value, plain) or is_dataclass(value)


def test_drugs_that_could_be_stopped_are_known_once_the_medication_was_read() -> None:
    state = begin_toy()
    named = [drug.name for drug in state.case.scenario.record.medication]
    assert named
    assert observe(state).medicines == ()
    assert list(observe(do(state, {"review": {"item": "medication"}})).medicines) == named
