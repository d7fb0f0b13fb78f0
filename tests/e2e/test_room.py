"""The room in a real Chromium: it is drawn, follows the C-arm, takes clicks, keeps its keys to itself, and can be done without."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import FLAGS, FOUND, Page, Server, find_unexpected

CASE = "lumbar-interlaminar-l4-l5"
DRAWN_MS = 1200
RIM = 8  # pixels, where the outline of what has the focus comes and goes


def grab_panel(page: Page) -> np.ndarray:
    """The panel as it looks, grey, shape (rows, columns), without its rim."""
    page.page.wait_for_timeout(DRAWN_MS)
    whole = np.asarray(Image.open(io.BytesIO(page["room-view"].screenshot())).convert("L"), dtype=float)
    return whole[RIM:-RIM, RIM:-RIM]


def differs(before: np.ndarray, after: np.ndarray) -> float:
    """Share of the pixels that changed."""
    return float((np.abs(before - after) > 12).mean())


@pytest.fixture
def suite(server: Server, opened: Callable[..., Page]) -> Page:
    page = opened(server.url)
    page.begin(CASE)
    page.until("Object.keys(s.room_cameras).length > 0 && s.room_mesh_skin.mesh.polys.shape[0] > 1")
    page.page.wait_for_timeout(DRAWN_MS)
    return page


def test_the_room_is_drawn_and_each_camera_shows_something_else(suite: Page) -> None:
    pictures = []
    for name in ("operator", "room", "head", "overhead", "needle"):
        suite[f"camera-{name}"].click()
        pictures.append(grab_panel(suite))
        assert pictures[-1].std() > 20
    assert all(differs(one, other) > 0.2 for number, one in enumerate(pictures) for other in pictures[:number])
    assert find_unexpected(suite) == []


def test_the_drawn_c_arm_follows_the_real_one_and_stands_when_it_stands(suite: Page) -> None:
    suite["camera-room"].click()
    before = grab_panel(suite)
    assert differs(before, grab_panel(suite)) == 0
    suite.page.keyboard.down("ArrowRight")
    suite.page.wait_for_timeout(1500)
    suite.page.keyboard.up("ArrowRight")
    suite.until("Math.abs(s.readouts.oblique_deg) > 5")
    assert differs(before, grab_panel(suite)) > 0.01


def test_a_click_on_the_skin_marks_it_and_the_end_of_a_drag_does_not(suite: Page) -> None:
    suite["camera-needle"].click()
    suite.page.wait_for_timeout(DRAWN_MS)
    box = suite["room-view"].bounding_box()
    x, y = box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"]
    suite.page.mouse.move(x, y)
    suite.page.mouse.down()
    suite.page.mouse.move(x + 60, y + 10, steps=6)
    suite.page.mouse.up()
    suite.page.wait_for_timeout(DRAWN_MS)
    assert not suite.state("marked")
    suite["camera-needle"].click()
    suite.page.wait_for_timeout(DRAWN_MS)
    suite.page.mouse.click(x, y)
    suite.until("s.marked")


def test_keys_meant_for_the_suite_do_not_change_the_drawing(suite: Page) -> None:
    suite["camera-room"].click()
    suite["room-view"].locator("[tabindex]").focus()
    before = grab_panel(suite)
    for key in ("w", "v"):  # wire frame and points, as vtk.js would have it
        suite.press(key)
    assert differs(before, grab_panel(suite)) == 0


def test_what_is_seen_through_can_be_covered(suite: Page) -> None:
    suite["camera-overhead"].click()
    before = grab_panel(suite)
    suite["see-through"].click()
    assert differs(before, grab_panel(suite)) > 0.003
    suite["see-through"].click()
    suite.until("s.room_see")


@pytest.mark.parametrize("mode", ["practice", "exam"])
def test_no_anatomy_leaves_the_engine_in_other_modes(server: Server, opened: Callable[..., Page], mode: str) -> None:
    page = opened(server.url)
    page.begin(CASE, mode)
    page.until("s.room_mesh_skin.mesh.polys.shape[0] > 1 && s.room_mesh_carm.mesh.polys.shape[0] > 1 && !s.room_inside")
    inner = [page.state(f"room_mesh_{name}") for name in ("bones", "discs", "flavum", "dura", "roots", "target", "corridor")]
    assert all(mesh["mesh"]["polys"]["shape"] == [1, 4] for mesh in inner)  # one empty face in the place of each
    assert page["see-through"].count() == 0


def test_without_webgl_words_stand_in_its_place_and_the_rest_works(server: Server, chromium: Any) -> None:  # noqa: ANN401
    browser = chromium.browser_type.launch(executable_path=FOUND, args=[*FLAGS, "--disable-3d-apis"], headless=True)
    try:
        page = Page(page=browser.new_context(viewport={"width": 1280, "height": 800}).new_page())
        page.page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.page.goto(server.url)
        page.page.wait_for_selector('[data-testid^="begin-"], [data-testid="live"]', timeout=30000)
        page.begin(CASE)
        assert "WebGL" in page["room-none"].inner_text()
        page.press("x")
        page.page.wait_for_function("window.suite.frames > 0", timeout=30000)
        assert page.errors == []
    finally:
        browser.close()
