"""A report tells everything once, refers to nothing outside itself, and lets no text of a case run as markup."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.criteria import merge
from scenarios.names.enums import Axis
from scenarios.schema.criterion import Criterion
from simulator.observation.album import Picture
from simulator.reporting.circumstances import Circumstances
from simulator.reporting.first_page import MOST_CHOSEN, choose_pictures
from simulator.reporting.page import RIM, as_page, crop_to_field
from simulator.reporting.plots import as_svg
from simulator.reporting.report import Curve, Kind, Moment, Plot, Report, Stated, format_time
from simulator.reporting.to_json import as_plain
from simulator.scoring.measured import Measured
from simulator.scoring.percent import percent
from simulator.scoring.score import score
from simulator.scoring.verdict import tell_verdict
from tests.laws import count

VOID = {"meta", "br", "img", "link", "hr", "input"}


class PageReader(HTMLParser):
    """Checks nesting; keeps tags, addresses and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def report() -> Report:
    criteria = tuple(
        Criterion.model_validate(merge({"use": name}))
        for name in ("decision", "depth-view", "contrast-first", "tip-to-target", "exposures", "fluoro-time")
    )
    measured = {
        "decision-right": Measured(value=1),
        "depth-view-before-flavum": Measured(value=0, time_s=400.0, note="the tip was 6 mm past the flavum"),
        "contrast-before-drug": Measured(value=0, time_s=600.0),
        "tip-to-target-mm": Measured(value=4.2, time_s=600.0, pulse=31),
        "exposures": Measured(value=3),
        "fluoro-s": Measured(value=12.5),
    }
    pictures = tuple(
        Picture(caption=f"AP, pulse {pulse}", time_s=20.0 * pulse, pulse=pulse, pixels=np.full((8, 8), pulse, dtype=np.uint8))
        for pulse in (7, 19, 31)
    )
    return Report(
        title="Lumbar interlaminar <b>L4-5</b>",
        scenario="lumbar-interlaminar-l4-l5",
        version="1.0",
        brief="Left paramedian; say '<script>alert(1)</script>' & go.",
        seed=3,
        facts=(("Fluoroscopy time", "12.5 s"),),
        score=score(criteria, measured, 0.7),
        moments=(Moment(time_s=140.0, kind=Kind.IMAGE, text="AP", pulse=7), Moment(time_s=400.0, kind=Kind.EVENT, text="flavum crossed")),
        pictures=pictures,
        plots=(
            Plot(
                title="Force <N>",
                x_label="depth, mm",
                y_label="N",
                curves=(Curve(name="hub", x=np.arange(5.0), y=np.arange(5.0)),),
                marks=((2.0, "flavum"),),
            ),
        ),
        beliefs=(Stated(time_s=500.0, what="compartment", believed="epidural-dorsal", truth="interspinous", confidence=0.9),),
        outcome=("Pain 3 of 10 at 30 minutes.",),
        debrief=(("Why a second plane?", "One plane has no depth."),),
    )


def test_the_page_is_well_nested_inert_and_refers_only_to_itself(report: Report) -> None:
    reader = PageReader()
    reader.feed(as_page(report))
    assert reader.open == []
    inside = {f"#{name}" for name in reader.ids}
    assert all(address.startswith("data:image/png") or address in inside for address in reader.addresses)


def test_texts_of_a_case_stay_text(report: Report) -> None:
    page = as_page(report)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Lumbar interlaminar &lt;b&gt;" in page


def test_every_lost_point_is_told_with_its_moment_and_image(report: Report) -> None:
    page = as_page(report)
    reader = PageReader()
    reader.feed(page)
    for result in report.score.losses:
        assert " ".join(result.sentence.split()) in " ".join(reader.text.split())
    assert 'href="#pulse-31"' in page  # the lost point's own image
    assert 'href="#pulse-19"' in page  # the last one before the flavum was crossed


def test_the_first_page_says_who_when_and_with_what_help(report: Report) -> None:
    circumstances = Circumstances(trainee="Ann <i>Li</i>", started="2026-11-30T09:05:00+00:00", mode="guided", toured=True)
    page = as_page(replace(report, circumstances=circumstances, hints=1))
    first = page[: page.index('id="losses"')]
    for said in ("Ann &lt;i&gt;Li&lt;/i&gt;", "2026-11-30", "guided: hints", "1 hint asked for; the tour led through it", "version 1.0"):
        assert said in first
    for said in ("epifluoro 0.", "seed 3", "never for guiding a real needle", "does not stand beside an unguided one", "Not passed: "):
        assert said in first
    assert all(f"<span>{word}</span>" in first for word in ("Safety", "Placement", "Efficiency"))
    assert "Appendix: all criteria" in page[page.index('class="appendix"') :]
    assert "does not stand beside" not in as_page(replace(report, circumstances=replace(circumstances, mode="practice")))
    assert "not named" in as_page(report)


def test_a_report_of_an_exam_is_headed_by_its_request(report: Report) -> None:
    wanted = replace(
        report, request="Interlaminar epidural injection at L4-L5, left: Ms A. Berg, 58", circumstances=Circumstances(mode="exam")
    )
    page = as_page(wanted)
    assert "<h1>Interlaminar epidural injection" in page
    assert report.title not in page
    assert report.brief not in page


@pytest.mark.parametrize(("pass_mark", "words"), [(0.2, "whatever the sum."), (0.7, "below the pass mark of 70.")])
def test_the_verdict_names_every_reason(report: Report, pass_mark: float, words: str) -> None:
    said = tell_verdict(replace(report.score, pass_mark=pass_mark))
    assert "1 critical error (contrast first)" in said
    assert said.endswith(words)


def test_no_page_of_ours_stands_in_a_report(report: Report) -> None:
    page = re.sub(r"data:image/png;base64,[^\"]*", "", as_page(report))
    assert not re.search(r"FACTS|DESIGN|PEERS|DEVELOPERS|\bsections? \d|\[\d+\]|\(s\)|\d / \d", page)


@settings(max_examples=count(50, 2000), deadline=None)
@given(st.lists(st.integers(0, 60), max_size=30, unique=True), st.lists(st.integers(0, 80), max_size=10))
def test_few_images_are_chosen_in_their_order(pulses: list[int], pointed: list[int]) -> None:
    pixels = np.zeros((2, 2), dtype=np.uint8)
    made = [
        Picture(caption="injecting" if pulse % 3 == 0 else "AP", time_s=float(pulse), pulse=pulse, pixels=pixels)
        for pulse in sorted(pulses)
    ]
    found = [picture.pulse for picture in choose_pictures(made, pointed)]
    assert found == sorted(set(found))
    assert len(found) == min(len(pulses), MOST_CHOSEN)
    first = next((pulse for pulse in pointed if pulse in pulses), None)
    assert first is None or first in found


def test_json_holds_every_criterion_and_adds_up(report: Report) -> None:
    plain = json.loads(json.dumps(as_plain(report)))
    assert [item["name"] for item in plain["criteria"]] == [result.criterion.name for result in report.score.results]
    won, at_stake = (sum(item[key] for item in plain["criteria"]) for key in ("points", "weight"))
    assert plain["grade"] == pytest.approx(min(won / at_stake, 0.4))
    assert plain["critical"] == ["contrast-first"]
    assert "never for guiding a real needle" in plain["notice"]


def test_cap_and_axes_that_fail_an_attempt_are_told(report: Report) -> None:
    found = report.score
    low = replace(report, score=replace(found, minima={Axis.PLACEMENT: 0.9}))
    text = " ".join(as_page(low).split())
    assert f"The sum was {percent(found.uncapped)} of 100; after a critical error the grade is 40 at most." in text
    assert "at least 90 % is asked, whatever the sum, and so the attempt fails." in text
    assert as_plain(low)["failed_axes"] == ["placement"]
    assert as_plain(low)["uncapped"] == pytest.approx(found.uncapped, abs=1e-6)
    assert "is asked" not in as_page(report)


def test_equal_plots_give_equal_text(report: Report) -> None:
    first, second = as_svg(report.plots[0]), as_svg(report.plots[0])
    assert first == second
    assert "Force &lt;N&gt;" in first


def test_images_are_shown_without_the_black_outside_the_leaves() -> None:
    pixels = np.zeros((100, 120), dtype=np.uint8)
    pixels[30:60, 40:90] = 99
    assert crop_to_field(pixels).shape == (30 + 2 * RIM, 50 + 2 * RIM)
    assert crop_to_field(np.zeros((5, 5), dtype=np.uint8)).shape == (5, 5)
    assert (crop_to_field(np.full((8, 9), 50, dtype=np.uint8)) == 50).all()


def test_clock_rounds_up_into_the_next_minute() -> None:
    assert [format_time(59.6), format_time(0), format_time(7200)] == ["1:00", "0:00", "2:00:00"]
