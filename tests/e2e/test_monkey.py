"""The monkey of `benchmarks.monkey` let loose for a minute: nothing that it does brings page or engine down."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.monkey import Memory, Monkey, find_outgrown, overhear, tracebacks
from tests.e2e.conftest import Page, Server, serve

ACTIONS, LONGEST_S = 200, 60.0


def test_a_monkey_for_a_minute(tmp_path: Path, opened: Callable[..., Page], rng: np.random.Generator) -> None:
    server = serve(tmp_path)
    with overhear(server) as lines:
        monkey = Monkey(page=opened(server.url), server=server, rng=rng)
        found = monkey.play(actions=ACTIONS, seconds=LONGEST_S)
    assert found.errors + tracebacks(lines) == []
    assert found.done["begin"] >= 2  # the last one shows that the page still answers
    assert len(found.done) > 5


def test_the_monkey_notices_what_is_wrong(server: Server, opened: Callable[..., Page], rng: np.random.Generator) -> None:
    page = opened(server.url)
    monkey = Monkey(page=page, server=server, rng=rng, cases=("caudal",))
    assert monkey.play(actions=1).errors == []
    page.page.evaluate("console.error('boom')")
    page.page.evaluate("trame.state.set('refused', 'Traceback (most recent call last):\\n  File')")
    page.page.wait_for_function("window.heard.length > 0")
    engine = server.engine()
    os.kill(engine, signal.SIGKILL)
    page.until("s.notice.length > 0 && !s.busy", 60)
    monkey.look()
    assert [any(words in error for error in monkey.found.errors) for words in ("boom", "no line for a person", "engine died")] == [True] * 3
    assert tracebacks(["trainer: there\n", "Traceback (most recent call last):\n", "ValueError\n"])
    assert not tracebacks(["trainer: there\n"])


def test_memory_that_grows_is_told_from_memory_that_comes_and_goes() -> None:
    def uses(*server_mb: float) -> list[Memory]:
        return [Memory(case="caudal", at_s=60.0 * number, server_mb=mb, heap_mb=20.0) for number, mb in enumerate((300.0, *server_mb))]

    assert find_outgrown(uses(590, 600, 595, 610, 605, 600, 690), 1) == []
    assert find_outgrown(uses(590, 600, 595, 640, 650, 650, 660), 1) == ["caudal"]
    assert find_outgrown(uses(590, 600), 1) == []
    assert find_outgrown(uses(590, 650), 1) == ["caudal"]
