"""The flat panel: what 0.6 mm of caesium iodide absorbs, how far it blurs, its noise and its lag."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from simulator.xray.physics import tables
from simulator.xray.physics.materials import linear_attenuation_per_mm


@dataclass(frozen=True, kw_only=True)
class Panel:
    """An a-Si panel with a columnar CsI screen; the defaults are recalled, unverified, within the ranges of product data.

    Attributes
    ----------
    screen_mm, packing : float
        Thickness of the screen, mm, and the fraction of it that is CsI.
    mtf_per_mm : float
        Frequency at which the screen's MTF is one half, 1/mm: MTF = 1 / (1 + (f / f0)^1.7).
    swank : float
        Swank factor: quantum noise is larger by 1 / swank in variance, dimensionless.
    electronic_quanta : float
        Electronic noise, rms, in absorbed quanta per image pixel.
    lag : float
        Fraction of a pulse's signal that the next frame still shows (a-Si: 0.02 to 0.05).
    """

    screen_mm: float = 0.6
    packing: float = 0.75
    mtf_per_mm: float = 1.75
    swank: float = 0.88
    electronic_quanta: float = 2.0
    lag: float = 0.03

    def __post_init__(self) -> None:
        if not (self.screen_mm > 0 and self.mtf_per_mm > 0 and 0 < self.swank <= 1 and 0 <= self.lag < 1 and self.electronic_quanta >= 0):
            raise ValueError(f"Panel needs screen_mm, mtf_per_mm > 0, 0 < swank <= 1, 0 <= lag < 1, electronic_quanta >= 0, got {self}")


@cache
def absorption(panel: Panel) -> NDArray[np.float64]:
    """Fraction of photons that the screen absorbs, shape (110,), by energy bin; escaping fluorescence is neglected."""
    return np.asarray(1 - np.exp(-linear_attenuation_per_mm("caesium iodide") * panel.screen_mm * panel.packing))


def signal_per_photon_kev(panel: Panel) -> NDArray[np.float64]:
    """Mean energy signal of a photon, shape (110,), keV: the panel integrates energy."""
    return absorption(panel) * tables.energy_kev()


def mtf(panel: Panel, frequency_per_mm: NDArray[np.float64], pixel_mm: float, spot_mm: float = 0.0) -> NDArray[np.float64]:
    """Presampled MTF of screen, pixel aperture and focal-spot shadow, same shape as the frequencies, dimensionless.

    Parameters
    ----------
    panel : Panel
        The detector.
    frequency_per_mm : ndarray, shape (n,)
        Spatial frequencies on the detector, 1/mm.
    pixel_mm : float
        Pitch of the image matrix, mm (binning makes it the aperture).
    spot_mm : float
        Width of the focal spot's shadow on the detector, mm.
    """
    screen = 1 / (1 + (frequency_per_mm / panel.mtf_per_mm) ** 1.7)
    return np.asarray(screen * np.sinc(frequency_per_mm * pixel_mm) * np.sinc(frequency_per_mm * spot_mm))


@cache
def blur_taps(panel: Panel, pixel_mm: float, spot_mm: float = 0.0) -> tuple[float, ...]:
    """Symmetric kernel along one axis that reproduces the MTF below Nyquist: centre first, then one tap per pixel out; they sum to 1.

    Parameters
    ----------
    panel : Panel
        The detector.
    pixel_mm : float
        Pitch of the image matrix, mm: 3 taps where it is 0.25 mm or more, 5 or 7 below.
    spot_mm : float
        Width of the focal spot's shadow on the detector, mm; 0 leaves the focal spot out (as the noise does).
    """
    reach = 1 if pixel_mm >= 0.25 else 2 if pixel_mm >= 0.16 else 3
    frequency = np.linspace(0, 0.5 / pixel_mm, 64)
    wanted = mtf(panel, frequency, pixel_mm, spot_mm)
    waves = 2 * (np.cos(2 * np.pi * np.outer(frequency * pixel_mm, np.arange(1, reach + 1))) - 1)  # taps sum to 1
    near = np.where(frequency <= 1.2, 1.0, 0.3)  # below 1.2/mm lies what the eye uses
    sides = lsq_linear(waves * near[:, None], (wanted - 1) * near, bounds=(0, 0.5)).x
    return (1 - 2 * float(sides.sum()), *(float(side) for side in sides))
