"""After the end: the score by axis with each lost point explained, the replay with its scrub bar, the expert's attempt beside one's own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from trame.widgets import html

from simulator.viewer.common.messages import MonitorKind
from simulator.viewer.text.strings import text, texts
from simulator.viewer.text.widgets import button

TABS = ("score", "beliefs", "expert", "talk", "files")
FILES = (
    ("page", "report.html"),
    ("plain", "report.json"),
    ("log", "attempt.jsonl"),
    ("png", "images-png.zip"),
    ("dicom", "images-dicom.zip"),
)
PLACE = "100 * ({0} - replay_span[0]) / Math.max(0.1, replay_span[1] - replay_span[0])"
STRETCH = "{left: " + PLACE.format("0") + " + '%', width: 100 * debrief.end_s / Math.max(0.1, replay_span[1] - replay_span[0]) + '%'}"
READS = json.dumps(texts("debrief.reads")).replace('"', "'")
JUMP = "utils.suite.replay({0})"
NOW = "replay_s + 0.01"
PRESENT = f"it.time_s <= {NOW} && !((debrief.moments[number + 1] || {{}}).time_s <= {NOW})"  # the last that has come; moments are in order
SPEEDS = (1, 4, 16)


def add_debrief() -> None:
    """The debrief of the attempt that has just ended; the room stands beside it."""
    with html.Div(v_if="stage === 'debrief'", classes="debrief", raw_attrs=['data-testid="debrief"']):
        html.P(text("debrief.working"), v_if="!debrief && opening === null", classes="read", raw_attrs=['role="status"'])
        with html.Div(v_if="!debrief && opening !== null", classes="read", raw_attrs=['role="status"', 'data-testid="opening"']):
            html.P(text("past.replaying"))
            html.Progress("{{ opening }} %", raw_attrs=[f'max="100" :value="opening" aria-label="{text("past.title")}"'])
        with html.Div(v_if="debrief", classes="told"):
            _add_tabs()
            _add_score()
            _add_beliefs()
            _add_expert()
            _talk()
            _add_files()
        _monitor()
        _add_course()


def add_moments() -> None:
    """Everything that happened, beside the room; a click goes there."""
    with html.Section(
        v_if="stage === 'debrief' && debrief",
        classes="panel happened",
        raw_attrs=[f'aria-label="{text("debrief.moments")}"', 'data-testid="moments"'],
    ):
        _add_legend()
        html.H2(text("debrief.moments"))
        with (
            html.Ol(),
            html.Li(
                v_for="(it, number) in debrief.moments",
                key="number",
                raw_attrs=[f":aria-current=\"{PRESENT} ? 'true' : null\""],
            ),
        ):
            _jump("{{ it.time }}", "it.time_s", ":data-testid=\"'moment-' + number\"")
            html.Span("{{ it.text }}", raw_attrs=[':class="it.kind"', f":data-now=\"it.time_s <= {NOW} ? '' : null\""])


def _add_tabs() -> None:
    with html.Div(classes="row", raw_attrs=['role="tablist"', f'aria-label="{text("debrief.title")}"']):
        for name in TABS:
            html.Button(
                text(f"debrief.{name}"),
                classes="key",
                raw_attrs=[
                    f'type="button" role="tab" id="tab-{name}" data-testid="tab-{name}"',
                    f":tabindex=\"debrief_tab === '{name}' ? 0 : -1\"",
                    f":aria-controls=\"debrief_tab === '{name}' ? 'debrief-{name}' : null\"",
                    f":aria-selected=\"debrief_tab === '{name}'\"",
                    f":class=\"{{on: debrief_tab === '{name}'}}\"",
                    f"@click=\"debrief_tab = '{name}'\"",
                ],
            )


@contextmanager
def _add_tab(name: str) -> Iterator[None]:
    with html.Section(
        v_if=f"debrief_tab === '{name}'",
        classes="panel tab",
        raw_attrs=[f'role="tabpanel" tabindex="0" id="debrief-{name}" aria-labelledby="tab-{name}" data-testid="debrief-{name}"'],
    ):
        yield


def _add_score() -> None:
    with _add_tab("score"):
        with html.P(classes="verdict"):
            html.Strong(text("debrief.passed"), v_if="debrief.passed", classes="good")
            html.Strong(text("debrief.failed"), v_if="!debrief.passed", classes="bad")
            html.Span(" " + text("debrief.of", {"grade": "{{ debrief.grade }}", "mark": "{{ debrief.pass_mark }}"}))
        html.P("{{ it }}", v_for="it in debrief.verdict", key="it", classes="bad")
        with html.Div(v_for="it in debrief.axes", key="it.name", classes="axis"):
            html.Span("{{ it.name }}")
            html.Meter(raw_attrs=['min="0" max="100" low="50" high="75" optimum="100" :value="it.share" :aria-label="it.name"'])
            html.Span("{{ it.share }} %")
        html.P("{{ it }}", v_for="it in debrief.outcome", key="it", classes="muted")
        html.P("{{ verified }}", v_if="verified", classes="muted", raw_attrs=['data-testid="verified"'])
        html.H2(text("debrief.losses"))
        html.P(text("debrief.no_losses"), v_if="!debrief.losses.length")
        with (
            html.Ol(classes="losses"),
            html.Li(v_for="(it, number) in debrief.losses", key="number", raw_attrs=[':class="{critical: it.critical}"']),
        ):
            html.Span(text("debrief.critical") + " ", v_if="it.critical", classes="bad")
            html.Span("{{ it.text }} ")
            html.Span("{{ it.axis }}: {{ it.lost }} " + text("debrief.lost") + " ", classes="muted")
            _jump("{{ it.time }}", "it.time_s", ":data-testid=\"'loss-' + number\"")


def _add_beliefs() -> None:
    with _add_tab("beliefs"):
        html.P(text("debrief.no_beliefs"), v_if="!debrief.beliefs.length")
        with html.Table(v_if="debrief.beliefs.length"):
            with html.Tr():
                for name in ("at", "what", "believed", "truth", "confidence", "brier"):
                    html.Th(text(f"debrief.{name}"), raw_attrs=['scope="col"'])
            with html.Tr(v_for="(it, number) in debrief.beliefs", key="number"):
                with html.Td():
                    _jump("{{ it.time }}", "it.time_s")
                html.Td("{{ it.what }}")
                html.Td("{{ it.right ? '\u2713' : '\u2717' }} {{ it.believed }}", raw_attrs=[":class=\"it.right ? 'good' : 'bad'\""])
                for name in ("truth", "confidence", "brier"):
                    html.Td(f"{{{{ it.{name} }}}}")
        html.P(text("debrief.brier_about"), classes="muted")


def _add_expert() -> None:
    with _add_tab("expert"):
        html.P(text("debrief.playing"), v_if="expert_playing", raw_attrs=['role="status"'])
        with html.Table():
            with html.Tr():
                for name in ("figure", "yours", "experts"):
                    html.Th(text(f"debrief.{name}"), raw_attrs=['scope="col"'])
            with html.Tr(v_for="it in compared", key="it.name"):
                html.Th("{{ it.name }}", raw_attrs=['scope="row"'])
                html.Td("{{ it.own }}")
                html.Td("{{ it.expert || (expert_playing ? '\u2026' : '\u2013') }}", raw_attrs=['data-testid="expert-figure"'])
        html.P(text("debrief.tracks"), classes="muted")


def _talk() -> None:
    with _add_tab("talk"), html.Div(v_for="(it, number) in debrief.talk", key="number"):
        html.P("{{ it.question }}", classes="strong")
        html.P("{{ it.answer }}", classes="read")


def _add_files() -> None:
    with _add_tab("files"):
        html.P(text("debrief.print"), classes="muted")
        with html.Ul(classes="files"):
            for name, file in FILES:
                with html.Li():
                    opens = 'target="_blank" rel="noopener"' if name == "page" else "download"
                    html.A(
                        text(f"debrief.file_{name}"),
                        classes="key",
                        raw_attrs=[f'href="{file}" {opens}', f'data-testid="file-{name}"'],
                        v_if="report",
                    )


def _monitor() -> None:
    with html.Section(classes="panel monitor", raw_attrs=[f'aria-label="{text("debrief.monitor")}"']):
        with html.Div(classes="pair"):
            with html.Div():
                html.H2(text("debrief.you"))
                with html.Div(classes="screen"):
                    _add_canvas(MonitorKind.DEBRIEF, "replay-monitor", text("debrief.monitor"))
                    html.Div("{{ replay.time }}", classes="burn")
                _add_place("replay.beside.own", "own-place")
            with html.Div():
                html.H2(text("debrief.expert_at", {"step": "{{ (replay.beside || {}).step }}"}), raw_attrs=['data-testid="step-name"'])
                with html.Div(classes="screen"):
                    _add_canvas(MonitorKind.EXPERT, "expert-monitor", text("debrief.expert_monitor"))
                    html.Div("{{ replay.beside.expert.time }}", v_if="replay.beside && replay.beside.expert", classes="burn")
                _add_place("replay.beside.expert", "expert-place")
                missing = f"{{{{ expert_playing ? {_quote(text('debrief.playing'))} : {_quote(text('debrief.expert_none'))} }}}}"
                html.P(missing, v_if="replay.beside && !replay.beside.expert", classes="muted", raw_attrs=['role="status"'])
        with html.P(v_if="replay.beside", classes="why", raw_attrs=['data-testid="why"']):
            html.Strong(text("debrief.why") + ": ")
            html.Span("{{ replay.beside.why }}")
        with html.Dl(classes="readings"), html.Div(v_for="it in replay.readings", key="it.what + it.name"):
            html.Dt("{{ it.name ? it.name.replaceAll('-', ' ') : " + READS + "[it.what] || it.what }}")
            html.Dd("{{ it.said || '\u2013' }}")


def _quote(words: str) -> str:
    """Words as a string of JavaScript in a template."""
    return f"`{words}`"


def _add_canvas(kind: MonitorKind, test: str, name: str) -> None:
    html.Canvas(raw_attrs=[f'data-monitor="{kind}" width="512" height="512" data-testid="{test}" role="img"', f'aria-label="{name}"'])


def _add_place(where: str, test: str) -> None:
    """View and tip of one of the two images."""
    with html.Dl(v_if=f"replay.beside && {where}", classes="place", raw_attrs=[f'data-testid="{test}"']):
        for name, words in (("view", "view"), ("tip", "tip_place")):
            html.Dt(text(f"debrief.{words}"))
            html.Dd(f"{{{{ {where}.{name} }}}}")
        html.Dd(f"{{{{ {where}.note }}}}", v_if=f"{where}.note", classes="note")


def _add_course() -> None:
    with html.Section(v_if="debrief", classes="panel course", raw_attrs=[f'aria-label="{text("debrief.course")}"']):
        with html.Div(classes="row"):
            _add_play()
            for step, words in ((-10, "\u2212 10 s"), (-1, "\u2212 1 s"), (1, "+ 1 s"), (10, "+ 10 s")):
                button(words, click=JUMP.format(f"replay_s + {step}"), test=f"step{step:+d}")
            html.Output("{{ replay.time }} / {{ debrief.end }}", classes="scale", raw_attrs=['data-testid="replay-time"'])
            button(
                text("debrief.whole"),
                click="replay_span = replay_span[0] === 0 && replay_span[1] === debrief.end_s ? debrief.work : [0, debrief.end_s]",
                pressed="replay_span[0] === 0 && replay_span[1] === debrief.end_s",
                test="whole",
            )
            html.Span(text("debrief.keys"), classes="muted")
        html.Input(
            classes="scrub",
            raw_attrs=[
                'type="range" step="0.1" data-testid="scrub"',
                ':min="replay_span[0]" :max="replay_span[1]" :value="replay_s" :aria-valuetext="replay.time"',
                f'aria-label="{text("debrief.scrub")}"',
                '@input="utils.suite.replay(Number($event.target.value))"',
            ],
        )
        with html.Div(classes="ticks-line", raw_attrs=['aria-hidden="true"']):
            html.I(
                v_for="(it, number) in debrief.losses",
                key="number",
                raw_attrs=[f":style=\"{{left: {PLACE.format('it.time_s')} + '%'}}\""],
            )
        with html.Div(classes="plots"):
            with html.Div(v_for="it in debrief.plots", key="it.what", classes="plot", raw_attrs=[":data-testid=\"'plot-' + it.what\""]):
                html.Div(raw_attrs=['v-html="it.svg"', 'class="curve"', f':style="{STRETCH}"'])
                with html.Div(classes="plot-name"):
                    html.Span("{{ " + READS + "[it.what] || it.what }}, {{ it.most }} {{ it.unit }}")
                    html.Span(
                        "{{ name.replaceAll('-', ' ') }}",
                        v_for="(name, number) in it.names",
                        key="name",
                        raw_attrs=[":class=\"'key-' + number % 6\""],
                    )
            html.Div(classes="cursor", raw_attrs=[f":style=\"{{left: {PLACE.format('replay_s')} + '%'}}\""])


def _add_legend() -> None:
    """Names of the ways in the room, each beside a line as it is drawn there."""
    with html.Ul(classes="legend", raw_attrs=[f'aria-label="{text("debrief.legend")}"', 'data-testid="legend"']):
        for name, v_if in (("own-way", None), ("expert-way", "compared.some(it => it.expert)"), ("goal", None)):
            with html.Li(**({} if v_if is None else {"v_if": v_if})):
                html.I(classes=name, raw_attrs=['aria-hidden="true"'])
                html.Span(text(f"debrief.legend_{name.replace('-', '_')}"))


def _add_play() -> None:
    with html.Button(
        classes="key play",
        raw_attrs=['type="button" data-testid="play"', '@click="utils.suite.play()"', ':class="{on: replay_playing}"'],
    ):
        html.Span("{{ replay_playing ? '" + text("debrief.pause") + "' : '\u25b6 " + text("debrief.play") + "' }}")
    with html.Span(classes="row", raw_attrs=['role="group"', f'aria-label="{text("debrief.speed")}"']):
        for speed in SPEEDS:
            button(f"\u00d7{speed}", click=f"replay_speed = {speed}", pressed=f"replay_speed === {speed}", test=f"speed-{speed}")


def _jump(words: str, time_s: str, *raw: str) -> None:
    html.Button(
        words,
        classes="key small jump",
        raw_attrs=['type="button"', f'@click="{JUMP.format(time_s)}"', f'title="{text("debrief.jump")}"', *raw],
    )
