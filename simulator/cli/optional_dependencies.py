"""What to install where an optional package is missing."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def require_extra(extra: str) -> Iterator[None]:
    """Turn a missing package into one line that names the extra which brings it.

    Parameters
    ----------
    extra : str
        Of pyproject.toml.

    Raises
    ------
    ValueError
        In the place of ModuleNotFoundError.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ValueError(f"this command needs {error.name}: pip install 'epifluoro[{extra}]'") from error
