"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PART = ".part-"
"""Begins the name of a file that is being written."""
READABLE = 0o644


@contextmanager
def replace_file(path: Path, mode: int | None = READABLE) -> Iterator[Path]:
    """Give a temporary path in the same folder; it takes the place of `path` when the block ends well and vanishes when it does not.

    Parameters
    ----------
    path : Path
        The file to write.
    mode : int, optional
        Permissions of the file; None leaves it to its owner alone.

    Raises
    ------
    OSError
        Where the folder is missing or cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=PART, suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    finally:
        with suppress(OSError):  # open elsewhere, on systems that lock open files
            temporary.unlink(missing_ok=True)
