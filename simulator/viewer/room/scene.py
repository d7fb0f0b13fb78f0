"""From what is seen of the room to the page: what the engine's process sends, in plain values that go through a pipe."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.surface import Surface
from simulator.geometry.targets import NeedleTarget
from simulator.observation import OperatingRoom
from simulator.viewer.room import vtkjs_export
from simulator.viewer.room.camera_presets import make_cameras
from simulator.viewer.room.mesh_catalogue import RoomModel, build_room
from simulator.viewer.room.mesh_placement import Placement, room_placements
from simulator.viewer.room.meshes import carm


def build(
    seen: OperatingRoom, skin: Surface, *, anatomy: Sequence[Surface] = (), found: NeedleTarget | None = None
) -> tuple[RoomModel, dict[str, dict[str, Any]]]:
    """A case's room, and its meshes as they go to the page once.

    Parameters
    ----------
    seen : OperatingRoom
        At the attempt's beginning.
    skin : Surface
        Of the patient.
    anatomy : sequence of Surface
        What lies under the skin, where the mode shows it; without it none is in the answer.
    found : NeedleTarget, optional
        The case's target, with the anatomy.
    """
    model = build_room(seen, skin, anatomy=anatomy, found=found)
    return model, {name: vtkjs_export.to_vtkjs(mesh) for name, mesh in model.meshes.items()}


def place(seen: OperatingRoom, model: RoomModel, *, inside: bool = False, shaft: NDArray[np.float64] | None = None) -> dict[str, Placement]:
    """Where everything that can move stands now.

    Parameters
    ----------
    seen : OperatingRoom
    model : RoomModel
        Of its case.
    inside : bool
        Whether what lies under the skin may be shown.
    shaft : ndarray, shape (n, 3), optional
        The needle's course from hub to tip, world frame, mm, where it may be shown.
    """
    return room_placements(seen, floor_mm=model.lie.floor_mm, inside=inside, shaft=shaft)


def beam_shape(seen: OperatingRoom) -> dict[str, Any]:
    """The beam's mesh for the page, as field and leaves have it now; to be sent again when they change."""
    return vtkjs_export.to_vtkjs(carm.beam(seen.pose.carm(2), seen.collimator))


def views(seen: OperatingRoom, model: RoomModel) -> dict[str, dict[str, object]]:
    """The cameras' places for the page: about the isocentre, and about the needle's entry, the mark, or the window of the drape."""
    return {name: camera.plain() for name, camera in make_cameras(np.array(seen.pose.isocentre), _entry(seen, model), seen.side).items()}


def _entry(seen: OperatingRoom, model: RoomModel) -> NDArray[np.float64]:
    if seen.needle is not None:
        return seen.needle.entry
    if seen.mark is not None:
        return np.array(seen.mark)
    x, z = seen.window
    return np.array([x, model.lie.at(z)[1], z])
