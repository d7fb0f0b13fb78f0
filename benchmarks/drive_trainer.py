"""How quick the trainer's page is, driven in a real Chromium on this machine: ``python -m benchmarks.drive_trainer``.

Server, engine and browser share the machine's cores, and without a graphics card the browser draws the room on them as well: pessimistic.
One table: measured, target, ratio. The page is the real one, reached through its own door.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from simulator.viewer.classroom.usage import read_process
from tests.e2e.conftest import FLAGS, FOUND, INSTALL, Page, Server, end, serve

CASE = "lumbar-interlaminar-l4-l5"
SPELLS = 3  # of some seconds under the pedal, in one of which the room is drawn anew
Row = tuple[str, float, str, float, bool]  # question, measured, unit, target, less is better


def main() -> int:
    """Measure and print."""
    if FOUND is None:
        print(f"no Chromium to drive the page with: {INSTALL}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        rows = list(measure(Path(folder), play))
    show(rows)
    return 0


def measure(folder: Path, play: Any) -> Iterator[Row]:
    began = time.perf_counter()
    server = serve(folder)
    try:
        browser = play.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
        page = Page(page=browser.new_page(viewport={"width": 1280, "height": 800}))
        page.page.goto(server.url)
        page.page.wait_for_selector('[data-testid^="begin-"]')
        yield "command to usable page, patient cached", time.perf_counter() - began, "s", 6.0, True
        page.begin(CASE)
        page.press("x")
        page.page.wait_for_function("window.suite.frames > 0", timeout=60000)
        page.page.wait_for_timeout(3000)
        yield "idle CPU with the pedal up, server and engine", measure_idle(server), "% of a core", 3.0, True
        for size, target in ((512, 90.0), (1024, 160.0)):
            resize_monitor(page, size)
            yield f"control change to new pixels, {size}", measure_latency(page), "ms", target, True
        yield from measure_running(page)
        yield "server memory, engine included", resident(server), "MB", 900.0, True
        browser.close()
    finally:
        end(server)


def resize_monitor(page: Page, size: int) -> None:
    """The live monitor at a size."""
    if page.state("size") != size:
        page["fine"].click()
        page.until(f"s.size === {size}")
        page.page.wait_for_timeout(1500)


def measure_latency(page: Page) -> float:
    """From a change of the monitor's contrast to the picture with it, ms, median of 15."""
    script = """async () => {
        const found = [];
        for (let i = 0; i < 15; i += 1) {
            const before = suite.frames, began = performance.now();
            suite.say({screen: {contrast: 1 + 0.02 * (i + 1)}});
            while (suite.frames === before) await new Promise(requestAnimationFrame);
            found.push(performance.now() - began);
            await new Promise(done => setTimeout(done, 120));
        }
        return found; }"""
    return statistics.median(page.page.evaluate(script))


def measure_running(page: Page) -> Iterator[Row]:
    """What is delivered while needle and C-arm move under the pedal."""
    place(page)
    page["rate"].select_option("15")
    page.until("s.readouts.pulses_per_s === 15")
    resize_monitor(page, 1024)
    push = "for (let i = 0; i < 40; i += 1) { suite.say({shaft_mm: i % 2 ? 0.2 : -0.2}); await pause(100); }"
    given, delivered, _ = np.sum([measure_under_pedal(page, push) for _ in range(SPELLS)], axis=0)
    yield "delivered pulses while the needle moves, 1024 at 15/s", 100 * delivered / given, "%", 95.0, False
    for size, target in ((512, 15.0), (1024, 8.0)):
        resize_monitor(page, size)
        _, shown, seconds = np.sum([measure_sweep(page, (-1) ** spell) for spell in range(SPELLS)], axis=0)
        yield f"delivered frames while the C-arm moves, {size}", shown / seconds, "frames/s", target, False


def measure_sweep(page: Page, way: int) -> tuple[float, float, float]:
    """As `measure_under_pedal`, while the C-arm turns one way."""
    found = measure_under_pedal(page, "await pause(3000);", before=make_turn_script(way))
    page.page.evaluate(make_turn_script(0))
    return found


def make_turn_script(way: int) -> str:
    """Drive the C-arm's orbital joint this way, or stop it."""
    return f"suite.held.carm = [{way}, 0, 0]; suite.say({{hold: {{carm: suite.held.carm}}}});"


def place(page: Page) -> None:
    """A needle some millimetres in."""
    box = page["live"].bounding_box()
    page.page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.until("s.marked")
    page["take-needle"].click()
    page.until("s.needle")
    page.page.evaluate("suite.say({shaft_mm: 20})")
    page.until("s.needle.outside_mm < 75")
    page.page.wait_for_timeout(1500)  # until it has been drawn in the room


def measure_under_pedal(page: Page, work: str, *, before: str = "") -> tuple[float, float, float]:
    """Pulses given, frames shown and seconds of some work under the pedal, from one frame's coming to another's; before it three frames."""
    script = f"""async () => {{
        const pause = ms => new Promise(done => setTimeout(done, ms));
        suite.held.pedal = true; suite.say({{hold: {{pedal: true}}}}); {before}
        const start = suite.frames; while (suite.frames < start + 3) await pause(5);
        const frames = suite.frames, given = suite.last.given, began = performance.now();
        {work}
        const last = suite.frames; while (suite.frames === last) await pause(2);
        const seconds = (performance.now() - began) / 1000, found = [suite.last.given - given, suite.frames - frames, seconds];
        suite.held.pedal = false; suite.say({{hold: {{pedal: false}}}}); await pause(800);
        return found; }}"""
    given, shown, seconds = page.page.evaluate(script)
    return given, shown, seconds


def processes(server: Server) -> list[int]:
    """The server's process and its children."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [server.process.pid, *map(int, children)]


def resident(server: Server) -> float:
    """Memory of server and engine, MB."""
    return sum(read_process(pid)[1].rss_mb for pid in processes(server))


def measure_idle(server: Server, seconds: float = 10.0) -> float:
    """CPU of server and engine while nothing is done, % of a core."""

    def read_cpu() -> float:
        return sum(read_process(pid)[1].cpu_s for pid in processes(server))

    before = read_cpu()
    time.sleep(seconds)
    return 100 * (read_cpu() - before) / seconds


def show(rows: list[Row]) -> None:
    table = Table(title="trainer, Chromium on the same machine")
    for name in ("question", "measured", "target", "ratio"):
        table.add_column(name)
    for question, value, unit, target, less in rows:
        ratio = value / target if less else target / max(value, 1e-9)
        table.add_row(question, f"{value:.3g} {unit}", f"{'<=' if less else '>='} {target:g} {unit}", f"{ratio:.2f}")
    Console(width=120, highlight=False).print(table)
    load = subprocess.run(["cat", "/proc/loadavg"], capture_output=True, text=True, check=False).stdout.split()[:3]
    print(f"load of this machine: {' '.join(load)}")


if __name__ == "__main__":
    raise SystemExit(main())
