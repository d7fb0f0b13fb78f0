"""Drive a level's constants by its morphometry: each length moves the parts that carry it, and the rest follows as bone does."""

from dataclasses import replace
from math import radians

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.vertebra.vertebra_body import Endplate, VertebralBody
from phantoms.bones.vertebra.vertebra_constants import BoneConstants
from phantoms.shapes.swept import Swept
from phantoms.terms.parameters import VertebraParameters

Array = NDArray[np.float64]

FACET_TURNS = {"superior_articular": -1.0, "inferior_articular": 1.0}  # their chords run up and down: the roll's sign differs
FOLLOWS_CANAL_DEPTH = {
    "superior_articular": 0.7,
    "inferior_articular": 1.0,
    "lamina": 1.0,
    "transverse": 0.5,
    "mammillary": 0.7,
    "accessory": 0.5,
}
SPINOUS_HEIGHT_GAIN, PEDICLE_WIDTH_GAIN = 1.35, 1.15  # fillets with the neighbours take up the rest; found by measuring


def posterior_wall_mm(constants: BoneConstants) -> float:
    """The y of the body's posterior wall at its waist in the midline, mm."""
    return float(constants.body.waist.sum() * constants.body.scale[:, 1].mean())


def morph(constants: BoneConstants, default: VertebraParameters, wanted: VertebraParameters) -> BoneConstants:
    """Constants of a bone with the wanted morphometry.

    Parameters
    ----------
    constants : BoneConstants
        Of the level at its default morphometry.
    default, wanted : VertebraParameters
        What `constants` measure, and what the result shall measure; equal ones change nothing.

    Returns
    -------
    BoneConstants
    """
    body = _morph_body(constants.body, default, wanted)
    parts = {name: _morph_height(part, default, wanted, name) for name, part in constants.parts.items()}
    wall = posterior_wall_mm(constants)
    back = float(body.waist.sum() * body.scale[:, 1].mean()) - wall
    parts = {name: _shift_part(part, name, back, default, wanted) for name, part in parts.items()}
    parts["pedicle"] = _morph_pedicle(parts["pedicle"], default, wanted)
    parts["spinous"] = _morph_spinous(constants.parts["spinous"], parts["spinous"], wall, back, default, wanted)
    turn = radians(wanted.facet_angle_deg - default.facet_angle_deg)
    for name, sign in FACET_TURNS.items():
        parts[name] = replace(parts[name], roll=parts[name].roll + sign * turn)
    return replace(constants, body=body, parts=parts)


def _morph_body(body: VertebralBody, default: VertebraParameters, wanted: VertebraParameters) -> VertebralBody:
    change = np.array(
        [
            [wanted.upper_width_mm / default.upper_width_mm, wanted.upper_depth_mm / default.upper_depth_mm],
            [wanted.lower_width_mm / default.lower_width_mm, wanted.lower_depth_mm / default.lower_depth_mm],
        ]
    )
    scale = body.scale * change
    front = (wanted.anterior_height_mm - default.anterior_height_mm) / 2
    rear = (wanted.posterior_height_mm - default.posterior_height_mm) / 2
    reach = default.upper_depth_mm / 2 - 2.5  # where the heights are measured, either side of the centre
    lift, tilt = (front + rear) / 2, (rear - front) / (2 * reach)
    upper = _scale_plate(body.upper_endplate, change[0])
    lower = _scale_plate(body.lower_endplate, change[1])
    return replace(
        body,
        scale=scale,
        upper_endplate=replace(upper, height_mm=upper.height_mm + lift, y=upper.y + tilt),
        lower_endplate=replace(lower, height_mm=lower.height_mm - lift, y=lower.y - tilt),
    )


def _scale_plate(plate: Endplate, scale: Array) -> Endplate:
    """The same relief on an endplate wider and deeper by `scale`, shape (2,), its height growing in proportion."""
    sx, sy = scale
    return replace(
        plate,
        yy=plate.yy / sy,
        yyy=plate.yyy / sy**2,
        yyyy=plate.yyyy / sy**3,
        xx=plate.xx / sx,
        xxy=plate.xxy / (sx * sy),
        xxyy=plate.xxyy / (sx * sy**2),
    )


def _morph_height(part: Swept, default: VertebraParameters, wanted: VertebraParameters, name: str) -> Swept:
    """Heights above the mid-plane follow the posterior body height."""
    factor = np.array([1.0, 1.0, wanted.posterior_height_mm / default.posterior_height_mm])
    height = part.height_mm
    if name == "lamina":
        height = _times(height, float(factor[2]))
    return replace(part, start=part.start * factor, end=part.end * factor, height_mm=height)


def _shift_part(part: Swept, name: str, back: float, default: VertebraParameters, wanted: VertebraParameters) -> Swept:
    """Arch parts move with the posterior wall, the canal's size and the pedicle's width; process tips with their own length."""
    canal_width = (wanted.canal_width_mm - default.canal_width_mm) / 2
    canal_depth = wanted.canal_depth_mm - default.canal_depth_mm
    outward = canal_width + (wanted.pedicle_width_mm - default.pedicle_width_mm) / 2
    tip = (wanted.transverse_width_mm - default.transverse_width_mm) / 2
    deeper = canal_depth * FOLLOWS_CANAL_DEPTH.get(name, 0.0)
    start, end = np.array([0.0, back + deeper, 0.0]), np.array([0.0, back + deeper, 0.0])
    match name:
        case "pedicle":
            start[0] = end[0] = outward
            end[1] += canal_depth / 2
        case "accessory":
            start[0] = end[0] = outward
        case "superior_articular" | "inferior_articular" | "mammillary":
            start[0] = end[0] = canal_width
        case "lamina":
            end[0] = canal_width
        case "transverse":
            start[0], end[0] = outward, tip
        case "spinous":
            start[1] += canal_depth
    return replace(part, start=part.start + start, end=part.end + end)


def _morph_pedicle(part: Swept, default: VertebraParameters, wanted: VertebraParameters) -> Swept:
    grow = PEDICLE_WIDTH_GAIN * (wanted.pedicle_width_mm - default.pedicle_width_mm) / 2
    w0, w1, middle = part.width_mm
    width = (max(w0 + grow, 1.0), max(w1 + grow, 1.0), middle)
    return replace(part, width_mm=width, height_mm=_times(part.height_mm, wanted.pedicle_height_mm / default.pedicle_height_mm))


def _morph_spinous(before: Swept, part: Swept, wall: float, back: float, default: VertebraParameters, wanted: VertebraParameters) -> Swept:
    """Tip at the wanted distance from the posterior wall, along the line it lies on by default."""
    away = part.end - np.array([0.0, wall + back, 0.0])
    reach = np.linalg.norm(before.end - np.array([0.0, wall, 0.0]))
    longer = reach + wanted.spinous_length_mm - default.spinous_length_mm
    end = np.array([0.0, wall + back, 0.0]) + away * (longer / np.linalg.norm(away))
    return replace(
        part,
        end=end,
        height_mm=_times(part.height_mm, 1.0 + SPINOUS_HEIGHT_GAIN * (wanted.spinous_height_mm / default.spinous_height_mm - 1.0)),
    )


def _times(values: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    a, b, c = values
    return a * factor, b * factor, c * factor
