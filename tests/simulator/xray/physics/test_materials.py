"""The two-function basis carries every material, and weights obey the arithmetic of surfaces in surfaces."""

import numpy as np
import pytest

from phantoms.terms.tissues import Material
from simulator.xray.physics import materials, tables
from simulator.xray.physics.materials import basis_coefficients, basis_functions, linear_attenuation_per_mm, weights

# Mass attenuation at 60 keV, cm2/g, computed with xraydb (Elam) when the facts were collected.
KNOWN_60_KEV = {"water": 0.2059, "muscle": 0.2048, "adipose": 0.1974, "ligament": 0.2020, "cortical bone": 0.3148, "spongiosa": 0.2381}
TISSUE_RTOL = 4e-3  # basis against table from 30 keV, where the detected beam lies
METAL_RTOL = {"titanium": 0.012, "steel 304": 0.03}


@pytest.mark.parametrize("name", KNOWN_60_KEV)
def test_attenuation_agrees_with_the_facts(name: str) -> None:
    at_60 = np.interp(60, tables.energy_kev(), tables.mass_attenuation_cm2_g(name))
    assert at_60 == pytest.approx(KNOWN_60_KEV[name], rel=0.02 if name == "ligament" else 2e-3)


def test_basis_functions_are_one_at_the_reference() -> None:
    reference = np.array([materials.REFERENCE_KEV])
    assert materials.photoelectric(reference)[0] == 1
    assert materials.compton(reference)[0] == 1


def test_klein_nishina_tends_to_thomson() -> None:
    ratio = materials.compton(np.array([0.01])) / materials.compton(np.array([materials.ELECTRON_REST_KEV]))
    assert ratio[0] == pytest.approx(1 / 0.4309, rel=2e-3)  # 2.866e-25 of 6.652e-25 cm2 at the electron's rest energy


@pytest.mark.parametrize("name", [*Material, *METAL_RTOL])
def test_two_numbers_carry_a_material(name: str) -> None:
    beam = tables.energy_kev() > 30
    fitted = basis_coefficients(name) @ basis_functions()
    np.testing.assert_allclose(fitted[beam], linear_attenuation_per_mm(name)[beam], rtol=METAL_RTOL.get(name, TISSUE_RTOL))


def test_weights_add_up_along_the_tree_of_surfaces() -> None:
    body, bone = weights("muscle", "air"), weights("cortical bone", "muscle")
    np.testing.assert_allclose(body + bone, weights("cortical bone", "air"), rtol=1e-12)


def test_weights_vanish_where_nothing_changes_and_scale_with_density() -> None:
    np.testing.assert_array_equal(weights("disc", "disc"), 0)
    np.testing.assert_allclose(weights("spongiosa", "spongiosa", 0.7), -0.3 * basis_coefficients("spongiosa"), rtol=1e-12)
    np.testing.assert_array_equal(weights("muscle", "muscle", 0.9, 0.9), 0)


def test_gas_is_air() -> None:
    np.testing.assert_array_equal(basis_coefficients("gas"), basis_coefficients("air"))
