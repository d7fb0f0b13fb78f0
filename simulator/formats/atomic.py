"""Files that appear whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path, option: str = "--output") -> Iterator[Path]:
    """Give a temporary path in the same folder; it takes the place of `path` when the block ends well and vanishes when it does not.

    Parameters
    ----------
    path : Path
        The file to be written.
    option : str
        By which a user says where it goes.

    Raises
    ------
    ValueError
        If the folder is missing or cannot be written.
    """
    if path.is_dir():
        raise ValueError(f"{path}: is a folder; give the name of a file in it")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    except OSError as error:
        raise ValueError(f"{path}: cannot write in that folder ({error.strerror}); choose another {option}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
