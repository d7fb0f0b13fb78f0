"""How the trainer is started."""

from dataclasses import dataclass, field
from pathlib import Path

from simulator.viewer.access.access import Access
from simulator.viewer.common.attempts import default_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How the trainer is started.

    Attributes
    ----------
    host : str
        To listen on.
    port : int
        To listen on; 0 takes a free one.
    attempts : Path
        Folder for attempts.
    trainee : str
        Name or pseudonym.
    case, mode : str or None
        Fixed for this start, as in an exam; None leaves the choice to the trainee.
    database : str or None
        Where attempts are recorded; None for the user's own.
    access : Access
        Who may open the page.
    certificate, key : Path or None
        For TLS.
    """

    access: Access
    host: str = "127.0.0.1"
    port: int = 8080
    attempts: Path = field(default_factory=default_folder)
    trainee: str = ""
    database: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    case: str | None = None
    mode: str | None = None
