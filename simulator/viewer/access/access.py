"""The door of a trainer's web server: token, cookie, names of hosts, origins.

Why all of them: other web pages open in the same browser can reach a port of this machine. A page of another origin opened wslink's socket
with its public default key, and a foreign name in the Host header was answered (both tried). Here nothing is answered, no file, no socket
and no route, without the cookie; the cookie comes from the token alone; a foreign name, which is what an attack by name resolution looks
like, and a foreign origin are refused before the cookie counts.
"""

import re
from collections.abc import Sequence
from hmac import compare_digest
from importlib import resources
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment

from simulator.viewer.access.credentials import LOOPBACK
from simulator.viewer.access.credentials import Access as Access
from simulator.viewer.access.credentials import grant_access as grant_access
from simulator.viewer.access.headers import hash_inline_scripts, make_headers, start_pages

HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?))\.?(?::[0-9]{1,5})?")
HARMLESS = ("GET", "HEAD", "OPTIONS")
SESSION = "/paraview/"
"""Where trame's page asks, before it opens its socket, for the socket's address and key."""

FRAMED = ("/report.html",)
"""What the trainer's own page shows in a frame."""

RELAY = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={{ place }}">
<link rel="icon" href="data:,"><title>epifluoro</title></head>
<body style="background:#12161b"><a style="color:#4fc3f7" href="{{ place }}">Go on</a></body></html>
"""

ASK = "Open the link that the program printed when it started, or ask your teacher for the link on the class's sheet."
NO_TOKEN = ("Your browser has not shown the key of this session.", ASK)
WRONG_TOKEN = ("The key in this link is not the one of this session: the program draws a new one at every start.", ASK)
WRONG_HOST = (
    "It does not answer under this name.",
    "Open the link as it was printed. If this machine has another name, start the program with --host-name and that name.",
)
WRONG_ORIGIN = ("Another page has asked for it, or the browser does not say which.", ASK)


def install(app: web.Application, access: Access, framed: Sequence[str] = FRAMED) -> None:
    """Put the door in front of everything that an application serves, now and later.

    Call it before the application starts. It also answers the question of trame's page for its socket, with `Access.key`; give the same key
    to the socket with `lock`.

    Parameters
    ----------
    app : aiohttp.web.Application
        Not started yet.
    access : Access
        What opens it.
    framed : sequence of str
        Paths that a page of the same origin may show in a frame.
    """
    scripts = hash_inline_scripts(start_pages())

    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        return _answer(request, access) or await handler(request)

    async def say(request: web.Request, response: web.StreamResponse) -> None:
        host = request.headers.get("Host", "").lower()
        trustworthy = access.secure or _name(request) in LOOPBACK
        socket = f"ws{'s' if access.secure else ''}://{host}" if _host_is_ours(request, access) else ""
        for name, value in make_headers(socket, scripts, framed=request.path in framed, trustworthy=trustworthy).items():
            response.headers.setdefault(name, value)

    async def session(_request: web.Request) -> web.Response:
        return web.json_response({"sessionURL": "ws://USE_HOST/ws", "secret": access.key}, headers={"Cache-Control": "no-store"})

    app.middlewares.insert(0, door)
    app.on_response_prepare.append(say)
    app.router.add_post(SESSION, session)


def lock(server: Any, access: Access) -> None:  # noqa: ANN401 - trame's, which this file does not import
    """Give trame's socket its own key in the place of the public one, before the server starts; no argument of a process shows it.

    Parameters
    ----------
    server : trame_server.Server
        Not started yet.
    access : Access
        What opens it.
    """
    server.cli.set_defaults(authKey=access.key)


def _answer(request: web.Request, access: Access) -> web.Response | None:
    """What the door itself answers; None lets the request in."""
    if not _host_is_ours(request, access):
        return _refuse(*WRONG_HOST)
    if _is_deed(request) and not _origin_is_ours(request, access):
        return _refuse(*WRONG_ORIGIN)
    shown = request.query.get("token")
    known = _same(request.cookies.get(access.cookie, ""), access.ticket)
    if shown is None or request.method not in HARMLESS:
        return None if known else _refuse(*NO_TOKEN)
    if _same(shown, access.token):
        return _welcome(request, access)
    return _redirect(request) if known else _refuse(*WRONG_TOKEN)


def _host_is_ours(request: web.Request, access: Access) -> bool:
    return _name(request) in access.hosts


def _name(request: web.Request) -> str:
    """Host's name that was asked for, without port; empty where there is none or more than one."""
    given = request.headers.getall("Host", [])
    found = HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
    return "" if found is None else found[1] or found[2]


def _is_deed(request: web.Request) -> bool:
    """Whether it may change something: sockets and everything but reading."""
    return request.method not in HARMLESS or "upgrade" in request.headers.get("Connection", "").lower() or "Upgrade" in request.headers


def _origin_is_ours(request: web.Request, access: Access) -> bool:
    """Whether exactly the page that this server served asks; browsers always say so with sockets and posts."""
    return request.headers.getall("Origin", []) == [f"{access.scheme}://{request.headers['Host']}".lower()]


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _welcome(request: web.Request, access: Access) -> web.Response:
    """The token has been shown: from now on the cookie does."""
    response = _relay(request) if _is_followed_from_elsewhere(request) else _redirect(request)
    response.set_cookie(access.cookie, access.ticket, path="/", httponly=True, samesite="Strict", secure=access.secure)
    return response


def _is_followed_from_elsewhere(request: web.Request) -> bool:
    """Whether a browser may have come by a link in a mail or on the class's sheet: it then keeps a strict cookie back while redirected.

    Browsers tell with ``Sec-Fetch-Site`` where they come from, but only where an address is this machine's own or TLS.
    """
    return "text/html" in request.headers.get("Accept", "") and request.headers.get("Sec-Fetch-Site") not in ("none", "same-origin")


def _redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": _clean(request), "Cache-Control": "no-store"})


def _relay(request: web.Request) -> web.Response:
    """A page of ours that goes on at once: what it asks for is asked by this server's own page, and the cookie is sent."""
    text = Environment(autoescape=True).from_string(RELAY).render(place=_clean(request))
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


def _clean(request: web.Request) -> str:
    """The same place without the token; never a path that a browser would take for another host."""
    clean = request.rel_url.without_query_params("token")
    return "/" + clean.raw_path.lstrip("/") + (f"?{clean.raw_query_string}" if clean.raw_query_string else "")


def _refuse(why: str, mend: str) -> web.Response:
    page = Environment(autoescape=True).from_string(resources.files(__package__).joinpath("data/refused.html").read_text(encoding="utf-8"))
    text = page.render(why=why, mend=mend)
    return web.Response(status=403, text=text, content_type="text/html", headers={"Cache-Control": "no-store"})
