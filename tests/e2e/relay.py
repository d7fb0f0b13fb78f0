"""A network between browser and trainer that can be taken away and given back."""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

CHUNK = 65536
POLL_S = 0.05


@dataclass(kw_only=True)
class Relay:
    """Hands bytes on in both directions, on a port of its own.

    Attributes
    ----------
    port : int
        Where it listens.
    target : (str, int)
        To whom it hands on.
    down : bool
        Whether connections are cut and new ones refused.
    silent : bool
        Whether nothing goes through, though nothing is cut, as when a radio is out of reach.
    """

    port: int = 0
    target: tuple[str, int] = ("127.0.0.1", 0)
    down: bool = False
    silent: bool = False
    ended: bool = False
    pairs: dict[socket.socket, socket.socket] = field(default_factory=dict)

    def run(self, listener: socket.socket) -> None:
        """Until it is ended."""
        while not self.ended:
            if self.down:
                listener.close()
                self._cut()
                threading.Event().wait(POLL_S)
            elif listener.fileno() < 0:
                listener = listen(self.port)
            elif self.silent:
                threading.Event().wait(POLL_S)
            else:
                self._hand_on(listener)
        listener.close()
        self._cut()

    def _hand_on(self, listener: socket.socket) -> None:
        with selectors.DefaultSelector() as chosen:
            for one in (listener, *self.pairs):
                chosen.register(one, selectors.EVENT_READ)
            for key, _ in chosen.select(POLL_S):
                if key.fileobj is listener:
                    self._connect(listener)
                elif key.fileobj in self.pairs:
                    self._pass(key.fileobj)  # type: ignore[arg-type]

    def _connect(self, listener: socket.socket) -> None:
        near, _ = listener.accept()
        far = socket.create_connection(self.target)
        self.pairs |= {near: far, far: near}

    def _pass(self, one: socket.socket) -> None:
        data = b""
        with suppress(OSError):
            data = one.recv(CHUNK)
        try:
            if data:
                self.pairs[one].sendall(data)
                return
        except OSError:
            pass
        self._close(one)

    def _close(self, one: socket.socket) -> None:
        other = self.pairs.pop(one)
        self.pairs.pop(other, None)
        one.close()
        other.close()

    def _cut(self) -> None:
        for one in list(self.pairs):
            if one in self.pairs:
                self._close(one)


def listen(port: int) -> socket.socket:
    """A socket that takes connections on a port; 0 for a free one."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", port))
    found.listen()
    return found


@contextmanager
def run_relay(url: str) -> Iterator[tuple[Relay, str]]:
    """A relay before a server, and the server's address through it."""
    place = urlsplit(url)
    listener = listen(0)
    relay = Relay(port=listener.getsockname()[1], target=(str(place.hostname), int(place.port or 80)))
    thread = threading.Thread(target=relay.run, args=(listener,), daemon=True)
    thread.start()
    try:
        yield relay, urlunsplit(place._replace(netloc=f"{place.hostname}:{relay.port}"))
    finally:
        relay.ended = True
        thread.join()
