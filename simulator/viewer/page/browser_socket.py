"""The socket between page and engine: frames out, newest first, and hands in. The first page drives, further pages watch."""

import asyncio
import json
import os
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from simulator.viewer.common.heartbeat import beat
from simulator.viewer.common.messages import (
    HAND_REQUESTS,
    BeatRequest,
    BlankNotice,
    BrowserNotice,
    DropRequest,
    FrameNotice,
    HereNotice,
    PaceRequest,
    RefusedNotice,
    Role,
    RoleNotice,
)
from simulator.viewer.common.wire import Message, Refusal, parse, read

MOST_BYTES = 65536  # of a message of the page
QUIET_S = 1.0  # after which a page is told that the server is still there: a network that falls silent closes no socket


def pack(header: Mapping[str, Any], payload: bytes) -> bytes:
    """A frame as one message: length of the header, header, image.

    Examples
    --------
    >>> pack({"kind": "live"}, b"jpeg")[4:]
    b'{"kind": "live"}jpeg'
    """
    said = json.dumps(header).encode()
    return struct.pack(">I", len(said)) + said + payload


@dataclass(kw_only=True, eq=False)
class Viewer:
    """A page that is connected: what waits to be sent to it, the newest of each kind."""

    socket: web.WebSocketResponse
    waiting: dict[str, bytes] = field(default_factory=dict)
    words: list[BrowserNotice] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(kw_only=True)
class BrowserSocket:
    """All pages that are connected; lives on the server's event loop.

    Attributes
    ----------
    send : callable
        Takes a message to the engine.
    refuse : callable
        Tells the page what of a browser's message was refused.
    pace : PaceRequest or None
        How slowly the page that drives said it draws.
    stirred_at : float
        When the last message of a hand came, s of the loop's clock.
    """

    send: Callable[[Message], None]
    refuse: Callable[[RefusedNotice], None]
    pace: PaceRequest | None = None
    stirred_at: float = 0.0
    viewers: list[Viewer] = field(default_factory=list)
    latest: dict[str, bytes] = field(default_factory=dict)

    def show(self, frame: FrameNotice) -> None:
        """Send a frame to every page; one that a slow page has not yet taken is replaced."""
        kind, message = frame.header.kind, pack(frame.header.changes, frame.jpeg)
        self.latest[kind] = message
        for viewer in self.viewers:
            viewer.waiting[kind] = message
            viewer.stirred.set()

    def blank(self) -> None:
        """Forget the frames of an attempt that is left, here and in every browser."""
        self.latest.clear()
        for viewer in self.viewers:
            viewer.waiting.clear()
            viewer.words.append(BlankNotice())
            viewer.stirred.set()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one page until it goes; what the driver held is let go then, and the next page drives."""
        socket = web.WebSocketResponse(compress=False, heartbeat=2.0, max_msg_size=MOST_BYTES)
        await socket.prepare(request)
        viewer = Viewer(socket=socket, waiting=dict(self.latest))
        self.viewers.append(viewer)
        self._send_roles()
        if self.viewers[0] is viewer:
            self.send(BeatRequest())  # a page that was lost is heard again
        sending = asyncio.create_task(_send_waiting(viewer))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and self.viewers[0] is viewer:
                    self._hear(message.data)
        finally:
            sending.cancel()
            drove = self.viewers[0] is viewer
            self.viewers.remove(viewer)
            if drove:
                self.send(DropRequest())
            self._send_roles()
            if drove and self.viewers:
                self.send(BeatRequest())
        return socket

    def _hear(self, text: str) -> None:
        """Check what a browser sent, and hand it on. Behind this place a message is what its class says."""
        try:
            message = read(parse(text), HAND_REQUESTS)
        except Refusal as error:
            self.refuse(RefusedNotice(why=str(error)))
            return
        self.stirred_at = asyncio.get_running_loop().time()
        beat(os.environ)
        self.pace = message if isinstance(message, PaceRequest) else self.pace
        self.send(message)

    def _send_roles(self) -> None:
        for number, viewer in enumerate(self.viewers):
            viewer.words.append(RoleNotice(role=Role.WATCH if number else Role.DRIVE))
            viewer.stirred.set()


async def _send_waiting(viewer: Viewer) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(viewer.stirred.wait(), QUIET_S)
        viewer.stirred.clear()
        words, viewer.words = viewer.words or [HereNotice()], []
        for word in words:
            await viewer.socket.send_str(json.dumps(word.to_wire()))
        waiting, viewer.waiting = viewer.waiting, {}
        for message in waiting.values():
            await viewer.socket.send_bytes(message)
