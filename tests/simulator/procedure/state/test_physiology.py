"""The body as functions of time: nothing before an onset, resting values where nothing happened, recovery after."""

import numpy as np
import pytest

from scenarios.schema.record import VitalSigns
from simulator.procedure.state.physiology import Body, EffectKind, add_effect, find_begun, pain_score, strength, vitals, weakness

REST = VitalSigns(systolic_mmhg=130.0, diastolic_mmhg=80.0, heart_rate_per_min=70.0, oxygen_percent=98.0)


@pytest.mark.parametrize("kind", EffectKind)
def test_an_effect_is_nothing_before_its_onset_and_never_more_than_its_size(kind: EffectKind) -> None:
    body = add_effect(Body(), kind, 100.0, 0.6)
    assert strength(body, kind, 99.9) == 0
    times = 100.0 + np.concatenate((np.linspace(0, 10, 200), np.linspace(10, 20000, 4000)))
    assert max(strength(body, kind, float(time_s)) for time_s in times) == pytest.approx(0.6, rel=0.02)  # sampled every 5 s


def test_at_rest_the_monitor_shows_what_the_record_says() -> None:
    now = vitals(Body(), REST, 500.0)
    assert (now.systolic_mmhg, now.diastolic_mmhg, now.heart_rate_per_min, now.oxygen_percent) == (130, 80, 70, 98)


def test_fainting_slows_the_pulse_and_allergy_quickens_it_and_both_lower_the_pressure() -> None:
    faint = vitals(add_effect(Body(), EffectKind.VASOVAGAL, 0.0, 1.0), REST, 30.0)
    allergy = vitals(add_effect(Body(), EffectKind.ALLERGY, 0.0, 1.0), REST, 200.0)
    assert faint.heart_rate_per_min < 60 < 90 < allergy.heart_rate_per_min
    assert max(faint.systolic_mmhg, allergy.systolic_mmhg) < 100
    assert allergy.oxygen_percent < faint.oxygen_percent


def test_a_faint_passes() -> None:
    body = add_effect(Body(), EffectKind.VASOVAGAL, 0.0, 1.0)
    assert vitals(body, REST, 1800.0).systolic_mmhg > 125


def test_a_block_in_the_sac_comes_on_over_minutes() -> None:
    body = add_effect(Body(), EffectKind.INTRATHECAL_BLOCK, 60.0, 1.0)
    course = [weakness(body, time_s) for time_s in (30.0, 90.0, 200.0, 460.0)]
    assert course == sorted(course)
    assert course[0] == 0
    assert course[-1] == pytest.approx(1.0)


def test_pain_goes_from_the_score_before_to_the_one_after() -> None:
    eased = add_effect(Body(), EffectKind.RELIEF, 0.0, 1.0)
    assert pain_score(Body(), 7, 3, 1800.0) == 7
    assert pain_score(eased, 7, 3, 900.0) == 3


def test_an_onset_is_met_once_however_the_time_is_cut() -> None:
    body = add_effect(Body(), EffectKind.ALLERGY, 10.0, 1.0)
    times = [0.0, 3.0, 10.0, 11.0, 40.0]
    assert sum(len(find_begun(body, early, late)) for early, late in zip(times, times[1:], strict=False)) == 1


def test_nothing_is_done_by_nothing() -> None:
    assert add_effect(Body(), EffectKind.ALLERGY, 0.0, 0.0) == Body()
