"""From the procedure's state to the room: what the engine's process tells the page, in plain values that go through a pipe."""

from typing import Any

import numpy as np

from scenarios.names.enums import Posture
from simulator.geometry.targets import Target
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.room import vtkjs_export
from simulator.viewer.room.cameras import cameras
from simulator.viewer.room.mesh_catalogue import RoomModel, drape_window, room_model
from simulator.viewer.room.mesh_placement import Placement, room_placements
from simulator.viewer.room.meshes import carm


def built(state: ProcedureState, *, inside: bool = False, found: Target | None = None) -> tuple[RoomModel, dict[str, dict[str, Any]]]:
    """A case's room, and its meshes as they go to the page once.

    Parameters
    ----------
    state : ProcedureState
        At its beginning.
    inside : bool
        Whether the mode shows what lies under the skin; without it no anatomy is in the answer.
    found : Target, optional
        The case's target, with `inside`.
    """
    model = room_model(state.case, state.room, inside=inside, found=found)
    return model, {name: vtkjs_export.plain(mesh) for name, mesh in model.meshes.items()}


def placed(state: ProcedureState, model: RoomModel, *, inside: bool = False) -> dict[str, Placement]:
    """Where everything that can move stands now.

    Parameters
    ----------
    state : ProcedureState
    model : RoomModel
        Of its case.
    inside : bool
        Whether what lies under the skin may be shown, the needle's tip among it.
    """
    return room_placements(
        state.room,
        state.needle,
        state.tray,
        floor_mm=model.lie.floor_mm,
        draped=state.chart.draped,
        inside=inside,
        pillow=state.chart.posture is Posture.PRONE_PILLOW,
    )


def beam_shape(state: ProcedureState) -> dict[str, Any]:
    """The beam's mesh for the page, as field and leaves have it now; to be sent again when they change."""
    return vtkjs_export.plain(carm.beam(state.room.pose.carm(2), state.room.collimator))


def views(state: ProcedureState, model: RoomModel) -> dict[str, dict[str, object]]:
    """The cameras' places for the page: about the isocentre, and about the needle's entry, the mark, or the window of the drape."""
    side = state.room.operator.side
    return {name: camera.plain() for name, camera in cameras(np.array(state.room.pose.isocentre), _entry(state, model), side).items()}


def _entry(state: ProcedureState, model: RoomModel) -> np.ndarray:
    if state.needle is not None:
        return state.needle.entry
    if state.room.mark is not None:
        return np.array(state.room.mark)
    x, z = drape_window(state.case)
    return np.array([x, model.lie.at(z)[1], z])
