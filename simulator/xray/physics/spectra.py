"""The tube's beam: photons by energy for a voltage and a filter, with its output, hardness and half-value layer."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from simulator.xray.physics import tables
from simulator.xray.physics.materials import linear_attenuation_per_mm

KVP_RANGE = (40.0, 120.0)
COPPER_MAX_MM = 1.0
REFERENCE_MM = 1000.0  # where output is stated
UGY_PER_KEV_G = 1.602177e-16 * 1e3 * 1e6  # keV/g to µGy


@cache
def photons(kvp: float, copper_mm: float = 0.1) -> NDArray[np.float64]:
    """Spectrum of the beam, shape (110,), photons/(cm2 keV mAs) at 100 cm, behind 3.0 mm Al and the copper; read-only.

    Parameters
    ----------
    kvp : float
        Tube voltage, kV, 40 to 120; between the table's steps of 2 kV the spectra are interpolated.
    copper_mm : float
        Added copper, mm, 0 to 1.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    check_beam(kvp, copper_mm)
    voltages, spectra = tables.tube_spectra()
    low = min(int(np.searchsorted(voltages, kvp, side="right")) - 1, len(voltages) - 2)
    share = (kvp - voltages[low]) / (voltages[low + 1] - voltages[low])
    beam: NDArray[np.float64] = (1 - share) * spectra[low] + share * spectra[low + 1]
    beam = beam * np.exp(-linear_attenuation_per_mm("copper") * copper_mm)
    beam.setflags(write=False)
    return beam


def check_beam(kvp: float, copper_mm: float) -> None:
    """Refuse a voltage (kV) or a filter (mm) that the tables do not hold.

    Raises
    ------
    ValueError
        If a value is out of range.
    """
    if not KVP_RANGE[0] <= kvp <= KVP_RANGE[1]:
        raise ValueError(f"kvp must lie within {KVP_RANGE[0]:g} and {KVP_RANGE[1]:g} kV, got {kvp:g}")
    if not 0 <= copper_mm <= COPPER_MAX_MM:
        raise ValueError(f"copper_mm must lie within 0 and {COPPER_MAX_MM:g} mm, got {copper_mm:g}")


def kerma_ugy(spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
    """Air kerma of spectra, µGy, summed over the last axis.

    Parameters
    ----------
    spectrum : ndarray, shape (..., 110)
        Photons/cm2 in each 1 keV bin.
    """
    return np.asarray(spectrum @ kerma_per_photon_ugy())


def kerma_per_photon_ugy() -> NDArray[np.float64]:
    """Air kerma of one photon per cm2, shape (110,), µGy, by energy bin."""
    return tables.energy_kev() * tables.air_energy_absorption_cm2_g() * UGY_PER_KEV_G


def output_ugy_per_mas(kvp: float, copper_mm: float = 0.1) -> float:
    """Air kerma at 100 cm per mAs, µGy."""
    return float(kerma_ugy(photons(kvp, copper_mm)))


def mean_energy_kev(kvp: float, copper_mm: float = 0.1) -> float:
    """Mean energy of the photons, keV."""
    return float(np.average(tables.energy_kev(), weights=photons(kvp, copper_mm)))


def half_value_layer_mm(kvp: float, copper_mm: float = 0.1) -> float:
    """Aluminium that halves the air kerma, mm."""
    attenuation = linear_attenuation_per_mm("aluminium")
    beam = photons(kvp, copper_mm)

    def excess(aluminium_mm: float) -> float:
        return float(kerma_ugy(beam * np.exp(-attenuation * aluminium_mm)) / kerma_ugy(beam)) - 0.5

    return float(brentq(excess, 0.1, 30.0, xtol=1e-4))
