"""What the plunger feels: needle and tubing after Hagen and Poiseuille, the tissue's resistance, and what swollen tissue presses back."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.contrast.agents import Mixture, check_mixture, viscosity_mpa_s
from simulator.contrast.faces import REFERENCE_MPA_S
from simulator.contrast.flow import Flow
from simulator.geometry.validate import as_positive

if TYPE_CHECKING:
    from simulator.contrast.spread import Spread

TUBING_BORE_MM = 1.2  # extension tubing of 150 mm; recalled, unverified
TUBING_LENGTH_MM = 150.0
STIFFENING_PER_ML = 0.13  # k2 over k1 of the epidural space (FACTS 5): pressure rises faster than volume


def tube_kpa(bore_mm: float, length_mm: float, mixture: Mixture, rate_ml_s: float) -> float:
    """Pressure that drives a mixture through a round tube, kPa (laminar, Hagen-Poiseuille; FACTS 4.3).

    Parameters
    ----------
    bore_mm, length_mm : float
        Inner diameter and length, above 0.
    mixture : mapping of Agent to float
        Volume fractions; its viscosity is taken at 37 C.
    rate_ml_s : float
        Flow.

    Raises
    ------
    ValueError
        If a length is not above 0, or the mixture's fractions do not add up to 1.
    """
    bore, length = as_positive(bore_mm, "bore_mm"), as_positive(length_mm, "length_mm")
    viscosity_kpa_s = viscosity_mpa_s(check_mixture(mixture)) * 1e-6
    return 128 * viscosity_kpa_s * length * 1000 * rate_ml_s / (np.pi * bore**4)


def tissue_kpa(flow: Flow, mixture: Mixture, rate_ml_s: float) -> float:
    """Pressure at the tip that drives a mixture into the tissue, kPa: in proportion to rate and viscosity."""
    return flow.tip_kpa_s_ml * rate_ml_s * viscosity_mpa_s(check_mixture(mixture)) / REFERENCE_MPA_S


def held_kpa(spread: "Spread") -> float:
    """Pressure with which the swollen tissue presses back, kPa: small in the epidural space, high in a disc or a tendon."""
    room_ml_kpa = float(spread.domain.compliance_ml_kpa.sum())
    return spread.held_ml / room_ml_kpa * (1 + STIFFENING_PER_ML * spread.held_ml) if room_ml_kpa > 0 else 0.0


def hub_pressure_kpa(
    flow: Flow,
    bore_mm: float,
    length_mm: float,
    mixture: Mixture,
    rate_ml_s: float,
    *,
    spread: "Spread | None" = None,
    tubing: bool = False,
) -> float:
    """Pressure at the needle's hub (at the syringe with `tubing`) above that at rest, kPa.

    Parameters
    ----------
    flow : Flow
        Of the needle's position.
    bore_mm, length_mm : float
        The needle's inner diameter and length.
    mixture : mapping of Agent to float
        What is injected.
    rate_ml_s : float
        How fast; negative when aspirating.
    spread : Spread, optional
        What has been injected before and presses back.
    tubing : bool
        Whether extension tubing is between syringe and needle.
    """
    needle = tube_kpa(bore_mm, length_mm, mixture, rate_ml_s)
    line = tube_kpa(TUBING_BORE_MM, TUBING_LENGTH_MM, mixture, rate_ml_s) if tubing else 0.0
    return needle + line + tissue_kpa(flow, mixture, rate_ml_s) + (held_kpa(spread) if spread is not None else 0.0)
