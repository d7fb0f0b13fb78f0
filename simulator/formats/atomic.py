"""Output files of a user: whole or not at all, and refused in words."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from phantoms.io.atomic_file import replace_file


@contextmanager
def replace_atomically(path: Path, option: str = "--output") -> Iterator[Path]:
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
    with ExitStack() as stack:
        try:
            temporary = stack.enter_context(replace_file(path))
        except OSError as error:
            raise ValueError(f"{path}: cannot write in that folder ({error.strerror}); choose another {option}") from error
        yield temporary
