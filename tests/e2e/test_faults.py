"""What can go wrong around an attempt, in a real Chromium: the network, the tab, the disk, a case that cannot be played."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Page, Server
from tests.e2e.relay import relayed

CASE = "lumbar-interlaminar-l4-l5"
DROP_MS = 10000


def log_of(server: Server) -> Path:
    """Log of the newest attempt."""
    return max(server.attempts.glob("*/attempt.jsonl"), key=lambda path: path.stat().st_mtime)


def lines(log: Path) -> list[dict[str, object]]:
    """What was done, as the log on the disk has it."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]


def exposing(log: Path) -> bool:
    """Whether the pedal is down by the log."""
    trodden = [item["action"]["pedal"]["down"] for item in lines(log) if "pedal" in item.get("action", {})]  # type: ignore[index,operator]
    return bool(trodden and trodden[-1])


def until(page: Page, holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something outside the page, while the page goes on."""
    for _ in range(int(10 * seconds)):
        if holds():
            return
        page.page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


@pytest.mark.parametrize("how", ["down", "silent"])
def test_a_network_that_drops_ends_exposure_and_comes_back_to_the_same_attempt(
    server: Server, opened: Callable[..., Page], how: str
) -> None:
    with relayed(server.url) as (relay, url):
        page = opened(url)
        page.begin(CASE)
        log = log_of(server)
        page.open("record")
        page["review-history"].click()
        page.until("s.chart.reviewed.length === 1")
        page.hold("Space", until="s.readouts.pedal && window.suite.frames > 2")
        setattr(relay, how, True)
        until(page, lambda: not exposing(log))
        page.page.wait_for_selector("text=The connection is lost", timeout=20000)
        page.page.wait_for_timeout(DROP_MS)
        setattr(relay, how, False)
        page.until("window.suite && window.suite.role === 'drive' && !window.suite.untold && s.stage === 'suite' && s.readouts", 60)
        page.page.wait_for_selector("text=The connection is lost", state="hidden", timeout=20000)
        page.until("s.chart.reviewed.length === 1")
        assert not exposing(log)
        assert not page.state("readouts.pedal")
        page.let_go("Space")
        frames = int(page.page.evaluate("window.suite.frames"))
        page.hold("Space", until=f"s.readouts.pedal && window.suite.frames > {frames + 2}")
        page.let_go("Space")
        page.until("!s.readouts.pedal")
        assert log_of(server) == log
