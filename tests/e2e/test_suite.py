"""The page in a real Chromium: pedal, drives, needle, monitors, crash, second window, nothing from elsewhere."""

import os
import signal
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Page, Server, find_unexpected

CASE = "lumbar-interlaminar-l4-l5"


def count_frames(page: Page) -> int:
    return int(page.page.evaluate("window.suite.frames"))


def measure_grey(page: Page) -> float:
    """Mean grey of the live monitor."""
    script = """() => { const c = document.querySelector('canvas[data-monitor=live]');
        const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((_, i) => i % 4 === 0);
        return pixels.reduce((sum, grey) => sum + grey, 0) / pixels.length; }"""
    return float(page.page.evaluate(script))


def test_no_exposure_without_the_pedal_and_none_after_it(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    assert count_frames(page) == 0
    page.hold("Space", until="window.suite.frames > 4 && s.readouts.pedal")
    page.let_go("Space")
    page.until("!s.readouts.pedal")
    exposed_s, given = page.state("readouts.fluoro_s"), page.page.evaluate("suite.last.given")
    page.page.wait_for_timeout(900)
    assert (page.state("readouts.fluoro_s"), page.page.evaluate("suite.last.given")) == (exposed_s, given)
    assert 40 < measure_grey(page) < 220
    assert page.state("readouts.fluoro_s") > 0
    assert find_unexpected(page) == []


def test_the_pedal_is_let_go_when_the_window_loses_the_focus(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.hold("Space", until="s.readouts.pedal")
    page.page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.until("!s.readouts.pedal")


def test_the_pedal_is_let_go_when_the_tab_is_closed(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.hold("Space", until="s.readouts.pedal")
    context = page.page.context
    page.page.close()
    again = opened(server.url, context)
    again.until("s.stage === 'suite' && !s.readouts.pedal")
    fluoro = again.state("readouts.fluoro_s")
    again.page.wait_for_timeout(700)
    assert again.state("readouts.fluoro_s") == fluoro


def test_drives_by_mouse_and_by_keyboard(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page["orbital-more"].dispatch_event("pointerdown", {"pointerId": 1})
    page.until("s.readouts.oblique_deg > 5")
    page["orbital-more"].dispatch_event("pointerup", {"pointerId": 1})
    page.until("s.held.carm.every(drive => drive === 0)")
    stopped = page.state("readouts.oblique_deg")
    page.page.wait_for_timeout(700)
    assert page.state("readouts.oblique_deg") == stopped
    page.hold("ArrowDown", until="s.readouts.tilt_deg < -4")
    page.let_go("ArrowDown")
    page.hold("Shift", "ArrowUp", until="s.readouts.table_cranial_mm > 5")
    page.let_go("Shift", "ArrowUp")
    assert find_unexpected(page) == []


def test_mark_take_and_advance_a_needle_that_shows_on_the_monitor(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.press("x")
    page.page.wait_for_function("window.suite.frames > 0", timeout=60000)
    box = page["live"].bounding_box()
    page.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.until("s.marked")
    page["take-needle"].click()
    page.until("s.needle")
    page["coaxial"].click()
    page.press("3")
    for _ in range(4):
        page.press("w")
    page.until("s.needle.outside_mm < 75")
    page["needle-pad"].hover()
    page.page.mouse.wheel(0, 100)
    page.until("s.needle.outside_mm < 70")
    page.press("x")
    page.until("s.readouts.exposures >= 2")
    assert find_unexpected(page) == []


def test_an_engine_that_is_killed_goes_on_where_it_was(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.open("record")
    page["review-history"].click()
    page["review-allergies"].click()
    page.until("s.chart.reviewed.length === 2")
    os.kill(server.engine(), signal.SIGKILL)
    page.until("s.notice.length > 0")
    page.until("s.stage === 'suite' && s.chart.reviewed.length === 2 && !s.busy", 40)
    page["review-medication"].click()
    page.until("s.chart.reviewed.length === 3")


def test_a_reload_goes_on_and_a_second_window_only_watches(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.open("record")
    page["review-history"].click()
    page.until("s.chart.reviewed.length === 1")
    page.page.reload()
    page.page.wait_for_selector('[data-testid="live"]')
    page.until("s.chart.reviewed.length === 1")
    page.page.wait_for_function("window.suite.role === 'drive'")
    second = opened(server.url, page.page.context)
    second.page.wait_for_function("window.suite.role === 'watch'")
    second.press("x")
    second.page.wait_for_timeout(500)
    assert page.state("readouts.exposures") == 0
    page.press("x")
    second.page.wait_for_function("window.suite.frames > 0", timeout=60000)


def test_nothing_comes_from_another_host(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.press("x")
    page.page.wait_for_function("window.suite.frames > 0", timeout=60000)
    origin = "/".join(server.url.split("/")[:3])
    strange = [url for url in page.requests if not url.startswith((origin, "data:", "blob:"))]
    assert strange == []


def reference_pixels(page: Any) -> int:  # noqa: ANN401
    return int(page.page.evaluate("window.suite.reference ? window.suite.reference.picture.width : 0"))


def test_an_image_goes_to_the_reference_monitor_and_the_display_turns(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    page.begin(CASE)
    page.press("x")
    page.page.wait_for_function("window.suite.frames > 0", timeout=60000)
    page["save-reference"].click()
    page.until("s.saved === 1")
    page.page.wait_for_function("window.suite.reference")
    assert reference_pixels(page) == 512
    before = count_frames(page)
    page["invert"].click()
    page.page.wait_for_function(f"window.suite.frames > {before}")
    page.until("s.display.inverted")
    page["fine"].click()
    page.page.wait_for_function("document.querySelector('canvas[data-monitor=live]').width === 1024", timeout=20000)
