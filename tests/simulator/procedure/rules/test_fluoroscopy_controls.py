"""The beam: pulses at fixed times, dose by pulses, and frames that change nothing."""

import numpy as np
import pytest

from simulator.procedure.attempt.digest import digest
from simulator.procedure.imaging import RunMemory, develop, expose, pulses_of
from simulator.procedure.rules.fluoroscopy_controls import carm_range_deg
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Mode
from tests.laws import count
from tests.simulator.procedure.toy import begin_toy, case_with, change_scenario, do

DOWN, UP = {"pedal": {"down": True}}, {"pedal": {"down": False}}


def wait(seconds: float) -> dict[str, dict[str, float]]:
    return {"wait": {"duration_s": seconds}}


def times(state: ProcedureState) -> list[float]:
    return [shot.time_s + number * shot.interval_s for shot in state.shots for number in range(shot.pulses)]


def test_pulses_come_at_their_times_however_the_waiting_is_cut() -> None:
    once = do(begin_toy(), DOWN, wait(3.0), UP)
    often = do(begin_toy(), DOWN, *[wait(0.3)] * 10, UP)
    assert times(once) == pytest.approx(times(often))
    assert len(times(once)) == once.room.pulse == 25  # 8 a second for 3 s, both ends
    assert once.room.dose.dap_gy_cm2 == pytest.approx(often.room.dose.dap_gy_cm2)
    assert once.room.dose.fluoro_s == pytest.approx(25 / 8)


def test_no_pulse_comes_with_the_pedal_up() -> None:
    state = do(begin_toy(), DOWN, UP, wait(60.0))
    assert state.room.pulse == 1


def test_the_dose_never_falls_and_a_smaller_field_costs_less() -> None:
    wide = do(begin_toy(), "shoot")
    narrow = do(begin_toy(), {"collimate": {"left_mm": 40, "right_mm": 40, "top_mm": 40, "bottom_mm": 40}}, "shoot")
    assert 0 < narrow.room.dose.dap_gy_cm2 < 0.5 * wide.room.dose.dap_gy_cm2
    assert wide.room.dose.exposures == narrow.room.dose.exposures == 1
    assert wide.room.dose.fluoro_s == 0


def test_a_subtraction_run_counts_as_an_exposure_and_costs_more_a_pulse() -> None:
    plain = do(begin_toy(), DOWN, wait(1.0), UP)
    run = do(begin_toy(), {"set-mode": {"mode": "dsa"}}, DOWN, wait(1.0), UP)
    assert run.room.dose.exposures == 1
    assert run.room.dose.dap_gy_cm2 > 1.8 * plain.room.dose.dap_gy_cm2


def test_the_timer_sounds_at_five_minutes_and_again_at_ten() -> None:
    state = do(begin_toy(), {"set-technique": {"pulses_per_s": 1}}, DOWN, *[wait(60.0)] * 11)
    assert [event.text for event in state.events] == ["5 minutes of fluoroscopy", "10 minutes of fluoroscopy"]


def test_the_control_gives_a_thicker_way_more_voltage() -> None:
    ap = do(begin_toy(), "shoot").shots[-1].technique
    lateral = do(begin_toy(), {"move-carm": {"oblique_deg": 60}}, "shoot").shots[-1].technique
    assert lateral.kvp > ap.kvp


def test_images_change_nothing() -> None:
    seen = unseen = begin_toy()
    carry = RunMemory()
    for said in (DOWN, wait(0.5), {"move-carm": {"oblique_deg": 20}}, UP, "shoot"):
        seen, unseen = do(seen, said), do(unseen, said)
        for index in pulses_of(seen):
            carry, _ = develop(carry, expose(seen, index, size=64))
    assert digest(seen) == digest(unseen)


def test_a_frame_can_be_made_again_alone() -> None:
    state = do(begin_toy(), "shoot")
    first, again = (develop(RunMemory(), expose(state, size=64))[1].pixels for _ in range(2))
    assert (first == again).all()
    assert (develop(RunMemory(), expose(do(begin_toy(seed=2), "shoot"), size=64))[1].pixels != first).any()


def test_a_spot_leaves_the_runs_memory_alone() -> None:
    state = do(begin_toy(), {"set-mode": {"mode": "dsa"}}, DOWN)
    carry, _ = develop(RunMemory(), expose(state, size=64))
    mask = carry.memory.mask
    after, spot = develop(carry, expose(do(state, UP, "shoot"), size=64))
    assert spot.mode is Mode.SINGLE
    assert after.memory.mask is mask


def test_only_the_last_actions_pulses_can_be_exposed() -> None:
    state = do(begin_toy(), DOWN, wait(1.0), wait(1.0))
    with pytest.raises(ValueError, match="pulse 3 is not one of the last action's .*; take the state after the action that gave it"):
        expose(state, 3)
    with pytest.raises(ValueError, match="there is no pulse to expose"):
        expose(begin_toy())


STOPS = {"oblique_deg": ("left oblique", "right oblique"), "tilt_deg": ("cranial tilt", "caudal tilt")}


@pytest.mark.laws
def test_who_drives_the_carm_against_a_stop_is_told_once_and_nobody_else(rng: np.random.Generator) -> None:
    limits = {"carm": {"oblique_deg": [-30, 30]}}  # no farther than it stays clear of table and patient
    case = case_with(change_scenario(equipment=limits))
    for _ in range(count(12, 200)):
        state, told = begin_toy(case=case), []
        for _ in range(5):
            name = ("oblique_deg", "tilt_deg")[rng.integers(2)]
            low, high = carm_range_deg(state, name)
            before = getattr(state.room.pose, name)
            wanted = float(np.clip(before + rng.uniform(-1.0, 1.0) * 2 * high, low, high))  # as a held drive is cut
            state = do(state, {"move-carm": {name: wanted}})
            after = getattr(state.room.pose, name)
            if after in (low, high) and after != before:
                told.append(f"The C-arm stands at its stop: it reaches {abs(after):.0f} degrees of {STOPS[name][after < 0]} and no more.")
        assert [event.text for event in state.events if event.kind is EventKind.INFORMATION] == told


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"move-carm": {"tilt_deg": 60}}, r"move-carm.tilt_deg: this C-arm reaches -25 to 25 degrees, got 60"),
        ({"move-table": {"left_mm": 2000}}, "the table ends"),
        ({"magnify": {"field_mm": 100}}, "expected one of 300, 230, 150"),
        ({"set-technique": {"pulses_per_s": 3}}, "this unit has"),
        ({"set-technique": {"dose_level": "huge"}}, "set-technique: 'huge'"),
        ({"set-technique": {"kvp": 400}}, "set-technique: "),
        ({"set-mode": {"mode": "cine"}}, "expected one of fluoroscopy, dsa, roadmap"),
        ({"set-mode": {"mode": "roadmap"}}, "there has been none"),
        ({"collimate": {"left_mm": -5, "right_mm": 2}}, "must leave an opening"),
        ("save-reference", "there is no image yet"),
    ],
)
def test_what_the_room_cannot_do_is_named(said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(begin_toy(), said)


def test_a_beam_that_does_not_clear_the_body_is_refused_and_the_dose_stays() -> None:
    aside = {"position": {"posture": "lateral"}}, {"move-table": {"dorsal_mm": -300}}, {"position": {"posture": "prone"}}
    state = do(begin_toy(), *aside)  # the C-arm was driven while nobody lay prone under it
    with pytest.raises(ValueError, match="shoot: the detector would meet the patient"):
        do(state, "shoot")
    with pytest.raises(ValueError, match="pedal: the detector would meet the patient"):
        do(state, DOWN)
    assert state.room.dose.dap_gy_cm2 == 0


def test_nothing_is_exposed_with_the_patient_on_the_side() -> None:
    state = do(begin_toy(), {"position": {"posture": "lateral"}})
    with pytest.raises(ValueError, match="the patient lies lateral; position them prone first"):
        do(state, "shoot")


def test_a_spot_wants_the_pedal_up() -> None:
    with pytest.raises(ValueError, match="let go of the pedal first"):
        do(begin_toy(), DOWN, "shoot")
