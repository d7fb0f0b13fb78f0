"""A past attempt in a real Chromium: opened from the start page, scrubbed, also after the engine died or the trainer ended."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.procedure.attempt.engine_number import ENGINE
from tests.e2e.conftest import Page, Server, end, find_unexpected, serve

CASE = "lumbar-interlaminar-l4-l5"


def practise(page: Page) -> None:
    """A short attempt with two images, to its end."""
    page.begin(CASE, "practice")
    page.press("x")
    page.until("s.readouts.exposures === 1", 60)
    page["preset-lateral-right"].click()
    page.until("Math.abs(s.readouts.oblique_deg) > 80", 60)
    page.press("x")
    page.until("s.readouts.exposures === 2", 60)
    page["finish"].click()
    page.until("s.stage === 'debrief' && s.debrief && s.report", 90)


def scrub(page: Page) -> None:
    """The bar moves the image from the second view to the first, and back."""
    page.page.wait_for_function("window.suite.debrief && window.suite.debrief.header.pulse === 1", timeout=60000)
    page["scrub"].focus()
    page.press("Home")
    page.until("s.replay_s === 0")
    page.page.wait_for_function("window.suite.debrief.header.pulse === 0", timeout=60000)
    page.press("End")
    page.page.wait_for_function("window.suite.debrief.header.pulse === 1", timeout=60000)


def reopen(page: Page) -> None:
    page["past"].locator("summary").click()
    page["review"].first.click()
    page.until("s.stage === 'debrief' && s.debrief && s.opening === null", 90)


def test_a_past_attempt_is_opened_and_scrubbed_and_outlives_the_engine(tmp_path: Path, opened: Callable[..., Page]) -> None:
    server = serve(tmp_path)
    try:
        page = opened(server.url)
        practise(page)
        score = page.state("debrief.grade")
        page["leave"].click()
        page.until("s.stage === 'start' && s.past.length === 1")
        reopen(page)
        assert page.state("debrief.grade") == score
        scrub(page)
        os.kill(server.engine(), signal.SIGKILL)
        page.until("s.stage === 'debrief' && !s.debrief", 60)
        page.until("s.debrief && s.opening === null", 90)
        scrub(page)
        assert find_unexpected(page) == []
    finally:
        end(server)
    again = serve(tmp_path)
    try:
        page = opened(again.url)
        reopen(page)
        assert page.state("debrief.grade") == score
        scrub(page)
        page["tab-files"].click()
        with page.page.expect_download(timeout=60000) as download:
            page["file-log"].click()
        assert Path(download.value.path()).read_text().startswith('{"epifluoro-log"')
        assert find_unexpected(page) == []
    finally:
        end(again)


OLD = {"scenario": {"version": 0, "sha256": "0"}, "patient": {}, "seed": 1, "versions": {}}


@pytest.mark.parametrize(
    ("head", "why", "marks"),
    [
        ({"epifluoro-log": 3, "engine": ENGINE, "computed_on": {}, **OLD}, "The case has changed since", 0),
        ({"epifluoro-log": 2, **OLD}, "Not replayed: it was made with another engine", 1),
    ],
)
def test_one_that_cannot_be_played_again_says_so_and_still_shows_its_report(
    tmp_path: Path, opened: Callable[..., Page], head: dict[str, object], why: str, marks: int
) -> None:
    folder = tmp_path / "20260101T000000-old-0"
    folder.mkdir()
    (folder / "attempt.json").write_text(json.dumps({"case": CASE, "finished": True, "passed": True, "grade": 0.9}))
    (folder / "attempt.jsonl").write_text(json.dumps(head) + "\n")
    (folder / "report.html").write_text("<!doctype html><title>an old report</title>")
    server: Server = serve(tmp_path)
    try:
        page = opened(server.url)
        page["past"].locator("summary").click()
        assert why in page["why-not"].inner_text()
        assert page["review"].count() == 0
        with page.page.context.expect_page() as beside:
            page["past"].locator("a").click()
        assert beside.value.title() == "an old report"
        assert beside.value.get_by_text("Not replayed").count() == marks
    finally:
        end(server)
