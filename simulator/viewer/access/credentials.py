"""Who may use a trainer: the token of this start, and the names under which it answers.

A token is drawn at every start; there is no default one. A browser shows it once, in the link, and gets a cookie that follows from token
and port; the page's own socket key follows from the token as well. A seat that is started again with the same token thus knows its browser.
"""

import hmac
import secrets
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlencode

TOKEN_VARIABLE, HOSTS_VARIABLE = "EPIFLUORO_TOKEN", "EPIFLUORO_HOSTS"
TOKEN_BYTES = 32
SHORTEST_TOKEN = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - to recognise it


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What opens one trainer.

    Attributes
    ----------
    token : str
        Secret of this start, at least 32 letters, digits, - and _.
    port : int
        On which it listens, 1 to 65535; the cookie's name carries it, for cookies do not know ports.
    host : str
        Name or address that links show.
    hosts : frozenset of str
        Names and addresses under which the trainer answers, lower case, IPv6 without brackets.
    secure : bool
        Whether it is served by TLS.
    """

    token: str = field(repr=False)
    port: int
    host: str = "127.0.0.1"
    hosts: frozenset[str] = frozenset(LOOPBACK)
    secure: bool = False

    def __post_init__(self) -> None:
        if len(self.token) < SHORTEST_TOKEN or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in self.token):
            raise ValueError(
                f"a token needs at least {SHORTEST_TOKEN} letters, digits, - and _; leave {TOKEN_VARIABLE} unset to have one drawn"
            )
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port must be from 1 to 65535, got {self.port}")

    @property
    def cookie(self) -> str:
        """Name of the cookie; with TLS one that no other site of the domain can set."""
        return f"{'__Host-' if self.secure else ''}epifluoro-{self.port}"

    @property
    def ticket(self) -> str:
        """Value of the cookie; follows from token and port, and does not give the token away."""
        return self._derive(f"cookie {self.port}")

    @property
    def key(self) -> str:
        """Key of the page's own socket, in the place of wslink's public default."""
        return self._derive(f"socket {self.port}")

    @property
    def scheme(self) -> str:
        """Of its addresses."""
        return "https" if self.secure else "http"

    def url(self, host: str | None = None) -> str:
        """Link that opens it.

        Parameters
        ----------
        host : str, optional
            Another of its names.

        Examples
        --------
        >>> Access(token="t" * 32, port=8080).url()
        'http://127.0.0.1:8080/?token=tttttttttttttttttttttttttttttttt'
        """
        name = host or self.host
        return f"{self.scheme}://{f'[{name}]' if ':' in name else name}:{self.port}/?{urlencode({'token': self.token})}"

    def _derive(self, purpose: str) -> str:
        return hmac.new(self.token.encode(), purpose.encode(), sha256).hexdigest()


def make_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def grant_access(
    environment: Mapping[str, str], *, port: int, host: str = "127.0.0.1", names: Iterable[str] = (), secure: bool = False
) -> Access:
    """Access to a trainer that is about to start: the token from the environment, where a class was started, else a new one.

    Parameters
    ----------
    environment : mapping
        Usually ``os.environ``: ``EPIFLUORO_TOKEN``, and ``EPIFLUORO_HOSTS`` with more names, separated by commas.
    port : int
        On which it listens.
    host : str
        To which it is bound; for every address of this machine all its names are answered to.
    names : iterable of str
        More names under which it is reached.
    secure : bool
        Whether it is served by TLS.

    Raises
    ------
    ValueError
        Where the token is too short, a name is none, or there is no such port.
    """
    extra = [normalise_host(name) for name in (*names, *environment.get(HOSTS_VARIABLE, "").split(",")) if name.strip()]
    bound = find_own_names() if host in ANY_ADDRESS else (normalise_host(host),)
    return Access(
        token=environment.get(TOKEN_VARIABLE) or make_token(),
        port=port,
        host=(*extra, *bound)[0] if bound[0] not in LOOPBACK else bound[0],
        hosts=frozenset((*LOOPBACK, *bound, *extra)),
        secure=secure,
    )


def normalise_host(name: str) -> str:
    """A host's name as it is compared: lower case, no brackets, no dot at its end.

    Raises
    ------
    ValueError
        Where it is no name of a host.

    Examples
    --------
    >>> normalise_host("[::1]"), normalise_host("Lab-3.example.org.")
    ('::1', 'lab-3.example.org')
    """
    host = name.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")
    if not host or not all(letter.isascii() and (letter.isalnum() or letter in ".:-_%") for letter in host):
        raise ValueError(f"{name!r} is no host's name; write it without http:// and without a port")
    return host


def find_own_names() -> tuple[str, ...]:
    """Addresses and names of this machine in its network, the address that others see first."""
    return tuple(dict.fromkeys(name for name in (*_find_addresses(), socket.gethostname().lower()) if name)) or LOOPBACK


def _find_addresses() -> tuple[str, ...]:
    """Of the interface towards the network, then all that the machine's name has; nothing is sent."""
    found: list[str] = []
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # an address of documentation, RFC 5737; a datagram socket only picks its interface
        found.append(probe.getsockname()[0])
    with suppress(OSError):
        found += [str(address[0]) for *_, address in socket.getaddrinfo(socket.gethostname(), None)]
    return tuple(address for address in found if "%" not in address)
