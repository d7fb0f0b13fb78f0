"""All meshes of the room for one case, by name; made once, then only moved."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from phantoms.terms.surface import Surface
from simulator.geometry.carm import DEFAULT_FIELD_MM
from simulator.geometry.targets import NeedleTarget
from simulator.observation import OperatingRoom
from simulator.viewer.room.mesh_placement import FROM_HUB_MM
from simulator.viewer.room.meshes import carm, hands, suite, table
from simulator.viewer.room.meshes import inside as meshes_inside
from simulator.viewer.room.meshes.body import body
from simulator.viewer.room.meshes.hands import LOR_MM, SYRINGE_MM
from simulator.viewer.room.meshes.mesh import ColouredMesh, join
from simulator.viewer.room.meshes.patient_outline import PatientOutline, lie_of
from simulator.viewer.room.names import SHAFT_NAMES


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class RoomModel:
    """A case's room.

    Attributes
    ----------
    meshes : dict of str to ColouredMesh
        By name; those of the body, the table and the suite in the world frame, the others in their own.
    lie : PatientOutline
        How the patient lies.
    """

    meshes: dict[str, ColouredMesh]
    lie: PatientOutline


def build_room(seen: OperatingRoom, skin: Surface, *, anatomy: Sequence[Surface] = (), found: NeedleTarget | None = None) -> RoomModel:
    """Build the room.

    Parameters
    ----------
    seen : OperatingRoom
        Distances of the C-arm, leaves, the drape's window, and the operator's side.
    skin : Surface
        Of the patient.
    anatomy : sequence of Surface
        What lies under the skin, where it may be shown: only then is it in the answer.
    found : NeedleTarget, optional
        The case's target, shown with its corridor where there is anatomy.
    """
    lie, side = lie_of(skin), seen.side
    made = body(skin, lie) | table.table(lie) | _suite(lie, side) | _carm(seen) | _make_held()
    made["drape"] = table.drape(lie, np.array(seen.window))
    if anatomy:
        made |= meshes_inside.inside(anatomy)
        made |= {} if found is None else meshes_inside.target(found.point, found.course.entry)
    return RoomModel(meshes=made, lie=lie)


def _suite(lie: PatientOutline, side: float) -> dict[str, ColouredMesh]:
    return {"floor": suite.floor(lie), "suite": join(suite.monitors(lie, side), table.tray(lie, side))}


def _carm(seen: OperatingRoom) -> dict[str, ColouredMesh]:
    pose, side = seen.pose, seen.side
    return {
        "carm": carm.gantry(pose.sid_mm, pose.sod_mm, DEFAULT_FIELD_MM, side),
        "holder": carm.holder(pose.sid_mm, side),
        "column": carm.column(pose.sid_mm, side),
        "base": carm.base(pose.sid_mm, side),
        "beam": carm.beam(pose.carm(2), seen.collimator),
    }


def _make_held() -> dict[str, ColouredMesh]:
    right, left = hands.hands()
    length, radius = LOR_MM
    long, wide = SYRINGE_MM
    return {
        **dict.fromkeys(SHAFT_NAMES, hands.shaft()),
        "hub": hands.hub(),
        "stylet": hands.stylet(),
        "lor": hands.syringe(length, radius, FROM_HUB_MM),
        "lor-plunger": hands.plunger(length, radius, FROM_HUB_MM),
        "syringe": hands.syringe(long, wide, FROM_HUB_MM),
        "plunger": hands.plunger(long, wide, FROM_HUB_MM),
        "tubing": hands.tubing(FROM_HUB_MM),
        "right-hand": right,
        "left-hand": left,
        "mark": hands.marker(),
    }
