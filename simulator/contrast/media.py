"""How each tissue takes fluid: the table in ``data/tissues.csv`` as arrays that labels index."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast.data_tables import read_rows

COMPARTMENTS: tuple[Compartment, ...] = tuple(Compartment)
"""Compartment by code: what `Domain.compartment` holds is an index into this."""


class FluidSpace(StrEnum):
    """A stretch of tissue within which fluid moves and out of which it hardly gets."""

    EPIDURAL = "epidural"
    INTRATHECAL = "intrathecal"
    SUBDURAL = "subdural"
    VENOUS = "venous"
    ARTERIAL = "arterial"
    DISC = "disc"
    SOFT = "soft"
    BONE = "bone"
    NEURAL = "neural"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class TissueTable:
    """Columns of ``data/tissues.csv``, each of shape (256,) and indexed by a tissue's label; 0 and outside for one that is not there.

    Attributes
    ----------
    permeability_mm2, anisotropy, capacity, compliance_per_kpa, leak_per_kpa_s, opening_kpa, felt_kpa : ndarray
        As the file's heading says; permeability in mm2.
    compartment : ndarray of uint8
        Index into `COMPARTMENTS`.
    """

    permeability_mm2: NDArray[np.float64]
    anisotropy: NDArray[np.float64]
    capacity: NDArray[np.float64]
    compliance_per_kpa: NDArray[np.float64]
    leak_per_kpa_s: NDArray[np.float64]
    opening_kpa: NDArray[np.float64]
    felt_kpa: NDArray[np.float64]
    compartment: NDArray[np.uint8]


@cache
def tissue_table() -> TissueTable:
    """How each tissue takes fluid (recalled, unverified; see the file's heading)."""
    return TissueTable(
        permeability_mm2=_column("permeability_m2") * 1e6,
        anisotropy=_column("anisotropy"),
        capacity=_column("capacity"),
        compliance_per_kpa=_column("compliance_per_kpa"),
        leak_per_kpa_s=_column("leak_per_kpa_s"),
        opening_kpa=_column("opening_kpa"),
        felt_kpa=_column("felt_kpa"),
        compartment=_codes(),
    )


@cache
def medium_of(tissue: Tissue) -> FluidSpace | None:
    """The medium that a tissue belongs to; None for air."""
    return next((FluidSpace(row["medium"]) for row in read_rows("tissues.csv") if row["tissue"] == tissue.name), None)


@cache
def members(medium: FluidSpace) -> NDArray[np.bool_]:
    """Which labels belong to a medium, shape (256,), read-only."""
    found = np.zeros(256, dtype=bool)
    found[[Tissue[row["tissue"]] for row in read_rows("tissues.csv") if row["medium"] == medium]] = True
    found.setflags(write=False)
    return found


def code(compartment: Compartment) -> int:
    """Index of a compartment in `COMPARTMENTS`."""
    return COMPARTMENTS.index(compartment)


def _column(name: str) -> NDArray[np.float64]:
    column = np.zeros(256)
    for row in read_rows("tissues.csv"):
        column[Tissue[row["tissue"]]] = float(row[name])
    column.setflags(write=False)
    return column


def _codes() -> NDArray[np.uint8]:
    codes = np.full(256, code(Compartment.OUTSIDE), dtype=np.uint8)
    for row in read_rows("tissues.csv"):
        codes[Tissue[row["tissue"]]] = code(Compartment(row["compartment"]))
    codes.setflags(write=False)
    return codes
