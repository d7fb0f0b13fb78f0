"""What the plunger feels: a thumb's force over the syringe's bore, the loss in needle and tubing, and the pressure at the tip.

What the thumb gives is used up in two places: needle and tubing (Hagen and Poiseuille), which hurts nobody, and the tissue at the tip.
A thumb is a force, so the syringe decides how much pressure it makes: 60 N give 1,009 kPa in a 3 mL syringe, 522 in a 5, 340 in a 10 and
209 in a 20 mL one (DESIGN.md section 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
VOLUME_ATOL_ML = 1e-9
PLUNGER_MM: Mapping[float, float] = {3.0: 8.70, 5.0: 12.10, 10.0: 14.99, 20.0: 19.12}
"""Inner diameter of a syringe by its size, mL: of common luer-lock syringes (recalled, unverified); a 10 mL one has 177 mm2 (FACTS 4.1)."""
COMFORT_N = 25.0  # that a thumb presses without noticing (assumed)
FIRM_N = 60.0  # up to which it is a firm push; beyond, it is too much (assumed)
MOST_N = 80.0  # of a thumb (assumed)
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
    room_ml_kpa = spread.domain.room_ml_kpa
    return spread.held_ml / room_ml_kpa * (1 + STIFFENING_PER_ML * spread.held_ml) if room_ml_kpa > 0 else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Resistance:
    """What stands against a plunger, in its two parts.

    Attributes
    ----------
    line_kpa_s_ml : float
        Of needle and tubing, by rate.
    tissue_kpa_s_ml : float
        Of the tissue at the tip, by rate.
    back_kpa : float
        With which the tissue presses back at any rate: what swells it, and what it takes to open it.
    """

    line_kpa_s_ml: float
    tissue_kpa_s_ml: float
    back_kpa: float

    def press(self, wanted_ml_s: float, strongest_kpa: float) -> "PlungerLoad":
        """What a thumb brings about that wants a rate and can press only so hard.

        Parameters
        ----------
        wanted_ml_s : float
            Not below 0.
        strongest_kpa : float
            At the hub, above 0.
        """
        whole = self.line_kpa_s_ml + self.tissue_kpa_s_ml
        most_ml_s = max(strongest_kpa - self.back_kpa, 0.0) / whole if whole > 0 else wanted_ml_s
        if wanted_ml_s <= most_ml_s:
            rate_ml_s, hub_kpa = wanted_ml_s, self.back_kpa + whole * wanted_ml_s
        else:
            rate_ml_s, hub_kpa = most_ml_s, strongest_kpa
        line_kpa = self.line_kpa_s_ml * rate_ml_s
        return PlungerLoad(rate_ml_s=rate_ml_s, line_kpa=line_kpa, tip_kpa=hub_kpa - line_kpa, limited=wanted_ml_s > most_ml_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlungerLoad:
    """What a push comes to.

    Attributes
    ----------
    rate_ml_s : float
        How fast it goes in.
    line_kpa, tip_kpa : float
        Pressure lost in needle and tubing, and pressure at the tip; together they are the pressure at the syringe.
    limited : bool
        Whether the thumb is at its most.
    """

    rate_ml_s: float
    line_kpa: float
    tip_kpa: float
    limited: bool

    @property
    def hub_kpa(self) -> float:
        """Pressure in the syringe, kPa."""
        return self.line_kpa + self.tip_kpa


def plunger_mm2(size_ml: float) -> float:
    """Area of a syringe's plunger, mm2.

    Raises
    ------
    ValueError
        If there is no such syringe.
    """
    if size_ml not in PLUNGER_MM:
        raise ValueError(f"size_ml: there are syringes of {', '.join(f'{size:g}' for size in PLUNGER_MM)} mL, got {size_ml:g}")
    return float(np.pi * PLUNGER_MM[size_ml] ** 2 / 4)


def strongest_kpa(size_ml: float) -> float:
    """Pressure that the strongest thumb makes in a syringe, kPa; raises as `plunger_mm2` does.

    Examples
    --------
    >>> round(strongest_kpa(10.0))
    453
    """
    return 1000.0 * MOST_N / plunger_mm2(size_ml)


def effort_n(pressure_kpa: float, size_ml: float) -> float:
    """Force on the plunger of a syringe that holds a pressure, N; raises as `plunger_mm2` does."""
    return pressure_kpa * plunger_mm2(size_ml) / 1000.0


def choose_syringe_ml(volume_ml: float) -> float:
    """The syringe that a clinician takes for a volume: the smallest that holds it, mL; the largest where none does."""
    return next((size for size in PLUNGER_MM if volume_ml <= size + VOLUME_ATOL_ML), max(PLUNGER_MM))


def find_resistance(
    flow: Flow,
    bore_mm: float,
    length_mm: float,
    mixture: Mixture,
    *,
    spread: "Spread | None" = None,
    opening_kpa: float = 0.0,
    tubing: bool = False,
) -> Resistance:
    """What stands against the plunger.

    Parameters
    ----------
    flow : Flow
        Of the needle's position.
    bore_mm, length_mm : float
        The needle's inner diameter and length.
    mixture : mapping of Agent to float
        What is injected.
    spread : Spread, optional
        What has been injected before and presses back.
    opening_kpa : float
        Below which the tissue at the tip does not open.
    tubing : bool
        Whether extension tubing is between syringe and needle.
    """
    line = tube_kpa(TUBING_BORE_MM, TUBING_LENGTH_MM, mixture, 1.0) if tubing else 0.0
    return Resistance(
        line_kpa_s_ml=tube_kpa(bore_mm, length_mm, mixture, 1.0) + line,
        tissue_kpa_s_ml=tissue_kpa(flow, mixture, 1.0),
        back_kpa=opening_kpa + (held_kpa(spread) if spread is not None else 0.0),
    )


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
    found = find_resistance(flow, bore_mm, length_mm, mixture, spread=spread, tubing=tubing)
    return (found.line_kpa_s_ml + found.tissue_kpa_s_ml) * rate_ml_s + found.back_kpa
