"""What can be taken away: files as they lie, images that the engine makes, and the log that the engine has."""

import asyncio
from pathlib import Path

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="pip install 'epifluoro[viewer]'")

from aiohttp import web  # noqa: E402
from aiohttp.test_utils import TestClient, TestServer  # noqa: E402

from simulator.viewer.common.attempts import LOG, PAGE, PNG  # noqa: E402
from simulator.viewer.common.messages import ExportRequest, LogRequest, PageRequest  # noqa: E402
from simulator.viewer.debrief.downloads import Downloads  # noqa: E402


class Answering:
    """An engine's side that answers at once, or refuses."""

    def __init__(self, folder: Path, refuses: str = "") -> None:
        self.folder, self.refuses, self.asked = folder, refuses, []
        self.downloads = Downloads(send=self.send)

    def send(self, message: PageRequest) -> None:
        self.asked.append(message)
        if self.refuses:
            self.downloads.fail(self.refuses)
        elif isinstance(message, ExportRequest):
            (self.folder / message.name).write_bytes(b"zip")
            self.downloads.deliver(message.name)
        else:
            self.downloads.deliver(LOG, b"the whole log")

    def got(self, *paths: str) -> list[tuple[int, bytes]]:
        async def get() -> list[tuple[int, bytes]]:
            app = web.Application()
            app.add_routes(self.downloads.make_routes(lambda name: str(self.folder / name) if name else str(self.folder)))
            async with TestClient(TestServer(app)) as client:
                answers = [await client.get(path) for path in paths]
                return [(answer.status, await answer.read()) for answer in answers]

        return asyncio.run(get())


def test_the_log_comes_from_the_engine_whatever_the_disk_holds(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b"half of the lo")
    side = Answering(tmp_path)
    assert side.got(f"/{LOG}", f"/{PNG}") == [(200, b"the whole log"), (200, b"zip")]
    assert side.asked == [LogRequest(), ExportRequest(name=PNG)]


def test_a_report_is_found_by_the_name_of_its_attempt(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / PAGE).write_text("an old report")
    found = Answering(tmp_path).got(f"/{PAGE}?old", f"/{PAGE}")
    assert found[0] == (200, b"an old report")
    assert found[1][0] == 404


def test_what_was_stored_of_an_attempt_that_is_not_replayed_is_served_marked(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / LOG).write_bytes((Path(__file__).parents[2] / "procedure" / "attempt" / "data" / "format-2.jsonl").read_bytes())
    (old / PAGE).write_text("<body>an old report</body>")
    (old / PNG).write_bytes(b"old images")
    side = Answering(tmp_path)
    report, images = side.got(f"/{PAGE}?old", f"/{PNG}?old")
    assert report[0] == 200
    assert b"<strong>Not replayed</strong>: the log is of format 2" in report[1]
    assert report[1].endswith(b"an old report</body>")
    assert images == (200, b"old images")
    assert side.asked == []
    (old / PNG).unlink()
    assert side.got(f"/{PNG}?old")[0][0] == 404


def test_what_the_engine_cannot_make_is_told(tmp_path: Path) -> None:
    assert Answering(tmp_path, "no room").got(f"/{LOG}") == [(503, b"no room")]
