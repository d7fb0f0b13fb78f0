"""Names of a class."""

import re
import unicodedata
from hashlib import sha256
from pathlib import Path

from simulator.records.attempt import trainee_name

MOST_SEATS = 200


def names_of(roster: Path | None, seats: int | None) -> tuple[str, ...]:
    """A name for every seat: those of the roster first, then empty ones.

    Parameters
    ----------
    roster : Path or None
        Text file in UTF-8, one name or pseudonym a line; empty lines and those after # are passed over.
    seats : int or None
        How many; as many as the roster has if left out.

    Raises
    ------
    ValueError
        Where there is neither, a name stands twice, or there are more names than seats: one line.
    """
    names = () if roster is None else _read(roster)
    count = len(names) if seats is None else seats
    if not 1 <= count <= MOST_SEATS:
        raise ValueError(f"a class has 1 to {MOST_SEATS} seats, got {count}; give --seats N, or --roster FILE with a name a line")
    if len(names) > count:
        raise ValueError(f"{roster}: has {len(names)} names for {count} seats; raise --seats or leave it out")
    return names + ("",) * (count - len(names))


def folder_name(number: int, name: str) -> str:
    """Folder of a seat's attempts: by its trainee where there is one, so that another day's order changes nothing.

    Examples
    --------
    >>> folder_name(3, "Ann O'Neil")
    'ann-o-neil-59c3a081'
    >>> folder_name(3, "")
    'seat-03'
    """
    if not name:
        return f"seat-{number:02d}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(part for part in (*re.findall("[a-z0-9]+", plain), sha256(name.encode()).hexdigest()[:8]) if part)


def _read(roster: Path) -> tuple[str, ...]:
    try:
        lines = roster.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ValueError(f"{roster}: cannot be read ({error.strerror}); --roster wants a text file with a name a line") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{roster}: is not text in UTF-8; save it as such, with a name a line") from error
    names: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            name = trainee_name(line.partition("#")[0])
        except ValueError as error:
            raise ValueError(f"{roster}: line {number}: {error}") from error
        if name in names:
            raise ValueError(f"{roster}: line {number}: {name!r} stands there twice; add something that tells the two apart")
        names += [name] if name else []
    return tuple(names)
