"""Dose to patient and staff: known answers of distance, area and table, and monotony."""

import numpy as np
import pytest

from simulator.geometry.carm import CArm
from simulator.xray.physics import dose
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import Dose, Operator, staff_ugy_per_gy_cm2
from simulator.xray.physics.spectra import output_ugy_per_mas
from simulator.xray.physics.technique import Technique
from tests.simulator.water import view

CARM = view(64)
UNDER, OVER = np.array([0.0, 1000.0, 0.0]), np.array([0.0, -1000.0, 0.0])
TO_LEFT = np.array([1000.0, 0.0, 0.0])  # detector on the patient's left
# Table: beam, height cm, distance cm, µGy/(Gy cm2); own Monte Carlo
STAFF = [
    (UNDER, -50, 40, 18.0),
    (UNDER, 0, 100, 0.61),
    (UNDER, 40, 60, 1.2),
    (UNDER, 60, 200, 0.14),
    (OVER, 40, 60, 8.7),
    (OVER, 60, 100, 3.1),
]


def test_kerma_follows_output_and_the_inverse_square() -> None:
    technique = Technique(kvp=80.0, ma=50.0, pulse_ms=10.0)
    assert dose.kerma_at_ugy(technique, 1000) == pytest.approx(0.5 * output_ugy_per_mas(80.0))
    assert dose.kerma_at_ugy(technique, 500) == pytest.approx(4 * dose.kerma_at_ugy(technique, 1000))


def test_area_product_is_kerma_times_area_at_any_distance() -> None:
    technique, field = Technique(), Collimator.square(100)
    at_half = dose.kerma_at_ugy(technique, 500) * 1e-6 * 5.0**2
    assert dose.dose_area_product_gy_cm2(technique, CARM, field) == pytest.approx(at_half)


def test_dose_rises_with_field_pulses_and_time() -> None:
    products = [dose.dose_area_product_gy_cm2(Technique(), CARM, Collimator.square(side)) for side in (50, 100, 200, 300)]
    assert (np.diff(products) > 0).all()
    one = dose.add_pulses(Dose(), Technique(pulses_per_s=8.0), CARM, Collimator(), Operator(), pulses=1)
    many = dose.add_pulses(Dose(), Technique(pulses_per_s=8.0), CARM, Collimator(), Operator(), pulses=80)
    assert many.fluoro_s == pytest.approx(10.0)
    assert many.dap_gy_cm2 == pytest.approx(80 * one.dap_gy_cm2)
    assert many.staff_ugy == pytest.approx(80 * one.staff_ugy)


def test_a_single_shot_counts_as_an_exposure() -> None:
    after = dose.add_exposure(Dose(), Technique(), CARM, Collimator(), Operator())
    assert (after.exposures, after.fluoro_s) == (1, 0.0)
    assert after.dap_gy_cm2 > 0
    assert after.reference_kerma_mgy == pytest.approx(dose.kerma_at_ugy(Technique(), 550) / 1000)


@pytest.mark.parametrize(("beam", "height_cm", "distance_cm", "known"), STAFF)
def test_staff_scatter_reads_the_table(beam: np.ndarray, height_cm: float, distance_cm: float, known: float) -> None:
    operator = Operator(distance_cm=distance_cm, height_cm=height_cm)
    assert staff_ugy_per_gy_cm2(beam, operator) == pytest.approx(known)


def test_in_a_lateral_view_the_detector_side_is_the_safe_one() -> None:
    safe, hot = (staff_ugy_per_gy_cm2(TO_LEFT, Operator(side=side)) for side in (1.0, -1.0))
    assert hot == pytest.approx(11.0)
    assert safe == pytest.approx(0.82)


def test_scatter_falls_with_distance_and_turns_smoothly_with_the_view() -> None:
    far = [staff_ugy_per_gy_cm2(UNDER, Operator(distance_cm=distance)) for distance in (40, 50, 75, 120, 200, 300)]
    assert (np.diff(far) < 0).all()
    around = [CArm.from_angles(oblique_deg=angle, size=8) for angle in range(0, 91, 5)]
    values = np.array([staff_ugy_per_gy_cm2(carm.detector - carm.source, Operator(side=-1.0)) for carm in around])
    assert np.abs(np.diff(values)).max() < 0.15 * values.max()
