"""What the engine's process is told once. It stands apart from the engine, whose imports take seconds that the page does not wait for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """What the engine is told once.

    Attributes
    ----------
    attempts : Path
        Folder for attempts.
    trainee : str
        Name or pseudonym.
    database : str or None
        Where attempts are recorded: path or URL; the user's own where left out.
    """

    attempts: Path
    trainee: str = ""
    database: str | None = None
