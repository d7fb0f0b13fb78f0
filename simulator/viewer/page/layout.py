"""The page's layout: which panel stands where."""

from typing import Any

from trame.ui.vuetify3 import VAppLayout
from trame.widgets import html

from simulator.viewer.page.panels.banner import add_banner, add_key_list, add_tour, make_lost_page
from simulator.viewer.page.panels.console import add_beam, add_carm
from simulator.viewer.page.panels.debrief import add_debrief, add_moments
from simulator.viewer.page.panels.monitors import add_live, add_reference
from simulator.viewer.page.panels.needling import add_hub, add_needle
from simulator.viewer.page.panels.start import start
from simulator.viewer.page.panels.steps import add_steps
from simulator.viewer.page.panels.voice import add_voice
from simulator.viewer.room.view import OnClick, add_room_view

# What Vue made for one attempt is not used again for the next: folds, places scrolled to, canvases. Siblings need keys of their own.
ATTEMPT = "attempt"


def lay_out(server: Any, clicked: OnClick) -> None:  # noqa: ANN401 - trame's
    """Make the page.

    Parameters
    ----------
    server : trame server
    clicked : callable
        Called with camera, place and aspect when the room was clicked.
    """
    server.state.trame__template_error = make_lost_page()
    with VAppLayout(server, theme="dark"), html.Div(classes="page"):
        add_banner()
        add_key_list()
        add_tour()
        start()
        with (
            html.Div(v_show="stage !== 'start'", classes="floor"),
            html.Main(classes="suite", raw_attrs=[":class=\"{after: stage === 'debrief'}\""]),
        ):
            with html.Div(classes="column left", key=f"'left' + {ATTEMPT}"):
                add_steps()
                add_reference()
            with html.Div(classes="column middle", key=f"'middle' + {ATTEMPT}"):
                add_live()
            with html.Div(classes="column right"):
                with html.Section(classes="panel room", raw_attrs=['data-testid="room"']):
                    add_room_view(server, clicked)
                add_moments()
                add_needle()
                add_hub()
            with html.Div(classes="below", key=f"'below' + {ATTEMPT}"):
                add_carm()
                add_beam()
                add_voice()
            add_debrief()
