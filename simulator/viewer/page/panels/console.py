"""The C-arm's console: drives that one holds, nominal angles, pedal, single shot, technique, dose."""

import json

from trame.widgets import html

from simulator.viewer.common.drives import ORBITAL, SWIVEL, TABLE, TILT, Drive
from simulator.viewer.text.expressions import express_action
from simulator.viewer.text.strings import text, texts
from simulator.viewer.text.widgets import button, say, select

SCALES = (("orbital", ORBITAL, "oblique"), ("tilt", TILT, "tilt"), ("swivel", SWIVEL, "swivel"))
PRESET = "({0})[it.name] || it.name"
KVP = express_action("set-technique", {"kvp": "it || null"})
GO = express_action("move-carm", {"oblique_deg": "it.oblique_deg", "tilt_deg": "it.tilt_deg", "swivel_deg": "it.swivel_deg"})


def add_carm() -> None:
    """Drives of C-arm and table, angles, presets."""
    with html.Section(classes="panel", raw_attrs=[f'aria-label="{text("carm.title")}"', 'data-testid="carm"']):
        html.H2(text("carm.title"))
        with html.Div(classes="drives"):
            for name, (one, other), scale in SCALES:
                with html.Div(classes="row drive", raw_attrs=[f'title="{text(f"carm.{name}_about")}"']):
                    html.Span(text(f"carm.{name}"), classes="name")
                    _add_drive(one)
                    html.Output(f"{{{{ readouts.{scale} }}}}", classes="scale", raw_attrs=[f'data-testid="{scale}_deg"'])
                    _add_drive(other)
            with html.Div(classes="row drive table", raw_attrs=[f'title="{text("carm.table_about")}"']):
                html.Span(text("carm.table"), classes="name")
                for drive in TABLE:
                    _add_drive(drive)
        with html.Div(classes="row presets", v_if="scenario.presets.length"):
            html.Button(
                f"{{{{ {_word_expression('presets')} }}}}",
                v_for="it in scenario.presets",
                key="it.name",
                classes="key small",
                raw_attrs=[
                    'type="button"',
                    f':title="{_word_expression("presets_about")}" :aria-label="{_word_expression("presets_about")}"',
                    ":data-testid=\"'preset-' + it.name\"",
                    f'@click="{say(GO)}"',
                ],
            )


def _add_drive(drive: Drive) -> None:
    button(drive.sign, hold=drive.hands, test=drive.name, title=text(f"carm.{drive.name.replace('-', '_')}"))


def _word_expression(key: str) -> str:
    """JavaScript expression of a preset's words."""
    return PRESET.format(json.dumps(texts(f"carm.{key}")).replace('"', "&quot;"))


def add_beam() -> None:
    """Pedal, single shot, technique and what they cost."""
    with html.Section(classes="panel", raw_attrs=[f'aria-label="{text("beam.title")}"']):
        html.H2(text("beam.title"))
        with html.Div(classes="row"):
            button(text("beam.pedal"), hold={"pedal": True}, test="pedal", classes="pedal", pressed="readouts.pedal")
            button(text("beam.shot"), says=express_action("shoot"), test="shot", disabled="readouts.pedal")
        _add_technique()
        _add_mode()
        _add_meters()


def _add_technique() -> None:
    with html.Div(classes="row"):
        select(
            text("monitor.field"),
            options="scenario.fields_mm",
            value="readouts.field_mm",
            says=express_action("magnify", {"field_mm": "it"}),
            shown="it / 10 + ' cm'",
            test="field",
        )
        select(
            text("beam.rate"),
            options="scenario.rates",
            value="readouts.pulses_per_s",
            says=express_action("set-technique", {"pulses_per_s": "it"}),
            test="rate",
        )
        select(
            text("beam.kvp"),
            options="[0, 60, 70, 80, 90, 100, 110, 120]",
            value="kvp_by_hand",
            says=f"(kvp_by_hand = it, {KVP})",
            shown=f"it || '{text('beam.automatic')}'",
            test="kvp",
        )


def _add_mode() -> None:
    with html.Div(classes="row"):
        select(
            text("beam.mode"),
            options="scenario.dsa ? ['fluoroscopy', 'dsa', 'roadmap'] : ['fluoroscopy']",
            value="readouts.mode",
            says=express_action("set-mode", {"mode": "it"}),
            shown="it === 'dsa' ? 'DSA' : it",
            test="mode",
        )
        select(
            text("beam.dose"),
            options="scenario.dose_levels",
            value="readouts.dose_level",
            says=express_action("set-technique", {"dose_level": "it"}),
            test="dose",
        )
        button(
            text("beam.grid"),
            says=express_action("set-technique", {"grid": "!readouts.grid"}),
            pressed="readouts.grid",
            test="grid",
            title=text("beam.grid_about"),
        )


def _add_meters() -> None:
    with html.Div(classes="meters"):
        for label, value, test in (
            (text("beam.fluoro"), "readouts.fluoro_s.toFixed(1) + ' s'", "fluoro"),
            (text("beam.shots"), "readouts.exposures", "exposures"),
            (text("beam.kerma"), "readouts.reference_kerma_mgy.toFixed(2) + ' mGy'", "kerma"),
            (text("beam.dap"), "readouts.dap_gy_cm2.toFixed(3) + ' Gy\u00b7cm\u00b2'", "dap"),
        ):
            with html.Div(classes="meter"):
                html.Span(label)
                html.Output(f"{{{{ {value} }}}}", raw_attrs=[f'data-testid="{test}"'])
        html.Div(text("beam.alarm"), classes="alarm", v_if="readouts.alarm", raw_attrs=['role="alert"'])
