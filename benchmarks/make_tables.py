"""Remake the X-ray tables that the package ships, from SpekPy (spectra) and xraydb (attenuation).

Run ``python benchmarks/make_tables.py`` with the extra ``physics`` installed; ``tests/simulator/xray/physics/test_tables.py`` runs the same
functions and compares. Everything lies on one energy axis: bins 1 keV wide, 10-11 to 119-120 keV, named by their centres. Attenuation is
averaged over each bin, so that a K-edge inside one is shared out instead of falling on a side.
"""

import csv
import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[1] / "simulator" / "xray" / "data"
ENERGY_KEV = np.arange(10.5, 120.0)
KVP = np.arange(40, 121, 2)
ALUMINIUM_MM = 3.0

# Mass fractions. ICRU Report 44 body tissues (skeletal muscle, adipose, skin, blood, cartilage for the disc, brain for nerve, connective
# tissue for ligament, cortical bone, spongiosa) as recalled, unverified; CSF is water with salt.
COMPOSITION: dict[str, tuple[float, str]] = {
    "water": (1.0, "H .111898 O .888102"),
    "air": (0.001205, "C .000124 N .755268 O .231781 Ar .012827"),
    "soft tissue": (1.06, "H .102 C .143 N .034 O .708 Na .002 P .003 S .003 Cl .002 K .003"),
    "muscle": (1.05, "H .102 C .143 N .034 O .710 Na .001 P .002 S .003 Cl .001 K .004"),
    "adipose": (0.95, "H .114 C .598 N .007 O .278 Na .001 S .001 Cl .001"),
    "skin": (1.09, "H .100 C .204 N .042 O .645 Na .002 P .001 S .002 Cl .003 K .001"),
    "blood": (1.06, "H .102 C .110 N .033 O .745 Na .001 P .001 S .002 Cl .003 K .002 Fe .001"),
    "csf": (1.01, "H .111 O .880 Na .005 Cl .004"),
    "nerve": (1.04, "H .107 C .145 N .022 O .712 Na .002 P .004 S .002 Cl .003 K .003"),
    "ligament": (1.12, "H .094 C .207 N .062 O .622 Na .006 S .006 Cl .003"),
    "disc": (1.10, "H .096 C .099 N .022 O .744 Na .005 P .022 S .009 Cl .003"),
    "cortical bone": (1.92, "H .034 C .155 N .042 O .435 Na .001 Mg .002 P .103 S .003 Ca .225"),
    "spongiosa": (1.18, "H .085 C .404 N .028 O .367 Na .001 Mg .001 P .034 S .002 Cl .002 K .001 Ca .074 Fe .001"),
    "iodine": (4.933, "I 1"),
    "iohexol": (2.2, "H .031895 C .277918 I .463636 N .051172 O .175379"),  # C19 H26 I3 N3 O9, 821.14 g/mol
    "steel 304": (7.93, "Fe .6955 Cr .19 Ni .095 Mn .02"),  # AISI 304, rounded to its four metals
    "titanium": (4.506, "Ti 1"),
    "lead": (11.35, "Pb 1"),
    "aluminium": (2.699, "Al 1"),
    "copper": (8.96, "Cu 1"),
    "caesium iodide": (4.51, "Cs .511549 I .488451"),
}


def attenuation() -> dict[str, NDArray[np.float64]]:
    """Mass attenuation of every material at the bins, cm2/g, and the mass energy absorption of air for kerma."""
    fine_kev = (ENERGY_KEV[:, None] + (np.arange(20) + 0.5) / 20 - 0.5).ravel()
    table = {name: _mixture(formula, fine_kev).reshape(-1, 20).mean(axis=1) for name, (_, formula) in COMPOSITION.items()}
    return {**table, "air energy absorption": _air_energy_absorption(ENERGY_KEV)}


def spectra() -> dict[int, NDArray[np.float64]]:
    """Photons per cm2, keV and mAs at 100 cm behind 3.0 mm Al, tungsten anode at 12 degrees, by tube voltage in kV."""
    return {int(kvp): _spectrum(float(kvp)) for kvp in KVP}


def _mixture(formula: str, energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    import xraydb

    words = formula.split()
    fraction = {element: float(part) for element, part in zip(words[::2], words[1::2], strict=True)}
    total = sum(fraction.values())
    return sum((part / total * xraydb.mu_elam(element, energy_kev * 1e3) for element, part in fraction.items()), np.zeros_like(energy_kev))


def _air_energy_absorption(energy_kev: NDArray[np.float64]) -> NDArray[np.float64]:
    import spekpy

    data = spekpy.Spek(kvp=80).muen_air_data
    known_kev = data.muen_over_rho_air_coefficients_energies * 1e3
    return np.exp(np.interp(np.log(energy_kev), np.log(known_kev), np.log(data.muen_over_rho_air_coefficients)))


def _spectrum(kvp: float) -> NDArray[np.float64]:
    import spekpy

    tube = spekpy.Spek(kvp=kvp, th=12, z=100, dk=1.0)
    tube.filter("Al", ALUMINIUM_MM)
    energy_kev, photons = tube.get_spectrum()
    return np.interp(ENERGY_KEV, energy_kev, photons, left=0.0, right=0.0)


def _write(name: str, notes: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with (DATA / name).open("w", newline="") as file:
        file.writelines(f"# {note}\n" for note in notes)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _columns(columns: Sequence[NDArray[np.float64]], digits: int) -> list[list[str]]:
    return [[f"{value:.{digits}g}" for value in row] for row in zip(*columns, strict=True)]


def main() -> None:
    """Write the tables."""
    from importlib.metadata import version

    today = datetime.date.today().isoformat()
    sources = f"SpekPy {version('spekpy')}, xraydb {version('xraydb')}"
    mass = attenuation()
    notes = [
        f"Mass attenuation, cm2/g, total with coherent (Elam), averaged over 1 keV bins. {sources}; {today}; benchmarks/make_tables.py"
    ]
    _write("attenuation.csv", notes, ["energy_kev", *mass], _columns([ENERGY_KEV, *mass.values()], 6))
    notes = [f"Mass fractions: ICRU Report 44 as recalled, unverified. {today}; benchmarks/make_tables.py"]
    _write(
        "materials.csv",
        notes,
        ["material", "density_g_cm3", "mass_fractions"],
        [[name, str(rho), mix] for name, (rho, mix) in COMPOSITION.items()],
    )
    beams = spectra()
    notes = [
        f"Photons/(cm2 keV mAs) at 100 cm, W 12 degrees, {ALUMINIUM_MM} mm Al, no ripple. {sources}; {today}; benchmarks/make_tables.py"
    ]
    _write("spectra.csv", notes, ["energy_kev", *(f"{kvp} kV" for kvp in beams)], _columns([ENERGY_KEV, *beams.values()], 6))


if __name__ == "__main__":
    main()
