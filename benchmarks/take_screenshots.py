"""Pictures of the page for the README: ``python -m benchmarks.take_screenshots`` plays the guided case and writes into ``docs``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e import test_whole_case as case
from tests.e2e.conftest import FLAGS, FOUND, INSTALL, Page, end, serve

DOCS = Path(__file__).parents[1] / "docs"
SETTLED_MS = 2500


def main() -> int:
    """Play and write ``suite.png`` and ``debrief.png``."""
    if FOUND is None:
        print(f"no Chromium to drive the page with: {INSTALL}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = serve(Path(folder))
        try:
            browser = play.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
            page = Page(page=browser.new_page(viewport={"width": 1440, "height": 900}))
            page.page.goto(server.url)
            page.page.wait_for_selector('[data-testid^="begin-"]')
            take_shots(page)
        finally:
            end(server)
    return 0


def take_shots(page: Page) -> None:
    page.begin(case.CASE)
    for part in (case.do_paperwork, case.centre, case.place_needle, case.advance_in_depth_view, case.find_loss, case.inject_contrast):
        part(page)
    page.page.wait_for_timeout(SETTLED_MS)
    page.page.screenshot(path=DOCS / "suite.png")
    for part in (case.commit_belief, case.inject_drug, case.finish_case):
        part(page)
    page.until("s.replay.time")
    page.page.wait_for_function("window.suite.debrief", timeout=60000)
    page.page.wait_for_timeout(SETTLED_MS)
    page.page.screenshot(path=DOCS / "debrief.png")


if __name__ == "__main__":
    raise SystemExit(main())
