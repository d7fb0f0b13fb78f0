"""Output, hardness and half-value layers against SpekPy's, at the table's voltages and between them."""

import numpy as np
import pytest

from simulator.xray.physics import spectra

# SpekPy 2.5.4, W 12 degrees, 100 cm, no ripple: kV -> copper mm -> (µGy/mAs, HVL mm Al, mean keV); aluminium 3.0 mm.
SPEKPY = {
    60.0: {0.0: (40.3, 2.31, 36.8), 0.1: (16.7, 3.45, 40.5), 0.2: (9.2, 4.22, 42.8), 0.3: (5.7, 4.78, 44.5)},
    80.0: {0.0: (70.2, 3.03, 43.8), 0.1: (35.8, 4.58, 48.4), 0.2: (23.1, 5.62, 51.2), 0.3: (16.5, 6.37, 53.3)},
    100.0: {0.0: (104.6, 3.82, 50.1), 0.1: (61.0, 5.67, 55.0), 0.2: (43.4, 6.85, 58.0), 0.3: (33.5, 7.68, 60.3)},
    120.0: {0.0: (142.3, 4.62, 55.4), 0.1: (91.2, 6.63, 60.4), 0.2: (68.9, 7.87, 63.6), 0.3: (55.7, 8.71, 66.0)},
}
CASES = [(kvp, copper, *values) for kvp, row in SPEKPY.items() for copper, values in row.items()]
HVL_RTOL = 0.02
OUTPUT_RTOL = 0.02


@pytest.mark.parametrize(("kvp", "copper_mm", "output", "hvl_mm", "mean_kev"), CASES)
def test_beam_agrees_with_spekpy(kvp: float, copper_mm: float, output: float, hvl_mm: float, mean_kev: float) -> None:
    assert spectra.half_value_layer_mm(kvp, copper_mm) == pytest.approx(hvl_mm, rel=HVL_RTOL)
    assert spectra.output_ugy_per_mas(kvp, copper_mm) == pytest.approx(output, rel=OUTPUT_RTOL)
    assert spectra.mean_energy_kev(kvp, copper_mm) == pytest.approx(mean_kev, rel=0.01)


@pytest.mark.parametrize("kvp", [41.0, 69.0, 71.0, 97.5, 119.0])
def test_interpolated_voltages_agree_with_spekpy(kvp: float) -> None:
    spekpy = pytest.importorskip("spekpy")
    tube = spekpy.Spek(kvp=kvp, th=12, z=100)
    tube.filter("Al", 3.0).filter("Cu", 0.1)
    assert spectra.half_value_layer_mm(kvp) == pytest.approx(tube.get_hvl1(), rel=HVL_RTOL)
    assert spectra.output_ugy_per_mas(kvp) == pytest.approx(tube.get_kerma(), rel=OUTPUT_RTOL)


def test_output_and_hardness_rise_with_voltage() -> None:
    voltages = np.arange(40.0, 120.5, 1.0)
    assert (np.diff([spectra.output_ugy_per_mas(kvp) for kvp in voltages]) > 0).all()
    assert (np.diff([spectra.mean_energy_kev(kvp) for kvp in voltages]) > 0).all()


def test_no_photon_carries_more_than_the_tube_voltage() -> None:
    for kvp in (40.0, 75.0, 120.0):
        assert spectra.photons(kvp)[spectra.tables.energy_kev() > kvp + 1].sum() == 0


@pytest.mark.parametrize(
    ("kvp", "copper_mm", "message"), [(39.0, 0.1, "kvp must lie within 40 and 120 kV, got 39"), (75.0, 1.5, "copper_mm must lie")]
)
def test_beams_out_of_range_are_refused(kvp: float, copper_mm: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spectra.photons(kvp, copper_mm)
