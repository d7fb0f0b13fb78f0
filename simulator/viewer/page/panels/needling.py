"""Needle and hub: take, aim, push, roll, feel; syringes, loss of resistance, contrast medium and drug."""

import json

from trame.widgets import html

from simulator.viewer.common.messages import RollRequest, ShaftRequest
from simulator.viewer.text.expressions import express, express_action
from simulator.viewer.text.strings import text, texts
from simulator.viewer.text.widgets import button, choose, number

ATTACHED = json.dumps(texts("hub.attached")).replace('"', "'")
STEPS_MM = (0.2, 1, 5)
FULL_FORCE_N, FULL_KPA = 20.0, 60.0
CHOSEN = "scenario.needles[needle_choice]"
TAKE = express_action("place-needle", {"bevel": f"{CHOSEN}.bevel", "gauge": f"{CHOSEN}.gauge", "length_mm": f"{CHOSEN}.length_mm"})
DRAWN = express_action(
    "attach",
    {"what": "'syringe'", "contents_ml": "Object.fromEntries(drawn)", "tubing": "draw_tubing", "size_ml": "draw_size || null"},
)
DOSE = "(d => d && d.per_ml ? ' (' + Number((ml * d.per_ml).toPrecision(3)) + ' ' + d.unit + ')' : '')(scenario.drugs[agent])"
"""What ``ml`` of ``agent`` carry, in brackets; nothing for saline and air."""
IN_SYRINGE = f"drawn.map(([agent, ml]) => ml + ' mL ' + agent + {DOSE}).join(' + ')"
PRESSING = "held.plunger && hub.attached === 'syringe'"
BANDS = json.dumps(texts("hub.effort_bands")).replace('"', "'")
BAND = (
    "(n => n <= scenario.thumb_n.comfort ? 'comfortable' : n <= scenario.thumb_n.firm ? 'firm' : 'too-much')"
    f"({PRESSING} ? feel.effort_n || 0 : 0)"
)
"""How hard the thumb presses, in a word that the style sheet gives a colour."""


def add_needle() -> None:
    """The needle in hand, or the tray to take one from."""
    with html.Section(classes="panel", raw_attrs=[f'aria-label="{text("needle.title")}"', 'data-testid="needle"']):
        html.H2(text("needle.title"))
        _add_tray()
        with html.Div(v_if="needle", raw_attrs=["data-needle-wheel", 'data-testid="needle-pad"', f'title="{text("needle.wheel")}"']):
            _add_shaft()
            with html.Div(classes="row"):
                button(text("needle.coaxial"), says=express_action("aim-needle"), test="coaxial", title=text("needle.coaxial_about"))
                number(text("needle.oblique"), "aim_oblique", low=-90, high=90, step=1, test="aim-oblique")
                number(text("needle.tilt"), "aim_tilt", low=-60, high=60, step=1, test="aim-tilt")
                button(
                    text("needle.aim"),
                    says=express_action("aim-needle", {"oblique_deg": "Number(aim_oblique)", "tilt_deg": "Number(aim_tilt)"}),
                    test="aim",
                    title=text("needle.aim_about"),
                )
            with html.Div(classes="row bar"):
                html.Span(text("needle.roll"), classes="name")
                button("\u21ba", says=express(RollRequest, "-15"), test="roll-left", title=text("needle.roll_left"))
                html.Output("{{ needle.notch }}", classes="scale")
                button("\u21bb", says=express(RollRequest, "15"), test="roll-right", title=text("needle.roll_right"))
                _add_meter(text("needle.force"), "feel.force_n", FULL_FORCE_N, "N", "force")


def _add_shaft() -> None:
    """How deep it is, its stylet, and how far it goes at a press."""
    with html.Div(classes="row"):
        html.Span(
            "{{ needle.bevel[0].toUpperCase() + needle.bevel.slice(1) }} {{ needle.gauge }} G, "
            "{{ (needle.length_mm - needle.outside_mm).toFixed(0) }} " + text("needle.inside"),
            classes="name wide",
            raw_attrs=['data-testid="needle-depth"'],
        )
        button(
            "{{ needle.stylet ? '" + text("needle.stylet_in") + "' : '" + text("needle.stylet_out") + "' }}",
            says=express_action("stylet", {"inserted": "!needle.stylet"}),
            test="stylet",
            disabled="hub.attached !== 'nothing'",
        )
        button(text("needle.remove"), says=express_action("remove-needle"), test="remove-needle")
    with html.Div(classes="row"):
        html.Span(text("needle.step"), classes="name")
        for step in STEPS_MM:
            button(f"{step:g}", pressed=f"step_mm === {step:g}", click=f"step_mm = {step:g}", test=f"step-{step:g}")
        button(text("needle.withdraw"), says=express(ShaftRequest, "-step_mm"), test="withdraw")
        button(text("needle.advance"), says=express(ShaftRequest, "step_mm"), test="advance", classes="strong")


def _add_tray() -> None:
    with html.Div(v_if="!needle"):
        html.P(text("needle.none"), classes="muted", v_if="!marked")
        html.P(text("needle.marked"), v_if="marked", raw_attrs=['role="status"'])
        with html.Div(classes="row"):
            choose(
                text("needle.kind"),
                "needle_choice",
                options="scenario.needles.map((n, i) => ({n, i}))",
                shown="it.n.bevel[0].toUpperCase() + it.n.bevel.slice(1) + ' ' + it.n.gauge + ' G, ' + it.n.length_mm + ' mm'",
                item="it.i",
                test="needle-kind",
            )
            button(
                text("needle.take"),
                says=TAKE,
                test="take-needle",
                classes="strong",
                disabled=f"!marked || !{CHOSEN}",
            )


def _add_bar(label: str, value: str, full: float, unit: str, test: str) -> None:
    with html.Div(classes="row bar"):
        _add_meter(label, value, full, unit, test)


def _add_meter(label: str, value: str, full: float, unit: str, test: str) -> None:
    html.Span(label, classes="name")
    html.Meter(
        raw_attrs=[f':value="Math.abs({value} || 0)"', 'min="0"', f'max="{full:g}"', f'data-testid="{test}"', f'aria-label="{label}"']
    )
    html.Output(f"{{{{ ({value} || 0).toFixed(1) }}}} {unit}", classes="scale")


def add_hub() -> None:
    """What is on the hub, and what can be put on it."""
    with html.Section(classes="panel", v_if="needle", raw_attrs=[f'aria-label="{text("hub.title")}"', 'data-testid="hub"']):
        html.H2(text("hub.title"))
        with html.Div(classes="row", v_if="hub.attached === 'nothing'"):
            button(text("hub.saline"), says=_attach("lor-saline"), test="lor-saline", disabled="needle.stylet")
            button(text("hub.air"), says=_attach("lor-air"), test="lor-air", disabled="needle.stylet")
            html.Span(text("hub.stylet_first"), classes="muted", v_if="needle.stylet")
        _draw_up()
        with html.Div(v_if="hub.attached !== 'nothing'"):
            with html.Div(classes="row"):
                html.Span(
                    "{{ " + ATTACHED + "[hub.attached] }} {{ hub.size_ml }} mL: {{ hub.holds || '" + text("hub.drained") + "' }}"
                    "{{ hub.tubing_holds ? '; " + text("hub.in_tubing") + " ' + hub.tubing_holds : '' }}",
                    classes="name wide",
                    raw_attrs=['data-testid="hub-holds"'],
                )
                button(text("hub.off"), says=_attach("nothing"), test="take-off")
            with html.Div(classes="row"):
                button(text("hub.thumb"), hold={"thumb": True}, test="thumb", v_if="hub.attached !== 'syringe'", pressed="held.thumb")
                button(text("hub.aspirate"), says=express_action("aspirate"), test="aspirate")
                with html.Template(v_if="hub.attached === 'syringe'"):
                    number(text("hub.rate"), "rate_ml_s", low=0.05, high=2, step=0.05, test="flow-rate")
                    button(text("hub.plunger"), hold={"plunger": True}, test="plunger", classes="strong", pressed="held.plunger")
            with html.Div(v_if="hub.attached !== 'syringe'"):
                _add_bar(text("needle.pressure"), "feel.pressure_kpa", FULL_KPA, "kPa", "pressure")
            _add_effort()
            html.Div(
                text("hub.gave"),
                classes="gave",
                v_if="feel.gave && hub.attached !== 'syringe'",
                raw_attrs=['role="status"', 'data-testid="gave"'],
            )


def _add_effort() -> None:
    """What the thumb presses and what of it comes to the tip, apart: the bar's colour and its word say how hard it is."""
    with html.Div(v_if="hub.attached === 'syringe'"):
        with html.Div(classes="row bar"):
            html.Span(text("hub.effort"), classes="name", raw_attrs=[f'title="{text("hub.effort_about")}"'])
            with html.Div(
                classes="effort",
                raw_attrs=[
                    f":class=\"'effort-' + {BAND}\"",
                    'role="meter" aria-valuemin="0"',
                    ':aria-valuemax="scenario.thumb_n.most"',
                    f':aria-valuenow="{PRESSING} ? Math.round(feel.effort_n || 0) : 0"',
                    f':aria-valuetext="{BANDS}[{BAND}]" aria-label="{text("hub.effort")}"',
                    'data-testid="effort"',
                ],
            ):
                html.I(raw_attrs=[f":style=\"{{width: ({PRESSING} ? 100 * (feel.effort_n || 0) / scenario.thumb_n.most : 0) + '%'}}\""])
                for mark in ("comfort", "firm"):
                    html.B(raw_attrs=[f":style=\"{{left: 100 * scenario.thumb_n.{mark} / scenario.thumb_n.most + '%'}}\""])
            html.Output(
                f"{{{{ {PRESSING} ? {BANDS}[{BAND}] : '{text('hub.effort_last')}' }}}} {{{{ (feel.effort_n || 0).toFixed(0) }}}} N, "
                "{{ (100 * (feel.effort_n || 0) / scenario.thumb_n.most).toFixed(0) }} %",
                classes="scale wide",
                raw_attrs=['data-testid="effort-said"'],
            )
        html.Div(
            text("hub.split"),
            classes="muted",
            v_if="feel.tip_kpa !== null && mode !== 'exam'",
            raw_attrs=['data-testid="tip-pressure"', f'title="{text("hub.split_about")}"'],
        )


def _attach(what: str) -> str:
    """The message that puts something on the hub."""
    return express_action("attach", {"what": f"'{what}'"})


def _draw_up() -> None:
    """A plain syringe is filled here before it goes on."""
    with html.Div(v_if="hub.attached === 'nothing'"):
        with html.Div(classes="row"):
            html.Span(text("hub.draw_up"), classes="name")
            choose(
                text("hub.agent"),
                "draw_agent",
                options="scenario.agents",
                shown="scenario.drugs[it] ? scenario.drugs[it].label : it",
                test="draw-agent",
            )
            number(text("hub.volume"), "draw_ml", low=0.1, high=20, step=0.1, test="draw-ml")
            button(
                text("hub.add"), click="drawn = [...drawn.filter(p => p[0] !== draw_agent), [draw_agent, Number(draw_ml)]]", test="draw-add"
            )
        html.Div(
            "{{ " + IN_SYRINGE + " || '" + text("hub.nothing_drawn") + "' }}",
            classes="name wide row",
            raw_attrs=['data-testid="drawn"'],
        )
        with html.Div(classes="row"):
            button(text("hub.clear"), click="drawn = []", test="draw-clear", disabled="!drawn.length")
            choose(
                text("hub.size"),
                "draw_size",
                options="[0, ...scenario.syringes_ml]",
                shown=f"it ? it + ' mL' : '{text('hub.size_to_fit')}'",
                test="draw-size",
            )
            with html.Label(text("hub.tubing"), classes="field"):
                html.Input(raw_attrs=['type="checkbox"', 'v-model="draw_tubing"', 'data-testid="tubing"'])
            button(
                text("hub.draw"),
                says=f"[{DRAWN}, drawn = []][0]",
                test="draw-attach",
                disabled="!drawn.length || needle.stylet",
                classes="strong",
            )
