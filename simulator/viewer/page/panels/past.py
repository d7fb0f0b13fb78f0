"""The start page: attempts that are over."""

from trame.widgets import html

from simulator.viewer.common.messages import Trigger
from simulator.viewer.text.expressions import express_call
from simulator.viewer.text.strings import text


def add_past() -> None:
    """Attempts that are over, each to be opened again, or at least its report."""
    with html.Details(v_if="past.length", classes="past", raw_attrs=['data-testid="past"']):
        html.Summary(f"{text('past.title')} ({{{{ past.length }}}})")
        with html.Table():
            with html.Thead(), html.Tr():
                for name in ("date", "case", "mode", "score"):
                    html.Th(text(f"past.{name}"), raw_attrs=['scope="col"'])
                html.Th(raw_attrs=[f'aria-label="{text("past.open")}"'])
            with html.Tbody(), html.Tr(v_for="it in past", key="it.folder"):
                for value in ("it.date", "it.case", "it.mode", "it.score || '\u2013'"):
                    html.Td(f"{{{{ {value} }}}}")
                _add_open_cell()


def _add_open_cell() -> None:
    """The cell with what can still be opened of an attempt."""
    with html.Td():
        html.Button(
            text("past.open"),
            classes="key",
            v_if="!it.why_not",
            raw_attrs=[
                'type="button"',
                ':disabled="busy"',
                f'@click="{express_call(Trigger.REVIEW, "it.folder")}"',
                'data-testid="review"',
            ],
        )
        html.Span("{{ it.why_not }} ", v_if="it.why_not", classes="muted", raw_attrs=['data-testid="why-not"'])
        html.A(
            text("past.report"),
            v_if="it.reported",
            raw_attrs=[":href=\"'report.html?' + it.name\"", 'target="_blank" rel="noopener" data-testid="stored-report"'],
        )
        html.A(
            " " + text("past.images"),
            v_if="it.why_not && it.imaged",
            raw_attrs=[":href=\"'images-png.zip?' + it.name\"", 'download data-testid="stored-images"'],
        )
