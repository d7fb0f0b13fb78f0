"""The operating room as a person in it sees it: C-arm, table, drape, what is outside of a needle, what is on its hub.

Nothing here tells where a needle goes under the skin: see `simulator.observation.truth`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.surface import Surface
from scenarios.names.enums import Attachment, Posture
from simulator.geometry.approaches import APPROACHES
from simulator.needle import NeedleState
from simulator.procedure.state.carm_state import Pose
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from simulator.xray.physics.collimator import Collimator

Floats = NDArray[np.float64]
Point = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class NeedleOutside:
    """What of a needle stands out of the skin.

    Attributes
    ----------
    hub, entry : ndarray, shape (3,)
        Foot of the hub, and where the shaft goes in, world frame, mm.
    outward : ndarray, shape (3,)
        From the skin along the hub's axis, unit vector.
    notch : ndarray, shape (3,)
        Where the hub's notch points, unit vector.
    outside_mm, outer_mm : float
        Length of shaft outside the skin, and its diameter, mm.
    stylet : bool
        Whether it is in.
    """

    hub: Floats
    entry: Floats
    outward: Floats
    notch: Floats
    outside_mm: float
    outer_mm: float
    stylet: bool


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OperatingRoom:
    """Everything in the room that moves, or comes and goes.

    Attributes
    ----------
    pose : Pose
        Where C-arm and table stand.
    collimator : Collimator
        Leaves.
    beam_on : bool
        Whether the pedal is down.
    side : float
        +1 where the operator stands at the patient's left, -1 at the right.
    mark : (float, float, float) or None
        The mark on the skin, world frame, mm.
    window : (float, float)
        Middle of the drape's window, x and z, world frame, mm.
    draped, pillow : bool
        Whether the sterile drape lies on the patient, and a pillow under the abdomen.
    needle : NeedleOutside or None
        In hand.
    attached : Attachment
        On its hub.
    held_ml : float
        What the syringe holds, mL.
    tubing : bool
        Whether tubing is between hub and syringe.
    """

    pose: Pose
    collimator: Collimator
    beam_on: bool
    side: float
    mark: Point | None
    window: tuple[float, float]
    draped: bool
    pillow: bool
    needle: NeedleOutside | None
    attached: Attachment
    held_ml: float
    tubing: bool


def see_operating_room(state: ProcedureState) -> OperatingRoom:
    """See the room as it stands now.

    Parameters
    ----------
    state : ProcedureState
    """
    room, tray = state.room, state.tray
    return OperatingRoom(
        pose=room.pose,
        collimator=room.collimator,
        beam_on=room.pedal,
        side=room.operator.side,
        mark=room.mark,
        window=drape_window(state.case),
        draped=state.chart.draped,
        pillow=state.chart.posture is Posture.PRONE_PILLOW,
        needle=None if state.needle is None else see_needle(state.needle),
        attached=tray.attached,
        held_ml=tray.left_ml,
        tubing=tray.tubing_ml is not None,
    )


def see_needle(held: NeedleState) -> NeedleOutside:
    """See what stands out of the skin.

    Parameters
    ----------
    held : NeedleState
        On or in the body.
    """
    return NeedleOutside(
        hub=held.hub,
        entry=held.entry,
        outward=-held.hub_direction,
        notch=held.notch,
        outside_mm=held.outside_mm,
        outer_mm=held.kit.outer_mm,
        stylet=held.stylet_in,
    )


def see_skin(case: Case) -> Surface:
    """See the patient's skin; its surfaces are built, or read from the cache.

    Parameters
    ----------
    case : Case

    Raises
    ------
    ValueError
        If there is not just one surface that lies in air.
    """
    return outermost(case.patient.surfaces())


def outermost(surfaces: Sequence[Surface]) -> Surface:
    """The surface that lies in air: the skin.

    Parameters
    ----------
    surfaces : sequence of Surface
        Of a patient.

    Raises
    ------
    ValueError
        If there is not just one.
    """
    found = [surface for surface in surfaces if surface.parent is None]
    if len(found) != 1:
        raise ValueError(f"the room needs one skin, a surface that lies in air; got {len(found)}")
    return found[0]


def drape_window(case: Case) -> tuple[float, float]:
    """Middle of the drape's window, x and z, mm: over the midline of the level that is treated, or over the sacral hiatus.

    Wide enough not to tell where the needle should enter.
    """
    task, marks = case.scenario.task, case.patient.landmarks
    return 0.0, float(APPROACHES[task.approach].drape(marks, task.level)[2])
