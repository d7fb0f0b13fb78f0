"""What patient and room say, the newest first, and the vital signs."""

from trame.widgets import html

from simulator.viewer.text.strings import text


def add_voice() -> None:
    """A list that screen readers follow."""
    with html.Section(
        classes="panel voice", raw_attrs=[f'aria-label="{text("voice.title")}"', 'aria-live="polite"', 'data-testid="voice"']
    ):
        html.H2(text("voice.title"))
        with html.Div(classes="vitals", v_if="monitor"):
            html.Span("{{ monitor.systolic_mmhg.toFixed(0) }}/{{ monitor.diastolic_mmhg.toFixed(0) }} mmHg")
            html.Span("{{ monitor.heart_rate_per_min.toFixed(0) }} /min")
            html.Span("SpO\u2082 {{ monitor.oxygen_percent.toFixed(0) }} %")
        html.Div("{{ refused }}", v_if="refused", classes="refused", raw_attrs=['role="alert"', 'data-testid="refused"'])
        with (
            html.Ol(),
            html.Li(
                v_for="(it, i) in [...events].reverse().slice(0, 30)",
                key="events.length - i",  # what is new is a new element, and lights up
                classes=("it.kind",),
            ),
        ):
            html.Time("{{ it.time }}")
            html.Span("{{ it.kind === 'voice' ? '\u201c' + it.text + '\u201d' : it.text }}")
