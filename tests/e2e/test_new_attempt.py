"""A new attempt in the same browser looks like a fresh start: no image, no line, no lit button, no unfolded step of the one before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Page, find_unexpected, serve
from tests.e2e.conftest import end as stop

CASE = "lumbar-interlaminar-l4-l5"
LOOK = """() => ({
  dark: [...document.querySelectorAll('canvas[data-monitor]')].map(canvas =>
    [canvas.dataset.monitor, canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.every(value => value === 0)]),
  folds: [...document.querySelectorAll('.suite details')].map(one => [one.dataset.testid, one.open]),
  lit: [...document.querySelectorAll('[aria-pressed=true]')].map(one => one.dataset.testid),
  scrolled: [...document.querySelectorAll('.suite *')].filter(one => one.scrollTop).length,
  typed: [...document.querySelectorAll('.suite input')].map(one => [one.dataset.testid, one.type === 'checkbox' ? one.checked : one.value]),
  remembered: suite.remembered(),
})"""


def work(page: Page) -> None:
    """An attempt that leaves as much as can be left: images, a saved one, a line, an unfolded step, another camera, a measuring tool."""
    page.press("x")
    page.until("s.readouts.exposures > 0 && suite.frames > 0", 60)
    page.press("r")
    page.until("s.saved > 0")
    page["tool-measure"].click()
    box = page["live"].bounding_box()
    assert box is not None
    mouse = page.page.mouse
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.up()
    assert "mm" in page.page.inner_html("svg[data-sketch]")
    page.open("record")
    page["review-history"].click()
    page["camera-head"].click()
    page.until("s.chart.reviewed.length > 0")


def look(page: Page) -> Any:  # noqa: ANN401
    """What the page shows and remembers, once the room is drawn."""
    page.until("s.room_cameras.operator && s.readouts.field_mm > 0", 60)
    page.page.wait_for_timeout(1500)
    return page.page.evaluate(LOOK)


def test_a_new_attempt_shows_nothing_of_the_one_before(tmp_path: Path, opened: Callable[..., Page]) -> None:
    looks = []
    for name in ("used", "fresh"):
        server = serve(tmp_path / name)
        try:
            page = opened(server.url)
            if name == "used":
                page.begin(CASE, "practice")
                work(page)
            page.begin(CASE, "exam")
            looks.append(look(page))
            assert find_unexpected(page) == []
        finally:
            stop(server)
    used, fresh = looks
    assert all(dark for _, dark in used["dark"])
    assert used == fresh
