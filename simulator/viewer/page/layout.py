"""The page's layout: which panel stands where."""

from typing import Any

from trame.ui.vuetify3 import VAppLayout
from trame.widgets import html

from simulator.viewer.page.panels.banner import banner, keys, lost, tour
from simulator.viewer.page.panels.console import beam, carm
from simulator.viewer.page.panels.debrief import debrief, moments
from simulator.viewer.page.panels.monitors import live, reference
from simulator.viewer.page.panels.needling import hub, needle
from simulator.viewer.page.panels.start import start
from simulator.viewer.page.panels.steps import steps
from simulator.viewer.page.panels.voice import voice
from simulator.viewer.room.view import OnClick, room_view


def lay_out(server: Any, clicked: OnClick) -> None:  # noqa: ANN401 - trame's
    """Make the page.

    Parameters
    ----------
    server : trame server
    clicked : callable
        Called with camera, place and aspect when the room was clicked.
    """
    server.state.trame__template_error = lost()
    with VAppLayout(server, theme="dark"), html.Div(classes="page"):
        banner()
        keys()
        tour()
        start()
        with (
            html.Div(v_show="stage !== 'start'", classes="floor"),
            html.Main(classes="suite", raw_attrs=[":class=\"{after: stage === 'debrief'}\""]),
        ):
            with html.Div(classes="column left"):
                steps()
                reference()
            with html.Div(classes="column middle"):
                live()
            with html.Div(classes="column right"):
                with html.Section(classes="panel room", raw_attrs=['data-testid="room"']):
                    room_view(server, clicked)
                moments()
                needle()
                hub()
            with html.Div(classes="below"):
                carm()
                beam()
                voice()
            debrief()
