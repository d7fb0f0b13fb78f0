"""The shipped tables are what the script in benchmarks/ makes, and unknown names are refused helpfully."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from phantoms.terms.tissues import Material
from simulator.xray.physics import tables
from simulator.xray.physics.materials import basis_coefficients

TABLE_RTOL = 1e-5  # six digits are written
VERSION_RTOL = 5e-3  # other releases of SpekPy and xraydb


def script() -> ModuleType:
    path = Path(__file__).resolve().parents[4] / "benchmarks" / "make_tables.py"
    spec = importlib.util.spec_from_file_location("make_tables", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_attenuation_is_remade_by_the_script() -> None:
    pytest.importorskip("xraydb")
    pytest.importorskip("spekpy")
    for name, values in script().attenuation().items():
        shipped = tables.air_energy_absorption_cm2_g() if name == "air energy absorption" else tables.mass_attenuation_cm2_g(name)
        np.testing.assert_allclose(shipped, values, rtol=VERSION_RTOL)


@pytest.mark.slow
def test_spectra_are_remade_by_the_script() -> None:
    pytest.importorskip("spekpy")
    voltages, shipped = tables.tube_spectra()
    for kvp, values in script().spectra().items():
        row = shipped[np.flatnonzero(voltages == kvp)[0]]
        np.testing.assert_allclose(row, values, rtol=VERSION_RTOL, atol=VERSION_RTOL * values.max() * 1e-2)


def test_densities_are_remade_by_the_script() -> None:
    for name, (density, _) in script().COMPOSITION.items():
        assert tables.density_g_cm3(name) == pytest.approx(density, rel=TABLE_RTOL)


def test_every_tissue_material_has_numbers() -> None:
    for material in Material:
        assert np.isfinite(basis_coefficients(material)).all()


def test_an_unknown_material_names_its_neighbour() -> None:
    with pytest.raises(ValueError, match="material 'cortcal bone' is unknown; did you mean 'cortical bone'"):
        tables.mass_attenuation_cm2_g("cortcal bone")
    with pytest.raises(ValueError, match="choose one of water"):
        tables.density_g_cm3("zzz")


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        tables.mass_attenuation_cm2_g("water")[0] = 0
