"""Automatic brightness control: from a small projection to the technique that brings the detector the dose asked for.

Order of adjustment: voltage along a curve of patient thickness, then tube current, then pulse length, all held below the limit of the
entrance rate. Curve and targets are recalled, unverified; the limits are those of the US rule (10 and 20 R/min: 88 and 176 mGy/min).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.physics import scatter
from simulator.xray.physics.collimator import Collimator, iris_shade, opening_mm2, shade
from simulator.xray.physics.materials import basis_coefficients, basis_functions
from simulator.xray.physics.spectra import KVP_RANGE, REFERENCE_MM, kerma_per_photon_ugy, output_ugy_per_mas, photons
from simulator.xray.physics.technique import FULL_FIELD_MM, GRID_TRANSMISSION, DoseLevel, Technique, field_mm, source_to_object_mm

THICKNESS_CM = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0)
CURVE_KVP = (52.0, 60.0, 68.0, 75.0, 84.0, 95.0, 108.0, 120.0)
TARGET_NGY = {DoseLevel.LOW: 12.0, DoseLevel.NORMAL: 30.0, DoseLevel.HIGH: 65.0}
LIMIT_MGY_MIN = {DoseLevel.LOW: 88.0, DoseLevel.NORMAL: 88.0, DoseLevel.HIGH: 176.0}
LIMIT_POINT_MM = 300.0  # the limit holds this far in front of the detector
MA_RANGE = (2.0, 75.0)
PULSE_MS = (8.0, 20.0)  # usual length, and the longest that control asks for
RAW_BEAM_CM = 1.0  # rays through less tissue than this are not measured
MEASURED = 0.6  # share of the collimated field's sides that the sensor watches


@dataclass(frozen=True, kw_only=True, slots=True)
class SensorReading:
    """What the control reads in the measuring field.

    Attributes
    ----------
    thickness_cm : float
        Equivalent thickness of soft tissue, cm.
    kerma_ngy_per_mas : float
        Kerma at the detector's entrance behind the grid, scatter included, by mAs, nGy.
    kvp : float
        Voltage, kV: the curve's, or the one set.
    """

    thickness_cm: float
    kerma_ngy_per_mas: float
    kvp: float


def control(
    lines: NDArray[np.floating], carm: CArm, technique: Technique, collimator: Collimator, *, kvp: float | None = None
) -> Technique:
    """Choose voltage, current and pulse length for the next pulse; all else in the technique stays.

    Parameters
    ----------
    lines : ndarray, shape (2, n, m)
        Photoelectric and Compton line integrals of a small projection over the whole detector (64 x 64 will do), dimensionless.
    carm, technique, collimator
        View, settings to keep (rate, filter, grid, dose level), and leaves.
    kvp : float, optional
        Tube voltage set by hand, kV; current and pulse length are then still controlled.

    Raises
    ------
    ValueError
        If the lines have another shape.
    """
    if np.ndim(lines) != 3 or len(lines) != 2:
        raise ValueError(f"lines must have shape (2, rows, columns), got {np.shape(lines)}")
    reading = read(lines, carm, technique, collimator, kvp=kvp)
    mas = target_ngy(technique, carm) / reading.kerma_ngy_per_mas
    mas = min(mas, limit_mas(reading.kvp, technique, carm))
    ma, pulse_ms = _current_and_length(mas, technique.pulses_per_s)
    return replace(technique, kvp=reading.kvp, ma=ma, pulse_ms=pulse_ms)


def read(
    lines: NDArray[np.floating], carm: CArm, technique: Technique, collimator: Collimator, *, kvp: float | None = None
) -> SensorReading:
    """Measure thickness and kerma in the field's middle part; the kerma's mean is geometric, so that thin parts do not starve thick ones.

    Parameters
    ----------
    lines : ndarray, shape (2, n, m)
        Line integrals of a small projection, dimensionless.
    carm, technique, collimator
        View, technique, leaves.
    kvp : float, optional
        Tube voltage, kV, where it is not the curve's.
    """
    soft_per_cm = float(basis_coefficients("soft tissue").sum()) * 10
    rays = np.asarray(lines, dtype=np.float64)[:, _find_measured_cells(collimator, carm, np.shape(lines)[1:])]
    behind_tissue = rays.sum(axis=0) / soft_per_cm > RAW_BEAM_CM
    rays = rays[:, behind_tissue] if behind_tissue.any() else rays
    thickness_cm = float((rays.sum(axis=0) / soft_per_cm).mean())
    kvp = curve_kvp(thickness_cm) if kvp is None else kvp
    behind_ugy = _transmission(rays, kvp, technique.copper_mm) * output_ugy_per_mas(kvp, technique.copper_mm)
    open_ngy = float(np.exp(np.log(behind_ugy).mean())) * 1000 * (REFERENCE_MM / carm.source_to_image_mm) ** 2
    return SensorReading(thickness_cm=thickness_cm, kerma_ngy_per_mas=open_ngy * _behind_grid(rays, carm, technique, collimator), kvp=kvp)


def _transmission(rays: NDArray[np.float64], kvp: float, copper_mm: float) -> NDArray[np.float64]:
    """Share of the kerma behind rays, shape (2, n), dimensionless; a wide range in single precision, over energies that the beam has."""
    share = photons(kvp, copper_mm) * kerma_per_photon_ugy()
    present = share > 0
    attenuation = basis_functions()[:, present].astype(np.float32).T @ rays.astype(np.float32)
    return np.asarray((share[present] / share.sum()) @ np.exp(-attenuation).astype(np.float64))


def curve_kvp(thickness_cm: float) -> float:
    """Voltage of the curve for a thickness of soft tissue in cm, in whole kV."""
    return float(np.clip(np.round(np.interp(thickness_cm, THICKNESS_CM, CURVE_KVP)), *KVP_RANGE))


def voltages_near(kvp: float) -> list[float]:
    """All voltages that the curve may ask for, kV, those nearest to a given one first."""
    return sorted(np.arange(CURVE_KVP[0], CURVE_KVP[-1] + 1).tolist(), key=lambda other: abs(other - kvp))


def target_ngy(technique: Technique, carm: CArm) -> float:
    """Kerma per pulse at the detector that the level asks for, nGy; a magnified field asks for more in proportion."""
    return TARGET_NGY[technique.dose_level] * max(1.0, FULL_FIELD_MM / field_mm(carm))


def limit_mas(kvp: float, technique: Technique, carm: CArm) -> float:
    """Largest charge per pulse that the limit of the entrance rate allows, mAs."""
    at_limit_point = (REFERENCE_MM / (carm.source_to_image_mm - LIMIT_POINT_MM)) ** 2 * output_ugy_per_mas(kvp, technique.copper_mm)
    return LIMIT_MGY_MIN[technique.dose_level] * 1000 / 60 / technique.pulses_per_s / at_limit_point


def _find_measured_cells(collimator: Collimator, carm: CArm, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Cells of the small projection inside the middle part of the collimated field, all lit cells where that is empty."""
    rows, columns = shade(collimator, carm, (shape[0], shape[1]))
    iris = iris_shade(collimator, carm, (shape[0], shape[1]))
    lit = np.outer(rows > 0.5, columns > 0.5) if iris is None else np.outer(rows > 0.5, columns > 0.5) & (iris > 0.5)
    if not lit.any():
        return np.ones(shape, dtype=bool)
    middle = [_middle(np.flatnonzero(lit.any(axis=1 - axis)), shape[axis]) for axis in (0, 1)]
    part = lit & np.outer(*middle)
    return part if part.any() else lit


def _middle(lit: NDArray[np.intp], count: int) -> NDArray[np.bool_]:
    centre, half = (lit[0] + lit[-1]) / 2, (lit[-1] - lit[0] + 1) / 2 * MEASURED
    return np.abs(np.arange(count) - centre) <= half


def _behind_grid(rays: NDArray[np.float64], carm: CArm, technique: Technique, collimator: Collimator) -> float:
    """Factor of grid and scatter on the primary kerma."""
    thickness_cm = scatter.water_cm(rays[1]).mean()
    gap_cm = (carm.source_to_image_mm - source_to_object_mm(carm)) / 10 - float(thickness_cm) / 2
    ratio = scatter.scatter_to_primary(np.array(thickness_cm), opening_mm2(collimator, carm) / 100, gap_cm, technique.grid)
    return (GRID_TRANSMISSION if technique.grid else 1.0) * (1 + float(ratio))


def _current_and_length(mas: float, pulses_per_s: float) -> tuple[float, float]:
    """Split a charge: the usual length first, then longer pulses where the current is at its end (or shorter ones at its start)."""
    longest = min(PULSE_MS[1], 500.0 / pulses_per_s)
    ma = float(np.clip(mas / PULSE_MS[0] * 1000, *MA_RANGE))
    return ma, float(np.clip(mas / ma * 1000, 0.2, longest))
