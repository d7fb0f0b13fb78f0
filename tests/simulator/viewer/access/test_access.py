"""Nothing is answered without the cookie, and the cookie comes from the token alone."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="pip install 'epifluoro[viewer]'")

from aiohttp import ClientResponse, ClientSession, DummyCookieJar, WSMsgType, web  # noqa: E402
from aiohttp.test_utils import TestServer, unused_port  # noqa: E402

from simulator.viewer.access.access import SESSION, Access, install, lock  # noqa: E402
from simulator.viewer.access.headers import hash_inline_scripts, start_pages  # noqa: E402

TOKEN = "t0ken-" * 8
INSIDE = "what only a trainee may see"


@dataclass
class Visit:
    """A client without a memory for cookies, at a trainer's door."""

    access: Access
    session: ClientSession

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.access.port}"

    async def get(self, path: str, **headers: str) -> ClientResponse:
        return await self.session.get(self.base + path, headers=headers, allow_redirects=False)

    async def ask(self, method: str, path: str, headers: Mapping[str, str]) -> ClientResponse:
        return await self.session.request(method, self.base + path, headers=headers, allow_redirects=False)

    def cookie(self, access: Access | None = None) -> str:
        of = access or self.access
        return f"{of.cookie}={of.ticket}"


async def _inside(_request: web.Request) -> web.Response:
    return web.Response(text=INSIDE)


async def _socket(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str(INSIDE)
    await socket.close()
    return socket


@asynccontextmanager
async def open_visit(folder: Path, **changes: object) -> AsyncIterator[Visit]:
    app, port = web.Application(), unused_port()
    access = Access(token=TOKEN, port=port, **changes)  # type: ignore[arg-type]
    install(app, access)
    app.add_routes([web.get("/", _inside), web.get("/report.html", _inside), web.post("/act", _inside)])
    app.add_routes([web.get("/ws", _socket), web.get("/xray.ws", _socket), web.static("/files", folder)])
    server = TestServer(app, port=port)
    async with server, ClientSession(cookie_jar=DummyCookieJar()) as session:
        yield Visit(access=access, session=session)


@pytest.fixture
def visit(tmp_path: Path) -> Callable[[Callable[[Visit], Awaitable[None]]], None]:
    """Run what a visitor does."""
    (tmp_path / "suite.js").write_text(INSIDE)

    def run(story: Callable[[Visit], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with open_visit(tmp_path) as one:
                await story(one)

        asyncio.run(whole())

    return run


Run = Callable[[Callable[[Visit], Awaitable[None]]], None]
EVERYTHING = ("/", "/report.html", "/files/suite.js", "/ws", "/xray.ws", "/nothing/here", SESSION)


@pytest.mark.parametrize("path", EVERYTHING)
def test_without_the_cookie_everything_is_closed(visit: Run, path: str) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get(path)
        text = await answer.text()
        assert answer.status == 403
        assert INSIDE not in text
        assert TOKEN not in text
        assert "Open the link" in text, "says what to do"

    visit(story)


def test_the_token_is_exchanged_for_a_cookie_and_a_clean_address(visit: Run) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get(f"/?ui=main&token={TOKEN}")
        assert (answer.status, answer.headers["Location"]) == (302, "/?ui=main")
        given = answer.headers.getall("Set-Cookie")
        assert len(given) == 1
        assert re.search("HttpOnly", given[0])
        assert re.search("SameSite=Strict", given[0])
        assert TOKEN not in given[0]
        assert str(one.access.port) in given[0].partition("=")[0]
        again = await one.get("/", Cookie=given[0].partition(";")[0])
        assert (again.status, await again.text()) == (200, INSIDE)

    visit(story)


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
def test_a_browser_that_followed_a_link_goes_on_from_a_page_of_ours(visit: Run, site: str) -> None:
    """A strict cookie is not sent along a redirect that began on another page, such as the class's sheet."""

    async def story(one: Visit) -> None:
        told = {"Sec-Fetch-Site": site} if site else {}
        answer = await one.get(f"/index.html?token={TOKEN}&a=%22%3E%3Cscript%3E", Accept="text/html,*/*", **told)
        text = await answer.text()
        assert answer.status == 200
        assert "Set-Cookie" in answer.headers
        assert 'content="0; url=/index.html?a=' in text
        assert TOKEN not in text
        assert "<script>" not in text

    visit(story)


def test_a_browser_that_was_told_the_address_is_redirected(visit: Run) -> None:
    async def story(one: Visit) -> None:
        answer = await one.ask("GET", f"/?token={TOKEN}", {"Accept": "text/html", "Sec-Fetch-Site": "none"})
        assert answer.status == 302

    visit(story)


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "wslink-secret", "%C3%A4%FF"])
def test_a_wrong_token_opens_nothing(visit: Run, token: str) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get(f"/?token={token}")
        assert answer.status == 403
        assert "Set-Cookie" not in answer.headers
        assert "not the one of this session" in await answer.text()

    visit(story)


def test_an_old_link_does_no_harm_to_who_is_in(visit: Run) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get("/?token=old", Cookie=one.cookie())
        assert (answer.status, answer.headers["Location"]) == (302, "/")

    visit(story)


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/%5Cevil.example", "//evil.example/%2e%2e"])
def test_the_clean_address_never_leads_to_another_host(visit: Run, path: str) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get(f"{path}?token={TOKEN}")
        place = answer.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", place), place

    visit(story)


def test_the_cookie_opens_pages_files_and_sockets(visit: Run) -> None:
    async def story(one: Visit) -> None:
        assert await (await one.get("/files/suite.js", Cookie=one.cookie())).text() == INSIDE
        assert (await one.get("/nothing/here", Cookie=one.cookie())).status == 404
        for path in ("/ws", "/xray.ws"):
            headers = {"Cookie": one.cookie(), "Origin": one.base}
            async with one.session.ws_connect(one.base + path, headers=headers) as socket:
                message = await socket.receive()
                assert (message.type, message.data) == (WSMsgType.TEXT, INSIDE)

    visit(story)


@pytest.mark.parametrize("wrong", ["other port", "other token", "empty", "wslink-secret", "token", "other name"])
def test_a_cookie_that_is_not_this_ones_is_refused(visit: Run, wrong: str) -> None:
    async def story(one: Visit) -> None:
        mine = one.access
        cookies = {
            "other port": one.cookie(Access(token=TOKEN, port=mine.port + 1)),
            "other token": f"{mine.cookie}={Access(token=TOKEN[::-1], port=mine.port).ticket}",
            "empty": f"{mine.cookie}=",
            "wslink-secret": f"{mine.cookie}=wslink-secret",
            "token": f"{mine.cookie}={TOKEN}",
            "other name": f"{Access(token=TOKEN, port=mine.port + 1).cookie}={mine.ticket}",
        }
        assert (await one.get("/", Cookie=cookies[wrong])).status == 403

    visit(story)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost@evil.example", "", "[::2]:{port}"]
)
def test_a_foreign_host_is_refused_even_with_cookie_and_token(visit: Run, host: str) -> None:
    async def story(one: Visit) -> None:
        headers = {"Host": host.format(port=one.access.port), "Cookie": one.cookie()}
        for path in ("/", f"/?token={TOKEN}"):
            answer = await one.ask("GET", path, headers)
            assert answer.status in (400, 403)
            assert "Set-Cookie" not in answer.headers
            assert INSIDE not in await answer.text()

    visit(story)


@pytest.mark.parametrize("host", ["localhost:{port}", "LOCALHOST", "[::1]:{port}", "127.0.0.1:{port}"])
def test_its_own_names_are_answered_to(visit: Run, host: str) -> None:
    async def story(one: Visit) -> None:
        answer = await one.ask("GET", "/", {"Host": host.format(port=one.access.port), "Cookie": one.cookie()})
        assert answer.status == 200

    visit(story)


FOREIGN = ("http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.example", None)


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/ws", "/xray.ws"])
def test_a_socket_of_a_foreign_origin_is_refused_even_with_the_cookie(visit: Run, origin: str | None, path: str) -> None:
    async def story(one: Visit) -> None:
        headers = {"Cookie": one.cookie()} | ({} if origin is None else {"Origin": origin.format(port=one.access.port)})
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await one.session.ws_connect(one.base + path, headers=headers)
        assert refused.value.status == 403

    visit(story)


@pytest.mark.parametrize("path", ["/ws", "/xray.ws"])
def test_a_socket_without_the_cookie_is_refused_whatever_token_it_shows(visit: Run, path: str) -> None:
    async def story(one: Visit) -> None:
        for query in ("", "?token=wslink-secret", "?secret=wslink-secret"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await one.session.ws_connect(one.base + path + query, headers={"Origin": one.base})
            assert refused.value.status == 403

    visit(story)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_deed_of_a_foreign_origin_is_refused(visit: Run, origin: str | None) -> None:
    async def story(one: Visit) -> None:
        headers = {"Cookie": one.cookie()} | ({} if origin is None else {"Origin": origin.format(port=one.access.port)})
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert (await one.ask(method, "/act", headers)).status == 403

    visit(story)


def test_a_deed_of_its_own_page_is_let_in_but_not_by_the_token(visit: Run) -> None:
    async def story(one: Visit) -> None:
        assert (await one.ask("POST", "/act", {"Cookie": one.cookie(), "Origin": one.base})).status == 200
        assert (await one.ask("POST", f"/act?token={TOKEN}", {"Origin": one.base})).status == 403

    visit(story)


def test_the_page_is_told_its_sockets_own_key(visit: Run) -> None:
    async def story(one: Visit) -> None:
        answer = await one.ask("POST", SESSION, {"Cookie": one.cookie(), "Origin": one.base})
        told = await answer.json()
        assert told == {"sessionURL": "ws://USE_HOST/ws", "secret": one.access.key}
        assert told["secret"] != "wslink-secret"
        assert answer.headers["Cache-Control"] == "no-store"

    visit(story)


def test_trames_public_key_is_replaced_before_it_starts() -> None:
    from argparse import ArgumentParser
    from types import SimpleNamespace

    parser = ArgumentParser()
    parser.add_argument("--authKey", default="wslink-secret")
    access = Access(token=TOKEN, port=8080)
    lock(SimpleNamespace(cli=parser), access)
    assert parser.parse_args([]).authKey == access.key


@pytest.mark.parametrize("path", ["/", "/files/suite.js", "/nothing/here", "/report.html"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_tells_the_browser_to_be_careful(visit: Run, path: str, known: bool) -> None:
    async def story(one: Visit) -> None:
        answer = await one.get(path, **({"Cookie": one.cookie()} if known else {}))
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert "unsafe-inline" not in policy["script-src"]
        assert policy["connect-src"] == f"'self' data: blob: ws://127.0.0.1:{one.access.port}"
        assert not [part for part in policy.values() if "http:" in part or "https:" in part or "*" in part]
        framed = path == "/report.html"
        assert policy["frame-ancestors"] == ("'self'" if framed else "'none'")
        assert answer.headers["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"

    visit(story)


def test_a_header_that_browsers_complain_of_is_kept_back_on_an_open_network(tmp_path: Path) -> None:
    async def whole() -> None:
        async with open_visit(tmp_path, hosts=frozenset({"lab.example.org"})) as one:
            answer = await one.ask("GET", "/", {"Host": f"lab.example.org:{one.access.port}", "Cookie": one.cookie()})
            assert answer.status == 200
            assert "Cross-Origin-Opener-Policy" not in answer.headers
            assert f"ws://lab.example.org:{one.access.port}" in answer.headers["Content-Security-Policy"]

    asyncio.run(whole())


def test_with_tls_cookie_and_origin_are_those_of_tls(tmp_path: Path) -> None:
    async def whole() -> None:
        async with open_visit(tmp_path, secure=True) as one:  # the test's server itself speaks plainly, as one behind a proxy would
            given = (await one.get(f"/?token={TOKEN}")).headers["Set-Cookie"]
            assert given.startswith("__Host-epifluoro-")
            assert "Secure" in given
            secure = one.base.replace("http:", "https:")
            assert (await one.ask("POST", "/act", {"Cookie": one.cookie(), "Origin": secure})).status == 200
            assert (await one.ask("POST", "/act", {"Cookie": one.cookie(), "Origin": one.base})).status == 403
            assert "wss://127.0.0.1" in (await one.get("/")).headers["Content-Security-Policy"]

    asyncio.run(whole())


def test_the_hash_is_of_the_script_as_the_browser_reads_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<script src='a.js'></script><script>alert('Hello, world.');</script>")
    assert hash_inline_scripts([page, tmp_path / "missing.html"]) == ("sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=",)


def test_trames_start_page_is_found_without_importing_it() -> None:
    pages = start_pages()
    if not pages:
        pytest.skip("pip install 'epifluoro[viewer]'")
    assert pages[0].is_file()
    assert len(hash_inline_scripts(pages)) == 1
