r"""Materials in a two-function basis: attenuation is a sum of a photoelectric and a Compton part (Alvarez and Macovski 1976).

The functions are closed formulas, each 1 at 60 keV: (60 keV / E)^3 and the Klein-Nishina cross section. A least-squares fit, weighted with
detected spectra, gives each material two coefficients in 1/mm; over 30-120 keV the fit stays within 0.4 % for every tissue, 1.2 % for
titanium and 3 % for steel (0.06, 0.3 and 0.7 % rms over the detected beam). So a channel image is the photoelectric, or the Compton, part
of -ln(transmission) at 60 keV. Iodine, whose K-edge lies in the beam, and metal have channels of their own
(`simulator.xray.physics.detector_response`).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.xray.physics import tables

REFERENCE_KEV = 60.0
ELECTRON_REST_KEV = 510.999
CM_PER_MM = 0.1
TABLE_NAME = {"gas": "air"}  # bowel gas is air to an X-ray


def photoelectric(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    """Photoelectric basis function (60 keV / E)^3, same shape as the energies, 1 at 60 keV."""
    return (REFERENCE_KEV / np.asarray(energy_kev, dtype=np.float64)) ** 3


def compton(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compton basis function, the Klein-Nishina cross section, same shape as the energies, 1 at 60 keV."""
    return _klein_nishina(np.asarray(energy_kev, dtype=np.float64)) / _klein_nishina(np.array(REFERENCE_KEV))


def linear_attenuation_per_mm(material: str) -> NDArray[np.float64]:
    """Tabulated linear attenuation at the energy bins, shape (110,), 1/mm."""
    name = TABLE_NAME.get(str(material), str(material))
    return tables.mass_attenuation_cm2_g(name) * tables.density_g_cm3(name) * CM_PER_MM


@cache
def basis_coefficients(material: str) -> NDArray[np.float64]:
    """Photoelectric and Compton coefficient of a material at its own density, shape (2,), 1/mm at 60 keV, read-only.

    Parameters
    ----------
    material : str or phantoms.terms.tissues.Material
        Name in ``data/materials.csv``, or "gas".

    Raises
    ------
    ValueError
        For an unknown material, with the nearest name.

    Examples
    --------
    >>> basis_coefficients("water").round(5).tolist()
    [0.00217, 0.0184]
    """
    attenuation = linear_attenuation_per_mm(material)
    relative = basis_functions() * (_fit_weights() / attenuation)
    coefficients = np.asarray(np.linalg.lstsq(relative.T, _fit_weights(), rcond=None)[0], dtype=np.float64)
    coefficients.setflags(write=False)
    return coefficients


def weights(inside: str, outside: str, density: float = 1.0, density_outside: float = 1.0) -> NDArray[np.float64]:
    """What a millimetre inside a surface adds to the two channels when it replaces its parent, shape (2,), 1/mm.

    Parameters
    ----------
    inside, outside : str or phantoms.terms.tissues.Material
        Material of the surface and of the surface around it ("air" where there is none).
    density, density_outside : float
        Factors on the two materials' densities, dimensionless.
    """
    return basis_coefficients(inside) * density - basis_coefficients(outside) * density_outside


@cache
def basis_functions() -> NDArray[np.float64]:
    """Both basis functions at the energy bins, shape (2, 110)."""
    energy_kev = tables.energy_kev()
    return np.stack([photoelectric(energy_kev), compton(energy_kev)])


@cache
def _fit_weights() -> NDArray[np.float64]:
    """Root of the detected energy spectrum, mean over 60-120 kV behind 5 and 20 cm of soft tissue: where the fit has to be right."""
    _, beams = tables.tube_spectra()
    tissue = tables.mass_attenuation_cm2_g("soft tissue") * tables.density_g_cm3("soft tissue")
    detected = [beam * np.exp(-tissue * depth_cm) * tables.energy_kev() for beam in beams[10::10] for depth_cm in (5.0, 20.0)]
    share = np.mean([spectrum / spectrum.sum() for spectrum in detected], axis=0)
    return np.maximum(np.sqrt(share), 1e-3)


def _klein_nishina(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    k = energy_kev / ELECTRON_REST_KEV
    log = np.log1p(2 * k)
    return np.asarray((1 + k) / k**2 * (2 * (1 + k) / (1 + 2 * k) - log / k) + log / (2 * k) - (1 + 3 * k) / (1 + 2 * k) ** 2)
