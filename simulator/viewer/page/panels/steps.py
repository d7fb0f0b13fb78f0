"""The steps of the procedure in their order, from the record to the discharge, with what was done ticked off."""

from collections.abc import Iterator
from contextlib import contextmanager

from trame.widgets import html

from simulator.viewer.common.messages import SliceRequest
from simulator.viewer.text.expressions import express, express_action
from simulator.viewer.text.strings import text
from simulator.viewer.text.widgets import button, choose, number, say

ANSWER = express_action("answer", {"question": "question.id", "choice": "choice", "confidence": "Number(confidence)"})
LOCAL_DOSE = "(d => d && d.per_ml ? '= ' + Number((local_ml * d.per_ml).toPrecision(3)) + ' ' + d.unit : '')(scenario.drugs[local_agent])"


def add_steps() -> None:
    """Everything that is done beside needle and beam."""
    with html.Section(classes="panel steps", raw_attrs=[f'aria-label="{text("steps.title")}"', 'data-testid="steps"']):
        with _add_step("brief", "true", opened=True):
            html.P("{{ scenario.summary }}", classes="read")
            html.P("{{ scenario.approach }}, {{ scenario.level }}, {{ scenario.side }}", classes="read strong")
        _add_before()
        _add_preparation()
        _add_during()
        _add_after()


def _add_before() -> None:
    with _add_step("record", "chart.reviewed.length === scenario.reviews.length"):
        with html.Div(classes="row"):
            _add_each("scenario.reviews", express_action("review", {"item": "it"}), "review", "chart.reviewed.includes(it)")
        with html.Div(v_for="(said, item) in record", key="item"):
            html.H4("{{ item }}")
            html.P("{{ said }}", classes="read")
        with html.Div(classes="row", v_if="slices.length", raw_attrs=['data-testid="slices"']):
            html.Span(text("steps.images"), classes="name")
            _add_each("slices", express(SliceRequest, "it"), "slice", "slice_name === it")
        html.P(text("steps.images_later"), classes="muted", v_if="!slices.length")
        html.Img(v_if="slice_src", classes="slice", raw_attrs=[':src="slice_src"', ':alt="slice_name"', 'data-testid="slice-image"'])
    with _add_step("examination", "chart.examined.length > 1"):
        with html.Div(classes="row"):
            _add_each("scenario.examinations", express_action("examine", {"item": "it"}), "examine", "chart.examined.includes(it)")
        with html.Div(classes="row", v_if="scenario.tests.length"):
            html.Span(text("steps.test"), classes="name")
            _add_each("scenario.tests", express_action("order-test", {"test": "it"}), "test", "chart.tested.includes(it)")
        html.P(text("steps.answers"), classes="muted")
    with _add_step("decision", "chart.decision"):
        with html.Div(classes="row"):
            html.Span(text("steps.contact"), classes="name")
            _add_each("scenario.parties", express_action("contact", {"party": "it"}), "contact", "chart.contacted.includes(it)")
        with html.Div(classes="row", v_if="medicines.length"):
            html.Span(text("steps.stop"), classes="name")
            _add_each("medicines", express_action("stop-drug", {"drug": "it"}), "stop", "chart.stopped.includes(it)")
        with html.Label(text("steps.reason"), classes="field wide"):
            html.Input(raw_attrs=['type="text"', 'v-model="reason"', 'data-testid="reason"', 'maxlength="300"'])
        with html.Label(text("steps.particulate_reason"), classes="field wide", v_if="scenario.asks_particulate_reason"):
            html.Input(raw_attrs=['type="text"', 'v-model="particulate_reason"', 'data-testid="particulate-reason"', 'maxlength="300"'])
        with html.Div(classes="row"):
            _add_each(
                "['proceed', 'postpone', 'refuse', 'refer']",
                express_action("decide", {"decision": "it", "reason": "reason", "particulate_reason": "particulate_reason"}),
                "decide",
                "chart.decision === it",
            )
        html.P(text("steps.reason_about"), classes="muted")
        html.P(text("steps.particulate_about"), classes="muted", v_if="scenario.asks_particulate_reason")


def _add_preparation() -> None:
    with _add_step("consent", "chart.consent"):
        with html.Div(classes="ticks"), html.Label(v_for="it in scenario.risks", key="it"):
            html.Input(raw_attrs=['type="checkbox"', ':value="it"', 'v-model="risks"', ":data-testid=\"'risk-' + it\""])
            html.Span("{{ it.replaceAll('-', ' ') }}")
        button(text("steps.consent_take"), says=express_action("consent", {"risks": "risks"}), test="consent", pressed="chart.consent")
    with _add_step("preparation", "chart.antiseptic && chart.time_out"):
        with html.Div(classes="row"):
            button(text("steps.monitor"), says=express_action("monitor"), test="monitor", pressed="chart.monitored")
        with html.Div(classes="row"):
            html.Span(text("steps.protect"), classes="name")
            _add_each("scenario.protections", express_action("protect", {"items": "[it]"}), "protect", "chart.protection.includes(it)")
        with html.Div(classes="row"):
            html.Span(text("steps.position"), classes="name")
            _add_each("scenario.postures", express_action("position", {"posture": "it"}), "posture", "chart.posture === it")
        with html.Div(classes="row"):
            html.Span(text("steps.time_out"), classes="name")
            choose(text("steps.patient"), "said_patient", options="[scenario.patient, 'not asked']", test="said-patient")
            choose(text("steps.level"), "said_level", options="scenario.levels", test="said-level")
            choose(text("steps.side"), "said_side", options="['left', 'right', 'midline']", test="said-side")
            button(
                text("steps.time_out_say"),
                says=express_action("time-out", {"patient": "said_patient", "level": "said_level", "side": "said_side"}),
                test="time-out",
                pressed="chart.time_out",
                disabled="!said_level || !said_side",
            )
        with html.Div(classes="row"):
            html.Span(text("steps.prepare"), classes="name")
            _add_each("scenario.antiseptics", express_action("prepare", {"antiseptic": "it"}), "prepare", "chart.antiseptic === it")


def _add_during() -> None:
    with _add_step("local", "false"), html.Div(classes="row"):
        choose(
            text("hub.agent"),
            "local_agent",
            options="scenario.agents",
            shown="scenario.drugs[it] ? scenario.drugs[it].label : it",
            test="local-agent",
        )
        number(text("hub.volume"), "local_ml", low=0.5, high=10, step=0.5, test="local-ml")
        html.Span("{{ " + LOCAL_DOSE + " }}", classes="muted", raw_attrs=['data-testid="local-dose"'])
        number(text("steps.depth"), "local_mm", low=1, high=80, step=1, test="local-mm")
        button(
            text("steps.infiltrate"),
            says=express_action(
                "local-anaesthetic", {"agent": "local_agent", "volume_ml": "Number(local_ml)", "depth_mm": "Number(local_mm)"}
            ),
            test="infiltrate",
        )
    with _add_step("ask", "false"):
        with html.Div(classes="row"):
            _add_each("scenario.questions_asked", express_action("ask", {"question": "it"}), "ask", "false")
        html.P(text("steps.answers"), classes="muted")
    with _add_step("belief", "beliefs.length"):
        _add_belief()


def _add_belief() -> None:
    html.P(text("steps.belief_about"), classes="muted")
    with html.Div(classes="row"):
        choose(text("steps.level"), "belief_level", options="scenario.levels", test="belief-level")
        choose(text("steps.side"), "belief_side", options="['left', 'right', 'midline']", test="belief-side")
        choose(
            text("steps.compartment"),
            "belief_compartment",
            options="scenario.compartments",
            test="belief-compartment",
            shown="it.replaceAll('-', ' ')",
        )
        with html.Label(text("steps.vascular"), classes="field"):
            html.Input(raw_attrs=['type="checkbox"', 'v-model="belief_vascular"', 'data-testid="belief-vascular"'])
    with html.Label(text("steps.confidence") + " {{ Math.round(100 * confidence) }} %", classes="field wide"):
        html.Input(raw_attrs=['type="range" min="0" max="1" step="0.05"', 'v-model.number="confidence"', 'data-testid="confidence"'])
    button(
        text("steps.belief_say"),
        says=express_action(
            "commit-belief",
            {
                "level": "belief_level",
                "side": "belief_side",
                "compartment": "belief_compartment",
                "vascular": "belief_vascular",
                "confidence": "Number(confidence)",
            },
        ),
        test="commit-belief",
        classes="strong",
        disabled="!belief_level || !belief_side || !belief_compartment",
    )


def _add_after() -> None:
    with _add_step("after", "chart.advice.length > 2"):
        with html.Div(classes="row"):
            html.Span(text("steps.wait"), classes="name")
            for minutes in (1, 5, 25):
                button(
                    f"{minutes} min",
                    says=express_action("wait", {"duration_s": str(60 * minutes)}),
                    test=f"wait-{minutes}",
                    disabled="readouts.pedal",
                )
        with html.Div(classes="row"):
            html.Span(text("steps.examine"), classes="name")
            _add_each("scenario.examinations", express_action("examine", {"item": "it"}), "examine-after", "false")
        with html.Div(classes="row"):
            html.Span(text("steps.advise"), classes="name")
            _add_each("scenario.advices", express_action("advise", {"item": "it"}), "advise", "chart.advice.includes(it)")
    with (
        _add_step("questions", "scenario.questions.length && Object.keys(answers).length === scenario.questions.length"),
        html.Div(v_for="question in scenario.questions", key="question.id", classes="question"),
    ):
        html.P("{{ question.text }}", classes="read strong")
        html.Button(
            "{{ words }}",
            v_for="(words, choice) in question.choices",
            key="choice",
            classes="key choice",
            raw_attrs=[
                'type="button"',
                ":data-testid=\"'answer-' + question.id + '-' + choice\"",
                ':class="{on: (answers[question.id] || [])[0] === choice}"',
                f'@click="{say(ANSWER)}"',
            ],
        )
    with html.Div(classes="row end"):
        button(text("steps.finish"), says=express_action("finish"), test="finish", classes="strong")


@contextmanager
def _add_step(name: str, done: str, *, opened: bool = False) -> Iterator[None]:
    """One step that folds, the others closing as it opens; ticked where it was done."""
    raw = ['name="steps"', f'data-testid="step-{name}"', *(["open"] if opened else [])]
    with html.Details(raw_attrs=raw):
        with html.Summary():
            html.Span("{{ (" + done + ") ? '\u2713' : '\u00a0' }}", classes="tick", raw_attrs=['aria-hidden="true"'])
            html.Span(text(f"steps.{name}"))
        yield


def _add_each(options: str, says: str, test: str, pressed: str) -> None:
    """A button for each word of a list."""
    html.Button(
        "{{ String(it).replaceAll('-', ' ') }}",
        v_for=f"it in {options}",
        key="it",
        classes="key small",
        raw_attrs=[
            'type="button"',
            f":data-testid=\"'{test}-' + it\"",
            f':class="{{on: {pressed}}}"',
            f':aria-pressed="!!({pressed})"',
            f'@click="{say(says)}"',
        ],
    )
