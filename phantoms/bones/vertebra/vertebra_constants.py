"""The constants of each level's bone: read from the shipped table, turned into shapes.

Source: L2 to L5 fitted by `benchmarks/fit_vertebra.py` to the mean surface of 87 patients (Clouthier et al., J Biomech 146 (2023) 111421);
T11 to L1 continue L2 upwards towards the morphometry of `vertebrae.csv`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from phantoms.bones.vertebra.vertebra_body import Endplate, VertebralBody
from phantoms.shapes.swept import Swept
from phantoms.terms.levels import Level
from phantoms.terms.reference_tables import level_entries
from phantoms.terms.regions import Table

ENDPLATE_TERMS = ("height_mm", "y", "yy", "yyy", "yyyy", "xx", "xxy", "xxyy")
JOIN_ORDER = (  # the body comes last
    "superior_articular",
    "inferior_articular",
    "lamina",
    "pedicle",
    "transverse",
    "spinous",
    "mammillary",
    "accessory",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class BoneConstants:
    """Right half of one vertebra, in its own frame; the left is its mirror image.

    Attributes
    ----------
    body : VertebralBody
    parts : mapping of str to Swept
        Named as in `JOIN_ORDER`, on the left (x > 0).
    blends_mm : mapping of str to float
        Fillet with which each part (and ``"body"``) joins those before it, mm.
    """

    body: VertebralBody
    parts: Mapping[str, Swept]
    blends_mm: Mapping[str, float]


def body_from(table: Mapping[str, Any]) -> VertebralBody:
    """Vertebral body from its entry in the constants' table."""
    return VertebralBody(
        upper=np.array(table["upper"], dtype=float),
        waist=np.array(table["waist"], dtype=float),
        lower=np.array(table["lower"], dtype=float),
        waist_at_mm=table["waist_at_mm"],
        upper_endplate=Endplate(**dict(zip(ENDPLATE_TERMS, table["upper_endplate"], strict=True))),
        lower_endplate=Endplate(**dict(zip(ENDPLATE_TERMS, table["lower_endplate"], strict=True))),
        scale=np.array(table.get("scale", np.ones((2, 2))), dtype=float),
        blend_mm=table["blend_mm"],
        ring_mm=table["ring_mm"],
        lip_mm=table["lip_mm"],
        barrel=table["barrel"],
        dent_mm=table["dent_mm"],
    )


def swept_from(table: Mapping[str, Any]) -> Swept:
    """Swept part from its entry in the constants' table."""
    return Swept(
        start=np.array(table["start"], dtype=float),
        end=np.array(table["end"], dtype=float),
        reference=np.array(table["reference"], dtype=float),
        width_mm=tuple(table["width_mm"]),
        height_mm=tuple(table["height_mm"]),
        bend_mm=tuple(table["bend_mm"]),
        roll=table["roll"],
        curl_mm=table["curl_mm"],
        cap_mm=table["cap_mm"],
        power=table["power"],
        taper=table["taper"],
        face=tuple(table["face"]),
    )


def constants_table() -> Mapping[Level, Mapping[str, Any]]:
    """The shipped table, level by level."""
    return level_entries(Table.VERTEBRA_CONSTANTS)


@cache
def bone_constants(level: Level) -> BoneConstants:
    """Constants of a presacral level at its default morphometry.

    Raises
    ------
    ValueError
        If the level has no such bone.
    """
    table = constants_table()
    if level not in table:
        raise ValueError(f"bone_constants: level must be one of {', '.join(table)}, got {level}")
    entry = table[level]
    parts = {name: swept_from(entry["parts"][name]) for name in JOIN_ORDER}
    return BoneConstants(body=body_from(entry["body"]), parts=parts, blends_mm=entry["blends_mm"])
