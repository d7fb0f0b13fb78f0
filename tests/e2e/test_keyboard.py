"""The whole guided case by the keyboard alone, with nothing to go by but the tour: it goes on by itself, to a report that passes."""

import json
from collections.abc import Callable

from tests.e2e.conftest import Page, Server, find_unexpected
from tests.e2e.test_whole_case import read_rings

HERE = "(document.activeElement.closest('[data-testid]') || document.body).dataset.testid"
STOP = f"""() => {{ const style = getComputedStyle(document.activeElement);
    return [{HERE}, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]; }}"""
BACKWARDS = """name => { const to = document.querySelector(`[data-testid="${name}"]`), at = document.activeElement;
    return at !== document.body && !!(at.compareDocumentPosition(to) & Node.DOCUMENT_POSITION_PRECEDING); }"""
MOST_STOPS = 140


def reach(page: Page, name: str) -> None:
    """Tab to a control, which then shows that it has the focus."""
    page[name].wait_for(state="visible")
    key = "Shift+Tab" if page.page.evaluate(BACKWARDS, name) else "Tab"
    for _ in range(MOST_STOPS):
        at, seen = page.page.evaluate(STOP)
        if at == name:
            assert seen, f"{name} has the focus and does not show it"
            return
        page.press(key)
    raise AssertionError(f"{name} is not reached with {key}")


def push(page: Page, *names: str) -> None:
    """Press buttons, one after the other."""
    for name in names:
        reach(page, name)
        page.press("Enter")


def type_in(page: Page, name: str, words: str) -> None:
    """Choose from a list by its first letters, or type into a field; then leave it."""
    reach(page, name)
    if page.page.evaluate("document.activeElement.tagName") == "INPUT":
        page.press("Control+a")
    page.page.keyboard.type(words)
    page.press("Escape")


def tap(page: Page, key: str, times: int) -> None:
    for _ in range(times):
        page.press(key)


def wait_for_step(page: Page, key: str) -> None:
    """Wait until the tour speaks of a step."""
    from simulator.viewer.text.strings import text

    page.until(f"s.tour_text === {json.dumps(text(f'tour.{key}'))}", 40)


def shoot(page: Page) -> None:
    shots = page.state("readouts.exposures")
    page.press("x")
    page.until(f"s.readouts.exposures > {shots} && s.guide_svg.includes('circle')", 40)


def do_paperwork(page: Page) -> None:
    """From the record to the drapes."""
    wait_for_step(page, "record")
    push(page, *(f"review-{item}" for item in ("history", "medication", "allergies", "pregnancy", "laboratory", "imaging")))
    wait_for_step(page, "images")
    push(page, "slice-sagittal-midline")
    wait_for_step(page, "examine")
    push(page, "examine-pain-score", "examine-neurology")
    wait_for_step(page, "decide")
    push(page, "decide-proceed")
    wait_for_step(page, "consent")
    for risk in page.state("scenario.risks"):
        reach(page, f"risk-{risk}")
        page.press("Space")
    assert page.state("risks") == page.state("scenario.risks")
    push(page, "consent")
    wait_for_step(page, "protect")
    push(page, "monitor", *(f"protect-{item}" for item in ("apron", "thyroid-collar", "lead-glasses", "sterile-gloves", "mask")))
    wait_for_step(page, "position")
    push(page, "posture-prone-pillow")
    type_in(page, "said-level", "L4-L5")
    type_in(page, "said-side", "left")
    push(page, "time-out")
    wait_for_step(page, "prepare")
    push(page, "prepare-chlorhexidine-alcohol")


def set_view(page: Page) -> None:
    """Centre, collimate, and look down the needle's way."""
    wait_for_step(page, "pedal")
    page.hold("Space", until="s.readouts.fluoro_s > 0")
    page.let_go("Space")
    wait_for_step(page, "table")
    tap(page, "Shift+ArrowDown", 9)
    shoot(page)
    wait_for_step(page, "collimate")
    push(page, "tool-collimate")
    reach(page, "live")
    for key, times in (
        ("Shift+ArrowLeft", 4),
        ("Shift+ArrowUp", 4),
        ("Enter", 1),
        ("Shift+ArrowRight", 8),
        ("Shift+ArrowDown", 8),
        ("Enter", 1),
    ):
        tap(page, key, times)
    wait_for_step(page, "barrel")
    push(page, "tool-mark")
    tap(page, "ArrowLeft", 4)
    tap(page, "ArrowDown", 4)
    page.until("Math.abs(s.readouts.oblique_deg - 4) < 0.1 && Math.abs(s.readouts.tilt_deg + 4) < 0.1")
    shoot(page)


def steer_needle(page: Page) -> None:
    """Mark, numb, take, aim, advance; depth in the contralateral oblique; loss of resistance; both planes."""
    wait_for_step(page, "mark")
    _, (u, v) = read_rings(page)
    reach(page, "live")
    tap(page, "Shift+ArrowLeft", 4)  # from the corner of the frame back to the middle
    tap(page, "Shift+ArrowUp", 4)
    tap(page, "ArrowRight" if u > 0.5 else "ArrowLeft", round(abs(u - 0.5) / 0.005))
    tap(page, "ArrowDown" if v > 0.5 else "ArrowUp", round(abs(v - 0.5) / 0.005))
    page.press("Enter")
    wait_for_step(page, "local")
    push(page, "infiltrate")
    wait_for_step(page, "take")
    push(page, "take-needle")
    wait_for_step(page, "aim")
    page.press("c")
    shoot(page)
    wait_for_step(page, "advance")
    page.press("3")
    tap(page, "w", 6)
    wait_for_step(page, "depth")
    push(page, "preset-clo-left")
    wait_for_step(page, "lift")
    tap(page, "Shift+PageUp", 7)
    shoot(page)
    wait_for_step(page, "close")
    page.press("2")
    tap(page, "w", 13)
    wait_for_step(page, "look")
    shoot(page)
    wait_for_step(page, "stylet")
    push(page, "stylet")
    wait_for_step(page, "syringe")
    push(page, "lor-saline")
    wait_for_step(page, "loss")
    page.page.keyboard.down("l")
    for _ in range(24):
        if page.state("tour_at") != "thumb":
            break
        page.press("w")
        page.page.wait_for_timeout(200)
    page.page.keyboard.up("l")
    wait_for_step(page, "confirm")
    shoot(page)
    wait_for_step(page, "square")
    push(page, "preset-ap")
    page.until("Math.abs(s.readouts.oblique_deg) < 1")
    shoot(page)


def attach(page: Page, *drawn: tuple[str, str]) -> None:
    """Draw up and attach."""
    for agent, volume in drawn:
        type_in(page, "draw-agent", agent)
        type_in(page, "draw-ml", volume)
        push(page, "draw-add")
    push(page, "draw-attach")


def inject(page: Page) -> None:
    """Contrast medium, what is believed, the drug, the needle out."""
    wait_for_step(page, "off")
    push(page, "take-off")
    wait_for_step(page, "contrast")
    attach(page, ("iohexol", "3"))
    wait_for_step(page, "aspirate")
    page.press("a")
    wait_for_step(page, "live")
    page.hold("Space", "p", until="s.hub.left_ml < 1.9")
    page.let_go("Space", "p")
    wait_for_step(page, "save")
    page.press("r")
    wait_for_step(page, "belief")
    type_in(page, "belief-level", "L4-L5")
    type_in(page, "belief-side", "left")
    type_in(page, "belief-compartment", "epidural dorsal")
    push(page, "commit-belief")
    wait_for_step(page, "drug")
    push(page, "take-off")
    attach(page, ("dexa", "1"), ("saline", "4"))
    wait_for_step(page, "aspirate-again")
    page.press("a")
    wait_for_step(page, "give")
    type_in(page, "flow-rate", "0.5")
    page.hold("p", until="s.hub.left_ml < 0.1")
    page.let_go("p")
    wait_for_step(page, "out")
    push(page, "remove-needle")


def finish_case(page: Page) -> None:
    """Observation, advice, questions, the end."""
    wait_for_step(page, "after")
    push(page, "wait-25", "examine-after-pain-score", "examine-after-neurology")
    wait_for_step(page, "advise")
    push(page, *(f"advise-{item}" for item in ("driver", "leg-weakness", "onset-days", "pain-diary", "red-flags")))
    wait_for_step(page, "questions")
    push(page, "answer-epidurogram-epidural", "answer-next-day-wait")
    wait_for_step(page, "finish")
    push(page, "finish")
    page.until("s.stage === 'debrief' && s.debrief && s.report", 90)


def walk_debrief(page: Page) -> None:
    """The tour goes through the debrief; its tabs are one stop, turned with the arrow keys."""
    wait_for_step(page, "score")
    reach(page, "tab-score")
    page.press("ArrowRight")
    page.until("s.debrief_tab === 'beliefs'")
    assert page.page.evaluate(HERE) == "tab-beliefs"
    page.press("End")
    page.until("s.debrief_tab === 'files'")
    page.press("ArrowRight")
    page.until("s.debrief_tab === 'score'")
    assert page.page.locator('[role="tab"][tabindex="0"]').count() == 1
    for step in ("replay", "leave"):
        push(page, "tour-next")
        wait_for_step(page, step)
    push(page, "tour-next")
    page.until("s.tour_at === ''")


def test_the_tour_leads_through_the_case_by_the_keyboard_alone(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    push(page, "tour")
    page.until("s.stage === 'suite'", 150)
    wait_for_step(page, "welcome")
    push(page, "tour-next")
    for part in (do_paperwork, set_view, steer_needle, inject, finish_case, walk_debrief):
        part(page)
    (report,) = server.attempts.glob("*/report.json")
    found = json.loads(report.read_text())
    lost = {item["name"]: item["why"] for item in found["criteria"] if item["credit"] < 1}
    assert found["passed"], lost
    assert "depth-view" not in lost
    assert "final-view" not in lost
    assert find_unexpected(page) == []


def test_the_list_of_keys_opens_takes_the_focus_and_gives_it_back(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    if page.state("stage") != "start":
        push(page, "leave")
        page.until("s.stage === 'start'")
    reach(page, "tour")
    page.press("?")
    page["keys"].wait_for()
    page.page.wait_for_function(f"{HERE} === 'keys-close'")
    page.press("Escape")
    page["keys"].wait_for(state="detached")
    page.page.wait_for_function(f"{HERE} === 'tour'")
