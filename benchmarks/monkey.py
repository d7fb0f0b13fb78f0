"""A monkey at the trainer's page, in a real Chromium: ``python -m benchmarks.monkey --minutes 60 --seed 0``.

It clicks whatever can be clicked, holds keys, drags on the monitor and in the room, turns the wheel, types nonsense, says nonsense over the
socket, changes case and mode, finishes attempts, looks at debriefs and reloads. The same seed draws the same numbers; what they meet
depends on how far the page has come, so two runs are alike and not the same. One table: what was done, what went wrong, memory at the
start and at the end. The page's tests let the same monkey loose for a minute.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.drive_trainer import resident
from tests.e2e.conftest import FLAGS, FOUND, INSTALL, Page, Server, end, find_unexpected, serve

CASES = ("lumbar-interlaminar-l4-l5", "caudal", "aspirin")
MODES = ("guided", "practice", "exam")
TARGET_MB = 50.0
LONGEST_LINE = 700  # characters of a message: more is not read
ATTEMPT = 150  # actions on the mean before the monkey ends an attempt in some way
RARE = ("leave", "finish", "begin-", "resume", "tour", "file-", "log-download", "sound", "voice-on")
"""What a click by chance must not hit as often as the rest, or no attempt would come far."""

NONSENSE = (
    "",
    "-1",
    "0",
    "1e9",
    "-1e309",
    "NaN",
    "0.30000000000000004",
    "x" * 300,
    "'; DROP TABLE",
    "{{ 7 * 7 }}",
    "<b>b</b>",
    "\u65e5\u672c",
    "\x00",
)
SAYINGS = (
    "{act: 'no-such-thing'}",
    "{act: 5}",
    "{act: null}",
    "{act: {}}",
    "{act: {wait: {}}}",
    "{act: {wait: {duration_s: 'x'}}}",
    "{act: {wait: {duration_s: 1e300}}}",
    "{act: {collimate: {left_mm: null, right_mm: 'a', top_mm: [], bottom_mm: {}}}}",
    "{act: {'mark-skin': {across: 7, down: -3}}}",
    "{act: {'attach-syringe': {contents: 5}}}",
    "{act: {'aim-needle': {oblique_deg: 1e9}}}",
    "{hold: null}",
    "{hold: 5}",
    "{hold: {pedal: 'yes', tail: 1}}",
    "{hold: {carm: [1, 2]}}",
    "{hold: {carm: [NaN, 0, 0]}}",
    "{hold: {plunger_ml_s: 1e9}}",
    "{shaft_mm: 'deep'}",
    "{shaft_mm: -250}",
    "{roll_deg: null}",
    "{screen: 5}",
    "{screen: {size: [512]}}",
    "{screen: {contrast: 'much'}}",
    "{screen: {quarter_turns: 1.5}}",
    "{screen: {no: 1}}",
    "{undo: 'all'}",
    "{undo: -4}",
    "{undo: 10000}",
    "{pause: 'perhaps'}",
    "{slice: '../../etc/passwd'}",
    "{slice: 5}",
    "{pace: 'slow'}",
    "{pace: null}",
    "{replay: 'there'}",
    "{replay: null}",
    "{replay: 1e300}",
    "{beat: {}}",
)
KEYS = (
    *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"),
    *("p", "l", " ", "w", "s", "e", "q", "x", "r", "a", "c", "1", "2", "3", "h", "k"),
    *("w", "w", "w", "x", "Tab", "Shift+Tab", "Enter", "Escape", "Home", "End", "PageUp", "PageDown", "z", "v"),
)
HELD = (("Space",), ("Space", "ArrowRight"), ("Space", "p"), ("p",), ("l",), ("ArrowUp",), ("Shift", "ArrowDown"), ("Space", "w"))

TARGETS = """() => [...document.querySelectorAll(
    'button, summary, select, input, canvas[data-monitor], [data-testid=room-view], a[href], label')].map(one => {
        const box = one.getBoundingClientRect();
        const x = box.left + box.width / 2, y = box.top + box.height / 2;
        if (box.width < 2 || box.height < 2 || one.disabled || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return null;
        const top = document.elementFromPoint(x, y);
        if (!top || !(one.contains(top) || top.contains(one))) return null;
        return {tag: one.tagName, type: one.type || '', id: one.dataset.testid || '', x, y, width: box.width, height: box.height};
    }).filter(Boolean)"""
CHOOSE = """([x, y, share]) => {
    const one = document.elementFromPoint(x, y)?.closest('select');
    const open = one ? [...one.options].filter(option => !option.disabled) : [];
    if (!open.length) return;
    one.selectedIndex = open[Math.floor(share * open.length)].index;
    one.dispatchEvent(new Event('change', {bubbles: true}));
}"""
LISTEN = """(() => {
    window.heard = [];
    const last = {};
    setInterval(() => {
        const s = ((window.trame || {}).state || {}).state || {};
        for (const name of ['refused', 'notice', 'trouble']) {
            if (s[name] && s[name] !== last[name] && window.heard.length < 100) window.heard.push([name, String(s[name])]);
            last[name] = s[name];
        }
    }, 30);
})()"""
ANSWER_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What was used at one moment, MB: resident memory of server and engine, and the page's JavaScript heap after a collection."""

    case: str
    at_s: float
    server_mb: float
    heap_mb: float


@dataclass(kw_only=True)
class Found:
    """What the monkey has done and met.

    Attributes
    ----------
    done : Counter
        Actions by kind.
    errors : list of str
        What must not be: errors of the page, tracebacks, an engine that died, messages that are no line for a person.
    said : Counter
        Messages of the page.
    memory : list of Memory
        Each time a case had been begun and its first image seen.
    """

    done: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    memory: list[Memory] = field(default_factory=list)


@dataclass(kw_only=True)
class Monkey:
    """Hands without a mind.

    Attributes
    ----------
    page : Page
        Which it plays with.
    server : Server
        Behind it.
    rng : Generator
        What it does.
    cases : sequence of str
        Which it begins, in turn.
    say : callable
        Takes a line on how it goes.
    """

    page: Page
    server: Server
    rng: np.random.Generator
    cases: Sequence[str] = CASES
    say: Callable[[str], None] = lambda _: None
    found: Found = field(default_factory=Found)
    began_s: float = field(default_factory=time.monotonic)
    _engine: int = 0
    _number: int = 0
    _seen: int = 0
    _left: int = 0

    def play(self, *, actions: int | None = None, seconds: float | None = None) -> Found:
        """Play for so many actions or so long, whichever ends first, and see at the end whether the page still answers."""
        self._engine = self.server.engine()
        self.page.page.add_init_script(LISTEN)
        self.page.page.evaluate(LISTEN)
        self.page.page.on("dialog", lambda dialog: dialog.dismiss())
        self.page.page.context.on("page", lambda other: other.close())
        until_s = self.began_s + (np.inf if seconds is None else seconds)
        self._begin_next_case()
        while time.monotonic() < until_s and (actions is None or self.found.done.total() < actions):
            self._act_once()
        self._check_answers()
        return self.found

    # what it does

    def _act_once(self) -> None:
        stage = self.page.state("stage")
        if stage == "start":
            self._begin_next_case()
        elif self._left <= 0:
            self._end(stage)
        else:
            self._left -= 1
            kinds, weights = zip(*self._kinds(stage).items(), strict=True)
            kind = kinds[self.rng.choice(len(kinds), p=np.array(weights) / sum(weights))]
            getattr(self, f"_{kind}")()
            self.found.done[kind.replace("_", " ")] += 1
        self.look()

    def _kinds(self, stage: str) -> Mapping[str, float]:
        """Kinds of action and how often each comes."""
        kinds = {
            "click": 40.0,
            "click_rarely": 0.4,
            "press_key": 15.0,
            "choose": 6.0,
            "type": 5.0,
            "drag": 6.0,
            "turn_wheel": 5.0,
            "send_saying": 3.0,
            "reload": 0.15,
        }
        return kinds | ({"hold": 8.0} if stage == "suite" else {"scrub": 10.0})

    def _targets(self, wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        found = [one for one in self.page.page.evaluate(TARGETS) if wanted(one)]
        return found[self.rng.integers(len(found))] if found else None

    def _click(self) -> None:
        self._hit(lambda one: not one["id"].startswith(RARE) and one["tag"] != "SELECT")

    def _click_rarely(self) -> None:
        self._hit(lambda one: one["id"].startswith(RARE) and one["id"] != "leave")

    def _hit(self, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
        one = self._targets(wanted)
        if one is None:
            return
        share = self.rng.uniform(0.05, 0.95, 2) if one["width"] > 60 and one["height"] > 60 else np.array([0.5, 0.5])
        x, y = one["x"] + (share[0] - 0.5) * one["width"], one["y"] + (share[1] - 0.5) * one["height"]
        self.page.page.mouse.click(x, y, delay=float(self.rng.choice([0, 0, 0, 200])), click_count=int(self.rng.choice([1, 1, 1, 2])))

    def _press_key(self) -> None:
        self.page.page.keyboard.press(str(self.rng.choice(KEYS)))

    def _hold(self) -> None:
        keys = HELD[self.rng.integers(len(HELD))]
        for key in keys:
            self.page.page.keyboard.down(key)
        self.page.page.wait_for_timeout(float(self.rng.uniform(50, 1500)))
        for key in reversed(keys):
            self.page.page.keyboard.up(key)

    def _choose(self) -> None:
        one = self._targets(lambda one: one["tag"] == "SELECT")
        if one is not None:
            self.page.page.evaluate(CHOOSE, [one["x"], one["y"], float(self.rng.random())])

    def _type(self) -> None:
        one = self._targets(lambda one: one["tag"] == "INPUT" and one["type"] in ("text", "number"))
        if one is not None:
            self.page.page.mouse.click(one["x"], one["y"], click_count=3)
            self.page.page.keyboard.insert_text(str(self.rng.choice(NONSENSE)))

    def _drag(self) -> None:
        one = self._targets(lambda one: one["tag"] == "CANVAS" or one["id"] == "room-view" or one["type"] == "range")
        if one is None:
            return
        share = self.rng.uniform(-0.6, 0.6, (4, 2))  # now and then beyond the edge
        places = np.array([one["x"], one["y"]]) + share * [one["width"], one["height"]]
        mouse, button = self.page.page.mouse, str(self.rng.choice(["left", "left", "left", "right", "middle"]))
        mouse.move(*places[0])
        mouse.down(button=button)
        for place in places[1:]:
            mouse.move(*place, steps=3)
        mouse.up(button=button)

    def _turn_wheel(self) -> None:
        one = self._targets(lambda one: one["tag"] == "CANVAS" or one["id"] in ("room-view", "needle-pad"))
        if one is not None:
            self.page.page.mouse.move(one["x"], one["y"])
            self.page.page.mouse.wheel(0, float(self.rng.choice([-500, -100, 100, 100, 100, 500])))

    def _send_saying(self) -> None:
        self.page.page.evaluate(f"suite.say({self.rng.choice(SAYINGS)})")

    def _scrub(self) -> None:
        self.page.page.evaluate(f"suite.replay({self.rng.random()} * ((trame.state.state.debrief || {{}}).end_s || 0))")

    def _reload(self) -> None:
        self.page.page.reload()
        self._wait_until_ready()

    # from case to case

    def _begin_next_case(self) -> None:
        """Begin the next case in some mode, and take its first image; what is used then is noted."""
        case = self.cases[self._number % len(self.cases)]
        mode = MODES[self._number // len(self.cases) % len(MODES)]
        self._number += 1
        self._left = int(self.rng.exponential(ATTEMPT)) + 20
        self.page.until("!s.busy", ANSWER_S)
        if self.page["keys-close"].is_visible():
            self.page["keys-close"].click()
        self.page.begin(case, mode)
        self._take_first_image()
        self.found.done["begin"] += 1
        self.found.memory.append(self._measure_memory(case))
        self.say(f"{self.found.memory[-1]}  {self.found.done.total()} actions, {len(self.found.errors)} errors")

    def _take_first_image(self) -> None:
        frames = int(self.page.page.evaluate("window.suite.frames"))
        self.page.page.evaluate("document.activeElement?.blur()")
        self.page.press("x")
        self.page.page.wait_for_function(f"window.suite.frames > {frames}", timeout=1000 * ANSWER_S)

    def _end(self, stage: str) -> None:
        """Finish the attempt and look at its debrief, or leave it; a debrief is left."""
        if stage == "suite" and self.rng.random() < 0.7:
            self.page.page.evaluate("suite.say({pause: false}); suite.say({act: 'finish'})")
            self.page.until("s.stage === 'debrief' && s.debrief", 3 * ANSWER_S)
            self.found.done["finish"] += 1
            self._left = int(self.rng.integers(20, 120))
        else:
            self.page["leave"].click()
            self.page.until("s.stage === 'start'", ANSWER_S)
            self.found.done["leave"] += 1

    def _wait_until_ready(self) -> None:
        self.page.page.wait_for_selector('[data-testid="sound"]', timeout=1000 * ANSWER_S)
        self.page.page.wait_for_function("window.suite.role === 'drive'", timeout=1000 * ANSWER_S)

    # what it meets

    def look(self) -> None:
        """Note what went wrong since it last looked."""
        for name, words in self.page.page.evaluate("window.heard.splice(0)"):
            self.found.said[words] += 1
            if "\n" in words.strip() or "Traceback" in words or len(words) > LONGEST_LINE:
                self._report_error(f"{name}: no line for a person: {words[:300]!r}")
        self._check_console()
        engine = self.server.engine()
        if engine != self._engine:
            self._engine = engine
            self._report_error("the engine died and was started again")

    def _check_console(self) -> None:
        errors, self._seen = self.page.errors[self._seen :], len(self.page.errors)
        for words in find_unexpected(Page(page=None, errors=errors)):
            self._report_error(f"console: {words[:500]}")

    def _report_error(self, words: str) -> None:
        line = f"after {self.found.done.total()} actions, {time.monotonic() - self.began_s:.0f} s: {words}"
        self.found.errors.append(line)
        self.say(line)

    def _check_answers(self) -> None:
        """Whether the page still does what it is for."""
        if self.page.state("stage") == "suite":
            self.page.page.evaluate("suite.say({pause: false})")
        self._begin_next_case()
        self.page.hold("Space", until="s.readouts.pedal && window.suite.frames > 2")
        self.page.let_go("Space")
        self.page.until("!s.readouts.pedal")
        self.look()

    def _measure_memory(self, case: str) -> Memory:
        devtools = self.page.page.context.new_cdp_session(self.page.page)
        devtools.send("HeapProfiler.collectGarbage")
        heap = devtools.send("Runtime.getHeapUsage")["usedSize"] / 2**20
        devtools.detach()
        return Memory(case=case, at_s=time.monotonic() - self.began_s, server_mb=resident(self.server), heap_mb=heap)


@contextmanager
def overhear(server: Server) -> Iterator[list[str]]:
    """Lines that server and engine print while they run; nobody else may read them."""
    lines: list[str] = []

    def hear() -> None:
        assert server.process.stdout is not None
        lines.extend(server.process.stdout)

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    yield lines
    end(server)
    thread.join(10)


def tracebacks(lines: Sequence[str]) -> list[str]:
    """What server and engine printed from the first traceback on."""
    first = next((number for number, line in enumerate(lines) if "Traceback" in line), None)
    return [] if first is None else ["the server printed: " + "".join(lines[first : first + 60])]


def find_growths(memory: Sequence[Memory], warm: int) -> dict[str, tuple[Memory, Memory]]:
    """What each case used at first and at last, once so many cases have been begun to warm up.

    Medians of three uses where there are six: what an attempt before has left to be written takes memory for some seconds.
    """
    kinds = {one.case for one in memory}
    found = {case: [one for one in memory[warm:] if one.case == case] for case in sorted(kinds)}
    some = {case: min(3, len(uses) // 2) for case, uses in found.items()}
    return {case: (_middle(uses[: some[case]]), _middle(uses[-some[case] :])) for case, uses in found.items() if some[case]}


def _middle(uses: Sequence[Memory]) -> Memory:
    at_s, server_mb, heap_mb = np.median([(one.at_s, one.server_mb, one.heap_mb) for one in uses], axis=0).tolist()
    return Memory(case=uses[0].case, at_s=at_s, server_mb=server_mb, heap_mb=heap_mb)


def find_outgrown(memory: Sequence[Memory], warm: int) -> list[str]:
    """The cases whose use of memory grew by more than the target, in the server and its engine or in the page."""
    used = find_growths(memory, warm).items()
    return [case for case, (a, b) in used if max(b.server_mb - a.server_mb, b.heap_mb - a.heap_mb) >= TARGET_MB]


def main() -> int:
    """Let the monkey loose and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", nargs="+", default=CASES)
    wishes = parser.parse_args()
    if FOUND is None:
        print(f"no Chromium to drive the page with: {INSTALL}", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = serve(Path(folder))
        browser = play.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
        with overhear(server) as lines:
            monkey = Monkey(
                page=open_page(browser, server), server=server, rng=np.random.default_rng(wishes.seed), cases=wishes.cases, say=report
            )
            found = run_monkey(monkey, 60 * wishes.minutes)
            with suppress(Exception):  # a page that was stopped by hand may answer no more
                browser.close()
    found.errors += tracebacks(lines)
    show(found, len(wishes.cases))
    return 1 if found.errors or find_outgrown(found.memory, len(wishes.cases)) else 0


def run_monkey(monkey: Monkey, seconds: float) -> Found:
    """What came of it, though the page stood still in between."""
    from playwright.sync_api import Error

    try:
        return monkey.play(seconds=seconds)
    except Error as error:
        monkey.found.errors.append(f"after {monkey.found.done.total()} actions the page stood still: {error}")
        monkey.page.page.screenshot(path=Path(tempfile.gettempdir()) / "monkey.png")
    except KeyboardInterrupt:
        report("stopped by hand")
    return monkey.found


def open_page(browser: Any, server: Server) -> Page:  # noqa: ANN401
    """A page of a server, with its errors."""
    page = Page(page=browser.new_page(viewport={"width": 1280, "height": 800}))
    page.page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.page.on("pageerror", lambda error: page.errors.append(f"{error} {error.stack}"))
    page.page.goto(server.url)
    page.page.wait_for_selector('[data-testid="sound"]', timeout=1000 * ANSWER_S)
    return page


def report(line: str) -> None:
    """How it goes, while it goes."""
    print(line, file=sys.stderr, flush=True)


def show(found: Found, warm: int) -> None:
    """What was done, what went wrong, what was used."""
    console = Console(width=140, highlight=False)
    table = Table(title=f"{found.done.total()} actions, {len(found.errors)} errors, {len(found.said)} different messages of the page")
    for name in ("action", "times"):
        table.add_column(name)
    for kind, times in found.done.most_common():
        table.add_row(kind, str(times))
    console.print(table)
    for words, times in found.said.most_common():
        console.print(f"{times:4d} x {words}", markup=False)
    for words in found.errors:
        console.print(words, markup=False)
    used = Table(title=f"memory after the first image of a case, MB; the first {warm} cases warm up; target: growth under {TARGET_MB:g} MB")
    for name in ("case", "from, min", "to, min", "server + engine", "at the end", "growth", "JS heap", "at the end", "growth"):
        used.add_column(name)
    for case, (first, last) in find_growths(found.memory, warm).items():
        server = (first.server_mb, last.server_mb, last.server_mb - first.server_mb)
        heap = (first.heap_mb, last.heap_mb, last.heap_mb - first.heap_mb)
        used.add_row(
            case,
            f"{first.at_s / 60:.1f}",
            f"{last.at_s / 60:.1f}",
            *(f"{value:.0f}" for value in server),
            *(f"{value:.1f}" for value in heap),
        )
    console.print(used)


if __name__ == "__main__":
    raise SystemExit(main())
