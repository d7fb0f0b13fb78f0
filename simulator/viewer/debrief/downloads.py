"""What can be taken away from a debrief: a fixed list of names, each a route of the page's server."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from simulator.viewer.common.attempts import DICOM, LOG, PAGE, PLAIN, PNG
from simulator.viewer.common.messages import ExportRequest, LogRequest, PageRequest

Folder = Callable[[str], str | None]

WRITTEN = (PAGE, PLAIN)
ASKED: dict[str, PageRequest] = {PNG: ExportRequest(name=PNG), DICOM: ExportRequest(name=DICOM), LOG: LogRequest()}
"""What the engine is asked for: images, which it makes anew, and the log, which it has whole though the disk may have refused it."""
NAMED = (PAGE, PNG)
"""What is served as it was stored where it is wanted by the name of an attempt."""
PATIENCE_S = 60.0


@dataclass(kw_only=True)
class Downloads:
    """Files of the attempt in hand; lives on the server's event loop.

    Attributes
    ----------
    send : callable
        Takes a message to the engine, which makes what is not there yet.
    """

    send: Callable[[PageRequest], None]
    _waiting: dict[str, "list[asyncio.Future[bytes | None]]"] = field(default_factory=dict)

    def make_routes(self, folder: Folder) -> list[web.RouteDef]:
        """One route for each name; `folder` tells the attempt's folder, or None where there is none.

        It is asked with an attempt's name where a report or images are wanted by one (``report.html?NAME``), for the start page shows
        those of attempts that are not in hand; else with nothing.
        """
        return [web.get(f"/{name}", _make_handler(self, folder, name)) for name in (*WRITTEN, *ASKED)]

    def deliver(self, name: str, data: bytes | None = None) -> None:
        """The engine has made a file, or has sent what would be in it."""
        for future in self._waiting.pop(name, []):
            if not future.done():
                future.set_result(data)

    def fail(self, why: str) -> None:
        """The engine could not make it."""
        waiting, self._waiting = self._waiting, {}
        for future in (future for several in waiting.values() for future in several if not future.done()):
            future.set_exception(ValueError(why))

    async def make(self, name: str) -> bytes | None:
        """Wait until the engine has made a file anew; returns what it has sent in its place, if anything.

        Raises
        ------
        ValueError
            If it could not: says why.
        TimeoutError
            If it took too long.
        """
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(name, []).append(future)
        self.send(ASKED[name])
        return await asyncio.wait_for(future, PATIENCE_S)


def _make_handler(downloads: Downloads, folder: Folder, name: str) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        wanted = request.query_string if name in NAMED else ""
        where = folder(wanted)
        if where is None:
            raise web.HTTPNotFound(text="There is no attempt.")
        marked = await asyncio.to_thread(_mark_page, Path(where)) if name == PAGE and wanted else None
        if marked is not None:
            return web.Response(text=marked, content_type="text/html")
        data = None
        if name in ASKED and not wanted:
            try:
                data = await downloads.make(name)
            except (ValueError, TimeoutError) as error:
                raise web.HTTPServiceUnavailable(text=str(error) or "The engine is busy; try again.") from error
        path = Path(where) / name
        saved = {} if name == PAGE else {"Content-Disposition": f'attachment; filename="{Path(where).name}-{name}"'}
        if data is not None:
            return web.Response(body=data, content_type="application/jsonl", headers=saved)
        if not path.is_file():
            raise web.HTTPNotFound(text="There is no report yet." if name in WRITTEN else "Nothing of that kind is stored.")
        return web.FileResponse(path, headers=saved)

    return handle


def _mark_page(folder: Path) -> str | None:
    """The stored report of an attempt that is not replayed, marked so; None for others."""
    from simulator.viewer.debrief.stored_page import read_stored_page  # here, with what it imports: the procedure's packages

    return read_stored_page(folder)
