"""The page can be read: contrast, names, and everything in sight at the smallest window, from the start page to the debrief."""

from collections.abc import Callable
from pathlib import Path

from tests.e2e.conftest import Page, Server

CASE = "lumbar-interlaminar-l4-l5"
READING = Path(__file__).with_name("reading.js").read_text()
NEVER = "never for guiding a real needle"
SIZES = ((1280, 800), (1440, 900), (1920, 1080))
STEPS = ("brief", "record", "examination", "decision", "consent", "preparation", "local", "ask", "belief", "after", "questions")
TABS = ("beliefs", "expert", "talk", "files", "score")
CUT = Path(__file__).with_name("cut.js").read_text()


def read(page: Page, least: int) -> None:
    """Nothing that a reader would trip over; and there was something to read."""
    said = page.page.evaluate(READING)
    assert said["found"] == []
    assert said["texts"] >= least
    assert NEVER in page["notice-never"].inner_text()


def check_nothing_cut(page: Page) -> None:
    """Nothing cut off or out of sight, at every size; what scrolls of its own accord is a list or a text."""
    for width, height in SIZES:
        page.page.set_viewport_size({"width": width, "height": height})
        page.page.wait_for_timeout(150)
        assert page.page.evaluate(CUT) == [], (width, height)
    page.page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_everything_can_be_read_and_nothing_is_out_of_sight(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page["tour"].wait_for()
    assert page["tour"].bounding_box()["y"] < 250
    read(page, 60)
    check_nothing_cut(page)
    page["help"].click()
    page["keys-close"].wait_for()
    read(page, 100)
    page["keys-close"].click()
    page["tour"].click()
    page.until("s.stage === 'suite'", 150)
    page["tour-card"].wait_for()
    for step in STEPS:
        page.open(step)
        if step == "record":
            page["review-imaging"].click()
            page["slice-sagittal-midline"].click()
            page["slice-image"].wait_for()
        page.page.wait_for_timeout(200)
        read(page, 60)
    page.press("x")
    page.until("s.readouts.exposures > 0", 40)
    page.press("r")
    page["live"].click()
    page.until("s.marked && s.saved > 0")
    page["take-needle"].click()
    page["needle-depth"].wait_for()
    check_nothing_cut(page)
    page["stylet"].click()
    page["lor-saline"].click()
    page.until("s.hub.attached === 'lor-saline'")
    read(page, 80)
    check_nothing_cut(page)
    page["finish"].click()
    page.until("s.stage === 'debrief' && s.debrief && s.report", 90)
    for tab in TABS:
        page[f"tab-{tab}"].click()
        page[f"debrief-{tab}"].wait_for()
        page.page.wait_for_timeout(200)
        read(page, 30)
    check_nothing_cut(page)
