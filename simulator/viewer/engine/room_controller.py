"""The room's side of the engine: its meshes once, where everything stands as it moves, and what a click in it means."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

from simulator.geometry.targets import NeedleTarget
from simulator.observation import OperatingRoom, see_operating_room
from simulator.observation.operating_room import see_skin
from simulator.observation.truth.anatomy import read_anatomy
from simulator.observation.truth.needle import shaft_axis
from simulator.procedure.actions.actions import MarkSkin
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.messages import MovesNotice, RoomClick, RoomNotice
from simulator.viewer.room import scene
from simulator.viewer.room.mesh_catalogue import RoomModel
from simulator.viewer.room.mesh_placement import Placement
from simulator.viewer.room.picking import camera_of, find_first_hit, ray

Plain = dict[str, Any]

LEAST_S, MOST_S = 0.1, 1.0  # between two moves
DRAWS = 5.0  # a move comes at most once in so many times what the browser takes to draw: X-ray frames go before
SLOW_S = 0.5  # from here on a browser draws without a graphics card, a quarter of a second for every move
WATCHED = 10.0  # so many times longer waits such a browser while the beam is on and eyes are on the monitor
SKIN = frozenset({"trunk", "skin"})


@dataclass(kw_only=True)
class RoomSide:
    """The room of one attempt, and what the page has been told of it.

    Attributes
    ----------
    inside : bool
        Whether the mode shows what lies under the skin.
    least_s : float
        Between two moves, s.
    """

    inside: bool = False
    least_s: float = LEAST_S
    _model: RoomModel | None = None
    _told: Plain = field(default_factory=dict)
    _told_s: float = -inf
    _beam: object = None
    _cameras: object = None

    def begin(self, state: ProcedureState, found: NeedleTarget | None) -> RoomNotice:
        """Everything that the page needs once.

        Parameters
        ----------
        state : ProcedureState
        found : NeedleTarget or None
            The case's, where the mode shows it.
        """
        anatomy = read_anatomy(state.case) if self.inside else ()
        self._model, meshes = scene.build(see_operating_room(state), see_skin(state.case), anatomy=anatomy, found=found)
        self._told, self._told_s, self._beam, self._cameras = {}, -inf, None, None
        return RoomNotice(meshes=meshes, see_through=self.inside)

    def pace(self, draw_s: float) -> None:
        """Heed how long the browser took to draw lately, s."""
        self.least_s = min(MOST_S, max(LEAST_S, DRAWS * draw_s))

    def collect_news(self, state: ProcedureState, now_s: float) -> Iterator[MovesNotice]:
        """What has moved, at most ten times a second, and less often where the browser draws slowly."""
        if self._model is None or now_s - self._told_s < self._between_s(state):
            return
        seen = see_operating_room(state)
        placed = {name: item.plain() for name, item in self._placements(state, seen, self._model).items()}
        moved = {name: where for name, where in placed.items() if self._told.get(name) != where}
        found: Plain = {}
        shape = (seen.pose.field_mm, seen.collimator)
        if shape != self._beam:
            found["beam"], self._beam = scene.beam_shape(seen), shape
        about = (seen.pose.isocentre, seen.mark, None if seen.needle is None else tuple(seen.needle.entry))
        if about != self._cameras:
            found["cameras"], self._cameras = scene.views(seen, self._model), about
        if moved or found:
            self._told, self._told_s = placed, now_s
            yield MovesNotice(placements=moved, **found)

    def _between_s(self, state: ProcedureState) -> float:
        return self.least_s * (WATCHED if state.room.pedal and self.least_s >= SLOW_S else 1.0)

    def _placements(self, state: ProcedureState, seen: OperatingRoom, model: RoomModel) -> dict[str, Placement]:
        """Where everything stands, the shaft under the skin only where the mode shows it."""
        return scene.place(seen, model, inside=self.inside, shaft=shaft_axis(state) if self.inside else None)

    def wait_s(self, now_s: float) -> float:
        """In how long a move that came too soon after the one before may be told, s."""
        return max(0.0, self._told_s + LEAST_S - now_s) if now_s - self._told_s < LEAST_S else 60.0

    def mark_clicked(self, state: ProcedureState, click: RoomClick) -> MarkSkin | None:
        """The mark that a click on the skin asks for; None where it met something else.

        Parameters
        ----------
        state : ProcedureState
        click : RoomClick
        """
        if self._model is None:
            return None
        eye = camera_of(click.camera)
        towards = ray(eye, click.across, click.down, click.aspect)
        placed = self._placements(state, see_operating_room(state), self._model)
        met = find_first_hit(eye.position, towards, self._model.meshes, placed)
        if met is None or met[0] not in SKIN:
            return None
        left, dorsal, cranial = (round(float(value), 1) for value in met[1])
        return MarkSkin(at=(left, dorsal, cranial))
