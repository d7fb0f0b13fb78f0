"""What the browser is told about safety with every answer: nothing from other hosts, no foreign frame, no guessing of kinds.

``unsafe-eval`` is there because Vue compiles trame's templates in the browser; inline scripts are not allowed but the one of trame's own
start page, which is named by its hash. Styles may be inline: Vuetify writes them.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
START_PAGE = Path("module/vue3-www/index.html")
ALONE = {"Cross-Origin-Opener-Policy": "same-origin"}
"""Where browsers heed it: with TLS, and on the machine itself. Elsewhere they only complain of it."""

STEADY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def make_headers(socket: str, scripts: Sequence[str], *, framed: bool, trustworthy: bool) -> dict[str, str]:
    """Headers of an answer.

    Parameters
    ----------
    socket : str
        Origin of the page's sockets, e.g. "ws://127.0.0.1:8080"; empty where none is allowed. Not every browser takes 'self' for them.
    scripts : sequence of str
        Hashes of the inline scripts that may run.
    framed : bool
        Whether a page of the same origin may show it in a frame.
    trustworthy : bool
        Whether browsers trust the connection: TLS, or this machine itself.
    """
    frames = "'self'" if framed else "'none'"
    policy = (
        "default-src 'none'",
        " ".join(("script-src 'self' 'unsafe-eval'", *(f"'{one}'" for one in scripts))),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        f"connect-src 'self' data: blob: {socket}".rstrip(),
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {frames}",
    )
    steady = STEADY | (ALONE if trustworthy else {})
    return steady | {"Content-Security-Policy": "; ".join(policy), "X-Frame-Options": "SAMEORIGIN" if framed else "DENY"}


def hash_inline_scripts(pages: Iterable[Path]) -> tuple[str, ...]:
    """Hashes of the inline scripts of pages, as a policy names them.

    Parameters
    ----------
    pages : iterable of Path
        HTML files; what is missing is passed over.
    """
    scripts = [script for page in pages if page.is_file() for script in INLINE.findall(page.read_text(encoding="utf-8"))]
    return tuple(f"sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}" for script in scripts)


def start_pages() -> tuple[Path, ...]:
    """Start page of the installed trame, found without importing it; none where it is not installed."""
    spec = find_spec("trame_client")
    return () if spec is None or spec.origin is None else (Path(spec.origin).parent / START_PAGE,)
