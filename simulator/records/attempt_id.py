"""The id by which an attempt is known for good, whichever process goes on with it."""

import uuid
from contextlib import suppress
from pathlib import Path

FILE = "attempt.id"


def read_identity(folder: Path) -> str:
    """Id of the attempt whose files lie in a folder: drawn at the first call and kept beside the log, so that a resumed one is the same.

    Parameters
    ----------
    folder : Path
        Of the attempt's log; it exists.

    Raises
    ------
    OSError
        Where the id can neither be read nor kept.
    """
    path = folder / FILE
    with suppress(FileExistsError), path.open("x", encoding="ascii") as stream:
        stream.write(uuid.uuid4().hex)
    found = path.read_text(encoding="ascii", errors="replace").strip()
    if found.isalnum() and found.isascii():
        return found
    path.write_text(made := uuid.uuid4().hex, encoding="ascii")  # killed between making the file and writing it
    return made
