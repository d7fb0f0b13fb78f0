"""Live and reference monitors with their tools."""

from trame.widgets import html

from simulator.viewer.common.messages import MonitorKind, ScreenRequest
from simulator.viewer.text.expressions import express_action, express_settings
from simulator.viewer.text.strings import text
from simulator.viewer.text.widgets import button, slider

TOOLS = ("mark", "measure", "collimate")
SKETCH = "'<svg data-sketch viewBox=&quot;0 0 100 100&quot; preserveAspectRatio=&quot;none&quot;></svg>'"


def add_live() -> None:
    """The live monitor: frames on a canvas, tools over it, settings beneath."""
    with html.Section(classes="panel monitor", raw_attrs=[f'aria-label="{text("monitor.live")}"']):
        with html.Div(
            classes="screen",
            raw_attrs=[
                "data-tools data-needle-wheel",
                'data-testid="live"',
                'tabindex="0"',
                f'role="application" aria-label="{text("monitor.live_about")}"',
            ],
        ):
            html.Canvas(raw_attrs=[f'data-monitor="{MonitorKind.LIVE}"', 'width="512"', 'height="512"'])
            html.Div(classes="guide", raw_attrs=['v-html="guide_svg"', 'v-show="guide_on"'])
            html.Div(classes="leaves", raw_attrs=['v-html="leaves_svg"', 'data-testid="leaves"'])
            html.Div(classes="sketch", raw_attrs=[f'v-html="{SKETCH}"'])
            html.Div(text("monitor.none"), classes="note", v_if="!readouts.exposures && !readouts.fluoro_s")
            html.Div("{{ stale }}", classes="stale", v_if="stale", raw_attrs=['role="status"', 'data-testid="stale"'])
            html.Div(text("monitor.cross"), classes="cross-keys")
            html.Div(text("beam.on"), classes="xray", v_if="readouts.pedal", raw_attrs=['data-testid="xray-on"'])
            html.Div(
                "{{ scenario.patient }}<br>{{ scenario.level }} {{ scenario.side }}".replace("<br>", " \u00b7 "),
                classes="burn",
            )
            html.Div(
                "{{ readouts.kvp.toFixed(0) }} kV  {{ readouts.ma.toFixed(1) }} mA  {{ readouts.pulse_ms.toFixed(1) }} ms",
                classes="burn right",
            )
        _add_tools()


def _add_tools() -> None:
    with html.Div(classes="row tight"):
        for tool in TOOLS:
            button(
                text(f"monitor.{tool}"),
                pressed=f"tool === '{tool}'",
                click=f"tool = '{tool}'; utils.suite.clearSketch()",
                test=f"tool-{tool}",
            )
        button(text("monitor.open"), says=express_action("collimate"), test="open-leaves")
        button(
            text("monitor.save"),
            says=express_action("save-reference"),
            test="save-reference",
            disabled="!readouts.exposures && !readouts.fluoro_s",
        )
        button(text("monitor.guide"), click="guide_on = !guide_on", pressed="guide_on", test="guide", v_if="mode === 'guided'")
    with html.Div(classes="row tight"):
        button(text("monitor.flip"), says=_set("flip_columns", "!display.flip_columns"), pressed="display.flip_columns", test="flip")
        button(text("monitor.turn"), says=_set("quarter_turns", "(display.quarter_turns + 1) % 4"), test="turn")
        button(text("monitor.invert"), says=_set("inverted", "!display.inverted"), pressed="display.inverted", test="invert")
        button(
            text("monitor.fine"),
            says=_set("size", "size === 512 ? 1024 : 512"),
            pressed="size === 1024",
            test="fine",
            title=text("monitor.fine_about"),
        )
        for name, low, high in (("contrast", 0.4, 2.5), ("brightness", -0.6, 0.6)):
            slider(
                text(f"monitor.{name}"),
                value=f"display.{name}",
                says=_set(name, "it"),
                low=low,
                high=high,
                step=0.05,
                test=name,
            )


def _set(name: str, value: str) -> str:
    """The message that sets one value of the live monitor."""
    return express_settings(ScreenRequest, name, value)


def add_reference() -> None:
    """The reference monitor: what was saved last."""
    with html.Section(classes="panel monitor reference", raw_attrs=[f'aria-label="{text("monitor.reference")}"']):
        html.H2(text("monitor.reference"))
        html.P(text("monitor.no_reference"), classes="muted", v_if="!saved")
        with html.Div(classes="screen", v_show="saved", raw_attrs=['data-testid="reference"']):
            html.Canvas(raw_attrs=[f'data-monitor="{MonitorKind.REFERENCE}"', 'width="512"', 'height="512"'])
