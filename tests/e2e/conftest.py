"""A trainer in a process of its own and a real Chromium that drives its page."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

INSTALL = "apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
FOUND = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
START_S = 60.0
PRESS_S = 10.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.e2e)


@dataclass(kw_only=True)
class Server:
    """A trainer that listens."""

    process: subprocess.Popen[str]
    url: str
    attempts: Path

    def engine(self) -> int:
        """Process number of its engine."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        named = [pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes().decode()]
        return int(named[0])


def serve(attempts: Path, *words: str) -> Server:
    """Start a trainer on a free port."""
    program = "from simulator.cli import main; raise SystemExit(main())"
    command = [
        sys.executable,
        "-c",
        program,
        "train",
        "--no-browser",
        "--port",
        "0",
        "--attempts",
        str(attempts),
        "--database",
        str(attempts / "a.sqlite"),
        *words,
    ]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    until = time.monotonic() + START_S
    lines = []
    assert process.stdout is not None
    while time.monotonic() < until:
        line = process.stdout.readline()
        lines.append(line)
        if "http://" in line:
            return Server(process=process, url=line.split()[-1], attempts=attempts)
        if process.poll() is not None:
            break
    raise AssertionError(f"the trainer did not start: {''.join(lines)}")


def end(server: Server) -> None:
    """Stop a trainer as Ctrl-C does."""
    server.process.send_signal(signal.SIGINT)
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()


@dataclass(kw_only=True)
class Page:
    """A page of the trainer, and what went wrong on it."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        """An element by its test id."""
        return self.page.locator(f'[data-testid="{name}"]')

    def state(self, name: str) -> Any:  # noqa: ANN401
        """A variable of the page."""
        return self.page.evaluate(f"window.trame.state.state.{name}")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait for a JavaScript expression over the page's state ``s``."""
        script = f"() => {{ const s = ((window.trame || {{}}).state || {{}}).state; return s && ({expression}); }}"
        self.page.wait_for_function(script, timeout=1000 * seconds)

    def hold(self, *keys: str, until: str, seconds: float = 120.0) -> None:
        """Hold keys until an expression holds, and leave them down.

        A browser that is busy drawing may miss the heartbeats for which the pedal stays down: then they are pressed again.
        """
        from playwright.sync_api import TimeoutError as TooLate

        last = time.monotonic() + seconds
        while True:
            for key in keys:
                self.page.keyboard.down(key)
            try:
                self.until(until, PRESS_S)
                return
            except TooLate:
                self.let_go(*keys)
                if time.monotonic() > last:
                    raise

    def let_go(self, *keys: str) -> None:
        """Let keys go."""
        for key in reversed(keys):
            self.page.keyboard.up(key)

    def begin(self, case: str, mode: str = "guided") -> None:
        """Choose a case, leaving the one that an earlier page was in."""
        if self.state("stage") != "start":
            self["leave"].click()
            self.until("s.stage === 'start'")
        self[f"mode-{mode}"].check()
        self[f"begin-{case}"].click()
        self.until("s.stage === 'suite'", 150)
        self.until("s.readouts.field_mm > 0 && s.scenario.id")

    def open(self, step: str) -> None:
        """Unfold a step."""
        details = self[f"step-{step}"]
        if details.get_attribute("open") is None:
            details.locator("summary").click()

    def press(self, key: str) -> None:
        """Press a key on the page."""
        self.page.keyboard.press(key)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if FOUND is None:
        reason = f"no Chromium to drive the page with: {INSTALL}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = serve(tmp_path_factory.mktemp("attempts"))
    yield found
    end(found)


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[[str], Page]]:  # noqa: ANN401
    """Open pages, each in a browser profile of its own unless the same context is handed on; errors on them fail the test."""
    contexts, pages = [], []

    def open_page(url: str, context: Any = None, *, width: int = 1280, height: int = 800) -> Page:  # noqa: ANN401
        own = context or chromium.new_context(viewport={"width": width, "height": height})
        if context is None:
            contexts.append(own)
        found = Page(page=own.new_page())
        found.page.on("console", lambda message: found.errors.append(message.text) if message.type == "error" else None)
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.goto(url)
        found.page.wait_for_selector('[data-testid="sound"]', timeout=60000)  # of the banner, which every stage has
        pages.append(found)
        return found

    yield open_page
    for context in contexts:
        context.close()


def find_unexpected(page: Page) -> list[str]:
    """Errors in the console, but for the launcher that trame looks for and does not need."""
    return [error for error in page.errors if "405" not in error]
