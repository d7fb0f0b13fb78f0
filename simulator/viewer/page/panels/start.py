"""The start page: the library of cases, how much help, what was broken off."""

from trame.widgets import html

from simulator.viewer.common.messages import Trigger
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.page.panels.past import add_past
from simulator.viewer.text.expressions import express_call
from simulator.viewer.text.strings import text
from simulator.viewer.text.widgets import button

TITLE, BRIEF = (f"mode_wanted === '{TrainingMode.EXAM}' ? it.exam_{name} : it.{name}" for name in ("title", "summary"))


def start() -> None:
    """Cases to choose from."""
    with html.Main(v_if="stage === 'start'", classes="start"):
        html.H1(text("start.title"))
        html.P(text("start.lead"), classes="read")
        with html.Div(classes="newcomer row", v_if="has_tour"):
            html.Span(text("start.tour_about"), classes="grow read")
            button(text("start.tour"), click=express_call(Trigger.TOUR), test="tour", classes="strong", disabled="busy")
        _add_broken_off()
        add_past()
        _add_modes()
        html.Div("{{ notice }}", v_if="busy", classes="strip", raw_attrs=['role="status"'])
        _add_broken()
        with (
            html.Div(classes="cards"),
            html.Article(v_for="it in cases", key="it.case", classes="card", raw_attrs=[":data-testid=\"'case-' + it.id\""]),
        ):
            _add_card()


def _add_broken_off() -> None:
    with html.Div(classes="row", v_if="broken_off.length"):
        html.Span(text("start.resume"), classes="name wide")
        html.Button(
            "{{ it.case }}, {{ it.mode }}, {{ it.started.slice(0, 16).replace('T', ' ') }}",
            v_for="it in broken_off",
            key="it.folder",
            classes="key",
            raw_attrs=['type="button"', f'@click="{express_call(Trigger.RESUME, "it.folder")}"', 'data-testid="resume"'],
        )


def _add_broken() -> None:
    html.Div(
        f"{text('start.broken')} {{{{ it.why }}}}",
        v_for="it in broken",
        key="it.case",
        classes="strip",
        raw_attrs=['role="alert"', 'data-testid="broken"'],
    )


def _add_modes() -> None:
    with html.Fieldset(classes="row modes"):
        html.Legend(text("start.mode"))
        with html.Label(v_for="it in modes", key="it.name", classes="mode"):
            html.Input(
                raw_attrs=[
                    'type="radio"',
                    ':value="it.name"',
                    'v-model="mode_wanted"',
                    ":data-testid=\"'mode-' + it.name\"",
                    ':disabled="mode_locked"',
                ]
            )
            html.Span("{{ it.about }}")


def _add_card() -> None:
    html.H3(f"{{{{ {TITLE} }}}}")
    html.P("{{ it.approach }} \u00b7 {{ it.level }} {{ it.side }}", classes="muted")
    html.P(f"{{{{ {BRIEF} }}}}", classes="read grow")
    with html.Div(classes="row"):
        html.Span(f"{text('start.difficulty')} {{{{ it.difficulty }}}}/3", classes="muted")
        html.Span(f"{{{{ it.best === null ? '{text('start.untried')}' : '{text('start.best')} ' + it.best }}}}", classes="muted grow")
        html.Button(
            text("start.begin"),
            classes="key strong",
            raw_attrs=[
                'type="button"',
                f'@click="{express_call(Trigger.BEGIN, "it.case")}"',
                f":aria-label=\"'{text('start.begin')}: ' + ({TITLE})\"",
                ':disabled="busy"',
                ":data-testid=\"'begin-' + it.id\"",
            ],
        )
