"""A page whose hands move tells the class that its seat is in use; one that only watches or lies open does not."""

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("aiohttp", reason="pip install 'epifluoro[viewer]'")

from aiohttp import ClientSession, web  # noqa: E402
from aiohttp.test_utils import TestServer  # noqa: E402

from simulator.viewer.common.heartbeat import VARIABLE, beat, read_last_beat  # noqa: E402
from simulator.viewer.common.messages import ActRequest, BeatRequest, RefusedNotice  # noqa: E402
from simulator.viewer.common.wire import Message  # noqa: E402
from simulator.viewer.page.browser_socket import BrowserSocket  # noqa: E402


def test_a_heartbeat_is_the_age_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "heartbeat"
    assert read_last_beat(path) is None
    beat({VARIABLE: str(path)})
    assert read_last_beat(path) is not None
    beat({})
    beat({VARIABLE: str(tmp_path / "no" / "folder")})


def test_only_the_hands_of_the_driving_page_beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "heartbeat"
    monkeypatch.setenv(VARIABLE, str(path))

    async def story() -> None:
        heard: asyncio.Queue[Message] = asyncio.Queue()
        refused: list[RefusedNotice] = []
        app = web.Application()
        app.add_routes([web.get("/suite.ws", BrowserSocket(send=heard.put_nowait, refuse=refused.append).handle)])
        async with (
            TestServer(app) as server,
            ClientSession() as session,
            session.ws_connect(server.make_url("/suite.ws")) as driver,
            session.ws_connect(server.make_url("/suite.ws")) as watcher,
        ):
            assert (await driver.receive_json())["role"] == "drive"
            assert (await watcher.receive_json())["role"] == "watch"
            await watcher.send_json({"act": {"aspirate": {}}})
            await driver.send_str("nonsense")
            await watcher.ping()
            await asyncio.sleep(0.1)
            assert read_last_beat(path) is None
            assert [notice.why.startswith("expected a message in JSON, got 'nonsense'") for notice in refused] == [True]
            await driver.send_json({"act": {"aspirate": {}}})
            said = [await asyncio.wait_for(heard.get(), 10) for _ in range(2)]
            assert said == [BeatRequest(), ActRequest(action={"aspirate": {}})]  # the first because there is a page again
            assert read_last_beat(path) is not None

    asyncio.run(story())
