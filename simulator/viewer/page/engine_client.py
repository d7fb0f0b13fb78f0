"""The page's hold on the engine's process: send, listen, and start it again where it died, at the attempt that it was in."""

import multiprocessing as mp
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

from simulator.viewer.common.engine_config import Setup
from simulator.viewer.common.messages import (
    BeginRequest,
    CaseNotice,
    EngineNotice,
    LeaveRequest,
    Message,
    RestartedNotice,
    ResumeRequest,
    ReviewRequest,
)

Listener = Callable[[EngineNotice], None]


@dataclass(kw_only=True)
class EngineProcess:
    """A child process with an attempt in it.

    Attributes
    ----------
    setup : Setup
        What it is told once.
    listen : callable
        Gets every message that it sends, on a thread of its own.
    """

    setup: Setup
    listen: Listener
    _process: Any = None
    _pipe: Connection | None = None
    _folder: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    @property
    def pid(self) -> int | None:
        """Of the child."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the child, and a thread that hears it; nothing where it runs already."""
        with self._starting:
            if self._closed or (self._process is not None and self._process.is_alive()):
                return
            context = mp.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(target=_work, args=(theirs, self.setup), daemon=True, name="epifluoro-engine")
            self._process.start()
            theirs.close()
            self._pipe = ours
            threading.Thread(target=self._hear, args=(ours,), daemon=True, name="epifluoro-hear").start()

    def send(self, message: Message) -> None:
        """Send a message with the moment at which it goes; one that cannot go out is lost, as a key press on a dead console is."""
        with self._lock:
            if isinstance(message, BeginRequest | ReviewRequest | LeaveRequest):
                self._folder = None  # an engine that dies from now on does not go back to the attempt before
            try:
                if self._pipe is not None:
                    self._pipe.send((perf_counter(), message))
            except (OSError, ValueError):
                return

    def close(self) -> None:
        """End the child."""
        self._closed = True
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(2.0)
            if self._process.is_alive():
                self._process.kill()

    def _hear(self, pipe: Connection) -> None:
        while True:
            try:
                message = pipe.recv()
            except (EOFError, OSError, TypeError):  # the last where it was closed while this waited
                break
            if isinstance(message, CaseNotice):
                self._folder = message.folder
            self.listen(message)
        if not self._closed:
            self._restart()

    def _restart(self) -> None:
        """A new child in the place of one that died, at the same attempt; without it, where going on with it is what killed one."""
        folder, self._folder = self._folder, None
        self.listen(RestartedNotice(folder=folder))
        if self._process is not None:
            self._process.kill()
            self._process.join()  # its pipe closes a moment before it is gone, and one that is there is not started again
        self.start()
        if folder is not None:
            self.send(ResumeRequest(folder=folder))


def _work(pipe: Connection, setup: Setup) -> None:
    """Run the engine. It is imported in the child alone."""
    from simulator.viewer.engine.worker import main

    main(pipe, setup)
