"""What every tissue does to a needle: one row of ``data/layers.csv`` each, with tag and source (FACTS.md 4.2).

Nearly all of it is recalled, unverified: tunable parameters, not evidence. A row's `rule` says how the tip gets through:

open
    Nothing resists.
soft
    The force rises with a1 d + a2 d2 to a plateau; nothing gives way.
layer
    The force rises to a peak, the tissue gives way, and the tip goes on cutting at a share of the peak.
membrane
    As a layer, but it is pushed ahead of the tip (it tents) until it gives way; so long the tip is in what lies in front of it.
bone
    The needle stops.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import numpy as np

from phantoms.terms.tissues import IN_SAC, Tissue
from scenarios.names.needles import Bevel
from simulator.needle.needle_spec import NeedleKit

SHARPNESS = {Bevel.TUOHY: 1.0, Bevel.QUINCKE: 0.8, Bevel.WHITACRE: 1.3}  # peak force, Tuohy 1; recalled, unverified
PEAK_OUTER_MM = (0.413, 0.515, 0.718, 0.908, 1.270, 1.473, 1.651)  # 27, 25, 22, 20, 18, 17 and 16 G
FRICTION_OUTER_MM = 1.270  # the table's friction is an 18 G shaft's; it goes with the circumference

BONE = frozenset((Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE, Tissue.ENDPLATE))
NERVE = frozenset((Tissue.CORD, Tissue.CAUDA_EQUINA, Tissue.NERVE_ROOT, Tissue.DORSAL_ROOT_GANGLION))
VESSEL = frozenset((Tissue.EPIDURAL_VEIN, Tissue.RADICULAR_ARTERY))
DISC = frozenset((Tissue.ANNULUS, Tissue.NUCLEUS))
INSIDE_DURA = IN_SAC | {Tissue.DURA}
UNDER_SKIN = frozenset((Tissue.AIR, Tissue.SKIN, Tissue.SUBCUTANEOUS_FAT))


class Rule(StrEnum):
    """How the tip gets through a tissue."""

    OPEN = "open"
    SOFT = "soft"
    LAYER = "layer"
    MEMBRANE = "membrane"
    BONE = "bone"


@dataclass(frozen=True, kw_only=True, slots=True)
class TissueMechanics:
    """One tissue's mechanics.

    Attributes
    ----------
    rule : Rule
        How the tip gets through.
    a1_n_per_mm, a2_n_per_mm2 : float
        Tip force over depth d in the layer: a1 d + a2 d2.
    peak_18g_n, peak_20g_n, peak_22g_n, peak_25g_n : float
        Force at which it gives way, or plateau of a soft tissue: Tuohy 17-18 and 20 G, Quincke 22 and 25 G, N.
    cut_ratio : float
        Force of cutting on over peak.
    rise_n_per_mm : float
        By which the peak grows with depth in the layer.
    friction_n_per_mm : float
        Along an 18 G shaft.
    loss_kpa : float
        Pressure that a loss-of-resistance syringe holds with the opening in it.
    steer : float
        Curvature of a bevelled needle over that in gelatine.
    grip_n_per_mm2 : float
        Sideways stiffness per mm of shaft.
    """

    rule: Rule
    a1_n_per_mm: float
    a2_n_per_mm2: float
    peak_18g_n: float
    peak_20g_n: float
    peak_22g_n: float
    peak_25g_n: float
    cut_ratio: float
    rise_n_per_mm: float
    friction_n_per_mm: float
    loss_kpa: float
    steer: float
    grip_n_per_mm2: float

    @property
    def gives_way(self) -> bool:
        """Whether there is a puncture to feel."""
        return self.rule in (Rule.LAYER, Rule.MEMBRANE)


@cache
def rows() -> tuple[Mapping[str, str], ...]:
    """Rows of the table as they stand in the file, with tag and source."""
    text = files("simulator.needle").joinpath("data/layers.csv").read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


@cache
def layers() -> Mapping[Tissue, TissueMechanics]:
    """Mechanics of every tissue."""
    return MappingProxyType({Tissue[row["tissue"]]: _layer(row) for row in rows()})


@cache
def peak_n(tissue: Tissue, kit: NeedleKit) -> float:
    """Force at which a tissue gives way to a needle, or a soft tissue's plateau, N.

    Between the gauges of the table by outer diameter, linearly; 16 and 27 G by the diameter's ratio. A Quincke tip counts 0.8 and a
    Whitacre 1.3 of a Tuohy (recalled, unverified).

    Parameters
    ----------
    tissue : Tissue
        What resists.
    kit : NeedleKit
        The needle.
    """
    layer, quincke = layers()[tissue], SHARPNESS[Bevel.QUINCKE]
    thin, thick = layer.peak_25g_n / quincke, layer.peak_18g_n
    blunt = (thin * 0.413 / 0.515, thin, layer.peak_22g_n / quincke, layer.peak_20g_n, thick, thick, thick * 1.651 / 1.473)
    return float(np.interp(kit.outer_mm, PEAK_OUTER_MM, blunt)) * SHARPNESS[kit.bevel]


def _layer(row: Mapping[str, str]) -> TissueMechanics:
    numbers = {field.name: float(row[field.name]) for field in fields(TissueMechanics) if field.name != "rule"}
    return TissueMechanics(rule=Rule(row["rule"]), **numbers)
