"""After the end: the score by axis, each lost point explained, and the report."""

from trame.widgets import html

from simulator.viewer.strings import text


def debrief() -> None:
    """The debrief of the attempt that has just ended."""
    with html.Main(v_if="stage === 'debrief'", classes="debrief", raw_attrs=['data-testid="debrief"']):
        html.H1(text("debrief.title"))
        html.P(text("debrief.working"), v_if="!report", classes="read", raw_attrs=['role="status"'])
        html.Iframe(v_if="report", raw_attrs=[':src="report"', f'title="{text("debrief.report")}"', 'data-testid="report"'])
