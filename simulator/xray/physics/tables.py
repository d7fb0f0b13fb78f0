"""The tables that the package ships: spectra, attenuation, densities (made by ``benchmarks/make_tables.py``)."""

import csv
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


@cache
def energy_kev() -> NDArray[np.float64]:
    """Centres of the 1 keV bins on which every table lies, shape (110,), keV: 10.5 to 119.5."""
    return _read_numbers("attenuation.csv")["energy_kev"]


@cache
def mass_attenuation_cm2_g(material: str) -> NDArray[np.float64]:
    """Total mass attenuation with coherent scatter at the bins, shape (110,), cm2/g (xraydb, Elam tables).

    Raises
    ------
    ValueError
        For a material that is not in the table.
    """
    return _read_numbers("attenuation.csv")[check_known(material, materials(), "material")]


@cache
def air_energy_absorption_cm2_g() -> NDArray[np.float64]:
    """Mass energy absorption of air at the bins, shape (110,), cm2/g (SpekPy's PENELOPE table)."""
    return _read_numbers("attenuation.csv")["air energy absorption"]


@cache
def density_g_cm3(material: str) -> float:
    """Mass density, g/cm3 (ICRU Report 44 as recalled, unverified)."""
    return float(
        {row["material"]: row["density_g_cm3"] for row in _read_rows("materials.csv")}[check_known(material, materials(), "material")]
    )


@cache
def materials() -> tuple[str, ...]:
    """Names of the materials in the tables."""
    return tuple(row["material"] for row in _read_rows("materials.csv"))


@cache
def tube_spectra() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tube voltages, shape (41,), kV, and spectra, shape (41, 110), photons/(cm2 keV mAs) at 100 cm.

    SpekPy, tungsten anode at 12 degrees, 3.0 mm Al.
    """
    columns = {name: values for name, values in _read_numbers("spectra.csv").items() if name.endswith(" kV")}
    return np.array([float(name.removesuffix(" kV")) for name in columns]), np.stack(list(columns.values()))


@cache
def staff_scatter() -> tuple[dict[str, str], ...]:
    """Rows of the operator's scatter table: beam, height_cm and one column per distance, µGy per Gy cm2 (own Monte Carlo)."""
    return tuple(_read_rows("staff_scatter.csv"))


def check_known(name: str, names: Sequence[str], kind: str) -> str:
    """The name itself where it is one of the names.

    Raises
    ------
    ValueError
        With the nearest names where it is not.
    """
    if name in names:
        return str(name)
    near = get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names)}"
    raise ValueError(f"{kind} {str(name)!r} is unknown; {hint}")


@cache
def _read_numbers(file: str) -> dict[str, NDArray[np.float64]]:
    rows = _read_rows(file)
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    for column in columns.values():
        column.setflags(write=False)
    return columns


def _read_rows(file: str) -> list[dict[str, str]]:
    text = resources.files("simulator.xray").joinpath("data", file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
