"""What of a patient's tissue no image shows: how open the fat is, how tight the midline septum."""

from dataclasses import dataclass

import numpy as np

SEPTUM_MEDIAN = 5e-4  # share of a midline face that the septum leaves open in the median patient; set to FACTS 3.4, unverified
SEPTUM_LOG_SD = 2.0
OFFSET_SD_MM = 1.0  # of the septum from the midline; unverified
OVERALL_LOG_SD = 0.5  # permeability of everything
VENTRAL_LOG_SD = 2.0  # of the ventral fat over the dorsal
FORAMINAL_LOG_SD = 0.8  # of the foramina: with age and stenosis they tighten


@dataclass(frozen=True, kw_only=True, slots=True)
class FluidVariation:
    """Factors on ``data/tissues.csv`` that make one patient's spread differ from another's.

    Attributes
    ----------
    permeability, ventral, foraminal : float
        Factors on all permeabilities, on that of the ventral epidural fat, on that of the foramina.
    septum : float
        Share of a face across the midline that the dorsal raphe and its ventral fellow leave open, 0 to 1.
    septum_offset_mm : float
        Where the septum stands, to the patient's left of the midline.
    texture : float
        Factor on the log spread of fat lobules and muscle fibres; 0 for even tissue.
    texture_seed : int
        Of fat lobules and muscle fibres.
    """

    permeability: float = 1.0
    ventral: float = 1.0
    foraminal: float = 1.0
    septum: float = SEPTUM_MEDIAN
    septum_offset_mm: float = 0.0
    texture: float = 1.0
    texture_seed: int = 0

    def __post_init__(self) -> None:
        if self.texture < 0 or min(self.permeability, self.ventral, self.foraminal) <= 0 or not 0 <= self.septum <= 1:
            raise ValueError(f"factors must be above 0 (texture: or 0) and the septum's open share in [0, 1], got {self}")


def draw_variation(rng: np.random.Generator) -> FluidVariation:
    """An individual drawn from the spread between people (log-normal; the spreads are set to FACTS.md 3.4, unverified)."""
    overall, ventral, foraminal, septum, offset = rng.standard_normal(5)
    return FluidVariation(
        permeability=float(np.exp(OVERALL_LOG_SD * overall)),
        ventral=float(np.exp(VENTRAL_LOG_SD * ventral)),
        foraminal=float(np.exp(FORAMINAL_LOG_SD * foraminal)),
        septum=float(min(SEPTUM_MEDIAN * np.exp(SEPTUM_LOG_SD * septum), 1.0)),
        septum_offset_mm=float(OFFSET_SD_MM * offset),
        texture_seed=int(rng.integers(2**31)),
    )
