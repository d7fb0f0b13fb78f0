"""Automatic brightness control: its curve, its target, its limits."""

import numpy as np
import pytest

from simulator.xray.physics import brightness
from simulator.xray.physics.brightness import control
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import dose_area_product_gy_cm2, rate_mgy_min
from simulator.xray.physics.technique import DoseLevel, Technique
from tests.simulator.water import slab, view

SMALL = view(64)
OPEN = Collimator()


def skin_mm(thickness_cm: float) -> float:
    """Source to skin with the patient's middle at the isocentre."""
    return 700 - thickness_cm * 5


@pytest.mark.parametrize(("thickness_cm", "kvp"), [(10, 60), (15, 68), (20, 75), (25, 84), (30, 95), (35, 108)])
def test_voltage_follows_the_curve(thickness_cm: float, kvp: float) -> None:
    assert control(slab(SMALL, thickness_cm), SMALL, Technique(), OPEN).kvp == pytest.approx(kvp, abs=1)


def test_twenty_centimetres_at_eight_pulses_cost_three_to_fifteen_mgy_per_minute() -> None:
    chosen = control(slab(SMALL, 20), SMALL, Technique(pulses_per_s=8.0), OPEN)
    assert 3 <= rate_mgy_min(chosen, skin_mm(20)) <= 15


def test_a_transforaminal_injection_costs_about_a_gray_square_centimetre() -> None:
    field = Collimator.square(106 / 0.7)  # 10.6 cm square at the isocentre
    chosen = control(slab(SMALL, 20), SMALL, Technique(pulses_per_s=15.0), field)
    product = dose_area_product_gy_cm2(chosen, SMALL, field) * 36 * 15
    assert 0.5 <= product <= 1.5


def test_the_detector_gets_the_dose_asked_for() -> None:
    for level, target in brightness.TARGET_NGY.items():
        chosen = control(slab(SMALL, 22), SMALL, Technique(dose_level=level), OPEN)
        reading = brightness.read(slab(SMALL, 22), SMALL, chosen, OPEN)
        assert reading.kerma_ngy_per_mas * chosen.mas == pytest.approx(target, rel=1e-9)


def test_magnified_fields_get_more() -> None:
    normal, magnified = (brightness.target_ngy(Technique(), view(64, field_mm)) for field_mm in (300.0, 150.0))
    assert magnified == pytest.approx(2 * normal)


def test_dose_never_passes_the_limit() -> None:
    for level, limit in brightness.LIMIT_MGY_MIN.items():
        chosen = control(slab(SMALL, 55), SMALL, Technique(dose_level=level, pulses_per_s=30.0), OPEN)
        assert rate_mgy_min(chosen, SMALL.source_to_image_mm - 300) <= limit * (1 + 1e-9)


def test_dose_rises_with_thickness_and_with_level() -> None:
    rates = [rate_mgy_min(control(slab(SMALL, cm), SMALL, Technique(), OPEN), 550) for cm in range(8, 36, 3)]
    assert (np.diff(rates) > 0).all()
    levels = [control(slab(SMALL, 20), SMALL, Technique(dose_level=level), OPEN).mas for level in DoseLevel]
    assert levels == sorted(levels)


def test_raw_beam_beside_the_patient_does_not_fool_it() -> None:
    lines = slab(SMALL, 20)
    lines[:, :, :28] = 0
    assert control(lines, SMALL, Technique(), OPEN).kvp == pytest.approx(75, abs=1)


def test_it_measures_inside_the_leaves_only() -> None:
    lines = slab(SMALL, 25)
    lines[:, 24:40, 24:40] = slab(SMALL, 15)[:, :16, :16]
    assert control(lines, SMALL, Technique(), Collimator.square(70)).kvp == pytest.approx(68, abs=1)


def test_no_grid_needs_less() -> None:
    with_grid, without = (control(slab(SMALL, 20), SMALL, Technique(grid=grid), OPEN).mas for grid in (True, False))
    assert without < 0.7 * with_grid


def test_what_it_does_not_own_stays() -> None:
    asked = Technique(pulses_per_s=4.0, copper_mm=0.3, grid=False, focus_mm=0.6, dose_level=DoseLevel.LOW)
    chosen = control(slab(SMALL, 18), SMALL, asked, OPEN)
    for name in ("pulses_per_s", "copper_mm", "grid", "focus_mm", "dose_level"):
        assert getattr(chosen, name) == getattr(asked, name)


def test_a_voltage_set_by_hand_keeps_the_detector_s_dose() -> None:
    chosen = control(slab(SMALL, 20), SMALL, Technique(), OPEN, kvp=95.0)
    reading = brightness.read(slab(SMALL, 20), SMALL, chosen, OPEN, kvp=95.0)
    assert chosen.kvp == 95.0
    assert reading.kerma_ngy_per_mas * chosen.mas == pytest.approx(30.0, rel=1e-9)


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lines must have shape \(2, rows, columns\), got \(64, 64\)"):
        control(slab(SMALL)[0], SMALL, Technique(), OPEN)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kvp": 130.0}, "kvp must lie within 40 and 120 kV, got 130"),
        ({"pulses_per_s": 7.0}, "pulses_per_s must be one of 1, 2, 4, 8"),
        ({"ma": 0.0}, "ma must lie within"),
        ({"focus_mm": 1.0}, "focus_mm must be 0.3 or 0.6"),
    ],
)
def test_impossible_techniques_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Technique(**settings)  # type: ignore[arg-type]
