"""Opens the room alone, for looking at it: ``python tests/simulator/viewer/room/demo.py --port 8099``. Not part of the product."""
# ruff: noqa: T201

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

from trame.app import get_server  # noqa: E402
from trame.ui.vuetify3 import VAppLayout  # noqa: E402
from trame.widgets import html, vuetify3  # noqa: E402

from scenarios.loader import read  # noqa: E402
from scenarios.names.enums import Attachment  # noqa: E402
from scenarios.names.needles import Bevel  # noqa: E402
from simulator.needle import NeedleKit, advance, place  # noqa: E402
from simulator.observation.operating_room import see_operating_room, see_skin  # noqa: E402
from simulator.observation.truth.anatomy import read_anatomy  # noqa: E402
from simulator.observation.truth.needle import shaft_axis  # noqa: E402
from simulator.procedure.state.case import case_of  # noqa: E402
from simulator.procedure.state.case_target import find_case_target  # noqa: E402
from simulator.procedure.state.state import ProcedureState  # noqa: E402
from simulator.viewer.room import scene, view  # noqa: E402
from simulator.viewer.room.meshes.mesh import count_triangles  # noqa: E402


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8099)
    options.add_argument("--case", default="lumbar-interlaminar-l4-l5")
    options.add_argument("--inside", action="store_true")
    said = options.parse_args()
    case = case_of(read(said.case).value if hasattr(read(said.case), "value") else read(said.case))
    found = find_case_target(case)
    began = time.perf_counter()
    state = ProcedureState(case=case, seed=1)
    model, meshes = scene.build(see_operating_room(state), see_skin(case), anatomy=read_anatomy(case) if said.inside else (), found=found)
    print(
        "built",
        round(time.perf_counter() - began, 2),
        "s;",
        count_triangles(list(model.meshes.values())),
        "triangles;",
        round(sum(len(str(m)) for m in meshes.values()) / 1e3),
        "kB",
    )
    for name, mesh in model.meshes.items():
        print(f"  {name:14s} {len(mesh.faces):6d}")

    def placed(now: ProcedureState) -> dict:
        return scene.place(see_operating_room(now), model, inside=said.inside, shaft=shaft_axis(now) if said.inside else None)

    server = get_server("room-demo", client_type="vue3")
    page = server.state

    def clicked(camera, across, down, aspect):
        from simulator.viewer.room.picking import camera_of, find_first_hit, ray

        eye = camera_of(camera)
        met = find_first_hit(eye.position, ray(eye, across, down, aspect), model.meshes, placed(page_state[0]))
        page.met = str(met)

    page_state = [state]

    def show(**_):
        now = state
        room = replace(
            now.room, pose=replace(now.room.pose, oblique_deg=float(page.oblique), tilt_deg=float(page.tilt), swivel_deg=float(page.swivel))
        )
        if page.beam:
            room = replace(room, next_pulse_s=0.0)
        tray, held = now.tray, None
        if page.needle:
            kit = NeedleKit(bevel=Bevel.TUOHY, gauge=18, length_mm=89.0)
            held = place(kit, found.course.entry, found.point - found.course.entry)
            if page.depth > 0:
                held = advance(held, float(page.depth), case.tissue).state
            from simulator.procedure.state.syringe import LOR_AGENT, Tray

            what = Attachment(page.attached)
            contents = ((LOR_AGENT.get(what, "saline"), float(page.ml)),) if what is not Attachment.NOTHING else ()
            held = replace(held, stylet_in=what is Attachment.NOTHING)
            tray = Tray(
                stylet=held.stylet_in,
                attached=what,
                syringe_ml=contents,
                tubing_ml=() if what is Attachment.SYRINGE and page.tubed else None,
            )
        now = replace(now, room=room, tray=tray, needle=held, chart=replace(now.chart, draped=bool(page.draped)))
        page_state[0] = now
        page.room_cameras = scene.views(see_operating_room(now), model)
        t = time.perf_counter()
        page.moved = view.update(page, {name: item.plain() for name, item in placed(now).items()})
        page.ms = round(1e3 * (time.perf_counter() - t), 2)

    page.update(
        {
            "oblique": 0,
            "tilt": 0,
            "swivel": 0,
            "beam": False,
            "needle": True,
            "depth": 20,
            "draped": True,
            "attached": "nothing",
            "ml": 5,
            "met": "",
            "moved": 0,
            "tubed": True,
            "ms": 0,
        }
    )
    with VAppLayout(server, theme="dark"), html.Div(style="height:100vh;background:#12161b;display:flex;flex-direction:column"):
        with html.Div(style="flex:1;position:relative"):
            view.add_room_view(server, clicked)
        with html.Div(style="display:flex"):
            for name, low, high in (("oblique", -90, 90), ("tilt", -40, 40), ("swivel", -30, 30), ("depth", 0, 80), ("ml", 0, 10)):
                vuetify3.VSlider(v_model=(name,), min=low, max=high, step=1, label=name, hide_details=True, classes=f"sl-{name}")
            for name in ("beam", "needle", "draped"):
                vuetify3.VCheckbox(v_model=(name,), label=name, hide_details=True)
            html.Span("{{met}} {{moved}} {{ms}}", id="met")
    view.load(page, meshes, see_through=said.inside)
    show()
    page.change("oblique", "tilt", "swivel", "beam", "needle", "depth", "draped", "attached", "ml")(show)
    server.start(port=said.port, open_browser=False, timeout=0)


if __name__ == "__main__":
    main()
