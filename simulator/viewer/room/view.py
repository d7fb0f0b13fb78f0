"""The room on the page: a vtk.js scene in the browser, fed by trame; meshes go over once, then only where they stand.

State of the page: ``room_mesh_<name>``, ``room_at_<name>`` and ``room_look_<name>`` for every mesh, ``room_clear_<name>`` for those that
may be looked through; ``room_cameras``, ``room_camera``, ``room_inside`` (whether that is allowed) and ``room_see`` (whether it is done).
Nothing here touches VTK in Python: vtk.js takes the arrays as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from trame.widgets import client, html
from trame.widgets import vtk as vtkw

from simulator.viewer.room.camera_presets import PRESETS
from simulator.viewer.room.meshes.materials import SEE_THROUGH, look_of
from simulator.viewer.room.meshes.mesh import mesh_of
from simulator.viewer.room.names import INSIDE, MESHES, MOVING, key
from simulator.viewer.room.vtkjs_export import to_vtkjs
from simulator.viewer.text.strings import text

State = Any  # trame's
OnClick = Callable[[Mapping[str, Any], float, float, float], None]

VIEW = "room_view"
NOTHING = to_vtkjs(mesh_of(np.zeros((3, 3)), np.array([[0, 1, 2]])))
"""In the place of a mesh that the case lacks, or that has not come yet: where vtk.js has none to draw it complains."""
GONE = "room_gone"  # where anatomy stands while nothing is seen through
EMPTY: dict[str, Any] = {"room_cameras": {}, "room_camera": "operator", "room_inside": False, "room_see": True}
BACKGROUND = [18 / 255, 22 / 255, 27 / 255]
STILL_PX = 5.0  # a pointer that moved farther between down and up has turned the camera rather than clicked
STYLE = """
.room-view { position: absolute; inset: 0; background: #12161b; }
.room-none { position: absolute; inset: 0; display: grid; place-items: center; padding: 16px; color: #e6edf3; text-align: center; }
.room-cameras { position: absolute; left: 6px; right: 6px; bottom: 6px; display: flex; gap: 4px; flex-wrap: wrap; pointer-events: none; }
.room-cameras .key { padding: 3px 8px; font-size: 12px; min-height: 26px; pointer-events: auto; }
"""
WEBGL = "(window.roomWebgl ??= !!window.document.createElement('canvas').getContext('webgl2'))"
CLICKED = (
    "[trame.refs.room_view.getCamera(), [$event.clientX, $event.clientY], $event.currentTarget.dataset.down,"
    " $event.currentTarget.getBoundingClientRect().toJSON()]"
)


def add_room_view(server: Any, on_click: OnClick | None = None) -> None:  # noqa: ANN401 - trame's server
    """The panel: the scene, buttons for the camera, and words where the browser cannot draw in 3D. To be called in a layout.

    Parameters
    ----------
    server : trame server
    on_click : callable, optional
        Called with the browser's camera, the click's place across and down the picture (0 to 1) and the picture's width over its height.
    """
    server.state.update({**EMPTY, GONE: {"visibility": False}})
    server.state.update({key("clear", name): look_of(name, see_through=True).plain() for name in SEE_THROUGH})
    for name in MESHES:
        server.state.update({key("look", name): look_of(name).plain()})
    clear(server.state)
    client.Style(STYLE)
    stop = [
        "@keypress.capture.stop",
        "@mouseenter.capture.stop",
        "@pointerdown.capture=\"$event.currentTarget.dataset.down = $event.clientX + ' ' + $event.clientY\"",
    ]
    with html.Div(classes="room-view", raw_attrs=['data-testid="room-view"', *stop], click=(_make_click_handler(on_click), CLICKED)):
        with (
            html.Div(v_if=(WEBGL,), style="position:absolute;inset:0"),
            vtkw.VtkView(
                ref=VIEW,
                background=(str(BACKGROUND),),
                interactor_events=("[]",),
                interactor_settings=(_manners(),),
                picking_modes=("[]",),
                raw_attrs=[f'@resetCamera="{_again()}"'],
            ),
        ):
            for name in MESHES:
                _add_actor(name)
        html.Div(text("room.no_webgl"), v_if=(f"!{WEBGL}",), classes="room-none", raw_attrs=['data-testid="room-none"', 'role="status"'])
    _add_buttons()


def clear(state: State) -> None:
    """Show nothing, and know of no camera: as before the first case."""
    state.update(EMPTY)
    for name in MESHES:
        state.update({key("mesh", name): NOTHING, key("at", name): {"visibility": False}})


def load(state: State, meshes: Mapping[str, dict[str, Any]], *, see_through: bool) -> None:
    """Show a case's meshes, in the plain form of `sending.plain`, from the operator's place; those that it lacks are emptied.

    Parameters
    ----------
    state : trame state
    meshes : mapping of str to dict
        By name. What can move stays hidden until `update` says where it stands.
    see_through : bool
        Whether the trainee may look through skin and drape: there is then a button for it.
    """
    state.update({"room_inside": see_through, "room_camera": EMPTY["room_camera"], "room_see": True})
    for name in MESHES:
        state[key("mesh", name)] = meshes.get(name, NOTHING)
        state[key("at", name)] = {"visibility": name in meshes and name not in MOVING}


def show(state: State, name: str, mesh: Mapping[str, Any] | None) -> None:
    """Show one mesh that stands still, in the plain form of `sending.plain`, in the place of what had its name."""
    state[key("mesh", name)] = mesh or NOTHING
    state[key("at", name)] = {"visibility": mesh is not None}


def update(state: State, placements: Mapping[str, Mapping[str, Any]]) -> int:
    """Move what has moved; returns how many meshes that were.

    Parameters
    ----------
    state : trame state
    placements : mapping of str to dict
        In the plain form of `Placement.plain`.
    """
    news = {key("at", name): dict(placed) for name, placed in placements.items() if name in MESHES and state[key("at", name)] != placed}
    state.update(news)
    return len(news)


def click_of(down: str, at: Iterable[float], box: Mapping[str, float]) -> tuple[float, float, float] | None:
    """Where a click lies on the picture, across and down, 0 to 1, and the picture's width over its height; None for the end of a drag.

    Parameters
    ----------
    down : str
        Where the pointer went down: x and y, pixels, with a space between.
    at : iterable of float
        Where it came up, x and y, pixels.
    box : mapping
        The picture's left, top, width and height, pixels.
    """
    x, y = (float(value) for value in at)
    try:
        from_x, from_y = (float(value) for value in str(down).split())
    except ValueError:  # the pointer went down somewhere else
        return None
    if abs(from_x - x) + abs(from_y - y) > STILL_PX:
        return None
    return (x - box["left"]) / box["width"], (y - box["top"]) / box["height"], box["width"] / box["height"]


def _make_click_handler(on_click: OnClick | None) -> Callable[..., None]:
    def handle(camera: Mapping[str, Any], at: Iterable[float], down: str, box: Mapping[str, float]) -> None:
        place = click_of(down, at, box)
        if on_click is not None and place is not None:
            on_click(camera, *place)

    return handle


def _add_actor(name: str) -> None:
    at = f"room_see ? {key('at', name)} : {GONE}" if name in INSIDE else key("at", name)
    clear = f"room_inside && room_see ? {key('clear', name)} : " if name in SEE_THROUGH else ""
    with vtkw.VtkGeometryRepresentation(
        id=name,
        actor=(at,),
        property=(clear + key("look", name),),
        mapper=("{colorByArrayName: 'colours', scalarVisibility: true}",),
    ):
        vtkw.VtkMesh(f"room_{name}", state=(key("mesh", name),))


def _again() -> str:
    """After vtk.js has set a camera of its own: ours."""
    return "room_cameras[room_camera] &amp;&amp; trame.refs.room_view?.setCamera(room_cameras[room_camera])"


def _manners() -> str:
    """Left turns, right and Shift shift, wheel and Ctrl zoom."""
    return (
        "[{button: 1, action: 'Rotate'}, {button: 2, action: 'Pan'}, {button: 3, action: 'Zoom', scrollEnabled: true},"
        " {button: 1, action: 'Pan', shift: true}, {button: 1, action: 'Zoom', control: true}]"
    )


def _add_buttons() -> None:
    with html.Div(classes="room-cameras", raw_attrs=['role="group"', f'aria-label="{text("room.cameras")}"', f'v-if="{WEBGL}"']):
        for name in PRESETS:
            html.Button(
                text(f"room.camera_{name}"),
                classes="key",
                raw_attrs=[
                    'type="button"',
                    f'data-testid="camera-{name}"',
                    f''':aria-pressed="room_camera === '{name}'"''',
                    f''':class="{{on: room_camera === '{name}'}}"''',
                    f'''@click="room_camera = '{name}'; trame.refs.room_view.setCamera(room_cameras['{name}'])"''',
                ],
            )
        html.Button(
            text("room.see_through"),
            classes="key",
            v_if=("room_inside",),
            raw_attrs=[
                'type="button"',
                'data-testid="see-through"',
                ':aria-pressed="room_see"',
                ':class="{on: room_see}"',
                '@click="room_see = !room_see"',
            ],
        )
