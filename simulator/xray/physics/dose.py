"""Dose to the patient and to the staff."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.physics import tables
from simulator.xray.physics.collimator import Collimator, opening_mm2
from simulator.xray.physics.spectra import REFERENCE_MM, output_ugy_per_mas
from simulator.xray.physics.technique import Technique, source_to_object_mm

REFERENCE_POINT_MM = 150.0  # IEC 60601-2-54: this far from the isocentre towards the tube
DISTANCES_CM = (40.0, 60.0, 100.0, 150.0, 200.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dose:
    """What an examination has cost so far.

    Attributes
    ----------
    reference_kerma_mgy : float
        Air kerma at the reference point, without backscatter, mGy.
    dap_gy_cm2 : float
        Dose-area product, Gy cm2.
    fluoro_s : float
        Beam-on time by the pedal, s.
    exposures : int
        Single shots and runs.
    staff_ugy : float
        Air kerma by scatter at the operator's place, µGy, no shields.
    """

    reference_kerma_mgy: float = 0.0
    dap_gy_cm2: float = 0.0
    fluoro_s: float = 0.0
    exposures: int = 0
    staff_ugy: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Where the operator stands.

    Attributes
    ----------
    side : float
        +1 at the patient's left, -1 at the right.
    distance_cm : float
        From the beam's axis, cm.
    height_cm : float
        Above the patient's mid-plane, cm: -50 thigh, 40 chest, 60 eye.
    """

    side: float = 1.0
    distance_cm: float = 60.0
    height_cm: float = 40.0


def kerma_at_ugy(technique: Technique, distance_mm: float) -> float:
    """Air kerma of one pulse, free in air, this far from the focal spot, µGy."""
    return output_ugy_per_mas(technique.kvp, technique.copper_mm) * technique.mas * (REFERENCE_MM / distance_mm) ** 2


def rate_mgy_min(technique: Technique, distance_mm: float) -> float:
    """Air kerma rate this far from the focal spot, mGy/min."""
    return kerma_at_ugy(technique, distance_mm) * technique.pulses_per_s * 60 / 1000


def dose_area_product_gy_cm2(technique: Technique, carm: CArm, collimator: Collimator) -> float:
    """Dose-area product of one pulse, Gy cm2: the same at every distance."""
    area_cm2 = opening_mm2(collimator, carm) / 100
    return kerma_at_ugy(technique, carm.source_to_image_mm) * 1e-6 * area_cm2


def add_pulses(dose: Dose, technique: Technique, carm: CArm, collimator: Collimator, operator: Operator, pulses: int = 1) -> Dose:
    """Dose after some more pulses of fluoroscopy."""
    product = dose_area_product_gy_cm2(technique, carm, collimator) * pulses
    kerma = kerma_at_ugy(technique, source_to_object_mm(carm) - REFERENCE_POINT_MM)
    return replace(
        dose,
        reference_kerma_mgy=dose.reference_kerma_mgy + kerma * pulses / 1000,
        dap_gy_cm2=dose.dap_gy_cm2 + product,
        fluoro_s=dose.fluoro_s + pulses / technique.pulses_per_s,
        staff_ugy=dose.staff_ugy + product * staff_ugy_per_gy_cm2(carm.detector - carm.source, operator),
    )


def add_exposure(dose: Dose, technique: Technique, carm: CArm, collimator: Collimator, operator: Operator, pulses: int = 1) -> Dose:
    """Dose after one single shot of some pulses, which counts as one exposure and not as pedal time."""
    after = add_pulses(dose, technique, carm, collimator, operator, pulses)
    return replace(after, fluoro_s=dose.fluoro_s, exposures=dose.exposures + 1)


def staff_ugy_per_gy_cm2(beam: NDArray[np.float64], operator: Operator) -> float:
    """Scatter air kerma at the operator by dose-area product, µGy/(Gy cm2), from our own Monte Carlo of a water patient.

    Parameters
    ----------
    beam : ndarray, shape (3,)
        From the source to the detector, world frame, mm.
    operator : Operator
        Where the operator stands.
    """
    x, y, _ = beam / np.linalg.norm(beam)
    lateral = float(x**2)
    side = "tube side" if x * operator.side < 0 else "detector side"
    over = "tube under" if y > 0 else "tube over"
    return (1 - lateral) * _interpolate_table(over, operator) + lateral * _interpolate_table(side, operator)


def _interpolate_table(beam: str, operator: Operator) -> float:
    """Table value, log-linear in height and log-log in distance, by the inverse square beyond the table."""
    heights, values = _read_table(beam)
    near, far = DISTANCES_CM[0], DISTANCES_CM[-1]
    distance = float(np.clip(operator.distance_cm, near, far))
    by_height = [np.interp(np.log(distance), np.log(DISTANCES_CM), row) for row in np.log(values)]
    beyond = (distance / operator.distance_cm) ** 2 if operator.distance_cm > far else 1.0
    return float(np.exp(np.interp(operator.height_cm, heights, by_height))) * beyond


@cache
def _read_table(beam: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = [row for row in tables.staff_scatter() if row["beam"] == beam]
    values = np.array([[float(row[f"{distance:g}"]) for distance in DISTANCES_CM] for row in rows])
    for column in range(1, len(DISTANCES_CM)):
        falloff = (DISTANCES_CM[column - 1] / DISTANCES_CM[column]) ** 2
        values[:, column] = np.where(np.isnan(values[:, column]), values[:, column - 1] * falloff, values[:, column])
    return np.array([float(row["height_cm"]) for row in rows]), values
