"""The trainer's door and its two seats: token, cookie, origin, and two trainees at once who do not see each other."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Page, Server, end, serve


def request_page(server: Server, path: str, **headers: str) -> http.client.HTTPResponse:
    """What the server answers to one request."""
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@pytest.mark.parametrize("path", ["/", "/index.html", "/suite.ws", "/ws", "/report.html", "/epifluoro/suite.js", "/?token=wrong"])
def test_nothing_is_answered_without_the_token(server: Server, path: str) -> None:
    assert request_page(server, path).status == 403


def test_a_foreign_origin_and_a_foreign_name_are_refused(server: Server, opened: Callable[..., Page]) -> None:
    page = opened(server.url)
    (cookie,) = [item for item in page.page.context.cookies() if item["name"].startswith("epifluoro")]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert str(urlsplit(server.url).port) in cookie["name"]
    said = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    assert request_page(server, "/index.html", **said).status == 200
    for socket in ("/suite.ws", "/ws"):
        assert request_page(server, socket, **said, **UPGRADE, Origin="http://evil.example").status == 403
        assert request_page(server, socket, **said, **UPGRADE).status == 403
    assert request_page(server, "/index.html", **said, Host="evil.example").status == 403
    assert "token" not in page.page.url


def test_a_name_given_as_an_option_is_answered_to_and_no_other(tmp_path: Path) -> None:
    server = serve(tmp_path, "--host-name", "teaching-room-3")
    try:
        place = urlsplit(server.url)
        link, port = f"/?{place.query}", place.port
        assert request_page(server, link, Host=f"teaching-room-3:{port}").status == 302
        assert request_page(server, "/", Host=f"teaching-room-3:{port}").status == 403  # the name alone opens nothing
        for name in ("teaching-room-4", "teaching-room-3.example.org"):
            answer = request_page(server, link, Host=f"{name}:{port}")
            assert answer.status == 403
            assert "--host-name" in answer.read().decode()
    finally:
        end(server)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Server]:
    found = serve(tmp_path / "other", "--trainee", "second")
    yield found
    end(found)


def test_two_seats_at_once_are_two_attempts(server: Server, other: Server, opened: Callable[..., Page]) -> None:
    first = opened(server.url)
    second = opened(other.url, first.page.context)
    first.begin("caudal")
    second.begin("aspirin")
    first.open("record")
    first["review-history"].click()
    first.until("s.chart.reviewed.length === 1")
    assert second.state("chart.reviewed") == []
    assert second.state("scenario.id") == "aspirin"
    about = [json.loads(path.read_text()) for path in other.attempts.glob("*/attempt.json")]
    assert [item["trainee"] for item in about] == ["second"]
