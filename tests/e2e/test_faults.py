"""What can go wrong around an attempt, in a real Chromium: the network, the tab, the disk, a case that cannot be played."""

import json
import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scenarios.loader import LIBRARY, read
from simulator.procedure.attempt.replay import replay_states
from simulator.procedure.state.case import case_of
from tests.e2e.conftest import Page, Server, end, find_unexpected, serve
from tests.e2e.relay import run_relay

CASE = "lumbar-interlaminar-l4-l5"
DROP_MS = 10000


def log_of(server: Server) -> Path:
    """Log of the newest attempt."""
    return max(server.attempts.glob("*/attempt.jsonl"), key=lambda path: path.stat().st_mtime)


def read_lines(log: Path) -> list[dict[str, object]]:
    """What was done, as the log on the disk has it."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]


def is_exposing(log: Path) -> bool:
    """Whether the pedal is down by the log."""
    actions = [item.get("action", {}) for item in read_lines(log)]
    trodden = ["let-go" not in said and said["pedal"]["down"] for said in actions if "pedal" in said or "let-go" in said]  # type: ignore[index,operator]
    return bool(trodden and trodden[-1])


def until(page: Page, holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something outside the page, while the page goes on."""
    for _ in range(int(10 * seconds)):
        if holds():
            return
        page.page.wait_for_timeout(100)
    raise AssertionError("it did not come about")


def line_of(page: Page, name: str) -> str:
    """A message of the page: one line for a person."""
    words = str(page.state(name))
    assert words
    assert "\n" not in words.strip()
    assert "Traceback" not in words
    return words


@pytest.mark.parametrize("how", ["down", "silent"])
def test_a_network_that_drops_ends_exposure_and_comes_back_to_the_same_attempt(
    server: Server, opened: Callable[..., Page], how: str
) -> None:
    with run_relay(server.url) as (relay, url):
        page = opened(url)
        page.begin(CASE)
        log = log_of(server)
        page.open("record")
        page["review-history"].click()
        page.until("s.chart.reviewed.length === 1")
        page.hold("Space", until="s.readouts.pedal && window.suite.frames > 2")
        setattr(relay, how, True)
        until(page, lambda: not is_exposing(log))
        page.page.wait_for_selector("text=The connection is lost", timeout=20000)
        page.page.wait_for_timeout(DROP_MS)
        setattr(relay, how, False)
        page.until("window.suite && window.suite.role === 'drive' && !window.suite.untold && s.stage === 'suite' && s.readouts", 60)
        page.page.wait_for_selector("text=The connection is lost", state="hidden", timeout=20000)
        page.until("s.chart.reviewed.length === 1")
        assert not is_exposing(log)
        assert not page.state("readouts.pedal")
        page.let_go("Space")
        frames = int(page.page.evaluate("window.suite.frames"))
        page.hold("Space", until=f"s.readouts.pedal && window.suite.frames > {frames + 2}")
        page.let_go("Space")
        page.until("!s.readouts.pedal")
        assert log_of(server) == log


@pytest.mark.parametrize("how", ["closed", "reloaded"])
def test_a_tab_that_goes_while_exposing_ends_exposure(server: Server, opened: Callable[..., Page], how: str) -> None:
    page = opened(server.url)
    page.begin(CASE)
    log = log_of(server)
    page.hold("Space", until="s.readouts.pedal && window.suite.frames > 2")
    context = page.page.context
    if how == "closed":
        page.page.close()
    else:
        page.page.reload()
    again = opened(server.url, context) if how == "closed" else page
    until(again, lambda: not is_exposing(log))
    again.until("window.suite && window.suite.role === 'drive' && s.stage === 'suite' && s.readouts && !s.readouts.pedal", 60)
    trodden = len(read_lines(log))
    if how == "reloaded":
        page.let_go("Space")
    again.hold("Space", until="s.readouts.pedal && window.suite.frames > 2")
    again.let_go("Space")
    again.until("!s.readouts.pedal")
    assert log_of(server) == log
    assert len(read_lines(log)) > trodden


def own_case(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    """A case of one's own: the caudal one under another name, with changes to its text."""
    shutil.copytree(LIBRARY / "caudal", folder / name)
    file = folder / name / "case.yaml"
    text = file.read_text().replace("id: caudal", f"id: {name}")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)
    return file


@pytest.fixture
def teacher(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A trainer that offers a teacher's own cases, one of which cannot be read."""
    folder = tmp_path / "cases"
    changing = own_case(folder, "changing")
    own_case(folder, "torn", ("approach: caudal", "approach: [caudal"))
    own_case(folder, "bones-only", ("anatomy: {sex: female, age_years: 64, bmi: 29}", "mesh: bones.yaml"))
    found = serve(tmp_path / "attempts", "--case", str(folder))
    yield found, changing
    end(found)


def test_a_case_that_cannot_be_played_is_told_of_in_words_and_the_page_stays_usable(
    teacher: tuple[Server, Path], opened: Callable[..., Page]
) -> None:
    server, changing = teacher
    page = opened(server.url)
    broken = page["broken"].inner_text()
    assert "torn/case.yaml:" in broken
    assert "mend" in broken
    assert page["begin-torn"].count() == 0
    page["begin-bones-only"].click()
    page.until("s.notice.includes('mesh')")
    assert "image only" in line_of(page, "notice")
    text = changing.read_text()
    changing.write_text(text.replace("weight_kg: 78", "weight_kg: much"))
    page.until("!s.busy")
    page["begin-changing"].click()
    page.until("s.notice.includes('weight_kg')")
    line_of(page, "notice")
    assert page.state("stage") == "start"
    changing.write_text(text)
    page.begin("changing")
    assert page["notice"].count() == 0
    assert find_unexpected(page) == []


def test_an_engine_that_dies_before_there_is_an_attempt_leaves_the_page_usable(
    teacher: tuple[Server, Path], opened: Callable[..., Page]
) -> None:
    server, _ = teacher
    page = opened(server.url)
    os.kill(server.engine(), signal.SIGKILL)
    page.until("s.notice.length > 0")
    assert "no attempt" in line_of(page, "notice")
    page["begin-changing"].click()
    page.until("s.busy || s.stage === 'suite'")
    os.kill(server.engine(), signal.SIGKILL)
    page.until("!s.busy && s.notice.length > 0", 60)
    page.begin("changing")
    page.press("x")
    page.page.wait_for_function("window.suite.frames > 0", timeout=60000)


def test_a_full_disk_costs_no_attempt_and_the_log_comes_by_the_page(server: Server, opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened(server.url)
    page.begin("caudal")
    log = log_of(server)
    limit = log.stat().st_size + 500
    resource.prlimit(server.engine(), resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))  # of any file, from now on
    page.open("record")
    for item in ("history", "medication", "allergies", "pregnancy", "laboratory", "imaging"):
        page[f"review-{item}"].click()
    page.until("s.trouble.length > 0")
    page.until("s.chart.reviewed.length === 6")
    page.hold("Space", until="window.suite.frames > 2")
    page.let_go("Space")
    page.until("!s.readouts.pedal")
    assert log.stat().st_size <= limit
    assert "Download it" in page["trouble"].inner_text()
    replay_download(page, tmp_path / "under-way.jsonl")
    page["finish"].click()
    page.until("s.stage === 'debrief' && s.debrief", 90)
    line_of(page, "notice")
    over = replay_download(page, tmp_path / "over.jsonl")
    assert over == "proceed"
    resource.prlimit(server.engine(), resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    page["leave"].click()
    page.until("s.stage === 'start'")
    page["begin-caudal"].click()
    page.until("!s.busy && s.notice.includes('make room')")
    line_of(page, "notice")
    resource.prlimit(server.engine(), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    page.begin("caudal")
    assert find_unexpected(page) == []


def replay_download(page: Page, place: Path) -> str | None:
    """Download the log and replay it to its end: whether the attempt is over there, as it is on the page."""
    with page.page.expect_download(timeout=60000) as download:
        page["log-download"].click()
    download.value.save_as(place)
    last = list(replay_states(place, case_of(read("caudal"))))[-1]
    assert len(last.chart.reviewed) == 6
    assert last.shots
    return None if last.over is None else str(last.over)
