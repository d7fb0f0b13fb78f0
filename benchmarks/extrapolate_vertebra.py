"""Continue L2's bone constants upwards to L1, T12 and T11, for which there is no reference surface.

    python benchmarks/extrapolate_vertebra.py

rewrites these three entries of phantoms/data/vertebra_constants.json: L2 brought to each level's morphometry (vertebrae.csv), with the
parts that differ in kind written by hand as an anatomist would: short tubercles in place of transverse processes on T12, a short stub
on T11; coronal thoracic facets above (T11 both, T12 the upper ones) and sagittal lumbar ones from T12's lower ones on; a spinous
process that slopes on T11; a heart-shaped body.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from phantoms.bones.vertebra.morphometry import measure
from phantoms.bones.vertebra.vertebra import VertebraShape, default_vertebra
from phantoms.bones.vertebra.vertebra_body import VertebralBody
from phantoms.bones.vertebra.vertebra_constants import ENDPLATE_TERMS, JOIN_ORDER, BoneConstants, bone_constants
from phantoms.bones.vertebra.vertebra_morph import morph
from phantoms.shapes.swept import Swept
from phantoms.terms.levels import Level

TABLE = Path(__file__).parents[1] / "phantoms" / "data" / "vertebra_constants.json"
CORONAL = 1.48  # roll that turns a facet 85 degrees from the sagittal plane
Y, Z = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])


def stub(start, end, width, height, cap_mm) -> Swept:
    return Swept(
        start=np.array(start, dtype=float), end=np.array(end, dtype=float), reference=Z, width_mm=width, height_mm=height, cap_mm=cap_mm
    )


def coronal_upper(wall: float, canal: float) -> Swept:
    """Superior articular process whose face looks back and a little outwards, as on a thoracic vertebra."""
    x = canal / 2 + 3.0
    plate = stub((x, wall + 13.0, 5.0), (x - 0.8, wall + 14.5, 13.0), (4.6, 2.8, 0.0), (6.8, 6.4, 0.3), 6.0)
    return replace(plate, reference=Y, roll=-CORONAL, power=3.0, face=(-1.0, 0.75, 0.0))


def coronal_lower(wall: float, canal: float, height: float) -> Swept:
    """Inferior articular process whose face looks forwards."""
    root, tip = (canal / 2 + 0.5, wall + 17.5, -5.0), (canal / 2 - 0.5, wall + 22.0, -0.5 * height - 7.5)
    return replace(stub(root, tip, (3.6, 3.2, 0.0), (6.2, 6.2, 0.0), 5.0), reference=Y, roll=CORONAL, power=3.0, face=(-1.0, 0.75, 0.5))


def thoracic(level: Level, constants: BoneConstants) -> BoneConstants:
    """The parts in which a level differs in kind from L2."""
    if level is Level.L1:
        return constants
    constants = replace(constants, body=flatten_endplates(constants.body))
    default = default_vertebra(level)
    wall = float(constants.body.waist.sum() * constants.body.scale[:, 1].mean())
    canal, tip = default.canal_width_mm, default.transverse_width_mm / 2
    parts = dict(constants.parts)
    parts["superior_articular"] = coronal_upper(wall, canal)
    root = canal / 2 + default.pedicle_width_mm - 2.0
    if level is Level.T12:
        parts["transverse"] = stub((root, wall + 13.5, 1.0), (tip - 4.0, wall + 16.0, 0.5), (4.5, 3.0, 0.0), (6.5, 4.5, 0.0), 4.0)
        parts["mammillary"] = stub((root + 0.5, wall + 15.0, 5.0), (root + 2.0, wall + 20.5, 8.0), (3.0, 2.4, 0.0), (3.6, 2.8, 0.0), 2.5)
        parts["accessory"] = stub((root + 1.5, wall + 14.0, -3.0), (root + 2.5, wall + 17.5, -7.0), (2.4, 1.6, 0.0), (2.8, 2.0, 0.0), 2.0)
        return replace(constants, parts=parts)
    parts["inferior_articular"] = coronal_lower(wall, canal, default.posterior_height_mm)
    parts["transverse"] = stub((root, wall + 13.0, 2.5), (tip - 4.5, wall + 19.0, 4.0), (5.0, 4.2, -0.5), (6.5, 5.2, 0.0), 4.5)
    parts["mammillary"] = stub((root, wall + 14.0, 5.0), (root + 2.0, wall + 18.5, 7.5), (2.4, 1.8, 0.0), (2.8, 2.0, 0.0), 2.0)
    parts["accessory"] = stub((root, wall + 13.0, -1.0), (root + 1.0, wall + 15.5, -3.0), (2.0, 1.4, 0.0), (2.4, 1.6, 0.0), 1.8)
    spinous = parts["spinous"]
    drop = np.array([0.0, 0.0, -8.0])
    parts["spinous"] = replace(spinous, end=spinous.end + drop)
    return replace(constants, parts=parts, body=shape_heart(constants))


def flatten_endplates(body: VertebralBody) -> VertebralBody:
    """Endplates with half of L2's relief: a thoracic body's are flatter."""
    upper, lower = (
        replace(plate, yy=plate.yy / 2, yyy=plate.yyy / 2, yyyy=plate.yyyy / 2, xx=plate.xx / 2, xxy=plate.xxy / 2, xxyy=plate.xxyy / 2)
        for plate in (body.upper_endplate, body.lower_endplate)
    )
    return replace(body, upper_endplate=upper, lower_endplate=lower)


def shape_heart(constants: BoneConstants):
    """The body with a deeper hollow behind and a keel in front."""
    keel = np.array([0.0, 0.0, 0.3, -0.8, 0.0])
    body = constants.body
    return replace(body, upper=body.upper + keel, waist=body.waist + keel, lower=body.lower + keel)


def level_constants(level: Level) -> BoneConstants:
    """Constants of one level: L2 brought to its morphometry, its own parts, then what they still measure wrong corrected."""
    wanted, second = default_vertebra(level), default_vertebra(Level.L2)
    lumbar = wanted if level is Level.L1 else replace(wanted, facet_angle_deg=second.facet_angle_deg)  # coronal facets are set by hand
    constants = thoracic(level, morph(bone_constants(Level.L2), second, lumbar))
    for _ in range(3):
        found = measure(VertebraShape(constants).outer)
        corrected = replace(found, facet_angle_deg=wanted.facet_angle_deg)
        constants = morph(constants, corrected, wanted)
    return constants


def entry_of(constants: BoneConstants):
    """Entry of the constants' table."""
    body = constants.body
    entry = {name: getattr(body, name).tolist() for name in ("upper", "waist", "lower", "scale")}
    entry |= {f"{end}_endplate": [getattr(getattr(body, f"{end}_endplate"), term) for term in ENDPLATE_TERMS] for end in ("upper", "lower")}
    entry |= {name: getattr(body, name) for name in ("waist_at_mm", "blend_mm", "ring_mm", "lip_mm", "barrel", "dent_mm")}
    parts = {name: {key: to_list(value) for key, value in vars(constants.parts[name]).items() if key in PART_KEYS} for name in JOIN_ORDER}
    return {"body": entry, "parts": parts, "blends_mm": dict(constants.blends_mm)}


PART_KEYS = tuple(Swept.__dataclass_fields__)


def to_list(value):
    return value.tolist() if isinstance(value, np.ndarray) else list(value) if isinstance(value, tuple) else value


def round_numbers(value):
    """Numbers of a nested table to four significant figures."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, list):
        return [round_numbers(item) for item in value]
    return {key: round_numbers(item) for key, item in value.items()} if isinstance(value, dict) else value


def main() -> None:
    table = json.loads(TABLE.read_text())
    for level in (Level.L1, Level.T12, Level.T11):
        table[level] = round_numbers(entry_of(level_constants(level)))
    TABLE.write_text(json.dumps({level: table[level] for level in ("T11", "T12", "L1", "L2", "L3", "L4", "L5")}, indent=1) + "\n")


if __name__ == "__main__":
    main()
