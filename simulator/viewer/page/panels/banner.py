"""The line on top: who lies there, what is asked, the mode, the clock, and what governs the attempt."""

from html import escape

from trame.widgets import html

from simulator.viewer.common.messages import PauseRequest, Trigger, UndoRequest
from simulator.viewer.text.expressions import express, express_call
from simulator.viewer.text.strings import text, texts
from simulator.viewer.text.widgets import button, say

NEXT = "{{ tour_waits ? '" + text("tour.next") + "' : '" + text("tour.skip") + "' }}"


def add_banner() -> None:
    """Name and what this is never for, patient, request, mode, time; pause, undo, hint, sound, keys, leave."""
    with html.Header(classes="banner"):
        with html.Div(classes="brand"):
            html.Strong(text("banner.name"))
            html.Span(text("banner.notice"), raw_attrs=['data-testid="notice-never"'])
        html.Span(
            "{{ scenario.patient }} \u00b7 {{ scenario.approach }} {{ scenario.level }} {{ scenario.side }}",
            v_if="stage !== 'start'",
            raw_attrs=['data-testid="banner"'],
        )
        html.Span("{{ mode }}", v_if="stage !== 'start'", classes="chip")
        html.Span(classes="grow")
        with html.Div(v_if="stage === 'suite'", classes="row"):
            html.Output("{{ time }}", classes="scale", raw_attrs=['data-testid="time"', f'title="{text("banner.time")}"'])
            html.Button(
                f"{{{{ paused ? '{text('banner.go_on')}' : '{text('banner.pause')}' }}}}",
                classes="key",
                v_if="mode !== 'exam'",
                raw_attrs=['type="button"', 'data-testid="pause"', f'@click="{say(express(PauseRequest, "!paused"))}"'],
            )
            button(text("banner.undo"), says=express(UndoRequest, "1"), test="undo", v_if="mode === 'guided'", disabled="!undo")
            button(text("steps.hint"), click=express_call(Trigger.HINT), test="hint", v_if="mode !== 'exam'")
        button(text("banner.sound"), click="sound = !sound; utils.suite.sound(sound)", pressed="sound", test="sound")
        button(
            text("banner.voice"),
            click="voice_on = !voice_on; utils.suite.voice(voice_on)",
            pressed="voice_on",
            test="voice-on",
            title=text("banner.voice_about"),
        )
        button(text("banner.help"), click="utils.suite.help(!help_open)", pressed="help_open", test="help")
        button(text("banner.leave"), click=express_call(Trigger.LEAVE), test="leave", v_if="stage !== 'start'")
    html.Div(text("banner.watching"), classes="strip watching-only", raw_attrs=['role="status"'])
    html.Div(text("banner.offline"), classes="strip offline-only", raw_attrs=['role="alert"'])
    html.Div(text("banner.paused"), classes="strip", v_if="stage === 'suite' && paused", raw_attrs=['role="status"'])
    html.Div("{{ lost }}", classes="strip", v_if="stage === 'suite' && lost", raw_attrs=['role="alert"', 'data-testid="lost"'])
    with html.Div(classes="strip", v_if="trouble", raw_attrs=['role="alert"', 'data-testid="trouble"']):
        html.Span(text("banner.trouble") + " {{ trouble }} ")
        html.A(text("banner.download"), href="attempt.jsonl", raw_attrs=['data-testid="log-download"', "download"])
    html.Div("{{ notice }}", classes="strip", v_if="notice", raw_attrs=['role="status"', 'data-testid="notice"'])


def make_lost_page() -> str:
    """What stands in the page's place once trame has lost its connection; the page's script comes back when it can."""
    return f'<div class="v-application"><div class="strip" role="alert">{escape(text("banner.offline"))}</div></div>'


def add_key_list() -> None:
    """The list of keys; it takes the focus, and Escape closes it."""
    with html.Aside(
        classes="sheet",
        v_if="help_open",
        raw_attrs=['role="dialog"', f'aria-label="{text("help.title")}"', 'data-testid="keys"', '@keydown.esc="utils.suite.help(false)"'],
    ):
        html.H2(text("help.title"))
        for part in ("keys", "monitor", "debrief"):
            if part != "keys":
                html.H3(text(f"help.{part}_title"))
            with html.Dl():
                for key, what in texts(f"help.{part}"):
                    html.Dt(str(key))
                    html.Dd(str(what))
            if part == "keys":
                _add_foot_pedal()
        button(text("help.close"), click="utils.suite.help(false)", test="keys-close")


def _add_foot_pedal() -> None:
    """Teach the page which key a USB pedal types."""
    html.P(text("help.pedal"))
    with html.Div(classes="row"):
        button(text("help.pedal_learn"), click="utils.suite.learn()", pressed="pedal_learning", test="pedal-learn")
        html.Output("{{ pedal_learning ? '" + text("help.pedal_waits") + "' : pedal_key }}", raw_attrs=['data-testid="pedal-key"'])


def add_tour() -> None:
    """The strip of the tour, and a ring round the place that it speaks of."""
    ring = "'<style>[data-testid=' + tour_at + '] { outline: 3px solid #ffb74d !important; outline-offset: 2px; }</style>'"
    with html.Div(v_if="tour_at && stage !== 'start'", classes="touring"):
        html.Div(raw_attrs=[f'v-html="{ring}"'])
        with html.Aside(classes="tour", raw_attrs=[f'aria-label="{text("tour.title")}"', 'data-testid="tour-card"']):
            html.Strong("{{ tour_count }}")
            html.P("{{ tour_text }}", raw_attrs=['role="status"'])
            button(NEXT, click=express_call(Trigger.TOUR_NEXT), test="tour-next")
            button(text("tour.end"), click=express_call(Trigger.TOUR_END), test="tour-end")
