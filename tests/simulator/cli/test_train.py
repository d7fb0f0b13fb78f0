"""`epifluoro train`: what it is told of names reaches its door; one line for what cannot be."""

from collections.abc import Callable

import pytest

pytest.importorskip("trame", reason="pip install 'epifluoro[viewer]'")

from simulator.cli import main  # noqa: E402
from simulator.viewer.page import app  # noqa: E402
from simulator.viewer.page.app import Options  # noqa: E402


class NoTrainer:
    """In the place of the page: remembers how it was started."""

    started: list[Options] = []  # noqa: RUF012 - cleared by the test

    def __init__(self, options: Options) -> None:
        self.started.append(options)

    def run(self, ready: Callable[[str], None]) -> None:
        ready(self.started[-1].access.url())


def test_more_names_are_answered_to(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(app, "Trainer", NoTrainer)
    NoTrainer.started.clear()
    assert main(["train", "--no-browser", "--port", "0", "--host-name", "Lab-3.example.org", "--host-name", "192.0.2.7"]) == 0
    (options,) = NoTrainer.started
    assert {"lab-3.example.org", "192.0.2.7", "127.0.0.1"} <= options.access.hosts
    assert options.access.url() in capsys.readouterr().out.replace("\n", "")


def test_a_name_that_is_none_is_one_line_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--no-browser", "--port", "0", "--host-name", "http://lab"]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("epifluoro: ")
    assert "is no host's name" in streams.err
    assert streams.err.count("\n") == 1
